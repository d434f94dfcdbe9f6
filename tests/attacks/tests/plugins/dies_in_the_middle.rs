//! Attack: trap, hang, or answer nonsense at each step, to leave something behind: an open port, a stored token, a stuck host.
//! Stopped by: a guest is dead after its first error, and its flow with it (host/engine/src/instance.rs, host/app/src/flow.rs).

use std::net::{TcpStream, ToSocketAddrs as _};
use std::time::Duration;

use serde_json::{Value, json};
use vestibule_attacks::puppet::{
    API, authorize, call, discover, finish, redeem, reference, userinfo,
};
use vestibule_attacks::verdict::caught;
use vestibule_attacks::{Program, Stage};
use vestibule_core::plugin::Plugin as _;
use vestibule_e2e::wait::wait_for;
use vestibule_guests::{Guest, behaviour, cleared};
use vestibule_rehearsal::{Fault, Role, Script};

/// Far longer than anything takes that works.
const LIMIT: Duration = Duration::from_secs(60);

/// How often is looked.
const PAUSE: Duration = Duration::from_millis(10);

/// The port that waited for an answer just now is closed. Older ones may be somebody else's by now.
#[track_caller]
fn closed(stage: &Stage, before: usize) {
    for redirect in stage.tape.redirects().split_off(before) {
        let authority = redirect
            .strip_prefix("http://")
            .unwrap()
            .split('/')
            .next()
            .unwrap();
        let address = authority.to_socket_addrs().unwrap().next().unwrap();
        assert!(TcpStream::connect(address).is_err(), "{redirect} is open");
    }
}

/// No secret is in any file of this machine.
#[track_caller]
fn left_no_trace(stage: &Stage) {
    stage.kept_nothing();
    let mut folders = vec![stage.root().to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
            let path = entry.path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let content = std::fs::read(&path).unwrap_or_default();
            for secret in stage.idp.secrets() {
                let needle = secret.value.as_bytes();
                let found = content.windows(needle.len()).any(|window| window == needle);
                assert!(!found, "{:?} is in {path:?}", secret.kind);
            }
        }
    }
}

/// An honest sign-in with this in the place of the step of this number.
fn instead_of(stage: &Stage, number: usize, end: Value) -> Program {
    let mut steps = vec![
        discover(),
        authorize(),
        redeem("code"),
        userinfo("access_token"),
        call(API, reference("access_token"), &[], vec![]),
        finish(&["access_token"]),
    ];
    steps[number] = end;
    Program::honest(&stage.idp).steps("sign-in", steps)
}

async fn dies_at_each_step(end: Value, codes: &[&str]) {
    let stage = Stage::honest().await;
    for number in 0..6 {
        let before = stage.tape.browsers();
        let program = instead_of(&stage, number, end.clone());
        let error = caught(stage.play(&program).await);
        assert!(codes.contains(&error.code()), "{number}: {error:?}");
        closed(&stage, before);
        left_no_trace(&stage);
    }
    assert_eq!(stage.tape.browsers(), 4);
    stage.told_nothing();
    stage.sent_nothing_astray();
    assert!(stage.still_works().await.is_ok());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_trap_at_any_step_ends_its_own_flow_alone() {
    dies_at_each_step(json!("Trap"), &["plugin.trap"]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_loop_at_any_step_ends_its_own_flow_alone() {
    dies_at_each_step(json!("Loop"), &["plugin.time"]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_illegal_answer_at_any_step_ends_its_own_flow_alone() {
    let step = call("no such/role", Value::Null, &[("", json!("x"))], vec![]);
    dies_at_each_step(step, &["plugin.name"]).await;
}

/// Answers that no toolchain would make: cases that do not exist, texts beyond the memory or not in UTF-8.
#[tokio::test(flavor = "multi_thread")]
async fn an_answer_that_cannot_be_lifted_is_the_end_of_the_guest() {
    let stage = Stage::honest().await;
    let name = stage
        .approve("corp", &Program::honest(&stage.idp))
        .await
        .unwrap();
    stage.sign_in(&name).await.unwrap();
    let (start, reply) = (
        stage.tape.starts().remove(0),
        stage.tape.replies().remove(0),
    );
    let text_at = |at: u32, length: u32| {
        format!(
            "(i32.store8 (i32.const 4096) (i32.const 7)) (i32.store (i32.const 4104) (i32.const {at}))
             (i32.store (i32.const 4108) (i32.const {length})) (i32.const 4096)"
        )
    };
    for (what, answer) in [
        (
            "a step that does not exist",
            "(i32.store8 (i32.const 4096) (i32.const 99)) (i32.const 4096)".to_owned(),
        ),
        (
            "an answer beyond the memory",
            "(i32.const 0x7ffffff0)".to_owned(),
        ),
        (
            "an answer that is not aligned",
            "(i32.const 4097)".to_owned(),
        ),
        ("a text beyond the memory", text_at(0x7fff_0000, 100)),
        ("a text longer than the memory", text_at(16, 0x7fff_ffff)),
        (
            "a text that is no text",
            format!(
                "(i32.store8 (i32.const 900) (i32.const 255)) {}",
                text_at(900, 1)
            ),
        ),
        ("a trap", behaviour::TRAP.to_owned()),
    ] {
        let guest = Guest::honest().resume(&answer).component();
        let sandbox = stage.vestibule.sandbox().unwrap();
        let plugin = sandbox
            .load(&vestibule_engine::Admitted::new(guest).unwrap())
            .unwrap();
        let mut flow = plugin.start_flow().unwrap();
        flow.begin(&cleared(start.clone())).unwrap();
        let error = caught(flow.resume(&cleared(reply.clone())));
        assert!(error.code().starts_with("plugin."), "{what}: {error:?}");
        // It is not asked again.
        assert_eq!(
            caught(flow.resume(&cleared(reply.clone()))).code(),
            "plugin.dead",
            "{what}"
        );
    }
}

/// The person gives up while a request is under way: it is dropped with the flow.
#[tokio::test(flavor = "multi_thread")]
async fn a_flow_that_is_cancelled_leaves_nothing() {
    let script = Script::honest().fault(Role::Token, Fault::Stall);
    let stage = Stage::with(script).await;
    let honest = Program::honest(&stage.idp);
    let name = stage.approve("corp", &honest).await.unwrap();
    let asked = async {
        while stage.idp.count(Role::Token) == 0 {
            tokio::time::sleep(PAUSE).await;
        }
    };
    tokio::select! {
        ended = stage.sign_in(&name) => panic!("it did not wait: {ended:?}"),
        () = asked => {}
    }
    // The flow is dropped. The browser's connection may hold the port for a moment.
    let closed = wait_for(LIMIT, || {
        let redirect = stage.tape.redirects().remove(0);
        let authority = redirect.strip_prefix("http://")?.split('/').next()?;
        TcpStream::connect(authority).is_err().then_some(())
    });
    assert!(closed.is_some(), "the port is open");
    left_no_trace(&stage);
    assert_eq!(stage.idp.count(Role::Token), 1);
}
