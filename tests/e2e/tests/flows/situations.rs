//! What a person sees where they sign in, what the program ends with, and what the audit log says of it then: one recording a
//! situation, in `snapshots/`. After a change that is meant, `INSTA_UPDATE=always` records anew.

use std::process::Command;

use vestibule_e2e::process::Running;
use vestibule_e2e::unmarked::unmarked;
use vestibule_e2e::{Browser, Decision, Machine, Outcome, Practice, person};
use vestibule_rehearsal::{Role, Script, SecretKind};

use crate::machine_with;

const BOTH: &str = "[policy]\nmethods = [\"browser\", \"device\"]\n";

const HIGH: &str = "[policy]\nrisk = \"high\"\n";

const HIGH_WITH_BOTH: &str = "[policy]\nrisk = \"high\"\nmethods = [\"browser\", \"device\"]\n";

const QUESTION: &str = "This tenant is marked as high risk. Sign in?";

/// As podman and systemd-nspawn set it.
const CONTAINER: [(&str, &str); 1] = [("container", "podman")];

/// A machine with one tenant, and what has happened there so far.
struct Recording {
    idp: Practice,
    machine: Machine,
    variables: Vec<(&'static str, String)>,
    text: String,
}

impl Recording {
    /// Begins one on a machine with these variables, whose tenant has this policy.
    fn new(variables: &[(&'static str, &str)], policy: &str) -> Self {
        let idp = Practice::openid(Script::honest());
        let machine = machine_with("oidc");
        machine.tenant(
            "corp",
            &format!(
                "plugin = \"oidc\"\n[settings]\nissuer = \"{}\"\nclient_id = \"{}\"\n\
                 [network]\nallow_loopback_http = true\n{policy}",
                idp.issuer(),
                Script::CLIENT_ID
            ),
        );
        let set: Vec<String> = variables
            .iter()
            .map(|(name, value)| format!("{name}={value}\n"))
            .collect();
        Self {
            idp,
            machine,
            variables: variables
                .iter()
                .map(|(name, value)| (*name, (*value).to_owned()))
                .collect(),
            text: format!(
                "Variables:\n{}\nThe tenant's policy:\n{}\n",
                set.concat(),
                if policy.is_empty() {
                    "(none)\n"
                } else {
                    policy
                }
            ),
        }
    }

    /// The program at a terminal.
    fn screen(&self, arguments: &[&str]) -> Command {
        self.with_variables(self.machine.screen(arguments, 100, 60))
    }

    /// The program where there is no terminal.
    fn without_terminal(&self, arguments: &[&str]) -> Command {
        self.with_variables(self.machine.without_terminal(arguments))
    }

    fn with_variables(&self, mut command: Command) -> Command {
        command.envs(self.variables.iter().map(|(name, value)| (name, value)));
        command
    }

    /// Notes what was printed, and the exit code.
    fn note(&mut self, arguments: &[&str], outcome: &Outcome) {
        self.text
            .push_str(&format!("$ vestibule {}\n", arguments.join(" ")));
        // A terminal shows both streams as one.
        let apart = !outcome.stderr.is_empty();
        for (name, said) in [("stdout", &outcome.stdout), ("stderr", &outcome.stderr)] {
            if apart && !said.is_empty() {
                self.text.push_str(&format!("[{name}]\n"));
            }
            self.text.push_str(said);
        }
        let code = outcome.code.unwrap();
        self.text.push_str(&format!("[exit code {code}]\n\n"));
    }

    /// Ends it with the audit records, those of this event in full, and compares it with the one that was reviewed.
    fn compare(mut self, name: &str, situation: &str, event: &str) {
        for show in [
            &["audit", "show"][..],
            &["audit", "show", "--event", event, "--json"],
        ] {
            let records = self.machine.run(show).succeeded();
            self.note(show, &records);
        }
        // The address to open names the pushed request, which is good once and for the provider alone.
        let secrets = self.idp.secrets().into_iter();
        for secret in secrets.filter(|secret| secret.kind != SecretKind::RequestUri) {
            assert!(!self.text.contains(&secret.value), "{:?}", secret.kind);
        }
        let text = self.text.replace("\r\n", "\n");
        let home = self.machine.home().display().to_string();
        let text = text.replace(&home, "/home/ada");
        let text = text.replace(&self.idp.issuer(), "http://127.0.0.1:[provider]");
        let mut settings = insta::Settings::clone_current();
        settings.set_omit_expression(true);
        settings.set_description(situation);
        for (changing, instead) in CHANGING {
            settings.add_filter(changing, *instead);
        }
        settings.bind(|| insta::assert_snapshot!(name, text));
    }
}

/// What is another each time, and what stands for it.
const CHANGING: &[(&str, &str)] = &[
    // Of the same width, since tables are aligned.
    (r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", "2026-01-01T00:00:00Z"),
    (r#""((?:auth_)?time)": \d+"#, r#""$1": [time]"#),
    (r#""[0-9a-f]{16,64}""#, r#""[digest]""#),
    // A person who takes longer is asked about more often, and bodies have ports in them.
    (r#""(requests|body_bytes)": \d+"#, r#""$1": [number]"#),
    (r"127\.0\.0\.1:\d+", "127.0.0.1:[port]"),
    (r"sha256:[0-9a-f]{64}", "sha256:[digest]"),
    (r"request_uri%3A[\w-]{43}", "request_uri%3A[reference]"),
    (r"code     [A-Z]{4}-[A-Z]{4}", "code     [code]"),
    // A picture of the address with the code.
    (r"(?:[ \u2580-\u259f]{30,}\n)+", "[QR code]\n"),
    // Drawn each second on one line, which is taken away in the end.
    (
        r"(?:\rWaiting for the code to be entered, \d:\d\d left\. Ctrl-C ends it\. *)+\r +\r",
        "Waiting for the code to be entered, [time] left. Ctrl-C ends it.\n",
    ),
    // Rounded down, and a second may have gone by.
    (r"good for [45] minutes", "good for 5 minutes"),
    (r"for (?:29|30) days at most", "for 30 days at most"),
    (r"for (?:11|12) hours at most", "for 12 hours at most"),
    (r"expires  in [89] minutes", "expires  in 9 minutes"),
];

#[test]
fn a_laptop_with_a_browser() {
    let mut recording = Recording::new(&[("DISPLAY", ":0")], "");
    let (person, path) = recording
        .machine
        .desktop(Browser::Visitor, Decision::Approve);
    let login = ["login", "corp", "--explain"];
    let mut screen = recording.screen(&login);
    screen.env("PATH", path);
    let outside = recording.machine.home().join("outside");
    let outcome = Running::start_with_input(&mut unmarked(screen, &outside)).finish();
    let _ = person.report();
    recording.note(&login, &outcome);
    recording.compare("laptop", "A laptop with a browser", "issuance");
}

#[test]
fn an_ssh_session_whose_browser_comes_over_a_forwarded_port() {
    let session = [
        ("SSH_CONNECTION", "192.0.2.7 51544 192.0.2.1 22"),
        ("USER", "ada"),
    ];
    let mut recording = Recording::new(&session, BOTH);
    let login = ["login", "corp", "--explain"];
    let running = Running::start_with_input(&mut recording.screen(&login));
    let address = running.wait_to_say(|said| {
        let (_, rest) = said.split_once("Sign in at this address:")?;
        let (address, _) = rest.trim_start().split_once("\r\n")?;
        Some(address.to_owned())
    });
    let errand = recording.machine.seat(Browser::Visitor, Decision::Approve);
    person::go(&errand, &address).unwrap();
    let outcome = running.finish();
    recording.note(&login, &outcome);
    assert_eq!(recording.idp.count(Role::DeviceAuthorization), 0);
    recording.compare(
        "ssh",
        "An SSH session, with the browser at the near end",
        "issuance",
    );
}

#[test]
fn a_container_without_a_browser_by_device() {
    let mut recording = Recording::new(&CONTAINER, BOTH);
    let login = ["login", "corp", "--explain"];
    let running = Running::start_with_input(&mut recording.screen(&login));
    let (address, code) = running.device_code();
    person::enter_code(Browser::Visitor, Decision::Approve, &address, &code).unwrap();
    let outcome = running.finish();
    recording.note(&login, &outcome);
    recording.compare(
        "container",
        "A container without a browser, of a tenant whose policy allows the device flow",
        "issuance",
    );
}

#[test]
fn the_same_container_of_a_tenant_of_high_risk() {
    let mut recording = Recording::new(&CONTAINER, HIGH);
    // The browser is all that it allows. None can reach this machine, and the person gives up.
    let login = ["login", "corp", "--explain"];
    let mut running = Running::start_with_input(&mut recording.screen(&login));
    running.reply(QUESTION, "y\n");
    running.reply("address above in a browser on this machine", "\u{3}");
    recording.note(&login, &running.finish());
    let login = ["login", "corp", "--method", "device"];
    let outcome = Running::start_with_input(&mut recording.screen(&login)).finish();
    recording.note(&login, &outcome);
    assert_eq!(recording.idp.count(Role::DeviceAuthorization), 0);
    recording.compare(
        "container_high_risk",
        "The same container, of a tenant of high risk: it does not name the device flow",
        "refusal",
    );
}

#[test]
fn the_same_container_of_a_tenant_of_high_risk_that_names_the_device_flow() {
    let mut recording = Recording::new(&CONTAINER, HIGH_WITH_BOTH);
    for login in [
        &["login", "corp", "--explain"][..],
        &["login", "corp", "--force"],
    ] {
        let mut running = Running::start_with_input(&mut recording.screen(login));
        running.reply(QUESTION, "y\n");
        let (address, code) = running.device_code();
        person::enter_code(Browser::Visitor, Decision::Approve, &address, &code).unwrap();
        let outcome = running.finish();
        recording.note(login, &outcome);
    }
    let refresh = ["token", "corp", "--refresh"];
    let outcome = Running::start(&mut recording.without_terminal(&refresh)).finish();
    recording.note(&refresh, &outcome);
    recording.compare(
        "container_high_risk_device",
        "The same container, of a tenant of high risk that names the device flow",
        "issuance",
    );
}

#[test]
fn a_build_without_a_terminal() {
    let mut recording = Recording::new(&[("CI", "true")], BOTH);
    for arguments in [
        &["login", "corp", "--explain"][..],
        &["login", "corp", "--method", "device"],
        &["token", "corp"],
    ] {
        let outcome = Running::start(&mut recording.without_terminal(arguments)).finish();
        recording.note(arguments, &outcome);
    }
    let begun = [
        Role::PushedAuthorization,
        Role::DeviceAuthorization,
        Role::Token,
    ];
    assert!(begun.into_iter().all(|role| recording.idp.count(role) == 0));
    recording.compare("build", "A build without a terminal", "refusal");
}
