//! `vestibule token`: the credential of whoever has signed in, for the program that asks (HELP-01, HELP-06, HELP-07).

use std::io::{IsTerminal as _, stdout};

use vestibule_app::{TokenQuery, Vestibule};
use vestibule_core::{Error, Result, SettingName, TenantName};

use crate::output::Format;
use crate::runtime::block_on;
use crate::session::{Opens, Session};
use crate::values;

const EXAMPLES: &str = "\
Examples:
  vestibule token work | some-program
  vestibule token work --format header | curl -H @- https://api.example/
  vestibule token cloud --for account=111122223333,role=ReadOnly --format aws
  vestibule token work --audience https://api.example
                                     exchanged for one that is good there";

/// Hand out a token, renewed if it is about to expire
///
/// Writes exactly the credential to standard output, or nothing and an exit code. Never opens a browser. A token that is good is
/// taken from the store: no sandbox, no network. A workload's tenant signs in anew by itself when its token has expired.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    /// The tenant; not needed if there is only one
    #[arg(value_parser = values::tenant)]
    tenant: Option<TenantName>,
    /// How to write it
    #[arg(long, value_enum, default_value_t)]
    format: Format,
    /// Renew it, although it is good
    #[arg(long)]
    refresh: bool,
    /// For what: parameters of a credential that hangs on the sign-in
    #[arg(long = "for", value_name = "NAME=VALUE,…", value_parser = values::pair, value_delimiter = ',')]
    derived_for: Vec<(SettingName, String)>,
    /// For whom: an audience of the tenant's policy, for which the sign-in's token is exchanged (RFC 8693)
    #[arg(long, value_name = "AUDIENCE", conflicts_with = "derived_for")]
    audience: Option<String>,
    /// Whose, where several have signed in
    #[arg(long, value_name = "NAME")]
    account: Option<String>,
    /// Show the secret, although standard output is a terminal
    #[arg(long)]
    show: bool,
}

pub(crate) fn run(args: Args, session: &Session) -> Result<()> {
    if !args.show && stdout().is_terminal() {
        return Err(Error::user(
            "token.terminal",
            "the token would be readable on this terminal, and in what it keeps of it",
        )
        .hint("pass it on to a program, or say --show"));
    }
    let format = if session.printer.wants_json() && args.format == Format::Raw {
        Format::Json
    } else {
        args.format
    };
    let tenant = session.tenant(args.tenant)?;
    let query = TokenQuery {
        account: args.account,
        refresh: args.refresh,
        derived_for: args.derived_for,
        audience: args.audience,
    };
    let vestibule = session.vestibule(Opens::Nothing)?;
    let released = match vestibule.token_at_hand(&tenant, &query)? {
        Some(released) => released,
        None => renew(&vestibule, &tenant, &query, session)?,
    };
    session.printer.bytes(&format.document(&released)?)
}

/// What takes more than a look into the store. Only here is there anything to wait for.
fn renew(
    vestibule: &Vestibule,
    tenant: &TenantName,
    query: &TokenQuery,
    session: &Session,
) -> Result<vestibule_app::broker::release::Released> {
    block_on(session.printer, vestibule.token(tenant, query))
}
