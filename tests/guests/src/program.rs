//! The compiling program, which has a workspace of its own and so is not built by `cargo test`.

use std::env;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

/// The environment variable by which a runner that has built the program says where it is.
pub const VARIABLE: &str = "VESTIBULE_COMPILE";

/// The program's absolute path. It is built if nobody has, once for all tests.
#[must_use]
pub fn compiler() -> PathBuf {
    static PROGRAM: OnceLock<PathBuf> = OnceLock::new();
    PROGRAM
        .get_or_init(|| env::var_os(VARIABLE).map_or_else(build, PathBuf::from))
        .clone()
}

fn build() -> PathBuf {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let target = env::var_os("CARGO_TARGET_DIR")
        .map_or_else(|| root.join("target"), PathBuf::from)
        .join("compile");
    let status = Command::new(env!("CARGO"))
        .args([
            "build",
            "--quiet",
            "--release",
            "--locked",
            "--manifest-path",
        ])
        .arg(root.join("host/compile/Cargo.toml"))
        .arg("--target-dir")
        .arg(&target)
        .status()
        .expect("cargo can be started");
    assert!(status.success(), "the compiling program can be built");
    target
        .join("release")
        .join(format!("vestibule-compile{}", env::consts::EXE_SUFFIX))
}
