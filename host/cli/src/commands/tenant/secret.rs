//! `vestibule tenant secret`: puts a client's secret into the store, from the terminal or from standard input, never from an argument.

use std::fs::File;
use std::io::{IsTerminal as _, Read as _, stdin};

use serde::Serialize;
use vestibule_core::event::Person as _;
use vestibule_core::limits::SECRET_FILE_BYTES;
use vestibule_core::{Error, Result, Secret, SettingName, TenantName};
use zeroize::Zeroizing;

use crate::runtime::block_on;
use crate::session::{Opens, Session};
use crate::terminal::Terminal;
use crate::values;

const EXAMPLES: &str = "\
Examples:
  vestibule tenant secret work client_secret
  vault-of-the-company read work | vestibule tenant secret work client_secret
  vestibule tenant secret work client_secret --forget

The tenant file says that it is there: under [secrets], client_secret = \"key_store\"";

/// Keep a secret setting of a tenant in the key store
///
/// It is typed at the terminal, where it is not shown, or read from standard input: its first line. It is sealed as a grant is, and
/// found for this tenant's issuer and client alone.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Args {
    /// The tenant
    #[arg(value_parser = values::tenant)]
    tenant: TenantName,
    /// The setting of its plugin
    #[arg(value_parser = values::setting)]
    setting: SettingName,
    /// Erase it
    #[arg(long)]
    forget: bool,
}

#[derive(Serialize)]
struct Report<'a> {
    tenant: &'a str,
    setting: &'a str,
    kept: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    key_store: Option<&'a str>,
}

pub(super) fn run(args: &Args, session: &Session) -> Result<()> {
    let Args {
        tenant, setting, ..
    } = args;
    let vestibule = session.vestibule(Opens::Nothing)?;
    let report = |key_store| Report {
        tenant: tenant.as_str(),
        setting: setting.as_str(),
        kept: !args.forget,
        key_store,
    };
    if args.forget {
        let forgetting = vestibule.forget_secret(tenant, setting);
        let said = match block_on(session.printer, forgetting)? {
            true => format!("Erased {setting} of tenant {tenant}."),
            false => format!("There was no {setting} of tenant {tenant}."),
        };
        session.printer.say(&said);
        return session.printer.result_if_json(&report(None));
    }
    let keeping = vestibule.keep_secret(tenant, setting, |question| match stdin().is_terminal() {
        true => Terminal.secret(question),
        false => from_standard_input(setting),
    });
    let key_store = block_on(session.printer, keeping)?;
    session.printer.say(&format!(
        "Kept {setting} of tenant {tenant}; its key is in the {}.",
        key_store.as_str()
    ));
    session
        .printer
        .result_if_json(&report(Some(key_store.as_str())))
}

/// The first line, or all of a key in PEM, which has many.
fn from_standard_input(setting: &SettingName) -> Result<Secret> {
    // All the room at once: a buffer that grows leaves its old memory behind.
    let room = usize::try_from(SECRET_FILE_BYTES).unwrap_or_default();
    let mut bytes = Zeroizing::new(Vec::with_capacity(room + 2));
    unbuffered()
        .and_then(|input| input.take(SECRET_FILE_BYTES + 1).read_to_end(&mut bytes))
        .map_err(|problem| {
            Error::user(
                "secret.read",
                format!("standard input cannot be read: {problem}"),
            )
        })?;
    if bytes.len() > room {
        return Err(Error::user(
            "secret.size",
            format!("the secret \"{setting}\" is larger than {SECRET_FILE_BYTES} bytes"),
        ));
    }
    let line = if bytes.starts_with(b"-----BEGIN ") {
        bytes.trim_ascii()
    } else {
        bytes
            .split(|byte| matches!(byte, b'\n' | b'\r'))
            .next()
            .unwrap_or_default()
    };
    let text = std::str::from_utf8(line).map_err(|_| {
        Error::user(
            "secret.text",
            format!("the secret \"{setting}\" is not UTF-8 text"),
        )
    })?;
    Ok(Secret::new(text.to_owned()))
}

/// Standard input without the buffer that the library keeps for it, which nobody erases.
fn unbuffered() -> std::io::Result<File> {
    #[cfg(unix)]
    let own = std::os::fd::AsFd::as_fd(&stdin()).try_clone_to_owned();
    #[cfg(windows)]
    let own = std::os::windows::io::AsHandle::as_handle(&stdin()).try_clone_to_owned();
    own.map(File::from)
}
