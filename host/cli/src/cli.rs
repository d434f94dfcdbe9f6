//! The tree of commands. Each command has one file under `commands/`, which holds its arguments too.

use std::ffi::OsString;

use clap::error::ErrorKind;
use clap::{Args, CommandFactory as _, FromArgMatches as _, Parser, Subcommand};
use vestibule_core::text::is_harmful;
use vestibule_core::{Error, Shown};

use crate::commands::{
    audit, completions, demo, doctor, login, logout, man, plugin, status, step_up, tenant, token,
};
use crate::printer::Printer;

const CODES_AND_PLACES: &str = "\
Exit codes:
  0    done
  1    this program or this machine is at fault
  2    nobody has signed in: run `vestibule login`
  3    the person: a typo, a denied consent, a closed browser
  4    a tenant file, the configuration, or how this machine is set up
  5    the tenant's policy refused
  6    the plugin broke the rules
  7    the identity provider answered what the standards forbid
  8    the network or the provider could not be reached; for `logout`: signed
       out here, but the provider did not confirm it
  9    it takes a person at a terminal, and none is there
  10   `audit alerts` has found something unusual
  130  interrupted; nothing was stored

Files and environment:
  ~/.config/vestibule       config.toml, tenants.d/; or VESTIBULE_CONFIG_DIR
  ~/.local/share/vestibule  plugins/; or VESTIBULE_DATA_DIR
  ~/.local/state/vestibule  sealed sign-ins, approvals, the audit log; or
                            VESTIBULE_STATE_DIR
  ~/.cache/vestibule        compiled plugins; or VESTIBULE_CACHE_DIR
  The XDG_* variables count too, NO_COLOR turns colour off, and BROWSER names
  the browser. Nothing in the working directory counts.";

/// Signs people and workloads in to any identity provider.
///
/// Each provider's flow is a plugin in a sandbox, which says what should happen and never sees a secret. A tenant is one file that
/// names a plugin, its settings, and what is allowed.
#[derive(Debug, Parser)]
#[command(name = "vestibule", version, max_term_width = 80, after_help = CODES_AND_PLACES)]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
    /// How to say it.
    #[command(flatten)]
    pub global: Global,
}

/// What every command takes.
#[derive(Clone, Copy, Debug, Args)]
#[command(next_help_heading = "Output")]
pub struct Global {
    /// Write the result as one JSON document, and errors as JSON to standard error
    #[arg(long, global = true)]
    pub json: bool,
    /// Say only what must be said
    #[arg(long, short, global = true, conflicts_with = "verbose")]
    pub quiet: bool,
    /// Tell each step and each exchange; never a secret
    #[arg(long, short, global = true)]
    pub verbose: bool,
}

/// The commands.
#[derive(Debug, Subcommand)]
#[allow(
    missing_docs,
    reason = "help shows what stands at each command's arguments; a word here would replace it"
)]
pub enum Command {
    Login(login::Args),
    Token(token::Args),
    StepUp(step_up::Args),
    Logout(logout::Args),
    Status(status::Args),
    Doctor(doctor::Args),
    Audit(audit::Args),
    Tenant(tenant::Args),
    Plugin(plugin::Args),
    Demo(demo::Args),
    Completions(completions::Args),
    Man(man::Args),
}

/// What became of the arguments.
#[derive(Debug)]
pub enum Parsed {
    /// They were understood.
    Cli(Box<Cli>),
    /// They were answered by themselves.
    Answered(Printer, Answer),
}

/// What the command line answers by itself.
#[derive(Debug)]
pub enum Answer {
    /// Help or the version, which somebody asked for.
    Help(String),
    /// It was not understood.
    Usage {
        /// As an error.
        error: Error,
        /// For a person.
        rendered: String,
    },
}

/// Parses the arguments.
#[must_use]
pub fn parse(arguments: &[OsString], color: bool) -> Parsed {
    let command = Cli::command().color(if color {
        clap::ColorChoice::Auto
    } else {
        clap::ColorChoice::Never
    });
    let understood = |arguments: &[OsString]| {
        let matches = command.clone().try_get_matches_from(arguments)?;
        Cli::from_arg_matches(&matches)
    };
    match understood(arguments) {
        Ok(cli) => Parsed::Cli(Box::new(cli)),
        Err(problem) => {
            // What is not understood is repeated, and a file may be called anything (UI-02).
            let shown = harmless(arguments);
            let problem = shown
                .and_then(|shown| understood(&shown).err())
                .unwrap_or(problem);
            let json = arguments.iter().any(|argument| argument == "--json");
            Parsed::Answered(Printer::early(json, color), answer(&problem))
        }
    }
}

/// The arguments as a person may be shown them, if they are not fit for that as they are.
fn harmless(arguments: &[OsString]) -> Option<Vec<OsString>> {
    let texts: Vec<_> = arguments
        .iter()
        .map(|argument| argument.to_string_lossy())
        .collect();
    let harmful = texts.iter().any(|text| text.chars().any(is_harmful));
    harmful.then(|| {
        texts
            .iter()
            .map(|text| Shown::whole(text).to_string().into())
            .collect()
    })
}

fn answer(problem: &clap::Error) -> Answer {
    let rendered = problem.render().to_string();
    if matches!(
        problem.kind(),
        ErrorKind::DisplayHelp | ErrorKind::DisplayVersion
    ) {
        return Answer::Help(rendered);
    }
    let first = rendered.lines().next().unwrap_or_default();
    let message = first.strip_prefix("error: ").unwrap_or(first).to_owned();
    Answer::Usage {
        error: Error::user("usage", message).hint("run: vestibule help"),
        rendered,
    }
}
