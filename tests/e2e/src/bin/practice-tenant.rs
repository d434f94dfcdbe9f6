//! Leaves a signed-in tenant `practice` in a directory, for whoever measures `vestibule token`:
//! `practice-tenant HOME VESTIBULE PLUGIN PERSON`.
//!
//! The practice provider ends with this program; the token is good for a day, and handing it out asks nobody.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};
use std::time::Duration;

use serde_json::json;
use vestibule_e2e::{Browser, Decision, Errand, Practice};
use vestibule_rehearsal::Script;

const A_DAY: Duration = Duration::from_secs(86_400);

fn main() -> ExitCode {
    let arguments: Vec<PathBuf> = std::env::args_os().skip(1).map(PathBuf::from).collect();
    let [home, vestibule, plugin, person] = arguments.as_slice() else {
        return ExitCode::from(2);
    };
    let idp = Practice::openid(Script::honest().access_ttl(A_DAY));
    let errand = Errand {
        browser: Browser::Visitor,
        decision: Decision::Approve,
        report: home.join("report.json"),
    };
    let command: Vec<String> = std::iter::once(person.display().to_string())
        .chain(errand.arguments())
        .collect();
    let config = format!(
        "[keystore]\nuse_only = \"kernel-keyring\"\n[browser]\ncommand = {}\n",
        json!(command)
    );
    let tenant = format!(
        "plugin = \"oidc\"\ninteractive = \"window\"\n[settings]\nissuer = \"{}\"\nclient_id = \"{}\"\n[network]\nallow_loopback_http = true\n",
        idp.issuer(),
        Script::CLIENT_ID
    );
    let written = fs::create_dir_all(home.join("config/tenants.d"))
        .and_then(|()| fs::write(home.join("config/config.toml"), config))
        .and_then(|()| fs::write(home.join("config/tenants.d/practice.toml"), tenant));
    let plugin = plugin.display().to_string();
    let steps: [&[&str]; 3] = [
        &["plugin", "install", &plugin],
        &["tenant", "approve", "practice", "--yes"],
        &["login", "practice"],
    ];
    if written.is_ok()
        && steps
            .into_iter()
            .all(|step| succeeds(vestibule, home, step))
    {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}

fn succeeds(vestibule: &Path, home: &Path, arguments: &[&str]) -> bool {
    let mut command = Command::new(vestibule);
    command.args(arguments);
    for name in ["config", "data", "state", "cache"] {
        command.env(
            format!("VESTIBULE_{}_DIR", name.to_uppercase()),
            home.join(name),
        );
    }
    command.status().is_ok_and(|status| status.success())
}
