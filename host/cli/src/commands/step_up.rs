//! `vestibule step-up`: a stronger sign-in, because a resource asks for one (RFC 9470).

use std::path::Path;
use std::sync::Arc;

use vestibule_app::StepUp;
use vestibule_app::config::Config;
use vestibule_core::limits::CHALLENGE_BYTES;
use vestibule_core::{Error, Result, TenantName};

use super::login;
use crate::named_file;
use crate::runtime::block_on;
use crate::session::{Opens, Session};
use crate::talker::Talker;
use crate::values;

const EXAMPLES: &str = "\
Examples:
  vestibule step-up work --challenge \"$HEADER\"    as a client has read it
  vestibule step-up work --challenge - < header    from a file
  vestibule step-up work --challenge - --from https://api.example/payments
                                                   where audiences are listed";

/// Sign in again, because a resource asks for a stronger or more recent sign-in
///
/// Takes the challenge of a reply with status 401 (RFC 9470), asks you, and asks the provider for what the resource wants, and never for less
/// than the tenant's policy. The provider must confirm it; otherwise the sign-in that is there is kept as it is. You are asked at most three
/// times in ten minutes.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    /// The tenant; not needed if there is only one
    #[arg(value_parser = values::tenant)]
    tenant: Option<TenantName>,
    /// The value of the WWW-Authenticate header of the reply; - reads it from standard input
    #[arg(long, value_name = "HEADER")]
    challenge: String,
    /// The address that sent it; needed if the tenant's policy lists audiences
    #[arg(long, value_name = "URL")]
    from: Option<String>,
    /// Whose sign-in, if several accounts have signed in
    #[arg(long, value_name = "NAME")]
    account: Option<String>,
    /// Print the address and open nothing
    #[arg(long)]
    no_browser: bool,
}

pub(crate) fn run(args: Args, session: &Session) -> Result<()> {
    let tenant = session.tenant(args.tenant)?;
    let opens = if args.no_browser {
        Opens::Nothing
    } else {
        Opens::Browser
    };
    let challenge = if args.challenge == "-" {
        let bytes = named_file::read(Path::new("-"), CHALLENGE_BYTES as u64)?;
        String::from_utf8(bytes)
            .map_err(|_| Error::user("challenge.read", "the challenge is not UTF-8 text"))?
    } else {
        args.challenge
    };
    let probe = session.probe(&Config::read(&session.environment.places)?);
    let talker = Talker::new(session.printer, opens).about(&probe);
    let vestibule = session.watched(opens, Arc::new(talker.clone()))?;
    let wish = StepUp {
        challenge,
        from: args.from,
        account: args.account,
    };
    let ended = block_on(session.printer, vestibule.step_up(&tenant, &wish));
    talker.settle();
    login::tell(&ended?, vestibule.now(), session)
}
