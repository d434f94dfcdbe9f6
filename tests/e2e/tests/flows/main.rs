//! Whole sign-ins, from the command line to the provider and back.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::disallowed_methods
)]

mod accounts;
mod approvals;
mod consent;
mod device;
#[cfg(target_os = "linux")]
mod forwarded;
mod grants;
mod hostile_components;
mod identity_center;
mod interrupts;
mod offline;
mod operator_secrets;
mod platforms;
mod readme;
mod real_provider;
mod refusals;
mod silence;
#[cfg(target_os = "linux")]
mod situations;
mod stampede;
mod tap;
mod trace;
mod unattended;
mod workloads;

use vestibule_e2e::Machine;

/// A machine on which the plugin is installed.
fn machine_with(plugin: &str) -> Machine {
    let machine = Machine::new(env!("CARGO_BIN_EXE_person"));
    machine.install(plugin);
    machine
}

/// A machine with the tenant `corp` of a conforming provider.
fn machine_for(issuer: &str, client_id: &str) -> Machine {
    let machine = machine_with("oidc");
    machine.tenant(
        "corp",
        &format!(
            "plugin = \"oidc\"\ninteractive = \"window\"\n\
             [settings]\nissuer = \"{issuer}\"\nclient_id = \"{client_id}\"\n\
             [network]\nallow_loopback_http = true\n"
        ),
    );
    machine
}
