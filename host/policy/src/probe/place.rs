//! Where a process runs, as far as it matters to who can see a browser.

use std::fmt;

use super::{Evidence, Platform, Surroundings, noted};

/// Where a process runs. Where several fit, it is the one that says most about the person: who is at the other end of an SSH session
/// is not at the screen of the container that it leads into.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// In front of the person.
    Desktop,
    /// At the far end of an SSH session.
    Ssh,
    /// In the remote half of an editor, or a workspace of one: its name.
    Editor(&'static str),
    /// In a shell that a web page shows: its name.
    CloudShell(&'static str),
    /// In a container.
    Container(Container),
    /// In Linux on Windows, of this version.
    Wsl(u8),
    /// In an automatic build: its name.
    Ci(&'static str),
    /// Started by a service manager or by the clock, without a terminal or a screen.
    Service,
    /// Within somebody else's session: `sudo`, `su`.
    AnotherUser,
}

/// What a container shares with the machine around it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Container {
    /// Network and screen: made to be worked in (Toolbx, Distrobox).
    SharesHost,
    /// Neither.
    Closed,
}

/// Builds by the variable that only they set, the general one last.
const BUILDS: &[(&str, &str)] = &[
    ("GITHUB_ACTIONS", "GitHub Actions"),
    ("GITLAB_CI", "GitLab CI"),
    ("JENKINS_URL", "Jenkins"),
    ("BUILDKITE", "Buildkite"),
    ("CIRCLECI", "CircleCI"),
    ("TEAMCITY_VERSION", "TeamCity"),
    ("TF_BUILD", "Azure Pipelines"),
    ("BITBUCKET_BUILD_NUMBER", "Bitbucket Pipelines"),
    ("CODEBUILD_BUILD_ID", "AWS CodeBuild"),
    ("DRONE", "Drone"),
    ("CI", "continuous integration"),
];

impl Place {
    pub(super) fn of(seen: &Surroundings, evidence: &mut Vec<Evidence>) -> Self {
        let has = |name: &str| seen.variables.contains_key(name);
        let is_true = |name: &str| {
            matches!(
                seen.variables.get(name).map(String::as_str),
                Some("true" | "1" | "True")
            )
        };
        for (variable, name) in BUILDS {
            if has(variable) && (*variable != "CI" || is_true("CI")) {
                evidence.push(noted(variable, "an automatic build"));
                return Self::Ci(name);
            }
        }
        if let Some(place) = workspace(seen, evidence) {
            return place;
        }
        if let Some(name) = first(seen, &["SSH_CONNECTION", "SSH_CLIENT", "SSH_TTY"]) {
            evidence.push(noted(name, "an SSH session"));
            if let Some(name) = first(seen, &["TMUX", "STY"]) {
                evidence.push(noted(
                    name,
                    "a terminal multiplexer: variables are those of when the pane was opened",
                ));
            }
            return Self::Ssh;
        }
        if let Some(place) = another_user(seen, evidence) {
            return place;
        }
        if let Some(place) = container(seen, evidence) {
            return place;
        }
        if let Some(version) = wsl(seen) {
            evidence.push(noted("kernel", "Linux on Windows"));
            return Self::Wsl(version);
        }
        let screen = ["DISPLAY", "WAYLAND_DISPLAY", "BROWSER"]
            .into_iter()
            .any(has)
            || seen.platform != Platform::Unix;
        if !seen.terminal && !screen {
            if has("INVOCATION_ID") {
                evidence.push(noted("INVOCATION_ID", "started by systemd"));
            }
            return Self::Service;
        }
        if let Some(name) = first(seen, &["TMUX", "STY"]) {
            evidence.push(noted(
                name,
                "a terminal multiplexer: the person may have attached from elsewhere",
            ));
        }
        Self::Desktop
    }
}

/// Whichever of these is set first.
fn first<'a>(seen: &Surroundings, names: &[&'a str]) -> Option<&'a str> {
    names
        .iter()
        .copied()
        .find(|name| seen.variables.contains_key(*name))
}

/// Shells and editors of which the person sees only the other half.
fn workspace(seen: &Surroundings, evidence: &mut Vec<Evidence>) -> Option<Place> {
    let value = |name: &str| seen.variables.get(name).map(String::as_str);
    for (variable, wanted, name) in [
        ("CLOUD_SHELL", Some("true"), "Google Cloud Shell"),
        ("ACC_CLOUD", None, "Azure Cloud Shell"),
        ("AWS_EXECUTION_ENV", Some("CloudShell"), "AWS CloudShell"),
    ] {
        if value(variable).is_some_and(|value| wanted.is_none_or(|wanted| wanted == value)) {
            evidence.push(noted(variable, "a shell in a web page"));
            return Some(Place::CloudShell(name));
        }
    }
    for (variable, name) in [
        ("CODESPACES", "GitHub Codespaces"),
        ("GITPOD_WORKSPACE_ID", "Gitpod"),
        ("CODER_WORKSPACE_NAME", "Coder"),
        ("REMOTE_CONTAINERS", "a development container"),
        ("JETBRAINS_REMOTE_RUN", "JetBrains Gateway"),
    ] {
        if value(variable).is_some() {
            evidence.push(noted(
                variable,
                "a workspace that the person edits from elsewhere",
            ));
            return Some(Place::Editor(name));
        }
    }
    // Set by Visual Studio Code's terminal wherever it is; that it is remote shows in SSH, a container or Windows around it.
    let remote = value("SSH_CONNECTION").is_some()
        || wsl(seen).is_some()
        || seen.files.contains("/.dockerenv");
    if remote && value("VSCODE_IPC_HOOK_CLI").is_some() {
        evidence.push(noted(
            "VSCODE_IPC_HOOK_CLI",
            "the remote half of Visual Studio Code",
        ));
        return Some(Place::Editor("Visual Studio Code"));
    }
    None
}

/// A process of one user in the session of another: what it opened would be that user's, on a screen that is not.
fn another_user(seen: &Surroundings, evidence: &mut Vec<Evidence>) -> Option<Place> {
    let own = seen.users.map(|(own, _)| own);
    let sudo = seen
        .variables
        .get("SUDO_UID")
        .and_then(|uid| uid.parse::<u32>().ok());
    if seen.variables.contains_key("SUDO_USER") && sudo.is_none_or(|uid| Some(uid) != own) {
        evidence.push(noted("SUDO_USER", "sudo, from somebody else's session"));
        return Some(Place::AnotherUser);
    }
    match seen.users {
        Some((own, login)) if login != own && login != NOBODY_LOGGED_IN => {
            evidence.push(noted("login user", "su, from somebody else's session"));
            Some(Place::AnotherUser)
        }
        Some(_) | None => None,
    }
}

/// What the kernel says of a process that descends from no login: -1.
const NOBODY_LOGGED_IN: u32 = u32::MAX;

fn container(seen: &Surroundings, evidence: &mut Vec<Evidence>) -> Option<Place> {
    if let Some(name) = first(seen, &["TOOLBOX_PATH", "DISTROBOX_ENTER_PATH"]) {
        evidence.push(noted(
            name,
            "a container that shares network and screen with its host",
        ));
        return Some(Place::Container(Container::SharesHost));
    }
    if seen.files.contains("/run/.toolboxenv") {
        evidence.push(noted(
            "/run/.toolboxenv",
            "a container that shares network and screen with its host",
        ));
        return Some(Place::Container(Container::SharesHost));
    }
    if seen.variables.contains_key("FLATPAK_ID") {
        evidence.push(noted("FLATPAK_ID", "a sandboxed desktop application"));
        return Some(Place::Container(Container::SharesHost));
    }
    let variable = first(seen, &["KUBERNETES_SERVICE_HOST", "container"]);
    let file = ["/.dockerenv", "/run/.containerenv"]
        .into_iter()
        .find(|file| seen.files.contains(*file));
    let closed = variable.or(file)?;
    evidence.push(noted(closed, "a container"));
    Some(Place::Container(Container::Closed))
}

/// The version of Linux on Windows: its kernels name their maker.
fn wsl(seen: &Surroundings) -> Option<u8> {
    let kernel = seen.kernel.to_ascii_lowercase();
    if kernel.contains("wsl2") || kernel.contains("microsoft-standard") {
        Some(2)
    } else if kernel.contains("microsoft") || seen.variables.contains_key("WSL_DISTRO_NAME") {
        Some(1)
    } else {
        None
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Desktop => f.write_str("on this machine"),
            Self::Ssh => f.write_str("in an SSH session"),
            Self::Editor(name) | Self::CloudShell(name) => write!(f, "in {name}"),
            Self::Container(Container::SharesHost) => {
                f.write_str("in a container that shares network and screen with its host")
            }
            Self::Container(Container::Closed) => f.write_str("in a container"),
            Self::Wsl(version) => write!(f, "in Linux on Windows (WSL {version})"),
            Self::Ci(name) => write!(f, "in an automatic build ({name})"),
            Self::Service => {
                f.write_str("without terminal and screen, as a service or by the clock")
            }
            Self::AnotherUser => f.write_str("as another user than the one who logged in"),
        }
    }
}
