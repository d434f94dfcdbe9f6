//! The standard library for `wasm32-unknown-unknown`, built once from Debian's sources and kept.
//!
//! About 40 s and 70 MB. With it, a guest builds by a plain `--sysroot=…`, without the unstable `-Zbuild-std`, in a
//! second or two.

use std::env;
use std::fs::{self, File};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use sha2::{Digest, Sha256};

use super::{TARGET, remap};
use crate::process::Cmd;

/// Part of the key: raise it when the recipe below changes.
const RECIPE: &str = "2";

/// An empty crate: only the standard library that cargo builds for it is kept.
const MANIFEST: &str = r#"[package]
name = "empty"
version = "0.0.0"
edition = "2024"

[lib]
path = "lib.rs"

[profile.release]
opt-level = "s"
debug = false
panic = "abort"
codegen-units = 1

[workspace]
"#;

/// The folder to hand to `--sysroot`, building it if no earlier run has.
pub(crate) fn build_once(rustc: &Path) -> Result<PathBuf> {
    let cache = cache_dir()?;
    let sysroot = cache.join(key(rustc)?);
    if is_complete(&sysroot) {
        return Ok(sysroot);
    }
    fs::create_dir_all(&cache).with_context(|| format!("could not create {}", cache.display()))?;
    // Two runs at once: the second waits and finds the work done. The kernel lets go of the lock of a dead process.
    let lock = File::create(cache.join("lock"))?;
    lock.lock()
        .context("could not lock the cache of the standard library")?;
    if !is_complete(&sysroot) {
        eprintln!("building the standard library for {TARGET}, once; about a minute");
        build(rustc, &cache, &sysroot)?;
    }
    Ok(sysroot)
}

fn build(rustc: &Path, cache: &Path, sysroot: &Path) -> Result<()> {
    let work = cache.join("work");
    remove_if_there(&work)?;
    fs::create_dir_all(&work)?;
    fs::write(work.join("Cargo.toml"), MANIFEST)?;
    fs::write(work.join("lib.rs"), "")?;

    // Bitcode in the libraries lets a guest use link-time optimisation.
    let flags = [vec!["-Cembed-bitcode=yes".to_owned()], remap::cargo_home()]
        .concat()
        .join("\u{1f}");
    // Debian's compiler is a stable one. Building a standard library is the one unstable thing asked of it.
    Cmd::cargo("build")
        .args([
            "--release",
            "--target",
            TARGET,
            "-Zbuild-std=std,panic_abort",
            "--manifest-path",
        ])
        .arg(work.join("Cargo.toml"))
        .arg("--target-dir")
        .arg(work.join("target"))
        .env("RUSTC", rustc)
        .env("RUSTC_BOOTSTRAP", "1")
        .env("CARGO_ENCODED_RUSTFLAGS", flags)
        .env_remove("RUSTFLAGS")
        .run_quietly()
        .context("could not build the standard library for WebAssembly")?;

    let staged = cache.join("staged");
    remove_if_there(&staged)?;
    let libdir = libdir(&staged);
    fs::create_dir_all(&libdir)?;
    for entry in fs::read_dir(work.join("target").join(TARGET).join("release/deps"))? {
        let file = entry?.path();
        let name = file
            .file_name()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned();
        if name.ends_with(".rlib") && !name.starts_with("libempty-") {
            fs::copy(&file, libdir.join(name))?;
        }
    }
    ensure!(
        is_complete(&staged),
        "the compiler left no core library in {}",
        libdir.display()
    );
    // Moved into place as a whole: an interrupted build leaves nothing that looks finished.
    fs::rename(&staged, sysroot)?;
    remove_if_there(&work)
}

fn is_complete(sysroot: &Path) -> bool {
    let Ok(entries) = fs::read_dir(libdir(sysroot)) else {
        return false;
    };
    entries
        .flatten()
        .any(|entry| entry.file_name().to_string_lossy().starts_with("libcore-"))
}

fn libdir(sysroot: &Path) -> PathBuf {
    sysroot.join("lib/rustlib").join(TARGET).join("lib")
}

/// The version of compiler and sources, and of the recipe: a library built by another compiler cannot be linked.
fn key(rustc: &Path) -> Result<String> {
    let version = Cmd::new(rustc).arg("-vV").read()?;
    let sources = Cmd::new("dpkg-query")
        .args(["-W", "-f", "${Version}", "rust-web-src"])
        .read()?;
    let digest = Sha256::digest(format!("{RECIPE}\n{version}\n{sources}"));
    Ok(digest
        .iter()
        .take(8)
        .map(|byte| format!("{byte:02x}"))
        .collect())
}

/// The user's cache folder, so that every checkout and `cargo clean` shares one copy.
fn cache_dir() -> Result<PathBuf> {
    let caches = env::var_os("XDG_CACHE_HOME")
        .map(PathBuf::from)
        .or_else(|| env::home_dir().map(|home| home.join(".cache")))
        .context("neither XDG_CACHE_HOME nor a home folder says where caches go")?;
    Ok(caches.join("vestibule-xtask").join("wasm-sysroot"))
}

fn remove_if_there(dir: &Path) -> Result<()> {
    if dir.exists() {
        fs::remove_dir_all(dir).with_context(|| format!("could not remove {}", dir.display()))?;
    }
    Ok(())
}
