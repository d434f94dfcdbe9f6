//! A job of a CI system, or a program in a cloud: what the platform says of it becomes a token, and nothing is left of what was said.

use std::sync::Arc;

use vestibule_e2e::{Machine, Outcome, Practice, PracticePlatform};
use vestibule_rehearsal::{Role, Script, Signer, SigningAlgorithm};

use crate::machine_with;

/// A provider that trusts a platform, and a machine on that platform.
struct Scene {
    idp: Practice,
    platform: PracticePlatform,
    machine: Machine,
}

impl Scene {
    fn new() -> Self {
        let signer = Arc::new(Signer::generate(SigningAlgorithm::Es256).unwrap());
        Self {
            idp: Practice::openid(Script::honest().trusts(&signer)),
            platform: PracticePlatform::signing_with(&signer),
            machine: machine_with("oidc"),
        }
    }

    fn file(&self, keys: &str) -> String {
        let issuer = self.idp.issuer();
        format!(
            "plugin = \"oidc\"\nenvironment = \"test\"\n\
             [settings]\nissuer = \"{issuer}\"\nclient_id = \"{}\"\n\
             workload = \"jwt_bearer\"\nsubject_token_source = \"ci\"\n\
             [policy]\nmethods = [\"workload\"]\nscopes = [\"api:read\"]\n\
             [network]\nallow_loopback_http = true\n\
             [workload.sources.ci]\naudience = \"{issuer}\"\n{keys}\nendpoint = \"{}\"\n",
            Script::CLIENT_ID,
            self.platform.origin()
        )
    }

    /// In the environment that the platform makes.
    fn run(&self, arguments: &[&str]) -> Outcome {
        let variables = self.platform.variables();
        self.machine
            .start_with(arguments, |command| {
                command.envs(variables);
            })
            .finish()
    }
}

#[test]
fn a_workload_of_each_platform_gets_a_token_and_nothing_is_left_of_its_assertion() {
    for (keys, title) in [
        ("from = \"github_actions\"", "GitHub Actions"),
        ("from = \"gcp\"", "Google Cloud"),
        (
            "from = \"azure\"\nservice = \"virtual_machine\"",
            "Azure, virtual machine",
        ),
        (
            "from = \"azure\"\nservice = \"app_service\"",
            "Azure, App Service",
        ),
        (
            "from = \"aws\"\nservice = \"sts\"\nregion = \"eu-central-1\"",
            "AWS, STS",
        ),
    ] {
        let scene = Scene::new();
        scene.machine.tenant("build", &scene.file(keys));
        let shown = scene.run(&["tenant", "show", "build"]).succeeded();
        let words = shown
            .stdout
            .split_whitespace()
            .collect::<Vec<_>>()
            .join(" ");
        let issuer = scene.idp.issuer();
        let line =
            format!("an assertion of source ci ({title}, audience {issuer}) goes to {issuer}");
        assert!(words.contains(&line), "{shown}");

        let first = scene.run(&["token", "build"]).succeeded();
        assert!(scene.idp.is_live(first.line()), "{first}");
        let notice = format!("The assertion of source ci ({title}) is good for");
        assert!(first.stderr.contains(&notice), "{first}");
        assert!(first.stderr.contains(scene.platform.origin()), "{first}");
        let renewed = scene.run(&["token", "build", "--refresh"]).succeeded();
        assert_ne!(renewed.line(), first.line());

        let presented: Vec<String> = scene
            .idp
            .requests_to(Role::Token)
            .iter()
            .filter_map(|seen| seen.field("assertion").map(str::to_owned))
            .collect();
        assert_eq!(presented.len(), 2, "{keys}");
        assert_ne!(presented[0], presented[1], "{keys}");
        let kept = scene.machine.kept();
        for secret in scene.platform.secrets() {
            for said in [&shown, &first, &renewed] {
                let both = [&said.stdout, &said.stderr];
                assert!(!both.iter().any(|text| text.contains(&secret)), "{said}");
            }
            let holds = |bytes: &[u8]| {
                let mut windows = bytes.windows(secret.len());
                windows.any(|window| window == secret.as_bytes())
            };
            assert!(!kept.iter().any(|(_, bytes)| holds(bytes)), "{keys}");
        }
    }
}

#[test]
fn a_job_that_may_not_ask_for_an_assertion_is_told_what_it_lacks_by_doctor_too() {
    let scene = Scene::new();
    scene
        .machine
        .tenant("build", &scene.file("from = \"github_actions\""));
    let well = scene.run(&["doctor", "build"]);
    assert!(well.stdout.contains("source ci of tenant build"), "{well}");
    assert!(well.stdout.contains("in the name of"), "{well}");
    let asked = scene.platform.asked().len();
    assert_eq!(asked, 1);
    // Without the variables of the job.
    let outcome = scene.machine.run(&["token", "build", "--json"]);
    outcome.failed("subject_token.source", "config", 4);
    assert!(outcome.stderr.contains("id-token: write"), "{outcome}");
    assert_eq!(scene.platform.asked().len(), asked);
    let unwell = scene.machine.run(&["doctor", "build"]);
    assert!(unwell.stdout.contains("id-token: write"), "{unwell}");
    assert_eq!(scene.idp.count(Role::Token), 0);
}

#[test]
fn a_token_of_the_test_environment_is_none_of_production() {
    let scene = Scene::new();
    let file = scene.file("from = \"gcp\"");
    scene.machine.tenant("build", &file);
    let first = scene.run(&["token", "build"]).succeeded();
    let path = scene.machine.tenant_file("build");
    std::fs::write(&path, file.replace("\"test\"", "\"production\"")).unwrap();
    let stale = scene.run(&["token", "build", "--json"]);
    stale.failed("approval.stale", "policy", 5);
    let approved = scene
        .run(&["tenant", "approve", "build", "--yes"])
        .succeeded();
    assert!(
        approved.stderr.contains("+ for       production"),
        "{approved}"
    );
    assert!(approved.stderr.contains("- for       test"), "{approved}");
    // A workload gets a new one by itself; the old one is not handed out.
    let second = scene.run(&["token", "build"]).succeeded();
    assert_ne!(first.line(), second.line());
    assert_eq!(scene.platform.asked().len(), 2);
}
