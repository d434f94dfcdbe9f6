//! A record of each kind, with all that can be in one and with nothing.

use std::collections::BTreeMap;

use super::Exported;
use crate::entry::{Alert, By, Change, Entry, Event, Note, Outcome, Principal, Reason};
use crate::{code, line};

/// A text that would do harm if it got out of its string.
const HOSTILE: &str = "ada\n{\"forged\":1}\u{1b}[2J\u{202e}\"";

/// A record of each event.
pub(super) fn every_kind() -> Vec<Exported> {
    let full = Entry {
        tenant: Some("corp".to_owned()),
        method: Some("browser".to_owned()),
        principal: Some(Principal::Person),
        by: Some(By::Plugin),
        issuer: Some("https://idp.example".to_owned()),
        client: Some("cli".to_owned()),
        subject: Some(HOSTILE.to_owned()),
        device: Some("d".repeat(32)),
        session: Some("5".repeat(32)),
        plugin: Some("oidc".to_owned()),
        plugin_digest: Some("sha256:00".to_owned()),
        scopes_granted: Some(vec!["openid".to_owned()]),
        audience: Some(vec!["cli".to_owned()]),
        acr: Some("strong".to_owned()),
        auth_time: Some(1_699_999_999),
        token_ids: BTreeMap::from([("access_token".to_owned(), "ab12".to_owned())]),
        ..Entry::new(Event::Issuance, Outcome::Done)
    };
    let mut entries = Vec::new();
    for event in Event::ALL {
        for outcome in Outcome::ALL {
            entries.push(Entry {
                event,
                outcome,
                ..full.clone()
            });
            // Nothing is known but what it was.
            entries.push(Entry::new(event, outcome));
        }
    }
    for during in [
        "sign-in",
        "refresh",
        "sign-out",
        "derive",
        "exchange",
        "release",
        "approval",
        "installation",
    ] {
        entries.push(Entry {
            event: Event::Refusal,
            outcome: Outcome::Refused,
            during: Some(during.to_owned()),
            reason: Some(Reason {
                code: "policy.denied".to_owned(),
                blame: "policy".to_owned(),
                rule: None,
                cause: None,
            }),
            ..full.clone()
        });
    }
    for what in ["added", "approved", "removed", "installed"] {
        entries.push(Entry {
            event: Event::Policy,
            by: Some(By::Operator),
            change: Some(Change {
                what: what.to_owned(),
                ..Change::default()
            }),
            ..full.clone()
        });
    }
    entries.push(Entry {
        event: Event::Alert,
        alert: Some(Alert {
            rule: "new-method".to_owned(),
            about: Event::Issuance,
            seen: HOSTILE.to_owned(),
            usual: "browser".to_owned(),
        }),
        ..full.clone()
    });
    let sealed = BTreeMap::new();
    let before = "none".to_owned();
    for note in [
        Note::Began,
        Note::Repaired { bytes: 3 },
        Note::Lost { from: 3, to: 4 },
        Note::KeyChanged { before, sealed },
        Note::Pruned { to: 4 },
    ] {
        entries.push(Entry::note(note));
    }
    let key = crate::Key::none();
    let exported = |(entry, seq): (Entry, u64)| {
        let (written, _) = line::write(seq, 1_700_000_000, &entry, code::NONE, &key).unwrap();
        let written = written.trim_end().to_owned();
        Exported {
            record: line::read(written.as_bytes()).unwrap(),
            line: written,
        }
    };
    entries.into_iter().zip(1..).map(exported).collect()
}
