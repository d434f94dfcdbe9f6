//! What a flow sends, counted by the role of the endpoint while everybody else goes on watching (PLUG-16).

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use vestibule_audit::Sent;
use vestibule_core::ProviderUrl;
use vestibule_core::event::{Event, Observer};
use vestibule_core::step::{GrantType, HttpExchange, Step};

/// The role under which the person's way to the provider is counted.
const AUTHORIZATION: &str = "authorization";

/// Counts, and passes on what it sees.
pub(crate) struct Tally<'a> {
    observer: &'a dyn Observer,
    counted: Mutex<Counted>,
}

/// What was counted.
#[derive(Clone, Debug, Default)]
pub(crate) struct Counted {
    /// By role. Where a role's requests went stands there once one was sent.
    pub(crate) sent: BTreeMap<String, Sent>,
    /// The rule of policy that ended the flow, if one did.
    pub(crate) rule: Option<&'static str>,
    /// What was exchanged, if anything was (RFC 8693 section 3).
    pub(crate) exchanged: Option<String>,
    /// What the step that was asked for would send of the plugin's own, and to which role.
    asked: Option<(String, u64)>,
    /// What it would exchange.
    exchanging: Option<String>,
}

impl<'a> Tally<'a> {
    pub(crate) fn new(observer: &'a dyn Observer) -> Self {
        Self {
            observer,
            counted: Mutex::default(),
        }
    }

    pub(crate) fn counted(&self) -> Counted {
        self.lock().clone()
    }

    fn lock(&self) -> MutexGuard<'_, Counted> {
        // No count can be left half done.
        self.counted.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Observer for Tally<'_> {
    fn event(&self, event: &Event<'_>) {
        let mut counted = self.lock();
        match event {
            Event::Asked { step, .. } => {
                counted.asked = role(step).map(|to| (to, bytes(step)));
                counted.exchanging = exchanged(step).map(ToOwned::to_owned);
            }
            Event::Allowed { .. } => {
                if let Some(what) = counted.exchanging.take() {
                    counted.exchanged = Some(what);
                }
                if let Some((role, bytes)) = counted.asked.take()
                    && bytes > 0
                {
                    counted.sent.entry(role).or_default().plugin_bytes += bytes;
                }
            }
            Event::Denied { rule, .. } => counted.rule = Some(rule),
            Event::Requesting {
                role, url, bytes, ..
            } => {
                let sent = counted.sent.entry((*role).to_owned()).or_default();
                sent.requests += 1;
                sent.body_bytes += *bytes as u64;
                sent.to = origin(url);
            }
            Event::Browser { url, .. } => {
                let sent = counted.sent.entry(AUTHORIZATION.to_owned()).or_default();
                sent.requests += 1;
                sent.to = origin(url);
            }
            Event::Compiling
            | Event::Began { .. }
            | Event::Placed { .. }
            | Event::Answered { .. }
            | Event::Kept { .. }
            | Event::Verified { .. }
            | Event::SigningIn { .. }
            | Event::Notice { .. }
            | Event::Warning { .. }
            | Event::BrowserFailed { .. }
            | Event::WaitingForLock { .. }
            | Event::DevicePrompt(_)
            | Event::DeviceWaiting { .. }
            | Event::Replied { .. } => {}
        }
        drop(counted);
        self.observer.event(event);
    }
}

/// The role that a step reaches with text of the plugin's own.
fn role(step: &Step) -> Option<String> {
    match step {
        Step::Authorize(_) => Some(AUTHORIZATION.to_owned()),
        Step::Request(request) => Some(request.role.as_str().to_owned()),
        Step::Device(_) => Some("device_authorization".to_owned()),
        Step::SubjectToken(_) => Some("subject-token".to_owned()),
        Step::Discover | Step::Choose(_) | Step::Finish(_) | Step::Fail(_) => None,
    }
}

/// The type of the token that a step exchanges.
fn exchanged(step: &Step) -> Option<&str> {
    let Step::Request(request) = step else {
        return None;
    };
    let HttpExchange::Grant(grant) = &request.exchange else {
        return None;
    };
    let GrantType::TokenExchange(exchange) = &grant.grant_type else {
        return None;
    };
    Some(&exchange.subject_token_type)
}

/// Bytes of the plugin's own that a step sends: what the budget counts.
fn bytes(step: &Step) -> u64 {
    let mut sum = 0_u64;
    step.for_each_sent_text(&mut |text| sum = sum.saturating_add(text.len() as u64));
    sum
}

fn origin(url: &str) -> String {
    ProviderUrl::parse(url).map_or_else(|_| String::new(), |url| url.origin().to_string())
}

#[cfg(test)]
mod tests {
    use vestibule_core::event::Unobserved;
    use vestibule_core::step::AuthorizationRequest;

    use super::*;

    fn authorize() -> Step {
        Step::Authorize(AuthorizationRequest {
            scopes: Vec::new(),
            offline: false,
            login_hint: Some("four".to_owned()),
            resources: Vec::new(),
            extra: vec![("ab".to_owned(), "c".to_owned())],
        })
    }

    #[test]
    fn what_was_sent_is_counted_and_what_was_refused_is_not() {
        let tally = Tally::new(&Unobserved);
        let step = authorize();
        tally.event(&Event::Asked {
            number: 1,
            step: &step,
        });
        tally.event(&Event::Allowed { number: 1 });
        tally.event(&Event::Asked {
            number: 2,
            step: &step,
        });
        tally.event(&Event::Denied {
            number: 2,
            rule: "budget",
        });
        for bytes in [10, 20] {
            tally.event(&Event::Requesting {
                role: "token",
                method: "POST",
                url: "https://idp.example/token",
                bytes,
            });
        }
        let counted = tally.counted();
        assert_eq!(counted.rule, Some("budget"));
        assert_eq!(counted.sent["authorization"].plugin_bytes, 7);
        assert_eq!(
            counted.sent["token"],
            Sent {
                to: "https://idp.example".to_owned(),
                requests: 2,
                body_bytes: 30,
                plugin_bytes: 0,
            }
        );
    }
}
