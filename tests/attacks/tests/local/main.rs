//! Hostile pages and processes on the same machine: each file tries what one could gain something by who has not the user's rights, or
//! who left files and variables behind.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]

mod audit_log;
mod authorization_pages;
mod collector;
mod compiled_code;
mod environment;
mod exported_records;
mod forged_callbacks;
mod listener_floods;
mod locked_keys;
mod port_squatting;
mod prepared_files;
mod recorded_fields;
mod swapped_sign_ins;
mod unusual_issuance;
mod watched_process;
mod what_is_left_behind;
mod working_directory;

use std::path::{Path, PathBuf};

use vestibule_attacks::stage::conforming_file;
use vestibule_e2e::{Machine, Practice};
use vestibule_rehearsal::{Par, Script, Visit, Visitor};

/// A provider that does not push requests, so that whoever sees the address knows where the answer will be awaited: the worst case.
fn provider() -> Practice {
    Practice::openid(Script::honest().par(Par::Absent))
}

/// A machine with the tenant `corp` of this provider; `more` are further lines of its file. Browsers are none of its business: the
/// address is printed.
fn machine_for(idp: &Practice, more: &str) -> Machine {
    let machine = Machine::new("/does/not/exist");
    machine.install("oidc");
    machine.tenant("corp", &conforming_file(idp, more));
    machine
}

/// Visits an address as a person who approves.
fn visit(url: &str) -> Visit {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime
        .block_on(Visitor::approve("ada").visit(url))
        .unwrap()
}

/// A machine on which somebody has signed in.
fn signed_in(idp: &Practice) -> Machine {
    let machine = machine_for(idp, "");
    let login = machine.start(&["login", "corp", "--no-browser"]);
    let _ = visit(&login.address());
    let _ = login.finish().succeeded();
    machine
}

/// A program that writes down its arguments and its environment beside itself, and where it does.
fn recorder(folder: &Path) -> (PathBuf, PathBuf) {
    use std::os::unix::fs::PermissionsExt as _;
    let (program, record) = (folder.join("recorder"), folder.join("recorded"));
    let text = format!(
        "#!/bin/sh\nprintf '%s\\n' \"$@\" >'{0}.part'\nenv >>'{0}.part'\nmv '{0}.part' '{0}'\n",
        record.display()
    );
    std::fs::write(&program, text).unwrap();
    std::fs::set_permissions(&program, std::fs::Permissions::from_mode(0o700)).unwrap();
    (program, record)
}
