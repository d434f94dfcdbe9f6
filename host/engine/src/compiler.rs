//! Compiling, outside the host: a separate program with a compiler in it, under limits, so that a component which costs minutes or
//! gigabytes to compile costs the host nothing (RES-05).

pub mod protocol;

use std::ffi::OsString;
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, ExitStatus, Stdio};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::{Duration, Instant};

use vestibule_core::limits::{
    COMPILE_ADDRESS_SPACE, COMPILE_CPU_SECONDS, COMPILE_WALL, COMPILED_BYTES, COMPILER_STDERR_BYTES,
};
use vestibule_core::{Error, Result, Shown};

use crate::admit::Admitted;
use crate::artifact::Artifact;

/// What compiling one component may cost.
#[derive(Clone, Copy, Debug)]
pub struct CompileBudget {
    /// Time on the wall, which the host enforces.
    pub wall: Duration,
    /// Time of the processor in seconds, which the program asks the system to enforce.
    pub cpu_seconds: u64,
    /// Address space in bytes, which the program asks the system to enforce.
    pub address_space: u64,
    /// Bytes of compiled code.
    pub output_bytes: u64,
}

impl Default for CompileBudget {
    /// What `vestibule_core::limits` says.
    fn default() -> Self {
        Self {
            wall: COMPILE_WALL,
            cpu_seconds: COMPILE_CPU_SECONDS,
            address_space: COMPILE_ADDRESS_SPACE,
            output_bytes: COMPILED_BYTES,
        }
    }
}

/// The name of the compiling program.
const PROGRAM: &str = if cfg!(windows) {
    "vestibule-compile.exe"
} else {
    "vestibule-compile"
};

/// Pause between two looks at a program that has closed its output and should end at once.
const EXIT_POLL: Duration = Duration::from_millis(1);

/// The compiling program.
pub(crate) struct Compiler {
    program: PathBuf,
    budget: CompileBudget,
}

impl Compiler {
    /// The program at this path, or else the one beside the program that runs now. Never one from `PATH` or from the working
    /// directory: what it prints is run.
    pub(crate) fn new(program: Option<PathBuf>, budget: CompileBudget) -> Result<Self> {
        let program = match program {
            Some(program) if program.is_absolute() => program,
            Some(program) => {
                return Err(Error::config(
                    "compiler.path",
                    format!(
                        "the path of the compiling program is not absolute: {}",
                        shown(&program)
                    ),
                ));
            }
            None => beside_this_program()?,
        };
        Ok(Self { program, budget })
    }

    /// Where the program is, if it is there.
    pub(crate) fn program(&self) -> Result<&Path> {
        if self.program.is_file() {
            return Ok(&self.program);
        }
        Err(Error::host(
            "compiler.missing",
            format!("there is no {}", shown(&self.program)),
        )
        .hint(format!("install {PROGRAM} beside this program")))
    }

    /// Compiles an admitted component. Blocks for as long as that takes, and no longer than the budget says.
    pub(crate) fn compile(&self, plugin: &Admitted) -> Result<Artifact> {
        let deadline = Instant::now() + self.budget.wall;
        let mut child = self.start()?;
        let outcome = self.attend(&mut child.0, plugin, deadline)?;
        self.judge(&outcome)?;
        Ok(Artifact::compiled(outcome.code))
    }

    fn start(&self) -> Result<Reaped> {
        Command::new(&self.program)
            .args(protocol::arguments(&self.budget).map(OsString::from))
            .env_clear()
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .map(Reaped)
            .map_err(|error| {
                Error::host(
                    "compiler.missing",
                    format!("cannot start {}: {error}", shown(&self.program)),
                )
                .hint(format!("install {PROGRAM} beside this program"))
            })
    }

    /// Feeds the program, takes in what it prints, and waits for its end. All three pipes move at the same time, so that neither
    /// side waits for the other for ever.
    fn attend(&self, child: &mut Child, plugin: &Admitted, deadline: Instant) -> Result<Outcome> {
        let (Some(stdin), Some(stdout), Some(stderr)) =
            (child.stdin.take(), child.stdout.take(), child.stderr.take())
        else {
            return Err(broken(&io::ErrorKind::BrokenPipe.into()));
        };
        let (done, finished) = mpsc::channel();
        let limit = self.budget.output_bytes;
        thread::scope(|scope| {
            scope.spawn(|| feed(stdin, plugin.component()));
            let complaint = scope.spawn(|| read_up_to(stderr, COMPILER_STDERR_BYTES));
            scope.spawn(move || {
                // Nobody listens any more when the time was up.
                let _ = done.send(read_up_to(stdout, limit.saturating_add(1)));
            });

            let waited = finished
                .recv_timeout(deadline.saturating_duration_since(Instant::now()))
                .map_err(|gone| match gone {
                    RecvTimeoutError::Timeout => self.too_slow(),
                    RecvTimeoutError::Disconnected => broken(&io::ErrorKind::BrokenPipe.into()),
                })
                .and_then(|code| code.map_err(|error| broken(&error)))
                .and_then(|code| Ok((code, self.wait(child, deadline)?)));
            if waited.is_err() {
                // The threads end when the pipes do, and the pipes end with the program.
                end(child);
            }
            let (code, status) = waited?;
            let complaint = complaint.join().ok().and_then(io::Result::ok);
            Ok(Outcome {
                code,
                status,
                complaint: complaint.unwrap_or_default(),
            })
        })
    }

    fn wait(&self, child: &mut Child, deadline: Instant) -> Result<ExitStatus> {
        loop {
            match child.try_wait() {
                Ok(Some(status)) => return Ok(status),
                Ok(None) if Instant::now() >= deadline => return Err(self.too_slow()),
                // It has more to say than it may, so that it is stuck in saying it, or it is about to end.
                Ok(None) => thread::sleep(EXIT_POLL),
                Err(error) => return Err(broken(&error)),
            }
        }
    }

    fn judge(&self, outcome: &Outcome) -> Result<()> {
        if outcome.code.len() as u64 > self.budget.output_bytes {
            return Err(Error::plugin(
                "plugin.compile_size",
                format!(
                    "compiled, the plugin has more than {} MiB",
                    self.budget.output_bytes >> 20
                ),
            ));
        }
        if outcome.status.success() {
            return Ok(());
        }
        let complaint = String::from_utf8_lossy(&outcome.complaint);
        match protocol::End::of(outcome.status) {
            protocol::End::Refused => Err(Error::plugin(
                "plugin.compile",
                format!("the plugin cannot be compiled: {}", one_line(&complaint)),
            )),
            protocol::End::OutOfTime => Err(Error::plugin(
                "plugin.compile_time",
                format!(
                    "compiling the plugin took more than {} s of processor time",
                    self.budget.cpu_seconds
                ),
            )),
            protocol::End::OutOfMemory => Err(Error::plugin(
                "plugin.compile_memory",
                format!(
                    "compiling the plugin needs more than {} MiB",
                    self.budget.address_space >> 20
                ),
            )),
            protocol::End::Crashed => Err(Error::plugin(
                "plugin.compile",
                format!("the plugin brought the compiler down ({})", outcome.status),
            )),
            protocol::End::Failed => Err(Error::host(
                "compiler.failed",
                format!("the compiling program failed: {}", one_line(&complaint)),
            )),
        }
    }

    fn too_slow(&self) -> Error {
        Error::plugin(
            "plugin.compile_time",
            format!(
                "compiling the plugin took more than {} s",
                self.budget.wall.as_secs_f32()
            ),
        )
    }
}

/// What the program did.
struct Outcome {
    code: Vec<u8>,
    status: ExitStatus,
    complaint: Vec<u8>,
}

/// A program that does not outlive the interest in it.
struct Reaped(Child);

impl Drop for Reaped {
    fn drop(&mut self) {
        end(&mut self.0);
    }
}

/// Ends the program and waits for its end. One that has ended already is not harmed by it: the handle knows.
fn end(child: &mut Child) {
    let _ = child.kill();
    let _ = child.wait();
}

/// A program that refuses early does not read to the end, which shows in how it ends.
fn feed(mut stdin: ChildStdin, component: &[u8]) {
    let _ = stdin.write_all(component);
}

fn read_up_to(pipe: impl Read, limit: u64) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    pipe.take(limit).read_to_end(&mut bytes)?;
    Ok(bytes)
}

fn beside_this_program() -> Result<PathBuf> {
    let this = std::env::current_exe().map_err(|error| broken(&error))?;
    Ok(this.with_file_name(PROGRAM))
}

fn broken(error: &io::Error) -> Error {
    Error::host(
        "compiler.failed",
        format!("the compiling program failed: {error}"),
    )
}

fn one_line(text: &str) -> String {
    Shown::new(text.lines().next().unwrap_or_default()).to_string()
}

fn shown(path: &Path) -> String {
    Shown::new(&path.to_string_lossy()).to_string()
}
