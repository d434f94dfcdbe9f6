//! What a machine is like for a sign-in: whether a person is there, whether a browser can be opened for it here, and if not, how one on
//! the person's own machine could reach the loopback redirect (RFC 8252 section 7.3). Pure: whoever asks brings what was seen.
//!
//! Nothing here decides. A variable is easily wrong, or somebody else's: what is concluded from one alone can cost a question, and does
//! not lead to a weaker way ([`crate::method`]).

mod example;
mod place;

#[cfg(test)]
mod situations;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

pub use example::Example;
pub use place::{Container, Place};

/// The variables that say something. Whoever looks need read no others.
pub const VARIABLES: &[&str] = &[
    // Screens.
    "DISPLAY",
    "WAYLAND_DISPLAY",
    "BROWSER",
    // Other machines.
    "SSH_CONNECTION",
    "SSH_CLIENT",
    "SSH_TTY",
    "TMUX",
    "STY",
    // Editors and workspaces whose other half is elsewhere.
    "CODESPACES",
    "GITPOD_WORKSPACE_ID",
    "CODER_WORKSPACE_NAME",
    "CLOUD_SHELL",
    "ACC_CLOUD",
    "AWS_EXECUTION_ENV",
    "REMOTE_CONTAINERS",
    "VSCODE_IPC_HOOK_CLI",
    "JETBRAINS_REMOTE_RUN",
    // Containers.
    "container",
    "KUBERNETES_SERVICE_HOST",
    "DISTROBOX_ENTER_PATH",
    "TOOLBOX_PATH",
    "FLATPAK_ID",
    // Windows beneath.
    "WSL_DISTRO_NAME",
    "WSL_INTEROP",
    // Another user's session.
    "SUDO_USER",
    "SUDO_UID",
    // Nobody.
    "INVOCATION_ID",
    "CI",
    "GITHUB_ACTIONS",
    "GITLAB_CI",
    "JENKINS_URL",
    "BUILDKITE",
    "CIRCLECI",
    "TEAMCITY_VERSION",
    "TF_BUILD",
    "BITBUCKET_BUILD_NUMBER",
    "CODEBUILD_BUILD_ID",
    "DRONE",
];

/// The files whose being there says something.
pub const FILES: &[&str] = &["/.dockerenv", "/run/.containerenv", "/run/.toolboxenv"];

/// An operating system, as far as it decides how a browser is opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Platform {
    /// Linux and its relatives: a screen is X11 or Wayland.
    Unix,
    /// macOS: who has a session has a screen.
    MacOs,
    /// Windows: likewise.
    Windows,
}

/// What was seen of a machine.
#[derive(Clone, Debug)]
pub struct Surroundings {
    /// The operating system.
    pub platform: Platform,
    /// Those of [`VARIABLES`] that are set and not empty.
    pub variables: BTreeMap<String, String>,
    /// Those of [`FILES`] that are there.
    pub files: BTreeSet<String>,
    /// The kernel's release, `uname -r`.
    pub kernel: String,
    /// Whether this process has a controlling terminal, at which a person can be asked.
    pub terminal: bool,
    /// The user that this process runs as, and the one who logged in, where the system tells them apart.
    pub users: Option<(u32, u32)>,
    /// The program that would open a browser, if one was found: a name for people.
    pub opener: Option<String>,
    /// Whether the operator has named that program for this machine: then it shows where the person looks.
    pub configured: bool,
}

/// One thing that was seen, and what it says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Evidence {
    /// What was looked at: a variable, a file, the terminal.
    pub seen: String,
    /// What it says, in a few words.
    pub says: &'static str,
}

/// Whether a browser can be opened here, for the person who is waiting.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LocalBrowser {
    /// By this program.
    Usable(String),
    /// And why not, in one sentence without its full stop.
    Unusable(&'static str),
}

/// How a browser on the person's own machine could reach a listener on this machine's loopback.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reach {
    /// It is this machine.
    Here,
    /// Over a port that the person forwards: `ssh -L`.
    Forwarded,
    /// The editor or workspace forwards ports by itself.
    ForwardedByEditor,
    /// In no way that is known.
    Not,
}

/// What follows from what was seen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Probe {
    /// Where this process runs.
    pub place: Place,
    /// Whether anybody can be asked.
    pub person: bool,
    /// Whether a browser can be opened here.
    pub browser: LocalBrowser,
    /// Whether there is a screen, and a program that opens a browser on it, whatever argues against its being the person's.
    pub screen: bool,
    /// How one elsewhere could reach us.
    pub reach: Reach,
    /// What was seen, in the order in which it counts.
    pub evidence: Vec<Evidence>,
}

impl Probe {
    /// Draws the conclusions.
    #[must_use]
    pub fn of(seen: &Surroundings) -> Self {
        let mut evidence = Vec::new();
        let place = Place::of(seen, &mut evidence);
        let person = seen.terminal && !matches!(place, Place::Ci(_));
        evidence.push(Evidence {
            seen: "terminal".to_owned(),
            says: if seen.terminal {
                "there is one, where a person can be asked"
            } else {
                "there is none, and so nobody to ask"
            },
        });
        let browser = local_browser(seen, &place, &mut evidence);
        let reach = reach(&place, &browser, person);
        let shown = ["DISPLAY", "WAYLAND_DISPLAY"]
            .into_iter()
            .any(|name| seen.variables.contains_key(name));
        let screen = seen.opener.is_some() && (shown || seen.platform != Platform::Unix);
        Self {
            place,
            person,
            browser,
            screen,
            reach,
            evidence,
        }
    }

    /// A machine of which it is known that whoever embeds this library can show a person a browser.
    #[must_use]
    pub fn of_an_embedder() -> Self {
        Self {
            place: Place::Desktop,
            person: true,
            browser: LocalBrowser::Usable("the program that embeds Vestibule".to_owned()),
            screen: true,
            reach: Reach::Here,
            evidence: Vec::new(),
        }
    }

    /// Whether a browser can be opened here.
    #[must_use]
    pub const fn has_local_browser(&self) -> bool {
        matches!(self.browser, LocalBrowser::Usable(_))
    }
}

/// The place first: where the person is elsewhere, a screen of this machine is not theirs.
fn local_browser(seen: &Surroundings, place: &Place, evidence: &mut Vec<Evidence>) -> LocalBrowser {
    use LocalBrowser::Unusable;
    if seen.configured {
        evidence.push(noted("config.toml", "names a program that opens addresses"));
        return opened_by(seen);
    }
    match place {
        Place::Ci(_) => return Unusable("an automatic build has nobody to look at it"),
        Place::Service => return Unusable("a service has no screen"),
        Place::AnotherUser => {
            return Unusable("it would run as another user than the one at the screen");
        }
        Place::CloudShell(_) => return Unusable("the person's browser is on another machine"),
        // Its helper opens the address on the person's own machine.
        Place::Editor(_) if seen.variables.contains_key("BROWSER") => {
            evidence.push(noted(
                "BROWSER",
                "the editor's helper opens addresses on the person's machine",
            ));
            return opened_by(seen);
        }
        Place::Editor(_) => return Unusable("the person's browser is on another machine"),
        Place::Container(Container::Closed) if !seen.variables.contains_key("BROWSER") => {
            return Unusable(
                "a container has a network of its own, which a browser outside does not reach",
            );
        }
        Place::Desktop | Place::Ssh | Place::Container(_) | Place::Wsl(_) => {}
    }
    if *place == Place::Ssh {
        match seen.variables.get("DISPLAY") {
            Some(display) if is_forwarded(display) => evidence.push(noted(
                "DISPLAY",
                "a screen that SSH forwards: a browser of this machine would show there",
            )),
            _ => return Unusable("the person's screen is on the other end of the SSH session"),
        }
    }
    if let Place::Wsl(_) = place {
        // Windows opens it, and reaches the loopback of Linux by localhost.
        if seen.variables.contains_key("WSL_INTEROP") || has_screen(seen, evidence) {
            return opened_by(seen);
        }
        return Unusable(
            "Windows programs cannot be started from this Linux, and it has no screen",
        );
    }
    let chosen = seen.variables.contains_key("BROWSER");
    if chosen {
        evidence.push(noted("BROWSER", "names a program that opens addresses"));
    }
    let needs_screen = seen.platform == Platform::Unix && *place != Place::Ssh && !chosen;
    if needs_screen && !has_screen(seen, evidence) {
        return Unusable("there is no screen: neither DISPLAY nor WAYLAND_DISPLAY is set");
    }
    opened_by(seen)
}

fn opened_by(seen: &Surroundings) -> LocalBrowser {
    match &seen.opener {
        Some(opener) => LocalBrowser::Usable(opener.clone()),
        None => LocalBrowser::Unusable("no program is there that opens a browser"),
    }
}

fn has_screen(seen: &Surroundings, evidence: &mut Vec<Evidence>) -> bool {
    for (name, says) in [
        ("WAYLAND_DISPLAY", "a Wayland screen"),
        ("DISPLAY", "an X11 screen"),
    ] {
        if seen.variables.contains_key(name) {
            evidence.push(noted(name, says));
            return true;
        }
    }
    false
}

/// `localhost:10.0`: what sshd sets for forwarded X11. A local screen has no host in front of the colon.
fn is_forwarded(display: &str) -> bool {
    display
        .split_once(':')
        .is_some_and(|(host, _)| matches!(host, "localhost" | "127.0.0.1" | "[::1]"))
}

fn reach(place: &Place, browser: &LocalBrowser, person: bool) -> Reach {
    match (place, browser) {
        _ if !person => Reach::Not,
        (Place::Editor(_), LocalBrowser::Usable(_)) => Reach::ForwardedByEditor,
        (_, LocalBrowser::Usable(_)) => Reach::Here,
        (Place::Ssh, LocalBrowser::Unusable(_)) => Reach::Forwarded,
        (Place::Editor(_) | Place::CloudShell(_), LocalBrowser::Unusable(_)) => Reach::Not,
        (
            Place::Desktop
            | Place::Container(_)
            | Place::Wsl(_)
            | Place::Ci(_)
            | Place::Service
            | Place::AnotherUser,
            LocalBrowser::Unusable(_),
        ) => Reach::Not,
    }
}

fn noted(seen: &str, says: &'static str) -> Evidence {
    Evidence {
        seen: seen.to_owned(),
        says,
    }
}

impl fmt::Display for LocalBrowser {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Usable(opener) => write!(f, "can be opened by {opener}"),
            Self::Unusable(why) => write!(f, "cannot be opened: {why}"),
        }
    }
}

impl fmt::Display for Reach {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Here => "by itself: it is on this machine",
            Self::Forwarded => "over a port that you forward with ssh -L",
            Self::ForwardedByEditor => "over a port that the editor forwards",
            Self::Not => "in no way that is known",
        })
    }
}
