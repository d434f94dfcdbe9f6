//! A browser that hands each URL to the test, which then is the person, or whoever else is at this machine.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::time::timeout;
use url::Url;
use vestibule_app::broker::browser::{Browser, BrowserUrl, Opening};

/// Longer than a sign-in needs to reach the browser, on a busy machine too.
const LIMIT: Duration = Duration::from_secs(60);

/// The browser.
pub struct Handing(UnboundedSender<String>);

/// The URLs that it was given.
pub struct Handed(UnboundedReceiver<String>);

impl Handing {
    /// A browser, and what it is given.
    #[must_use]
    pub fn over() -> (Arc<dyn Browser>, Handed) {
        let (sender, receiver) = unbounded_channel();
        (Arc::new(Self(sender)), Handed(receiver))
    }
}

impl Browser for Handing {
    fn open<'a>(&'a self, url: &'a BrowserUrl) -> Opening<'a> {
        let _ = self.0.send(url.as_str().to_owned());
        Box::pin(async { Ok(()) })
    }
}

impl Handed {
    /// The next URL.
    ///
    /// # Panics
    /// If none comes.
    pub async fn next(&mut self) -> String {
        let next = timeout(LIMIT, self.0.recv()).await;
        next.expect("a browser is opened").expect("a URL")
    }
}

/// A parameter of a URL.
///
/// # Panics
/// If it is not there.
#[must_use]
#[track_caller]
pub fn parameter(url: &str, name: &str) -> String {
    let url = Url::parse(url).expect("a URL");
    let found = url.query_pairs().find(|(key, _)| key == name);
    found
        .unwrap_or_else(|| panic!("{url} has no {name}"))
        .1
        .into_owned()
}

/// The URL with another value of a parameter.
///
/// # Panics
/// If it is no URL.
#[must_use]
pub fn with_parameter(url: &str, name: &str, value: &str) -> String {
    let mut url = Url::parse(url).expect("a URL");
    let pairs: Vec<(String, String)> = url
        .query_pairs()
        .map(|(key, old)| {
            let new = if key == name {
                value.to_owned()
            } else {
                old.into_owned()
            };
            (key.into_owned(), new)
        })
        .collect();
    url.query_pairs_mut().clear().extend_pairs(pairs);
    url.into()
}
