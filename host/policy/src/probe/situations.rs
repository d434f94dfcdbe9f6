//! Situations that people and programs are in, each as it shows.

use super::*;

/// What a situation comes to: whether a person can be asked, whether a browser can be opened here, how one elsewhere reaches us.
type Expected = (Place, bool, bool, Reach);

struct Situation {
    name: &'static str,
    seen: Surroundings,
    expected: Expected,
}

fn seen(variables: &[(&str, &str)]) -> Surroundings {
    Surroundings {
        platform: Platform::Unix,
        variables: variables
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect(),
        files: BTreeSet::new(),
        kernel: "6.12.0-amd64".to_owned(),
        terminal: true,
        users: Some((1000, 1000)),
        opener: Some("xdg-open".to_owned()),
        configured: false,
    }
}

impl Surroundings {
    fn without_terminal(self) -> Self {
        Self {
            terminal: false,
            ..self
        }
    }

    fn without_opener(self) -> Self {
        Self {
            opener: None,
            ..self
        }
    }

    fn configured(self) -> Self {
        Self {
            configured: true,
            ..self
        }
    }

    fn on(self, platform: Platform) -> Self {
        Self { platform, ..self }
    }

    fn kernel(self, kernel: &str) -> Self {
        Self {
            kernel: kernel.to_owned(),
            ..self
        }
    }

    fn file(mut self, file: &str) -> Self {
        assert!(FILES.contains(&file), "nobody looks for {file}");
        self.files.insert(file.to_owned());
        self
    }

    fn users(self, own: u32, login: u32) -> Self {
        Self {
            users: Some((own, login)),
            ..self
        }
    }
}

const SSH: (&str, &str) = ("SSH_CONNECTION", "198.51.100.7 50022 192.0.2.1 22");
const WSL2: &str = "5.15.167.4-microsoft-standard-WSL2";

fn situations() -> Vec<Situation> {
    use super::Container::{Closed, SharesHost};
    use Place::{AnotherUser, Ci, CloudShell, Container, Desktop, Editor, Service, Ssh, Wsl};
    use Reach::{Forwarded, ForwardedByEditor, Here, Not};
    let situation = |name, seen, place, person, browser, reach| Situation {
        name,
        seen,
        expected: (place, person, browser, reach),
    };
    vec![
        // In front of the person.
        situation(
            "a Wayland desktop",
            seen(&[("WAYLAND_DISPLAY", "wayland-0"), ("DISPLAY", ":0")]),
            Desktop,
            true,
            true,
            Here,
        ),
        situation(
            "an X11 desktop",
            seen(&[("DISPLAY", ":0")]),
            Desktop,
            true,
            true,
            Here,
        ),
        situation(
            "a desktop without a program that opens links",
            seen(&[("DISPLAY", ":0")]).without_opener(),
            Desktop,
            true,
            false,
            Not,
        ),
        situation("a text console", seen(&[]), Desktop, true, false, Not),
        situation(
            "a program that a desktop's menu started",
            seen(&[("WAYLAND_DISPLAY", "wayland-0")]).without_terminal(),
            Desktop,
            false,
            true,
            Not,
        ),
        situation(
            "a terminal that systemd's user manager started",
            seen(&[("DISPLAY", ":0"), ("INVOCATION_ID", "f00")]),
            Desktop,
            true,
            true,
            Here,
        ),
        situation(
            "tmux on the desktop",
            seen(&[("DISPLAY", ":0"), ("TMUX", "/tmp/tmux-1000/default,1,0")]),
            Desktop,
            true,
            true,
            Here,
        ),
        situation(
            "macOS",
            seen(&[]).on(Platform::MacOs),
            Desktop,
            true,
            true,
            Here,
        ),
        situation(
            "Windows",
            seen(&[]).on(Platform::Windows),
            Desktop,
            true,
            true,
            Here,
        ),
        situation(
            "a text console with a browser of its own",
            seen(&[("BROWSER", "w3m")]),
            Desktop,
            true,
            true,
            Here,
        ),
        situation(
            "a program that the configuration names",
            seen(&[]).configured(),
            Desktop,
            true,
            true,
            Here,
        ),
        situation(
            "SSH, with a program that the configuration names",
            seen(&[SSH]).configured(),
            Ssh,
            true,
            true,
            Here,
        ),
        // At the far end of an SSH session.
        situation("SSH", seen(&[SSH]), Ssh, true, false, Forwarded),
        situation(
            "SSH that forwards X11",
            seen(&[SSH, ("DISPLAY", "localhost:10.0")]),
            Ssh,
            true,
            true,
            Here,
        ),
        situation(
            "SSH that forwards X11 over IPv4",
            seen(&[SSH, ("DISPLAY", "127.0.0.1:11.0")]),
            Ssh,
            true,
            true,
            Here,
        ),
        situation(
            "SSH to a machine with a desktop of its own",
            seen(&[SSH, ("DISPLAY", ":0")]),
            Ssh,
            true,
            false,
            Forwarded,
        ),
        situation(
            "SSH, one command without a terminal",
            seen(&[SSH]).without_terminal(),
            Ssh,
            false,
            false,
            Not,
        ),
        situation(
            "SSH into macOS",
            seen(&[SSH]).on(Platform::MacOs),
            Ssh,
            true,
            false,
            Forwarded,
        ),
        situation(
            "tmux inside SSH",
            seen(&[SSH, ("TMUX", "/tmp/tmux-1000/default,1,0")]),
            Ssh,
            true,
            false,
            Forwarded,
        ),
        situation(
            "screen inside SSH, with the screen of the machine",
            seen(&[
                ("SSH_TTY", "/dev/pts/3"),
                ("STY", "1.pts-3"),
                ("DISPLAY", ":0"),
            ]),
            Ssh,
            true,
            false,
            Forwarded,
        ),
        situation(
            "sudo inside SSH",
            seen(&[SSH, ("SUDO_USER", "ada"), ("SUDO_UID", "1000")]).users(0, 1000),
            Ssh,
            true,
            false,
            Forwarded,
        ),
        situation(
            "a container inside SSH",
            seen(&[SSH]).file("/.dockerenv"),
            Ssh,
            true,
            false,
            Forwarded,
        ),
        // Editors whose other half is elsewhere.
        situation(
            "Codespaces, its terminal in an editor",
            seen(&[
                ("CODESPACES", "true"),
                ("BROWSER", "/vscode/bin/helpers/browser.sh"),
            ]),
            Editor("GitHub Codespaces"),
            true,
            true,
            ForwardedByEditor,
        ),
        situation(
            "Codespaces over SSH",
            seen(&[("CODESPACES", "true"), SSH]),
            Editor("GitHub Codespaces"),
            true,
            false,
            Not,
        ),
        situation(
            "Gitpod",
            seen(&[
                ("GITPOD_WORKSPACE_ID", "x"),
                ("BROWSER", "/ide/bin/helpers/browser.sh"),
            ]),
            Editor("Gitpod"),
            true,
            true,
            ForwardedByEditor,
        ),
        situation(
            "a development container",
            seen(&[
                ("REMOTE_CONTAINERS", "true"),
                ("BROWSER", "/vscode/helpers/browser.sh"),
            ])
            .file("/.dockerenv"),
            Editor("a development container"),
            true,
            true,
            ForwardedByEditor,
        ),
        situation(
            "Visual Studio Code over SSH",
            seen(&[
                SSH,
                ("VSCODE_IPC_HOOK_CLI", "/run/x.sock"),
                ("BROWSER", "/vscode/helpers/browser.sh"),
            ]),
            Editor("Visual Studio Code"),
            true,
            true,
            ForwardedByEditor,
        ),
        situation(
            "Visual Studio Code on the desktop",
            seen(&[("DISPLAY", ":0"), ("VSCODE_IPC_HOOK_CLI", "/run/x.sock")]),
            Desktop,
            true,
            true,
            Here,
        ),
        situation(
            "JetBrains Gateway",
            seen(&[("JETBRAINS_REMOTE_RUN", "1")]),
            Editor("JetBrains Gateway"),
            true,
            false,
            Not,
        ),
        situation(
            "Google Cloud Shell",
            seen(&[("CLOUD_SHELL", "true")]),
            CloudShell("Google Cloud Shell"),
            true,
            false,
            Not,
        ),
        situation(
            "AWS CloudShell",
            seen(&[("AWS_EXECUTION_ENV", "CloudShell")]),
            CloudShell("AWS CloudShell"),
            true,
            false,
            Not,
        ),
        situation(
            "Codespaces whose helper is not there",
            seen(&[
                ("CODESPACES", "true"),
                ("BROWSER", "/vscode/bin/helpers/browser.sh"),
            ])
            .without_opener(),
            Editor("GitHub Codespaces"),
            true,
            false,
            Not,
        ),
        // Containers.
        situation(
            "Docker with a terminal",
            seen(&[]).file("/.dockerenv"),
            Container(Closed),
            true,
            false,
            Not,
        ),
        situation(
            "Docker with the host's screen",
            seen(&[("DISPLAY", ":0")]).file("/.dockerenv"),
            Container(Closed),
            true,
            false,
            Not,
        ),
        situation(
            "Podman without a terminal",
            seen(&[("container", "podman")])
                .file("/run/.containerenv")
                .without_terminal(),
            Container(Closed),
            false,
            false,
            Not,
        ),
        situation(
            "a pod of Kubernetes",
            seen(&[("KUBERNETES_SERVICE_HOST", "10.0.0.1")]).without_terminal(),
            Container(Closed),
            false,
            false,
            Not,
        ),
        situation(
            "systemd-nspawn",
            seen(&[("container", "systemd-nspawn")]),
            Container(Closed),
            true,
            false,
            Not,
        ),
        situation(
            "Toolbx",
            seen(&[
                ("TOOLBOX_PATH", "/usr/bin/toolbox"),
                ("DISPLAY", ":0"),
                ("container", "oci"),
            ])
            .file("/run/.toolboxenv"),
            Container(SharesHost),
            true,
            true,
            Here,
        ),
        situation(
            "Distrobox without a screen",
            seen(&[("DISTROBOX_ENTER_PATH", "/usr/bin/distrobox-enter")]),
            Container(SharesHost),
            true,
            false,
            Not,
        ),
        situation(
            "Flatpak",
            seen(&[
                ("FLATPAK_ID", "org.example"),
                ("WAYLAND_DISPLAY", "wayland-0"),
                ("container", "flatpak"),
            ]),
            Container(SharesHost),
            true,
            true,
            Here,
        ),
        situation(
            "Docker with a program that somebody has named",
            seen(&[("BROWSER", "/usr/local/bin/open-outside")]).file("/.dockerenv"),
            Container(Closed),
            true,
            true,
            Here,
        ),
        // Linux on Windows.
        situation(
            "WSL 2",
            seen(&[
                ("WSL_DISTRO_NAME", "Debian"),
                ("WSL_INTEROP", "/run/WSL/1_interop"),
            ])
            .kernel(WSL2),
            Wsl(2),
            true,
            true,
            Here,
        ),
        situation(
            "WSL 2 with a screen and without Windows programs",
            seen(&[("WAYLAND_DISPLAY", "wayland-0")]).kernel(WSL2),
            Wsl(2),
            true,
            true,
            Here,
        ),
        situation(
            "WSL 2 by su, without either",
            seen(&[]).kernel(WSL2),
            Wsl(2),
            true,
            false,
            Not,
        ),
        situation(
            "WSL 1",
            seen(&[
                ("WSL_DISTRO_NAME", "Debian"),
                ("WSL_INTEROP", "/run/WSL/1_interop"),
            ])
            .kernel("4.4.0-19041-Microsoft"),
            Wsl(1),
            true,
            true,
            Here,
        ),
        situation(
            "SSH into WSL",
            seen(&[SSH, ("WSL_DISTRO_NAME", "Debian")]).kernel(WSL2),
            Ssh,
            true,
            false,
            Forwarded,
        ),
        // Nobody.
        situation(
            "GitHub Actions",
            seen(&[("CI", "true"), ("GITHUB_ACTIONS", "true")]).without_terminal(),
            Ci("GitHub Actions"),
            false,
            false,
            Not,
        ),
        situation(
            "GitLab CI in a container",
            seen(&[("CI", "true"), ("GITLAB_CI", "true")])
                .file("/.dockerenv")
                .without_terminal(),
            Ci("GitLab CI"),
            false,
            false,
            Not,
        ),
        situation(
            "Jenkins on a machine with a screen and a terminal",
            seen(&[("JENKINS_URL", "https://ci.example"), ("DISPLAY", ":99")]),
            Ci("Jenkins"),
            false,
            false,
            Not,
        ),
        situation(
            "an unknown build",
            seen(&[("CI", "1")]).without_terminal(),
            Ci("continuous integration"),
            false,
            false,
            Not,
        ),
        situation(
            "CI that is switched off",
            seen(&[("CI", "false"), ("DISPLAY", ":0")]),
            Desktop,
            true,
            true,
            Here,
        ),
        situation(
            "cron",
            seen(&[]).without_terminal().users(1000, u32::MAX),
            Service,
            false,
            false,
            Not,
        ),
        situation(
            "a systemd service",
            seen(&[("INVOCATION_ID", "f00")])
                .without_terminal()
                .users(1000, u32::MAX),
            Service,
            false,
            false,
            Not,
        ),
        // Somebody else's session.
        situation(
            "sudo on the desktop",
            seen(&[
                ("DISPLAY", ":0"),
                ("SUDO_USER", "ada"),
                ("SUDO_UID", "1000"),
            ])
            .users(0, 1000),
            AnotherUser,
            true,
            false,
            Not,
        ),
        situation(
            "su on the desktop",
            seen(&[("DISPLAY", ":0")]).users(1001, 1000),
            AnotherUser,
            true,
            false,
            Not,
        ),
        situation(
            "sudo back to oneself",
            seen(&[
                ("DISPLAY", ":0"),
                ("SUDO_USER", "ada"),
                ("SUDO_UID", "1000"),
            ]),
            Desktop,
            true,
            true,
            Here,
        ),
    ]
}

#[test]
fn each_situation_is_taken_for_what_it_is() {
    let situations = situations();
    assert!(situations.len() >= 30);
    for Situation {
        name,
        seen,
        expected,
    } in situations
    {
        let probe = Probe::of(&seen);
        let browser = probe.has_local_browser();
        let Probe {
            place,
            person,
            reach,
            ..
        } = probe;
        assert_eq!((place, person, browser, reach), expected, "{name}");
    }
}

#[test]
fn whatever_counts_is_among_the_evidence_and_only_variables_that_are_looked_for_count() {
    for Situation { name, seen, .. } in situations() {
        for variable in seen.variables.keys() {
            assert!(
                VARIABLES.contains(&variable.as_str()),
                "{name}: {variable} is not read"
            );
        }
        let probe = Probe::of(&seen);
        let shown: Vec<&str> = probe.evidence.iter().map(|one| one.seen.as_str()).collect();
        assert!(shown.contains(&"terminal"), "{name}: {shown:?}");
        // What made it another place than a desktop is shown.
        let by_absence = matches!(probe.place, Place::Desktop | Place::Service);
        assert!(by_absence || shown.len() > 1, "{name}: {shown:?}");
    }
}

#[test]
fn without_a_terminal_nobody_is_waiting_for_a_browser_elsewhere() {
    for Situation { name, seen, .. } in situations() {
        let probe = Probe::of(&seen.without_terminal());
        assert!(!probe.person, "{name}");
        assert_eq!(probe.reach, Reach::Not, "{name}");
    }
}
