//! Authorization responses that no provider sent (RFC 6819 section 4.4.1.8), straight to the loopback address.

use std::collections::BTreeMap;
use std::io;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc;
use std::thread;

use serde_json::{Value, json};
use url::Url;

use crate::http;

/// How many.
const FORGERIES: usize = 1_000;

/// At once: as many as a careless local program would open.
const AT_ONCE: usize = 16;

/// Sends them all, and counts the answers by status.
pub(super) fn forge(authorization_url: &str) -> io::Result<Value> {
    let redirect_uri = redirect_uri(authorization_url)
        .ok_or_else(|| io::Error::other("the authorization URL says no redirect_uri"))?;
    let (answers, received) = mpsc::channel();
    let next = AtomicUsize::new(0);
    thread::scope(|scope| {
        for _ in 0..AT_ONCE {
            let (answers, next, redirect_uri) = (answers.clone(), &next, &redirect_uri);
            scope.spawn(move || {
                loop {
                    let number = next.fetch_add(1, Ordering::Relaxed);
                    if number >= FORGERIES {
                        return;
                    }
                    let _ = answers.send(status_of(&forgery(redirect_uri, number)));
                }
            });
        }
    });
    drop(answers);
    Ok(count(received.iter()))
}

/// One forgery of each kind in turn.
fn forgery(redirect_uri: &str, number: usize) -> String {
    let query = match number % 6 {
        0 => format!("code=forged-{number}&state=guess-{number}"),
        1 => format!("code=forged-{number}"),
        2 => format!("code=forged-{number}&state="),
        3 => format!("code=forged-{number}&state=a&state=b"),
        4 => format!("error=access_denied&state=guess-{number}"),
        _ => String::from("error=server_error"),
    };
    format!("{redirect_uri}?{query}")
}

/// The status of the answer; 0 where there was none.
pub(super) fn status_of(url: &str) -> u16 {
    http::get(url, &[]).map_or(0, |answer| answer.status)
}

/// How often each status came.
pub(super) fn count(statuses: impl Iterator<Item = u16>) -> Value {
    let mut counts = BTreeMap::<String, u64>::new();
    for status in statuses {
        *counts.entry(status.to_string()).or_default() += 1;
    }
    json!(counts)
}

fn redirect_uri(authorization_url: &str) -> Option<String> {
    let url = Url::parse(authorization_url).ok()?;
    let mut parameters = url.query_pairs();
    let found =
        parameters.find(|(name, _)| matches!(name.as_ref(), "redirect_uri" | "redirectUri"));
    found.map(|(_, value)| value.into_owned())
}
