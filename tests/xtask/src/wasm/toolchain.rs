//! Which compiler builds for `wasm32-unknown-unknown` on this machine.
//!
//! 1. The Rust toolchain in use, if its owner has added the target. Nothing here adds it: changing somebody's
//!    toolchain is not a build tool's business.
//! 2. Otherwise, on Debian, the packages `rustc-web` and `rust-web-src`: a compiler and the sources of its standard
//!    library, which `sysroot` builds once. The packages hold no standard library for a bare wasm target.

use std::path::{Path, PathBuf};

use anyhow::{Result, bail};

use super::{TARGET, sysroot};
use crate::apt;
use crate::process::{Cmd, find_program};

const DEBIAN_RUSTC: &str = "/usr/bin/rustc";
const DEBIAN_SOURCES: &str = "/usr/lib/rustlib/src/rust/library/std/Cargo.toml";

/// A way to compile guests.
pub(crate) enum Toolchain {
    /// The toolchain in use has the target.
    Installed,
    /// Debian's compiler with a standard library that was built from Debian's sources.
    Debian {
        /// The compiler.
        rustc: PathBuf,
        /// A linker that writes wasm.
        linker: PathBuf,
        /// The folder that holds the standard library of the target.
        sysroot: PathBuf,
    },
}

impl Toolchain {
    /// Finds a compiler, installing and building what is missing where that is allowed.
    pub(crate) fn prepare() -> Result<Self> {
        if has_target("rustc") {
            return Ok(Self::Installed);
        }
        if !debian_is_ready() {
            if find_program("apt-get").is_none() || !apt::is_root() {
                bail!("{}", how_to_get_one());
            }
            apt::install(
                &["rustc-web", "rust-web-src"],
                "compile plugins to WebAssembly",
            )?;
        }
        let rustc = PathBuf::from(DEBIAN_RUSTC);
        let linker = linker()?;
        let sysroot = sysroot::build_once(&rustc)?;
        Ok(Self::Debian {
            rustc,
            linker,
            sysroot,
        })
    }

    /// Makes `cargo build --target wasm32-unknown-unknown` use this compiler, with `flags` for the guest.
    ///
    /// The flags go through the environment in cargo's encoded form, which survives spaces in paths and which, with
    /// `--target`, does not reach build scripts and macros: those run on this machine.
    pub(crate) fn configure(&self, cargo: Cmd, mut flags: Vec<String>) -> Cmd {
        let cargo = cargo.args(["--target", TARGET]).env_remove("RUSTFLAGS");
        let cargo = match self {
            Self::Installed => cargo,
            Self::Debian {
                rustc,
                linker,
                sysroot,
            } => {
                flags.push(format!("--sysroot={}", sysroot.display()));
                cargo
                    .env("RUSTC", rustc)
                    .env("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER", linker)
            }
        };
        cargo.env("CARGO_ENCODED_RUSTFLAGS", flags.join("\u{1f}"))
    }

    /// One word for the folder that keeps the builds of different compilers apart.
    pub(crate) fn name(&self) -> &'static str {
        match self {
            Self::Installed => "installed",
            Self::Debian { .. } => "debian",
        }
    }
}

fn has_target(rustc: &str) -> bool {
    let Ok(libdir) = Cmd::new(rustc)
        .args(["--print", "target-libdir", "--target", TARGET])
        .read()
    else {
        return false;
    };
    let Ok(entries) = std::fs::read_dir(libdir.trim()) else {
        return false;
    };
    entries
        .flatten()
        .any(|entry| entry.file_name().to_string_lossy().starts_with("libcore-"))
}

fn debian_is_ready() -> bool {
    Path::new(DEBIAN_RUSTC).is_file() && Path::new(DEBIAN_SOURCES).is_file()
}

/// A linker for wasm: the one inside the Rust toolchain in use, else LLVM's own.
fn linker() -> Result<PathBuf> {
    if let Some(linker) = rust_lld() {
        return Ok(linker);
    }
    let llvm = || ["wasm-ld-19", "wasm-ld"].into_iter().find_map(find_program);
    if let Some(linker) = llvm() {
        return Ok(linker);
    }
    apt::install(&["lld-19"], "link plugins")?;
    match llvm() {
        Some(linker) => Ok(linker),
        None => bail!("the package lld-19 is installed and has no wasm-ld"),
    }
}

fn rust_lld() -> Option<PathBuf> {
    let sysroot = Cmd::new("rustc").args(["--print", "sysroot"]).read().ok()?;
    let hosts = std::fs::read_dir(Path::new(sysroot.trim()).join("lib/rustlib")).ok()?;
    hosts
        .flatten()
        .map(|host| {
            host.path()
                .join("bin")
                .join(format!("rust-lld{}", std::env::consts::EXE_SUFFIX))
        })
        .find(|linker| linker.is_file())
}

fn how_to_get_one() -> String {
    let debian = if find_program("apt-get").is_some() {
        "\nor, without rustup, on Debian:\n\n    sudo apt-get install --no-install-recommends rustc-web rust-web-src\n"
    } else {
        ""
    };
    format!(
        "plugins are WebAssembly, and the Rust toolchain in use lacks its target. Type:\n\n    rustup target add {TARGET}\n{debian}"
    )
}
