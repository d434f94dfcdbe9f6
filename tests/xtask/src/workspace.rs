//! Where things are: the repository, its cargo workspaces, and what building them leaves behind.

use std::env;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use serde::Deserialize;

use crate::process::Cmd;

const COMPILER: &str = "host/compile";

/// The repository and the folder into which cargo builds it.
pub(crate) struct Workspace {
    root: PathBuf,
    target: PathBuf,
}

impl Workspace {
    /// Finds the repository from the manifest that cargo ran, so that any folder inside it will do.
    pub(crate) fn locate() -> Result<Self> {
        let manifest_dir = env::var_os("CARGO_MANIFEST_DIR")
            .map_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")), PathBuf::from);
        let root = manifest_dir
            .ancestors()
            .nth(2)
            .context("xtask is not two folders below the root of the repository")?
            .to_path_buf();
        let target = Metadata::of(&root.join("Cargo.toml"))?.target_directory;
        Ok(Self { root, target })
    }

    /// A path inside the repository.
    pub(crate) fn path(&self, relative: impl AsRef<Path>) -> PathBuf {
        self.root.join(relative)
    }

    /// Cargo's target folder of the host, wherever the person keeps it.
    pub(crate) fn target(&self) -> &Path {
        &self.target
    }

    /// Where builds of guests for this machine go (their tests, their lints): apart from the host's, because
    /// their lock file differs.
    pub(crate) fn guest_target(&self) -> PathBuf {
        self.target.join("guests-native")
    }

    /// `cargo SUBCOMMAND` at the root.
    pub(crate) fn cargo(&self, subcommand: &str) -> Cmd {
        Cmd::cargo(subcommand).dir(&self.root)
    }

    /// The cargo workspaces that are not part of the host's build graph and exist in this checkout.
    pub(crate) fn satellites(&self) -> Vec<Satellite> {
        let host_like = [(COMPILER, self.target.clone())];
        let guest_like = [("plugins", self.guest_target())];
        host_like
            .into_iter()
            .chain(guest_like)
            .filter(|(dir, _)| self.path(dir).join("Cargo.toml").is_file())
            .map(|(dir, target)| Satellite {
                name: dir,
                manifest: self.path(dir).join("Cargo.toml"),
                target,
            })
            .collect()
    }

    /// The program that compiles plugins. It is built into the host's target folder: the host looks for it beside
    /// itself.
    pub(crate) fn compiler(&self) -> Option<Satellite> {
        self.satellites()
            .into_iter()
            .find(|satellite| satellite.name == COMPILER)
    }
}

/// A cargo workspace beside the host's, with a lock file of its own.
pub(crate) struct Satellite {
    /// Its folder, relative to the root.
    pub(crate) name: &'static str,
    manifest: PathBuf,
    target: PathBuf,
}

impl Satellite {
    /// Its manifest.
    pub(crate) fn manifest(&self) -> &Path {
        &self.manifest
    }

    /// `cargo SUBCOMMAND` in this workspace, building into a folder under the host's target.
    pub(crate) fn cargo(&self, subcommand: &str) -> Cmd {
        self.cargo_without_target(subcommand)
            .arg("--target-dir")
            .arg(&self.target)
    }

    /// The same for subcommands that build nothing.
    pub(crate) fn cargo_without_target(&self, subcommand: &str) -> Cmd {
        Cmd::cargo(subcommand)
            .arg("--manifest-path")
            .arg(&self.manifest)
    }
}

/// The part of `cargo metadata` that is read here.
#[derive(Deserialize)]
pub(crate) struct Metadata {
    /// Where cargo builds.
    pub(crate) target_directory: PathBuf,
    /// The members of the workspace.
    pub(crate) packages: Vec<Package>,
}

/// A member of a workspace.
#[derive(Deserialize)]
pub(crate) struct Package {
    /// Its name, as `-p` takes it.
    pub(crate) name: String,
    /// Its Cargo.toml.
    pub(crate) manifest_path: PathBuf,
    /// What it builds.
    pub(crate) targets: Vec<Target>,
}

/// Something that a package builds.
#[derive(Deserialize)]
pub(crate) struct Target {
    /// Its name, as the file in the target folder has it (with `-` for `_`).
    pub(crate) name: String,
    /// `lib`, `cdylib`, `bin`, …
    pub(crate) kind: Vec<String>,
}

impl Metadata {
    /// Asks cargo about the workspace of `manifest`.
    pub(crate) fn of(manifest: &Path) -> Result<Self> {
        let json = Cmd::cargo("metadata")
            .args(["--no-deps", "--format-version", "1", "--manifest-path"])
            .arg(manifest)
            .read()?;
        serde_json::from_str(&json).context("cargo metadata printed something else than its JSON")
    }
}
