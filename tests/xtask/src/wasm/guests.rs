//! The guests of the repository: which crates they are, and where their components go.

use std::fs::{self, File};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use super::toolchain::Toolchain;
use super::{TARGET, component, remap};
use crate::process::Cmd;
use crate::workspace::{Metadata, Package, Workspace};

/// The cargo workspace of all guests.
const MANIFEST: &str = "plugins/Cargo.toml";

/// Guests that are built together.
pub(crate) struct Source {
    /// The folder whose `cdylib` crates they are.
    pub(crate) folder: &'static str,
    /// Where the components go.
    pub(crate) out: &'static str,
}

/// A crate that becomes a component.
struct Guest {
    package: String,
    /// The file that cargo leaves, without its folder.
    module: String,
    /// The component: named as the crate's folder, which is what a person sees in the repository.
    component: String,
}

/// Builds the guests of `source`; a component whose guest is gone is removed.
pub(crate) fn build(workspace: &Workspace, toolchain: &Toolchain, source: &Source) -> Result<()> {
    let out = workspace.path(source.out);
    fs::create_dir_all(&out)?;
    // One run at a time: another would remove or replace what this one has just placed.
    let lock = File::create(out.join(".lock"))?;
    lock.lock()
        .with_context(|| format!("could not lock {}", out.display()))?;

    let placed = build_crates(workspace, toolchain, source, &out)?;
    remove_others(&out, &placed)?;
    for file in &placed {
        let size = fs::metadata(file)?.len();
        eprintln!(
            "    {}/{} ({} KiB)",
            source.out,
            file_name(file),
            size.div_ceil(1024)
        );
    }
    Ok(())
}

fn build_crates(
    workspace: &Workspace,
    toolchain: &Toolchain,
    source: &Source,
    out: &Path,
) -> Result<Vec<PathBuf>> {
    let manifest = workspace.path(MANIFEST);
    let folder = workspace.path(source.folder);
    let guests: Vec<Guest> = Metadata::of(&manifest)?
        .packages
        .iter()
        .filter(|package| package.manifest_path.starts_with(&folder))
        .filter_map(guest)
        .collect();
    if guests.is_empty() {
        return Ok(Vec::new());
    }
    let target = workspace.target().join("guests").join(toolchain.name());
    let cargo = Cmd::cargo("build")
        .args(["--release", "--manifest-path"])
        .arg(&manifest)
        .arg("--target-dir")
        .arg(&target)
        .args(
            guests
                .iter()
                .flat_map(|guest| ["--package", &guest.package]),
        );
    toolchain.configure(cargo, remap::all(workspace)).run()?;

    let modules = target.join(TARGET).join("release");
    let place = |guest: &Guest| {
        let file = out.join(&guest.component).with_extension("wasm");
        component::place(&component::encode(&modules.join(&guest.module))?, &file)?;
        Ok(file)
    };
    guests.iter().map(place).collect()
}

fn guest(package: &Package) -> Option<Guest> {
    let library = package
        .targets
        .iter()
        .find(|target| target.kind.iter().any(|kind| kind == "cdylib"))?;
    let folder = package.manifest_path.parent()?.file_name()?.to_str()?;
    Some(Guest {
        package: package.name.clone(),
        module: format!("{}.wasm", library.name.replace('-', "_")),
        component: folder.to_owned(),
    })
}

fn remove_others(out: &Path, placed: &[PathBuf]) -> Result<()> {
    for entry in fs::read_dir(out)? {
        let file = entry?.path();
        if file
            .extension()
            .is_some_and(|extension| extension == "wasm")
            && !placed.contains(&file)
        {
            fs::remove_file(&file)?;
        }
    }
    Ok(())
}

fn file_name(file: &Path) -> String {
    file.file_name()
        .unwrap_or_default()
        .to_string_lossy()
        .into_owned()
}
