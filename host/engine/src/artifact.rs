//! Compiled code that may be run, and the one place where it is handed to the engine.

use vestibule_core::{Error, Result};
use wasmtime::Engine;
use wasmtime::component::Component;

/// Machine code that our own compiling program made from an admitted component, in memory that nobody else can write to.
///
/// There are two ways to get one, and both are in this crate: from the compiling program itself ([`crate::compiler`]), or from a
/// cache entry whose authentication code was verified over these very bytes ([`crate::cache`]).
pub(crate) struct Artifact {
    buffer: Vec<u8>,
    /// Where the code starts: an entry's buffer holds its authentication code too, and is not copied to lose it.
    start: usize,
}

impl Artifact {
    /// The answer of the compiling program.
    pub(crate) fn compiled(buffer: Vec<u8>) -> Self {
        Self { buffer, start: 0 }
    }

    /// The part of a cache entry that follows its verified authentication code.
    pub(crate) fn verified(buffer: Vec<u8>, start: usize) -> Self {
        Self { buffer, start }
    }

    pub(crate) fn bytes(&self) -> &[u8] {
        self.buffer.get(self.start..).unwrap_or_default()
    }

    /// Makes it ready to run. Fails if it was compiled for another engine or another machine.
    #[expect(
        unsafe_code,
        reason = "the one use of compiled code, with its proof beside it"
    )]
    pub(crate) fn load(&self, engine: &Engine) -> Result<Component> {
        // SAFETY: `Component::deserialize` demands bytes that `Engine::precompile_component` made and that nobody altered since.
        // - Made: `Artifact` is constructed in two places only. `compiler` takes it from the program that calls
        //   `precompile_component` with our configuration and prints the result, over a pipe that only that child can write to.
        //   `cache` takes it from an entry after HMAC-SHA256 over these bytes, under a key that only this user can read and that
        //   authenticates nothing but artifacts of the first kind.
        // - Unaltered: the bytes are in a `Vec` that this value owns, and no `&mut` to it exists after construction. Wasmtime
        //   copies them into memory of its own, so that the file they came from is of no more concern.
        // That the artifact fits this engine, wasmtime checks for itself: version, target, settings and processor features.
        let loaded = unsafe { Component::deserialize(engine, self.bytes()) };
        loaded.map_err(|error| {
            Error::host(
                "engine.artifact",
                format!("the compiled plugin does not fit this program: {error}"),
            )
            .hint("install the host and its compiling program from the same release")
        })
    }
}
