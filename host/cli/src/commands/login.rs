//! `vestibule login`

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use serde::Serialize;
use vestibule_app::config::Config;
use vestibule_app::trace::{Recorder, Transcript};
use vestibule_app::{SignIn, SignedIn};
use vestibule_core::event::Observer;
use vestibule_core::record::Method;
use vestibule_core::{Error, Result, Shown, TenantName};

use crate::named_file::Destination;
use crate::runtime::block_on;
use crate::session::{Opens, Session};
use crate::talker::Talker;
use crate::values;
use crate::view::{probe, time};

const EXAMPLES: &str = "\
Examples:
  vestibule login                    the only tenant that there is
  vestibule login work --explain     and say why in this way
  vestibule login work --trace t.txt and write down what happened
  vestibule login work --no-browser  print the address and wait
  vestibule login work --method device
                                     by a code, entered on another device";

/// Sign in to a tenant
///
/// Says first how long the sign-in will last on this machine, prints the address to open, and opens it in a browser. A sign-in that
/// is still good is left alone, unless --force is given. Without a terminal nobody can sign in; a workload's tenant asks nobody.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    /// The tenant; not needed if there is only one
    #[arg(value_parser = values::tenant)]
    tenant: Option<TenantName>,
    /// Sign in although a sign-in is there
    #[arg(long)]
    force: bool,
    /// The account that you mean, as the provider knows it
    #[arg(long, value_name = "NAME")]
    account: Option<String>,
    /// The way to sign in: browser, device for a code that is entered elsewhere, or workload; the tenant's policy must allow it
    #[arg(long, value_name = "METHOD", value_parser = values::method)]
    method: Option<Method>,
    /// Print the address and open nothing
    #[arg(long)]
    no_browser: bool,
    /// Give up after so many seconds; at most the 600 that any sign-in gets
    #[arg(long, value_name = "SECONDS", value_parser = values::seconds)]
    timeout: Option<Duration>,
    /// Say which way was chosen, and which line decided
    #[arg(long)]
    explain: bool,
    /// Write down what happened, and no value, for a reviewer: as JSON if FILE ends in .json, else as text. May be given twice
    #[arg(long, value_name = "FILE")]
    trace: Vec<PathBuf>,
}

#[derive(Serialize)]
struct Report<'a> {
    tenant: &'a str,
    account: Option<&'a str>,
    method: &'a str,
    why: &'a str,
    scopes: Vec<&'a str>,
    expires_at: String,
    ends_at: String,
    already: bool,
}

pub(crate) fn run(args: Args, session: &Session) -> Result<()> {
    let tenant = session.tenant(args.tenant)?;
    let opens = if args.no_browser {
        Opens::Nothing
    } else {
        Opens::Browser
    };
    let traces: Vec<Destination> = args
        .trace
        .iter()
        .map(|path| Destination::open(path))
        .collect::<Result<_>>()?;
    let probe = session.probe(&Config::read(&session.environment.places)?);
    let talker = Talker::new(session.printer, opens).about(&probe);
    let recorder = Arc::new(Recorder::new(talker.clone()));
    let vestibule = session.watched(opens, Arc::clone(&recorder) as Arc<dyn Observer>)?;
    let wish = SignIn {
        force: args.force,
        method: args.method,
        account: args.account,
        in_this_process: false,
    };
    if args.explain {
        explain(&vestibule, &tenant, args.method, session);
    }
    let ended = block_on(session.printer, async {
        let signing_in = vestibule.sign_in(&tenant, &wish);
        let Some(limit) = args.timeout else {
            return signing_in.await;
        };
        let late = |_| {
            Error::user(
                "flow.timeout",
                format!(
                    "nobody has signed in within {} seconds; nothing was stored",
                    limit.as_secs()
                ),
            )
        };
        tokio::time::timeout(limit, signing_in)
            .await
            .map_err(late)?
    });
    talker.settle();
    // Without an approval there was no flow; what ended it is told below.
    if !traces.is_empty()
        && let Ok(transcript) = vestibule.transcript(&recorder, &tenant, ended.as_ref().map(drop))
    {
        write_traces(&transcript, traces)?;
    }
    tell(&ended?, vestibule.now(), session)
}

/// Says who has signed in.
///
/// # Errors
/// If it cannot be written.
pub(super) fn tell(signed_in: &SignedIn, now: u64, session: &Session) -> Result<()> {
    if session.printer.wants_json() {
        return session.printer.result(&report(signed_in), Vec::new);
    }
    session.printer.say(&sentence(signed_in, now));
    Ok(())
}

fn write_traces(transcript: &Transcript, traces: Vec<Destination>) -> Result<()> {
    for trace in traces {
        let json = trace.path().extension().is_some_and(|end| end == "json");
        let text = if json {
            serde_json::to_string_pretty(transcript)
                .map_err(|_| Error::host("host.json", "the transcript cannot be written as JSON"))?
        } else {
            transcript.to_text()
        };
        trace.write(&text)?;
    }
    Ok(())
}

/// The decision and the line that made it, before anything happens. Where there is none, what was seen: signing in then ends with
/// the reason, and is recorded as it is without this.
fn explain(
    vestibule: &vestibule_app::Vestibule,
    tenant: &TenantName,
    asked: Option<Method>,
    session: &Session,
) {
    let decision = match vestibule.method(tenant, asked) {
        Ok(chosen) => format!(
            "Method: {}, because {}.",
            chosen.method.as_str(),
            chosen.why
        ),
        Err(_) => "Method: none.".to_owned(),
    };
    let mut lines = vec![decision];
    lines.extend(probe::lines(vestibule.probe()));
    session.printer.insist(&lines.join("\n"));
}

fn report(signed_in: &SignedIn) -> Report<'_> {
    Report {
        tenant: signed_in.tenant.as_str(),
        account: signed_in.account.as_deref(),
        method: signed_in.method.as_str(),
        why: &signed_in.why,
        scopes: signed_in
            .scopes
            .iter()
            .map(vestibule_core::Scope::as_str)
            .collect(),
        expires_at: time::rfc3339(signed_in.expires_at),
        ends_at: time::rfc3339(signed_in.ends_at),
        already: signed_in.already,
    }
}

fn sentence(signed_in: &SignedIn, now: u64) -> String {
    let who = signed_in
        .account
        .as_deref()
        .map_or_else(String::new, |account| {
            format!(" as \"{}\"", Shown::new(account))
        });
    let begin = if signed_in.already {
        "Already signed in"
    } else {
        "Signed in"
    };
    let mut text = format!(
        "{begin} to {}{who}. The token is good for {}, the sign-in for {} at most.",
        signed_in.tenant,
        time::span(now, signed_in.expires_at),
        time::span(now, signed_in.ends_at)
    );
    if signed_in.already {
        text.push_str(" To sign in again: --force");
    }
    text
}
