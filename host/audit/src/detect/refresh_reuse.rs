//! A refresh token was used twice (RFC 9700 section 4.14.2): one that was replaced is there again, or the provider ends a session that
//! was good a short time ago, as it does when it meets a spent one.
//!
//! A session that was idle for long has probably expired, and one that was ended here is meant to be over.

use serde::{Deserialize, Serialize};
use vestibule_core::limits::REUSE_SECONDS;

use super::{Rule, Seen, Unusual};
use crate::entry::Event;

/// Sessions of a tenant, and replaced tokens of each.
const KEPT: usize = 4;

/// The code of the error that says that a provider does not know a refresh token any more.
const SPENT: &str = "provider.invalid_grant";

/// The sessions of a tenant.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct RefreshReuse(Vec<Session>);

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Session {
    id: String,
    /// When it was good, in Unix seconds.
    good: u64,
    /// The id of its refresh token, and of those that it had before.
    token: Option<String>,
    replaced: Vec<String>,
}

impl RefreshReuse {
    pub(crate) fn see(&mut self, seen: &Seen<'_>) -> Option<Unusual> {
        let id = seen.entry.session.as_ref()?;
        match seen.entry.event {
            Event::Issuance | Event::Refresh => {
                let token = seen.entry.token_ids.get("refresh_token")?;
                self.session(id).renewed(seen.time, token)
            }
            Event::Refusal if spent(seen) => {
                let session = self.take(id)?;
                let ago = seen.time.saturating_sub(session.good);
                (ago <= REUSE_SECONDS).then(|| {
                    Unusual::new(
                        Rule::RefreshReuse,
                        format!("the provider refuses a refresh token that is {ago} seconds old"),
                        "it is good until the session ends",
                    )
                })
            }
            Event::Revocation => {
                self.take(id);
                None
            }
            Event::Refusal
            | Event::Derive
            | Event::Exchange
            | Event::Release
            | Event::Consent
            | Event::Policy
            | Event::Plugin
            | Event::Alert
            | Event::Log => None,
        }
    }

    /// The session of this id, the last in the list.
    fn session(&mut self, id: &str) -> &mut Session {
        let session = self.take(id).unwrap_or_else(|| Session {
            id: id.to_owned(),
            ..Session::default()
        });
        if self.0.len() >= KEPT {
            self.0.remove(0);
        }
        self.0.push_mut(session)
    }

    fn take(&mut self, id: &str) -> Option<Session> {
        let at = self.0.iter().position(|session| session.id == id)?;
        Some(self.0.remove(at))
    }
}

impl Session {
    fn renewed(&mut self, time: u64, token: &str) -> Option<Unusual> {
        self.good = time;
        let before = self.token.replace(token.to_owned());
        if let Some(before) = before.filter(|before| before != token) {
            if self.replaced.len() >= KEPT {
                self.replaced.remove(0);
            }
            self.replaced.push(before);
        }
        let again = self.replaced.iter().any(|replaced| replaced == token);
        again.then(|| {
            Unusual::new(
                Rule::RefreshReuse,
                "a refresh token that had been replaced is there again",
                "each one replaces the one before for good",
            )
        })
    }
}

/// Whether a provider has refused the refresh token.
fn spent(seen: &Seen<'_>) -> bool {
    let reason = seen.entry.reason.as_ref();
    seen.entry.during.as_deref() == Some("refresh")
        && reason
            .is_some_and(|reason| reason.code == SPENT || reason.cause.as_deref() == Some(SPENT))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detect::testing::{Story, habits, sign_in};
    use crate::entry::{Entry, Outcome, Reason};

    fn session(event: Event, token: &str) -> Entry {
        Entry {
            event,
            session: Some("s".to_owned()),
            token_ids: [("refresh_token".to_owned(), token.to_owned())].into(),
            ..sign_in("browser")
        }
    }

    fn refused(cause: &str) -> Entry {
        Entry {
            outcome: Outcome::Refused,
            during: Some("refresh".to_owned()),
            reason: Some(Reason {
                code: "grant.dead".to_owned(),
                blame: "user".to_owned(),
                rule: None,
                cause: Some(cause.to_owned()),
            }),
            ..session(Event::Refusal, "")
        }
    }

    #[test]
    fn a_token_that_was_replaced_and_is_there_again_is_noticed() {
        let story = Story::default()
            .entry(session(Event::Issuance, "a"))
            .entry(session(Event::Refresh, "b"))
            .entry(session(Event::Refresh, "a"));
        assert_eq!(story.told(habits), [(3, Rule::RefreshReuse)]);
    }

    #[test]
    fn a_session_that_the_provider_ends_shortly_after_it_was_good_is_noticed() {
        let story = Story::default()
            .entry(session(Event::Issuance, "a"))
            .after(3_600, refused(SPENT));
        assert_eq!(story.told(habits), [(2, Rule::RefreshReuse)]);
    }

    #[test]
    fn tokens_that_rotate_or_stay_and_sessions_that_expire_or_end_are_usual() {
        let rotates = Story::default()
            .entry(session(Event::Issuance, "a"))
            .entry(session(Event::Refresh, "b"))
            .entry(session(Event::Refresh, "c"));
        let stays = Story::default()
            .entry(session(Event::Issuance, "a"))
            .entry(session(Event::Refresh, "a"))
            .entry(session(Event::Refresh, "a"));
        let expires = Story::default()
            .entry(session(Event::Issuance, "a"))
            .after(30 * 86_400, refused(SPENT));
        let ended_here = Story::default()
            .entry(session(Event::Issuance, "a"))
            .entry(session(Event::Revocation, "a"))
            .entry(refused(SPENT));
        let broken = Story::default()
            .entry(session(Event::Issuance, "a"))
            .entry(refused("id_token.signature"));
        for story in [rotates, stays, expires, ended_here, broken] {
            assert_eq!(story.told(habits), []);
        }
    }
}
