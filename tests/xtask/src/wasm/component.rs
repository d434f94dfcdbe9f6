//! From a core module to a component (Component Model, binary format), in this process.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};
use wit_component::ComponentEncoder;

/// Wraps the core module at `module` by the interface that its bindings left inside it.
pub(crate) fn encode(module: &Path) -> Result<Vec<u8>> {
    let bytes = fs::read(module).with_context(|| format!("could not read {}", module.display()))?;
    ComponentEncoder::default()
        .validate(true)
        .module(&bytes)
        .and_then(|mut encoder| encoder.encode())
        .with_context(|| format!("could not make a component of {}", module.display()))
}

/// Puts `bytes` at `file` as a whole, and only if it differs: what is newer than its source stays newer.
pub(crate) fn place(bytes: &[u8], file: &Path) -> Result<()> {
    if fs::read(file).is_ok_and(|present| present == bytes) {
        return Ok(());
    }
    let staged = file.with_extension("wasm.staged");
    fs::write(&staged, bytes)?;
    fs::rename(&staged, file).with_context(|| format!("could not write {}", file.display()))
}
