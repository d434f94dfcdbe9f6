//! `vestibule demo`: a sign-in from the browser to the token and back out, told step by step, with nothing played but the provider.

mod api;
mod audience;
mod identity_center;
mod narrator;
mod openid;
mod stage;
mod words;

use std::path::PathBuf;

use vestibule_app::config::Config;
use vestibule_core::Result;

use crate::runtime::block_on;
use crate::session::Session;

use audience::Audience;
use narrator::Narrator;
use stage::Stage;

/// Watch a sign-in from the browser to the token and back out
///
/// Starts a practice identity provider on this machine, signs in to it by the real plugins in the real sandbox, and tells each step:
/// what the plugin asked, what the host did, and where each secret went. Then the same with a provider that is like no other. All
/// of it lies in a temporary directory and is removed at the end.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Take the plugins from this directory, in place of the installed ones
    #[arg(long, value_name = "DIR")]
    plugins: Option<PathBuf>,
    /// Print the address and open nothing: you open it
    #[arg(long, conflicts_with = "headless")]
    no_browser: bool,
    /// Let a played visitor consent, although there is a browser
    #[arg(long)]
    headless: bool,
}

pub(crate) fn run(args: &Args, session: &Session) -> Result<()> {
    let probe = session.probe(&Config::read(&session.environment.places)?);
    let audience = Audience::of(args.no_browser, args.headless, &probe);
    let narrator = Narrator::new(session.printer, audience);
    let stage = Stage::set(args.plugins.clone(), audience, narrator.clone(), session)?;
    narrator.title("Vestibule, from the browser to the token and back out");
    narrator.text(
        "Everything below really happens, on this machine and in a temporary directory: a practice identity provider, the real plugins in \
         the real sandbox, and the host, which alone holds the secrets.",
    );
    narrator.text(audience.sentence());
    block_on(session.printer, async {
        openid::play(&stage).await?;
        identity_center::play(&stage).await
    })?;
    narrator.title("That was all");
    narrator.text("The practice providers are gone, and so is everything that was stored: the directory and the key that sealed it.");
    Ok(())
}
