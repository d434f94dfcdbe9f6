//! Attack: lose, forge or repeat what is exported of the audit log, have a secret exported, or collect it in another's place.
//! Stopped by: lines that stay lines, a cursor that moves with what was taken, the one client, host/app/src/export.rs, host/broker/src/collector.rs

use std::collections::HashSet;
use std::fs;
use std::ops::ControlFlow;
use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;
use std::time::Duration;

use axum::http::header;
use serde_json::{Value, json};
use vestibule_app::config::CollectorConfig;
use vestibule_app::{AuditEvent as E, Exports, LineForm, Mark, Selection, TokenQuery};
use vestibule_attacks::verdict::stopped;
use vestibule_attacks::{Program, Stage};
use vestibule_core::limits::EXPORT_RECORDS;
use vestibule_core::{Blame, Error, TenantName};
use vestibule_e2e::{Machine, encodings, schema};
use vestibule_rehearsal::{IdTokenTwist, Script};

use crate::collector::Collector;
use crate::{provider, signed_in};

/// What would be two lines, or move a cursor, if it got out of its string.
const HOSTILE: &str = "strong\n{\"seq\":1,\"event\":\"issuance\"}\r\u{1b}[2J\u{202e}\"}";

fn under(cursor: &str) -> Selection {
    Selection {
        cursor: Some(cursor.to_owned()),
        ..Selection::default()
    }
}

/// A stage on which somebody has signed in whose ID token says hostile things.
async fn stage() -> (Stage, TenantName) {
    let script = Script::honest().twist(IdTokenTwist::Claim("acr", HOSTILE));
    let stage = Stage::with(script).await;
    let name = stage
        .approve("corp", &Program::honest(&stage.idp))
        .await
        .unwrap();
    stage.sign_in(&name).await.unwrap();
    (stage, name)
}

async fn tokens(stage: &Stage, name: &TenantName, count: usize) {
    for _ in 0..count {
        let query = TokenQuery::default();
        let _ = stage.vestibule.token(name, &query).await.unwrap();
    }
}

fn exported(stage: &Stage, selection: &Selection, form: LineForm) -> (String, Exports) {
    let mut text = String::new();
    let exports = stage
        .vestibule
        .export_lines(selection, form, &mut |more| {
            text.push_str(more);
            Ok(())
        })
        .unwrap();
    (text, exports)
}

fn lines_of_the_log(stage: &Stage) -> String {
    fs::read_to_string(stage.audit_folder().join("log.jsonl")).unwrap()
}

// proves: UI-02
#[tokio::test(flavor = "multi_thread")]
async fn what_is_exported_is_a_line_a_record_whatever_a_provider_says() {
    let (stage, name) = stage().await;
    let _ = stage.refresh(&name).await.unwrap();
    stage.vestibule.sign_out(&name, None).await.unwrap();
    stage.vestibule.remove_tenant(&name).await.unwrap();
    let recorded = stage.recorded();
    assert!(
        recorded
            .iter()
            .any(|record| record.entry.acr.as_deref() == Some(HOSTILE))
    );
    let all = Selection::default();
    let (plain, exports) = exported(&stage, &all, LineForm::Plain);
    assert_eq!(plain, lines_of_the_log(&stage), "to the last byte");
    assert_eq!(exports.records, recorded.len() as u64);

    let vector: Value =
        serde_json::from_str(include_str!("../../../vectors/ocsf/1.8.0.json")).unwrap();
    let (ocsf, _) = exported(&stage, &all, LineForm::Ocsf);
    let mut classes = HashSet::new();
    for (line, record) in ocsf.lines().zip(&recorded) {
        let event: Value = serde_json::from_str(line).unwrap();
        let class = event["class_uid"].to_string();
        let problems = schema::problems(&vector["classes"][&class], &event);
        assert!(problems.is_empty(), "{problems:#?}: {event:#}");
        assert_eq!(event["metadata"]["version"], vector["version"]);
        assert_eq!(event["metadata"]["uid"], record.code.as_str());
        assert_eq!(event["time"], record.time * 1000);
        classes.insert(class);
    }
    assert_eq!(classes, ["3002", "3004", "1008"].map(str::to_owned).into());

    let collector = Collector::start();
    let sent = stage.vestibule.export_to(&all, &collector.config()).await;
    assert_eq!(sent.unwrap().records, exports.records);
    let otlp = collector.requests()[0].1.clone();
    let records = &otlp["resourceLogs"][0]["scopeLogs"][0]["logRecords"];
    for (sent, line) in records.as_array().unwrap().iter().zip(plain.lines()) {
        assert_eq!(sent["body"]["stringValue"], line);
    }
    for text in [&plain, &ocsf] {
        assert_eq!(text.lines().count(), recorded.len());
        assert!(text.bytes().all(|byte| matches!(byte, b'\n' | 0x20..=0x7e)));
    }
}

// proves: POL-05
#[tokio::test(flavor = "multi_thread")]
async fn no_secret_is_exported_in_any_form() {
    let (stage, name) = stage().await;
    tokens(&stage, &name, 2).await;
    let _ = stage.refresh(&name).await.unwrap();
    let collector = Collector::start();
    let all = Selection::default();
    let _ = stage
        .vestibule
        .export_to(&all, &collector.config())
        .await
        .unwrap();
    let texts = [
        exported(&stage, &all, LineForm::Plain).0,
        exported(&stage, &all, LineForm::Ocsf).0,
        collector.requests()[0].1.to_string(),
        format!("{:?}", collector.requests()[0].0),
    ];
    assert!(!stage.idp.secrets().is_empty());
    for secret in stage.idp.secrets() {
        for form in encodings::of(&secret.value) {
            for text in &texts {
                assert!(!text.contains(&form), "{:?} is in {text}", secret.kind);
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn each_record_is_sent_once_whatever_a_collector_answers_in_between() {
    let (stage, name) = stage().await;
    tokens(&stage, &name, EXPORT_RECORDS + 40).await;
    let collector = Collector::start();
    let send = async || {
        let selection = under("logs");
        stage
            .vestibule
            .export_to(&selection, &collector.config())
            .await
    };
    // The first request is taken, the second is not.
    collector.answers(200, "{}");
    let mut failures = vec![
        (503, "", "export.busy", Blame::Network),
        (429, "", "export.busy", Blame::Network),
        (401, "", "export.unauthorized", Blame::Config),
        (404, "", "export.refused", Blame::Provider),
        (200, "<html>sign in</html>", "export.reply", Blame::Provider),
        (302, "", "http.redirect", Blame::Provider),
    ];
    let (mut requests, mut last) = (1, 0);
    for (status, body, code, blame) in failures.drain(..) {
        collector.answers(status, body);
        let error = stopped(send().await);
        assert_eq!((error.code(), error.blame()), (code, blame), "{error:?}");
        requests += 1;
        let seen = collector.requests();
        assert_eq!(seen.len(), requests, "{code}: no second try");
        let first = Collector::numbers(&seen[requests - 1].1)[0];
        assert!(last == 0 || first == last, "{code}: the same again");
        last = first;
    }
    assert_eq!(last, EXPORT_RECORDS as u64 + 1);
    let sent = send().await.unwrap();
    let recorded = stage.recorded().len();
    assert_eq!(sent.records as usize, recorded - EXPORT_RECORDS);
    // Nothing is new; then what is new, and no more.
    assert_eq!(send().await.unwrap().records, 0);
    tokens(&stage, &name, 3).await;
    assert_eq!(send().await.unwrap().records, 3);
    let taken: Vec<u64> = collector
        .requests()
        .iter()
        .enumerate()
        .filter(|(at, _)| !(1..7).contains(at))
        .flat_map(|(_, (_, body))| Collector::numbers(body))
        .collect();
    let all: Vec<u64> = (1..=recorded as u64 + 3).collect();
    assert_eq!(taken, all);
    // Another cursor is another export, and one that is begun anew sends everything.
    let anew = Selection {
        restart: true,
        ..under("logs")
    };
    for selection in [under("other"), anew] {
        let sent = stage
            .vestibule
            .export_to(&selection, &collector.config())
            .await;
        assert_eq!(sent.unwrap().records, all.len() as u64);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_collector_that_is_gone_loses_nothing_and_one_elsewhere_is_not_asked() {
    let (stage, _) = stage().await;
    let gone = {
        let socket = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        format!("http://{}/v1/logs", socket.local_addr().unwrap())
    };
    let collector = Collector::start();
    let send = async |config: CollectorConfig| {
        let selection = under("logs");
        stage.vestibule.export_to(&selection, &config).await
    };
    let at = |url: &str| CollectorConfig {
        url: url.to_owned(),
        ..collector.config()
    };
    let fails = async |config, code: &str, blame| {
        let error: Error = stopped(send(config).await);
        assert_eq!((error.code(), error.blame()), (code, blame), "{error:?}");
        assert!(!error.message().contains("tenant"), "{error:?}");
        error
    };
    let error = fails(at(&gone), "export.unreachable", Blame::Network).await;
    assert!(error.next_step().unwrap().contains("--cursor"));
    let unasked = CollectorConfig {
        allow_loopback_http: false,
        ..collector.config()
    };
    let error = fails(unasked, "export.loopback", Blame::Policy).await;
    assert!(error.next_step().unwrap().contains("--allow-loopback-http"));
    let _ = fails(
        at("https://10.0.0.1/v1/logs"),
        "export.address",
        Blame::Policy,
    )
    .await;
    for url in ["http://logs.example/v1/logs", "ftp://logs.example", "logs"] {
        let _ = fails(at(url), "config.url", Blame::Config).await;
    }
    assert!(collector.requests().is_empty());
    let sent = send(collector.config()).await.unwrap();
    assert_eq!(sent.records as usize, stage.recorded().len());
    // An exception of the network is said whenever it is in force.
    let warned = stage.tape.shown().into_iter();
    let warned = warned.filter(|text| text.contains("collector on this machine"));
    assert!(warned.count() >= 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cursor_is_of_one_log_and_of_one_process() {
    let (stage, name) = stage().await;
    let (first, _) = exported(&stage, &under("a-1"), LineForm::Ocsf);
    assert!(!first.is_empty());
    for bad in ["", "A", "../x", "a b", "a/b", &"a".repeat(33)] {
        let error = stage
            .vestibule
            .export_lines(&under(bad), LineForm::Plain, &mut |_| Ok(()));
        assert_eq!(stopped(error).code(), "export.cursor_name", "{bad}");
    }
    // While one is at it, another one waits for nothing and sends nothing.
    tokens(&stage, &name, 1).await;
    let mut inner = None;
    stage
        .vestibule
        .export_lines(&under("a-1"), LineForm::Plain, &mut |_| {
            let again = stage
                .vestibule
                .export_lines(&under("a-1"), LineForm::Plain, &mut |_| Ok(()));
            inner = again.err().map(|error| error.code());
            Ok(())
        })
        .unwrap();
    assert_eq!(inner, Some("export.busy_cursor"));
    // What could not be written is not delivered.
    tokens(&stage, &name, 1).await;
    let failed = stage
        .vestibule
        .export_lines(&under("a-1"), LineForm::Plain, &mut |_| {
            Err(Error::host("output.write", "the disk is full"))
        });
    assert_eq!(stopped(failed).code(), "output.write");
    assert_eq!(
        exported(&stage, &under("a-1"), LineForm::Plain).1.records,
        1
    );
    // Another log is no continuation of this one.
    let cursor = stage.audit_folder().join("cursor-a-1");
    let kept = fs::read_to_string(&cursor).unwrap();
    let mark: Mark = serde_json::from_str(&kept).unwrap();
    let code = mark.code.clone();
    fs::write(&cursor, kept.replace(&code, &"0".repeat(64))).unwrap();
    fs::set_permissions(&cursor, fs::Permissions::from_mode(0o600)).unwrap();
    let failed = stage
        .vestibule
        .export_lines(&under("a-1"), LineForm::Plain, &mut |_| Ok(()));
    let error = stopped(failed);
    assert_eq!(error.code(), "audit.another_log");
    assert!(error.next_step().unwrap().contains("--restart"));
    fs::write(&cursor, "nonsense").unwrap();
    let failed = stage
        .vestibule
        .export_lines(&under("a-1"), LineForm::Plain, &mut |_| Ok(()));
    assert_eq!(stopped(failed).code(), "export.cursor");
    let range = stage
        .vestibule
        .audit_records_behind(&mark, &mut |_, _| ControlFlow::Continue(()))
        .unwrap();
    assert_eq!(range.records, 0);
}

fn token_file(machine: &Machine, token: &str) -> PathBuf {
    let file = machine.home().join("collector-token");
    fs::write(&file, token).unwrap();
    fs::set_permissions(&file, fs::Permissions::from_mode(0o600)).unwrap();
    file
}

fn authorization(collector: &Collector) -> Option<String> {
    let (headers, _) = collector.requests().pop().unwrap();
    assert_eq!(headers[header::CONTENT_TYPE], "application/json");
    let sent = headers.get(header::AUTHORIZATION)?;
    Some(sent.to_str().unwrap().to_owned())
}

#[test]
fn the_token_of_a_collector_goes_to_that_collector_and_is_nowhere_shown() {
    const TOKEN: &str = "collector-token-that-nobody-else-may-see";
    let idp = provider();
    let machine = signed_in(&idp);
    let (collector, other) = (Collector::start(), Collector::start());
    let file = token_file(&machine, TOKEN);
    let config = machine.home().join("config/config.toml");
    let before = fs::read_to_string(&config).unwrap();
    let section = format!(
        "{before}\n[audit.collector]\nurl = {}\ntoken_file = {}\nallow_loopback_http = true\n",
        json!(collector.url),
        json!(file)
    );
    fs::write(&config, section).unwrap();
    let outcome = machine
        .run(&["audit", "export", "--format", "otlp", "--json"])
        .succeeded();
    assert_eq!(authorization(&collector), Some(format!("Bearer {TOKEN}")));
    let report = outcome.json();
    assert_eq!(
        report["records"].as_u64().unwrap(),
        report["last"].as_u64().unwrap()
    );
    assert!(
        outcome.stderr.contains("plain http to a collector"),
        "{outcome}"
    );
    // Who names another address gets another token, or none.
    let to_other = [
        "audit",
        "export",
        "--format",
        "otlp",
        "--verbose",
        "--allow-loopback-http",
        "--to",
    ];
    let outcome = machine
        .run(&[&to_other[..], &[&other.url]].concat())
        .succeeded();
    assert_eq!(authorization(&other), None);
    assert!(!outcome.to_string().contains(TOKEN));
    // Not even when it is refused.
    collector.answers(401, TOKEN);
    let outcome = machine.run(&["audit", "export", "--format", "otlp", "--json"]);
    outcome.failed("export.unauthorized", "config", 4);
    assert!(!outcome.stdout.contains(TOKEN) && !outcome.stderr.contains(TOKEN));
    // A file that others can read holds no secret.
    fs::set_permissions(&file, fs::Permissions::from_mode(0o644)).unwrap();
    let outcome = machine.run(&["audit", "export", "--format", "otlp", "--json"]);
    outcome.failed("tenant.secret_file", "config", 4);
}

#[test]
fn what_a_collector_does_not_take_is_told_with_an_exit_code_and_its_words_are_harmless() {
    let idp = provider();
    let machine = signed_in(&idp);
    let collector = Collector::start();
    let export = [
        "audit",
        "export",
        "--format",
        "otlp",
        "--cursor",
        "cron",
        "--allow-loopback-http",
        "--to",
    ];
    let run = |more: &[&str]| machine.run(&[&export[..], &[&collector.url], more].concat());
    let partial = json!({ "partialSuccess": {
        "rejectedLogRecords": "2",
        "errorMessage": "too\u{1b}[2J old\nsuccess: all records were taken",
    } });
    collector.answers(200, &partial.to_string());
    let outcome = run(&["--json"]);
    outcome.failed("export.rejected", "provider", 7);
    assert_eq!(outcome.json()["rejected"], 2);
    assert!(!outcome.stderr.contains('\u{1b}'), "{outcome}");
    assert!(!outcome.stderr.contains("\nsuccess"), "{outcome}");
    // They must not be sent again.
    let outcome = run(&[]).succeeded();
    assert!(outcome.stdout.contains("Sent 0 records"), "{outcome}");
    // A warning is one, and no failure.
    let _ = machine.run(&["token", "corp"]).succeeded();
    collector.answers(200, r#"{"partialSuccess":{"errorMessage":"slow down"}}"#);
    let outcome = run(&[]).succeeded();
    assert!(outcome.stderr.contains("slow down"), "{outcome}");
    collector.answers(503, "");
    let _ = machine.run(&["token", "corp"]).succeeded();
    run(&["--json"]).failed("export.busy", "network", 8);
    assert!(run(&[]).succeeded().stdout.contains("Sent 1 records"));
    let numbers = collector.all_numbers();
    let distinct: HashSet<u64> = numbers.iter().copied().collect();
    assert_eq!(
        numbers.len(),
        distinct.len() + 1,
        "one was sent twice: it was not taken"
    );
    // Lines go to standard output, and to no collector.
    let outcome = machine.run(&["audit", "export", "--to", &collector.url, "--json"]);
    outcome.failed("usage.to", "user", 3);
    let outcome = machine.run(&["audit", "export", "--format", "otlp", "--json"]);
    outcome.failed("usage.to", "user", 3);
    let shown = machine
        .run(&["audit", "export", "--since", "1d"])
        .succeeded();
    assert_eq!(shown.stdout.lines().count(), distinct.len());
    let later = machine
        .run(&["audit", "export", "--since", "2100-01-01"])
        .succeeded();
    assert_eq!(later.stdout, "");
}

/// An alert reaches whoever watches, as a finding.
#[tokio::test(flavor = "multi_thread")]
async fn an_alert_is_exported_as_a_finding() {
    let (stage, name) = stage().await;
    stage.skew.store(-1000, std::sync::atomic::Ordering::SeqCst);
    tokens(&stage, &name, 1).await;
    assert!(
        stage
            .recorded()
            .iter()
            .any(|record| record.entry.event == E::Alert)
    );
    stage.idp.clock().advance(Duration::from_secs(1));
    let (ocsf, _) = exported(&stage, &Selection::default(), LineForm::Ocsf);
    let vector: Value =
        serde_json::from_str(include_str!("../../../vectors/ocsf/1.8.0.json")).unwrap();
    let events = ocsf
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).unwrap());
    let findings: Vec<Value> = events.filter(|event| event["class_uid"] == 2004).collect();
    assert_eq!(findings.len(), 1);
    let problems = schema::problems(&vector["classes"]["2004"], &findings[0]);
    assert!(problems.is_empty(), "{problems:#?}: {:#}", findings[0]);
    assert_eq!(findings[0]["finding_info"]["title"], "clock-step");
}
