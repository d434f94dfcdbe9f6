//! Attack: find out a secret letter by letter, by watching at what guess the host's search for secrets bites.
//! Stopped by: the search matches whole secrets only, in whatever encoding (host/broker/src/barrier.rs).

use serde_json::{Value, json};
use vestibule_attacks::puppet::{
    API, authorize, call, choose, discover, fail, finish, hidden, redeem, reference,
};
use vestibule_attacks::verdict::stopped;
use vestibule_attacks::{Program, Stage};
use vestibule_core::reply::{MemberValue, Reply, Scalar};
use vestibule_core::{Blame, Error, Result};
use vestibule_rehearsal::{Fault, Role, Script};

/// A client secret that the guest knows all of, which no guest should. The provider and the host know it too.
const MARKER: &str = "mrk-4gT9xQ2w-7bV1nZ8k-0pL5sD3f-6hJ";

/// Guesses of one flow: its budget of requests allows no more.
const GUESSES: usize = 18;

async fn stage() -> Stage {
    let echoing = Script::honest()
        .client_secret(MARKER)
        .fault(Role::Api, Fault::EchoInMembers);
    Stage::with(echoing).await
}

/// Signs in with a confidential client whose secret is the marker.
async fn play(stage: &Stage, steps: Vec<Value>) -> Result<()> {
    let program = Program::honest(&stage.idp)
        .confidential(&stage.client_secret(MARKER))
        .profile(|profile| profile["endpoints"][0]["method"] = json!("Get"))
        .reads(API, &[("/X_q", ".*")])
        .after_tokens(steps);
    stage.play(&program).await.map(drop)
}

fn guess(text: &str) -> Value {
    call(
        API,
        reference("access_token"),
        &[("q", json!(hidden(text)))],
        vec![],
    )
}

/// What the guest was answered, reply by reply.
fn heard(stage: &Stage) -> Vec<String> {
    let text = |reply| match reply {
        Reply::Response(response) => {
            let member = response.members.into_iter().next()?;
            match member.value {
                MemberValue::One(Scalar::Text(text)) => Some(text),
                MemberValue::One(_) | MemberValue::Rows(_) => None,
            }
        }
        Reply::Discovered(_)
        | Reply::Authorized(_)
        | Reply::Tokens(_)
        | Reply::SubjectToken(_)
        | Reply::Chosen(_)
        | Reply::Failed(_) => None,
    };
    stage.tape.replies().into_iter().filter_map(text).collect()
}

// proves: PLUG-07
#[tokio::test(flavor = "multi_thread")]
async fn no_part_of_a_secret_changes_what_happens() {
    let stage = stage().await;
    let beginnings = (1..MARKER.len()).map(|length| MARKER[..length].to_owned());
    let ends = (1..MARKER.len())
        .rev()
        .map(|from| MARKER[from..].to_owned());
    let nearly = [
        format!("{}!", &MARKER[..MARKER.len() - 1]),
        MARKER.to_ascii_lowercase(),
        MARKER.chars().rev().collect(),
        format!("{} {}", &MARKER[..20], &MARKER[20..]),
    ];
    let guesses: Vec<String> = beginnings.chain(ends).chain(nearly).collect();
    for some in guesses.chunks(GUESSES) {
        let before = heard(&stage).len();
        play(&stage, some.iter().map(|text| guess(text)).collect())
            .await
            .unwrap();
        assert_eq!(
            heard(&stage)[before..],
            *some,
            "a guess was answered otherwise than the others"
        );
    }
    assert_eq!(heard(&stage).len(), guesses.len());
}

// proves: PLUG-07
#[tokio::test(flavor = "multi_thread")]
async fn a_whole_secret_is_neither_sent_nor_shown_in_any_encoding() {
    let stage = stage().await;
    let own = |error: &Error| {
        assert_eq!(error.code(), "barrier.step", "{error:?}");
        assert_eq!(error.blame(), Blame::Plugin, "{error:?}");
        assert!(error.next_step().unwrap().contains("report"), "{error:?}");
        assert!(!error.message().contains(MARKER));
    };
    for (name, form) in forms(MARKER) {
        let asked = stage.idp.count(Role::Api);
        let ended = play(&stage, vec![guess(&format!("={form}="))]).await;
        assert!(ended.is_err(), "{name} was sent");
        let error = stopped(ended);
        own(&error);
        assert_eq!(stage.idp.count(Role::Api), asked, "{name} was sent");
    }
    for step in [
        fail(json!(hidden(&format!("your secret is {MARKER}")))),
        choose("account", &[("a", &hidden(MARKER))]),
        choose(&hidden(MARKER), &[("a", "b")]),
        call(
            API,
            reference("access_token"),
            &[(&hidden(MARKER), json!("x"))],
            vec![],
        ),
    ] {
        own(&stopped(play(&stage, vec![step]).await));
    }
    assert!(!stage.tape.shown().iter().any(|text| text.contains(MARKER)));
    stage.kept_nothing();
}

/// The marker as each encoding writes it.
fn forms(secret: &str) -> Vec<(&'static str, String)> {
    let each = |write: fn(u8) -> String| secret.bytes().map(write).collect::<String>();
    vec![
        ("plain", secret.to_owned()),
        ("percent", each(|byte| format!("%{byte:02X}"))),
        ("percent twice", each(|byte| format!("%25{byte:02x}"))),
        ("hex", each(|byte| format!("{byte:02x}"))),
        ("capital hex", each(|byte| format!("{byte:02X}"))),
        ("JSON", each(|byte| format!("\\u{byte:04x}"))),
        ("base64", format!(" {} ", base64_of(secret))),
        (
            "base64 of more",
            format!(" {} ", base64_of(&format!("x{secret}yz"))),
        ),
    ]
}

// proves: PLUG-07
#[tokio::test(flavor = "multi_thread")]
async fn a_secret_that_an_endpoint_returns_is_caught_in_every_encoding() {
    type Encode = fn(&str) -> String;
    let base64 = |url: bool| -> Encode {
        if url {
            |text| base64_of(text).replace('+', "-").replace('/', "_")
        } else {
            base64_of
        }
    };
    let encodings: [(&str, Encode); 9] = [
        ("plain", str::to_owned),
        ("percent", |text| {
            text.bytes().map(|byte| format!("%{byte:02x}")).collect()
        }),
        ("base64", base64(false)),
        ("base64url", base64(true)),
        ("base64 of more", |text| base64_of(&format!("x{text}yz"))),
        ("hex", |text| {
            text.bytes().map(|byte| format!("{byte:02x}")).collect()
        }),
        ("capital hex", |text| {
            text.bytes().map(|byte| format!("{byte:02X}")).collect()
        }),
        ("JSON", half_escaped),
        ("in the middle", |text| format!("your token {text}, or so")),
    ];
    let stage = Stage::honest().await;
    for (name, encode) in encodings {
        let api = repeating(encode);
        let program = Program::honest(&stage.idp)
            .profile(|profile| profile["endpoints"][0]["url"] = json!(api))
            .reads(API, &[("/note", "(?s).*")])
            .profile(|profile| profile["readable"][0]["shape"]["One"]["Text"][1] = json!(256))
            .steps(
                "sign-in",
                vec![
                    discover(),
                    authorize(),
                    redeem("code"),
                    call(API, reference("access_token"), &[], vec![]),
                    finish(&["access_token"]),
                ],
            );
        let ended = stage.play(&program).await;
        assert!(ended.is_err(), "{name} was let through");
        let error = stopped(ended);
        assert_eq!(error.code(), "barrier.secret", "{name}: {error:?}");
        assert_eq!(error.blame(), Blame::Provider, "{name}");
        assert!(
            error.next_step().unwrap().contains("report"),
            "{name}: {error:?}"
        );
        stage.kept_nothing();
    }
    // The same with half of it is let through.
    let api = repeating(|text| text[..text.len() / 2].to_owned());
    let program = Program::honest(&stage.idp)
        .profile(|profile| profile["endpoints"][0]["url"] = json!(api))
        .reads(API, &[("/note", ".*")])
        .after_tokens(vec![call(API, reference("access_token"), &[], vec![])]);
    stage.play(&program).await.unwrap();
    assert!(
        stage
            .tape
            .entered()
            .iter()
            .any(|text| text.contains("/note"))
    );
    stage.told_nothing();
}

/// Every other letter escaped: whole, it would be longer than what is read.
fn half_escaped(text: &str) -> String {
    let written = |(at, byte): (usize, u8)| match at % 2 {
        0 => format!("\\u{byte:04x}"),
        _ => char::from(byte).to_string(),
    };
    text.bytes().enumerate().map(written).collect()
}

fn base64_of(text: &str) -> String {
    use base64::Engine as _;
    base64::engine::general_purpose::STANDARD_NO_PAD.encode(text)
}

/// An API that answers one request with the token that came with it, written in some way, and its URL.
fn repeating(encode: fn(&str) -> String) -> String {
    use std::io::{BufRead as _, BufReader, Write as _};
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/api", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        let (client, _) = listener.accept().unwrap();
        let mut reader = BufReader::new(&client);
        let mut token = String::new();
        let mut line = String::new();
        while reader.read_line(&mut line).unwrap() > 2 {
            if let Some((_, bearer)) = line.split_once("Bearer ") {
                bearer.trim().clone_into(&mut token);
            }
            line.clear();
        }
        let body = json!({"note": encode(&token)}).to_string();
        let reply = format!(
            "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
            body.len()
        );
        (&client).write_all(reply.as_bytes()).unwrap();
    });
    url
}
