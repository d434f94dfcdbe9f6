//! Compiles one plugin: the component on standard input, the compiled code on standard output. The host starts it, once for each
//! plugin, so that the compiler and what it needs for a hostile component stay out of the host's process.

mod rlimits;

use std::io::{self, Read, Write};
use std::process::ExitCode;

use vestibule_core::limits::COMPONENT_BYTES;
use vestibule_engine::compiler::protocol;
use vestibule_engine::config::config;
use wasmtime::Engine;

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            // If nobody reads the reason, the status still tells whose fault it is.
            let _ = writeln!(io::stderr(), "{}", failure.message());
            ExitCode::from(failure.status())
        }
    }
}

fn run() -> Result<(), Failure> {
    rlimits::apply(&protocol::budget(std::env::args().skip(1))).map_err(Failure::own)?;
    let component = read_component().map_err(Failure::own)?;
    let mut config = config().map_err(Failure::own)?;
    // The same component gives the same steps on every machine (PLUG-18), also where it computes with what is not a number.
    config.cranelift_nan_canonicalization(true);
    let engine = Engine::new(&config).map_err(Failure::own)?;
    let code = engine
        .precompile_component(&component)
        .map_err(|error| Failure::Component(format!("{error:#}")))?;
    let mut stdout = io::stdout().lock();
    stdout
        .write_all(&code)
        .and_then(|()| stdout.flush())
        .map_err(Failure::own)
}

fn read_component() -> io::Result<Vec<u8>> {
    let mut component = Vec::new();
    io::stdin()
        .lock()
        .take(COMPONENT_BYTES + 1)
        .read_to_end(&mut component)?;
    if component.len() as u64 > COMPONENT_BYTES {
        return Err(io::ErrorKind::FileTooLarge.into());
    }
    Ok(component)
}

/// Whose fault it is that there is no compiled code.
enum Failure {
    Component(String),
    Own(String),
}

impl Failure {
    fn own(error: impl std::fmt::Display) -> Self {
        Self::Own(error.to_string())
    }

    fn status(&self) -> u8 {
        match self {
            Self::Component(_) => protocol::REFUSED,
            Self::Own(_) => protocol::FAILED,
        }
    }

    /// On one line, as the host reads it.
    fn message(&self) -> String {
        let (Self::Component(message) | Self::Own(message)) = self;
        message.replace('\n', " ")
    }
}
