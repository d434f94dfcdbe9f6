//! `cargo xtask plugins`: from guest crates to components, on a machine without any wasm target.

mod component;
mod guests;
mod remap;
mod sysroot;
mod toolchain;

use anyhow::Result;

pub(crate) use self::toolchain::Toolchain;
use crate::progress::Progress;
use crate::workspace::Workspace;

/// The one target that guests are built for: it has no system interface, so nothing can be imported by accident.
pub(crate) const TARGET: &str = "wasm32-unknown-unknown";

/// Builds every guest of the repository.
pub(crate) fn run(workspace: &Workspace) -> Result<()> {
    let mut progress = Progress::new(3);
    let toolchain = progress.phase("looking for a compiler to WebAssembly", Toolchain::prepare)?;
    progress.phase("building the plugins", || {
        build_plugins(workspace, &toolchain)
    })?;
    progress.phase("building the hostile guests", || {
        build_hostile_guests(workspace, &toolchain)
    })
}

/// Where the plugins are left, from the root.
pub(crate) const PLUGINS: &str = "target/plugins";

/// `plugins/` -> `target/plugins/*.wasm`.
pub(crate) fn build_plugins(workspace: &Workspace, toolchain: &Toolchain) -> Result<()> {
    guests::build(
        workspace,
        toolchain,
        &guests::Source {
            folder: "plugins",
            out: PLUGINS,
        },
    )
}

/// `tests/guests/*/` -> `target/guests/*.wasm`.
pub(crate) fn build_hostile_guests(workspace: &Workspace, toolchain: &Toolchain) -> Result<()> {
    let source = guests::Source {
        folder: "tests/guests",
        out: "target/guests",
    };
    guests::build(workspace, toolchain, &source)
}
