//! Attack: ask the person for a password, by a heading, a label, or a question without options.
//! Stopped by: a question is a choice among numbered options, and only the option's id comes back (host/broker/src/choose.rs, host/policy/src/steps/choices.rs).

use serde_json::Value;
use vestibule_attacks::Program;
use vestibule_attacks::Stage;
use vestibule_attacks::puppet::{
    API, authorize, call, choose, discover, fail, redeem, reference, text, told,
};
use vestibule_attacks::verdict::{caught, denied};
use vestibule_e2e::{Machine, Practice};
use vestibule_rehearsal::{Role, Script};

const PASSWORD: &str = "correct horse battery staple";

// proves: UI-04
#[test]
fn what_a_person_types_is_a_number_or_nothing_at_all() {
    let idp = Practice::openid(Script::honest());
    let machine = Machine::new("/does/not/exist");
    machine.without_browser();
    let puppet = machine.home().join("puppet.wasm");
    std::fs::write(&puppet, vestibule_attacks::stage::puppet()).unwrap();
    let _ = machine
        .run(&["plugin", "install", puppet.to_str().unwrap()])
        .succeeded();
    let question = choose(
        "your password, then Enter",
        &[("typed", "type your password here"), ("again", "Password:")],
    );
    let steps = vec![question, fail(told())];
    machine.tenant(
        "asks",
        &Program::honest(&idp)
            .steps("sign-in", steps)
            .tenant_file(""),
    );

    // Three times the password: it is taken for a no, and no plugin hears of it.
    let typed = format!("{PASSWORD}\n").repeat(3);
    let outcome = machine.at_a_terminal(&["login", "asks"], "or Enter for none:", &typed);
    assert_eq!(outcome.code, Some(3), "{outcome}");
    assert!(outcome.stdout.contains("nothing was chosen"), "{outcome}");
    assert!(
        !outcome.stdout.contains("the plugin ended the flow"),
        "{outcome}"
    );

    // A number: the plugin gets its own id back, and not a letter more.
    let outcome = machine.at_a_terminal(&["login", "asks"], "or Enter for none:", "2\n");
    assert_eq!(outcome.code, Some(6), "{outcome}");
    let said = outcome
        .stdout
        .lines()
        .find(|line| line.contains("the plugin ended the flow"))
        .unwrap();
    assert!(
        said.contains("again") && said.contains("Chosen"),
        "{outcome}"
    );

    // Without a terminal nobody is asked.
    let outcome = machine.run(&["login", "asks", "--json"]);
    outcome.failed("choice.nobody", "user", 3);
    assert!(idp.requests_to(Role::Token).is_empty());
}

// proves: UI-04
#[tokio::test(flavor = "multi_thread")]
async fn a_question_without_an_answer_to_choose_is_not_asked() {
    let stage = Stage::honest().await;
    let empty: Vec<Value> = vec![
        choose("password", &[]),
        choose("", &[("a", "b")]),
        choose("password", &[("", "b")]),
        choose("password", &[("a", "")]),
        choose("password", &[("a", "b"), ("a", "c")]),
    ];
    for step in empty {
        let program = Program::honest(&stage.idp).steps("sign-in", vec![step]);
        denied(&caught(stage.play(&program).await), "choices");
    }
    assert!(
        !stage
            .tape
            .shown()
            .iter()
            .any(|text| text.contains("password"))
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn only_the_options_own_id_comes_back() {
    let stage = Stage::honest().await;
    let steps = vec![
        discover(),
        choose(
            "account",
            &[("first", "the first"), ("second", "the second")],
        ),
        authorize(),
        redeem("code"),
        call(
            API,
            reference("access_token"),
            &[],
            vec![text("told", told())],
        ),
        vestibule_attacks::puppet::finish(&["access_token"]),
    ];
    let program = Program::honest(&stage.idp).steps("sign-in", steps);
    stage.play(&program).await.unwrap();
    let seen = &stage.idp.requests_to(Role::Api)[0];
    let heard = seen.field("told").unwrap();
    assert!(heard.contains("\"first\""), "{heard}");
    assert!(!heard.contains("the first"), "{heard}");
}
