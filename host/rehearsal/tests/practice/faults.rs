//! Each fault, read from the socket byte by byte: a library would hide half of them.

use std::time::{Duration, Instant};

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use vestibule_rehearsal::{Fault, Form, Rehearsal, Role, Script, SecretKind};

use crate::kit::{End, HASTY, Heard, PATIENT, SCOPE, VERIFIER, code, form, get, post, raw};

const MEGABYTE: usize = 1024 * 1024;

/// Redeems a code by hand and returns what came, up to a limit.
async fn redeem_raw(idp: &Rehearsal, limit: usize, patience: Duration) -> Heard {
    let (code, redirect_uri) = code(idp, SCOPE).await;
    let body = form(&[
        ("grant_type", "authorization_code"),
        ("client_id", Script::CLIENT_ID),
        ("code", &code),
        ("redirect_uri", &redirect_uri),
        ("code_verifier", VERIFIER),
    ]);
    let request = format!(
        "POST /token HTTP/1.1\r\nHost: x\r\nConnection: close\r\nAuthorization: Bearer canary\r\n\
         Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    );
    raw(idp, &request, limit, patience).await
}

#[tokio::test]
async fn each_fault_shows_on_the_wire() {
    for fault in Fault::all() {
        let idp = Rehearsal::start(Script::honest().fault(Role::Token, fault.clone()))
            .await
            .unwrap();
        let patience = if fault == Fault::Stall {
            HASTY
        } else {
            PATIENT
        };
        let began = Instant::now();
        let heard = redeem_raw(&idp, 30 * MEGABYTE, patience).await;
        check(
            &fault,
            &String::from_utf8_lossy(&heard.bytes),
            heard.end,
            began.elapsed(),
            &idp,
        );
        assert_eq!(idp.count(Role::Token), 1, "{fault:?}");
    }
}

fn check(fault: &Fault, wire: &str, end: End, took: Duration, idp: &Rehearsal) {
    let (head, body) = wire.split_once("\r\n\r\n").unwrap_or((wire, ""));
    let answered = idp.requests_to(Role::Token)[0].answered;
    let status = |code: u16| {
        assert!(
            head.starts_with(&format!("HTTP/1.1 {code} ")),
            "{fault:?}: {head:.100}"
        )
    };
    // Whether the honest answer is in there: the request was carried out.
    let honest = || {
        assert!(
            body.contains("\"access_token\":\"rh_at_"),
            "{fault:?}: {body:.200}"
        )
    };
    match fault {
        Fault::Status(code) => status(*code),
        Fault::Unavailable { retry_after } => {
            status(503);
            assert!(head.contains(&format!("Retry-After: {retry_after}")));
        }
        Fault::Redirect { status: code, to } => {
            status(*code);
            assert!(head.contains(&format!("Location: {to}")));
        }
        Fault::EndlessBody => {
            honest();
            assert!(end == End::Limit && !head.contains("Content-Length"));
        }
        Fault::FalseLength => {
            honest();
            assert!(head.contains(&format!("Content-Length: {}", body.len() + 1000)));
        }
        Fault::LongBody => {
            honest();
            assert!(body.len() > 10 * MEGABYTE);
        }
        Fault::ManyHeaders => {
            honest();
            assert!(head.matches("X-Filler-").count() == 100_000);
        }
        Fault::HugeHeader => assert!(head.len() > MEGABYTE),
        Fault::TwoLengths => assert_eq!(head.matches("Content-Length").count(), 2),
        Fault::FoldedHeader => assert!(head.contains("\r\nX-Folded: one\r\n two\r\n")),
        Fault::SetCookie => assert!(head.contains("\r\nSet-Cookie: ")),
        Fault::GzipBomb => {
            assert!(head.contains("\r\nContent-Encoding: gzip") && wire.len() < MEGABYTE)
        }
        Fault::Trickle(pause) => {
            honest();
            assert!(took > *pause * 100);
        }
        Fault::Stall | Fault::Drop => {
            assert_eq!((wire, answered), ("", None));
            assert!(
                idp.secrets()
                    .iter()
                    .any(|secret| secret.value.starts_with("rh_rt_")),
                "the request was carried out"
            );
            assert_eq!(
                end,
                if *fault == Fault::Stall {
                    End::Silence
                } else {
                    End::Closed
                }
            );
        }
        Fault::DeepJson => assert!(body.starts_with(&"[".repeat(100_000))),
        Fault::HugeString => {
            assert!(body.len() > 10 * MEGABYTE && body.starts_with("{\"scope\":\"aaa"))
        }
        Fault::NulInJson => assert!(body.contains("\\u0000")),
        Fault::LoneSurrogate => assert!(body.contains("\\ud800")),
        Fault::TruncatedJson => assert!(serde_json::from_str::<serde_json::Value>(body).is_err()),
        Fault::EmptyError => {
            status(400);
            assert_eq!(body, "");
        }
        Fault::ErrorObject => {
            status(400);
            assert!(body.contains("\"error\":{"));
        }
        Fault::HtmlError => {
            status(400);
            assert!(body.contains("<script>"));
        }
        Fault::TerminalEscapes => {
            status(400);
            assert!(body.contains("\\u001b[31m") && body.contains('\u{202e}'));
        }
        Fault::ErrorInOk => {
            status(200);
            assert!(body.contains("\"error\":"));
        }
        Fault::EchoInMembers => {
            honest();
            assert!(
                body.contains(&format!("\"X_code_verifier\":\"{VERIFIER}\""))
                    && body.contains("canary")
            );
        }
        Fault::EchoInHeaders => {
            assert!(head.contains(VERIFIER) && head.contains("canary") && head.contains("rh_rt_"))
        }
        Fault::EchoInError => {
            status(400);
            assert!(body.contains(VERIFIER) && body.contains("canary"));
        }
        Fault::Member(name, value) => {
            honest();
            assert!(body.contains(&format!("\"{name}\":{value}")));
        }
        Fault::Reflect { member, .. } => {
            // The code, in hexadecimal as asked for: `rh_code_…`.
            honest();
            assert!(body.contains(&format!("\"{member}\":\"72685f636f64655f")));
        }
        Fault::Refusal { error, description } => {
            status(400);
            let said: serde_json::Value = serde_json::from_str(body).unwrap();
            assert_eq!(said["error"], error.as_str());
            assert_eq!(said["error_description"], description.as_str());
        }
        Fault::HeadLine(line) => {
            honest();
            assert!(head.contains(&format!("\r\n{line}\r\n")));
        }
        Fault::Challenge(challenge) => {
            status(401);
            assert!(head.contains(&format!("\r\nWWW-Authenticate: {challenge}\r\n")));
        }
    }
}

#[tokio::test]
async fn a_secret_is_reflected_in_each_form() {
    for form in Form::WHOLE {
        let fault = Fault::Reflect {
            member: "here",
            kind: SecretKind::RefreshToken,
            form: *form,
        };
        let idp = Rehearsal::start(Script::honest().fault(Role::Token, fault))
            .await
            .unwrap();
        let said = String::from_utf8(redeem_raw(&idp, MEGABYTE, PATIENT).await.bytes).unwrap();
        let (_, body) = said.split_once("\r\n\r\n").unwrap();
        let said: serde_json::Value = serde_json::from_str(body).unwrap();
        let (token, written) = (
            said["refresh_token"].as_str().unwrap(),
            said["here"].as_str().unwrap(),
        );
        let all = |write: fn(u8) -> String| token.bytes().map(write).collect::<String>();
        let expected = match form {
            Form::Plain => token.to_owned(),
            Form::Percent => all(|byte| format!("%{byte:02X}")),
            Form::Base64 => STANDARD.encode(token),
            Form::Base64Url => URL_SAFE_NO_PAD.encode(token),
            Form::Hex => all(|byte| format!("{byte:02x}")),
            Form::JsonEscaped => all(|byte| format!("\\u{byte:04x}")),
            Form::Within => format!("see {token} for more"),
            Form::First(count) => token[..*count].to_owned(),
        };
        assert_eq!(written, expected, "{form:?}");
    }
}

#[cfg(unix)]
#[tokio::test]
async fn an_independent_inflater_gets_the_whole_bomb() {
    use std::io::Write as _;
    use std::process::{Command, Stdio};

    let idp = Rehearsal::start(Script::honest().fault(Role::Jwks, Fault::GzipBomb))
        .await
        .unwrap();
    let wire = raw(
        &idp,
        "GET /jwks HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
        MEGABYTE,
        PATIENT,
    )
    .await
    .bytes;
    let at = wire.windows(4).position(|end| end == b"\r\n\r\n").unwrap() + 4;

    // `-t` checks length and checksum too, and writes nothing.
    let mut gzip = Command::new("gzip")
        .arg("-t")
        .stdin(Stdio::piped())
        .spawn()
        .unwrap();
    gzip.stdin.take().unwrap().write_all(&wire[at..]).unwrap();
    assert!(gzip.wait().unwrap().success());
    let size = u32::from_le_bytes(*wire.last_chunk::<4>().unwrap());
    assert!(size as usize > 64 * MEGABYTE);
}

#[tokio::test]
async fn a_fault_can_pass() {
    let script =
        Script::honest().fault_times(Role::Revocation, Fault::Unavailable { retry_after: 1 }, 2);
    let idp = Rehearsal::start(script).await.unwrap();
    let url = format!("{}/revoke", idp.issuer());
    let mut statuses = Vec::new();
    for _ in 0..3 {
        statuses.push(
            post(&url, &[("client_id", Script::CLIENT_ID), ("token", "x")])
                .await
                .status,
        );
    }
    assert_eq!(statuses, [503, 503, 200]);
}

#[tokio::test]
async fn a_fault_stays_at_its_endpoint_and_a_stalled_client_holds_nobody_up() {
    let idp = Rehearsal::start(Script::honest().fault(Role::Jwks, Fault::Stall))
        .await
        .unwrap();
    let discovery = format!("{}/.well-known/openid-configuration", idp.issuer());
    let (stalled, served) = tokio::join!(
        raw(
            &idp,
            "GET /jwks HTTP/1.1\r\nHost: x\r\n\r\n",
            MEGABYTE,
            HASTY
        ),
        get(&discovery)
    );
    assert_eq!((stalled.bytes.len(), stalled.end), (0, End::Silence));
    assert_eq!(served.status, 200);
}

#[tokio::test]
async fn reused_connections_can_be_told_from_new_ones() {
    let idp = Rehearsal::start(Script::honest()).await.unwrap();
    let twice = "GET /jwks HTTP/1.1\r\nHost: x\r\n\r\nGET /jwks HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
    raw(&idp, twice, MEGABYTE, PATIENT).await;
    get(&format!("{}/jwks", idp.issuer())).await;
    let connections: Vec<u64> = idp
        .requests_to(Role::Jwks)
        .iter()
        .map(|seen| seen.connection)
        .collect();
    assert_eq!(connections, [1, 1, 2]);
}
