//! Token exchange (RFC 8693): the host builds the request from what the plugin names, and believes the reply as far as it is what was
//! asked for (WKL-04 to WKL-06).

use vestibule_core::step::TokenExchange;
use vestibule_core::{Error, Reference, Result, Scope, SecretKind, Shown};

use super::assertion::Assertion;
use super::{Redeemed, reply};
use crate::broker::Broker;
use crate::message::Message;

/// Section 2.1.
const GRANT_TYPE: &str = "urn:ietf:params:oauth:grant-type:token-exchange";

/// Section 3. What is asked for, unless the plugin asks for something else: a reply could not be held against nothing.
const ACCESS_TOKEN: &str = "urn:ietf:params:oauth:token-type:access_token";

/// What was asked for, and what the subject's token may do: no more can come of it.
#[derive(Debug)]
pub(crate) struct Asked {
    issued: String,
    pub(super) scopes: Vec<Scope>,
    /// What the subject's token is good for; nothing, if that is not known.
    subject: Option<Vec<Scope>>,
    /// When it ends, in Unix seconds.
    ends_at: Option<u64>,
    /// What was sent and goes nowhere any more.
    pub(super) assertions: Vec<Reference>,
}

/// Exchanges a token of this flow.
///
/// # Errors
/// If a secret may not go there, or if the client proves nothing, which takes a line of the tenant's policy (WKL-05).
pub(super) fn request(
    broker: &mut Broker<'_>,
    message: &mut Message<'_>,
    scopes: Vec<Scope>,
    exchange: TokenExchange,
) -> Result<Redeemed> {
    // Policy has said so before, with the plugin's schema. A second look costs nothing.
    if broker.client.is_public() && !broker.around.policy.allow_unauthenticated_exchange {
        return Err(Error::policy(
            "exchange.public_client",
            "the client does not authenticate, so that whoever has a token could exchange it",
        )
        .hint("this line of the tenant file would allow it: policy.allow_unauthenticated_exchange = true"));
    }
    let observer = broker.around.observer;
    let issued = exchange
        .requested_token_type
        .unwrap_or_else(|| ACCESS_TOKEN.to_owned());
    message.standard("grant_type", GRANT_TYPE);
    let subject = exchange.subject_token;
    message.secret(&mut broker.vault, observer, "subject_token", subject)?;
    message.standard("subject_token_type", exchange.subject_token_type.as_str());
    if let Some((actor, kind)) = &exchange.actor_token {
        message.secret(&mut broker.vault, observer, "actor_token", *actor)?;
        message.standard("actor_token_type", kind.as_str());
    }
    message.standard("requested_token_type", issued.as_str());
    if let Some(audience) = &exchange.audience {
        message.standard("audience", audience.as_str());
    }
    message.scopes(&scopes);
    if let Some((actor, _)) = exchange.actor_token {
        broker.session.actor = Some(name_of(broker, actor)?);
    }
    let mut asked = Asked {
        issued,
        scopes,
        subject: None,
        ends_at: None,
        assertions: Vec::new(),
    };
    asked.learn_subject(broker, subject)?;
    let sent = [Some(subject), exchange.actor_token.map(|(actor, _)| actor)];
    for reference in sent.into_iter().flatten() {
        if broker.vault.identify(reference)?.0 == SecretKind::SubjectAssertion {
            asked.assertions.push(reference);
        }
    }
    Ok(Redeemed::Exchange(asked))
}

/// Who presents this token, as far as that can be said: the name in it, or the client that it was given to.
fn name_of(broker: &Broker<'_>, token: Reference) -> Result<String> {
    // An access token is opaque to its client (RFC 9068 section 6).
    if broker.vault.identify(token)?.0 == SecretKind::SubjectAssertion {
        let said = Assertion::read(broker.vault.look(token)?);
        said.check_time(broker.around.clock.now())?;
        if let Some(name) = said.subject {
            return Ok(name);
        }
    }
    broker.client.id().map(ToOwned::to_owned)
}

impl Asked {
    /// What the subject's token may do, and until when.
    fn learn_subject(&mut self, broker: &mut Broker<'_>, subject: Reference) -> Result<()> {
        let now = broker.around.clock.now();
        if broker.vault.identify(subject)?.0 == SecretKind::SubjectAssertion {
            let said = Assertion::read(broker.vault.look(subject)?);
            said.check_time(now)?;
            self.ends_at = said.expires_at;
            if !broker.session.continued {
                broker.session.workload = Some(name_of(broker, subject)?);
            }
        } else if let Some(obtained) = &broker.session.tokens {
            self.subject = Some(obtained.scopes.clone());
            self.ends_at = Some(now.saturating_add(u64::from(obtained.expires_in)));
        } else {
            self.subject = broker.session.granted.clone();
            self.ends_at = broker.session.expires_at;
        }
        // A request without scopes asks for what the subject has (RFC 6749 section 3.3).
        if self.scopes.is_empty() {
            self.scopes = self.subject.clone().unwrap_or_default();
        }
        Ok(())
    }

    /// Section 2.2.1: the type that was asked for, and a way to use it that fits. Says what it is to the vault: what is no access token
    /// can only be presented at the token endpoint again.
    pub(super) fn check_type(
        &self,
        issued: Option<&str>,
        token_type: Option<&str>,
    ) -> Result<SecretKind> {
        match issued {
            Some(issued) if issued == self.issued => {}
            Some(other) => {
                return Err(refused(format!(
                    "the token reply has a token of the type \"{}\", and \"{}\" was asked for",
                    Shown::new(other),
                    Shown::new(&self.issued)
                )));
            }
            None => {
                return Err(refused(
                    "the token reply does not say which type of token was issued",
                ));
            }
        }
        let not_to_be_used = token_type.is_some_and(|kind| kind.eq_ignore_ascii_case("N_A"));
        if not_to_be_used && self.issued != ACCESS_TOKEN {
            return Ok(SecretKind::SubjectAssertion);
        }
        reply::check_type(token_type).map(|()| SecretKind::AccessToken)
    }

    /// No more than the subject's token may do; of what another has issued that is not known, and then no more than was asked for.
    pub(super) fn check_scopes(&self, granted: &[Scope]) -> Result<()> {
        let bound = match &self.subject {
            Some(subject) => subject,
            // Nothing was asked for, and nothing is known of the subject: the provider's default.
            None if self.scopes.is_empty() => return Ok(()),
            None => &self.scopes,
        };
        match granted.iter().find(|scope| !bound.contains(scope)) {
            None => Ok(()),
            Some(scope) => Err(Error::provider(
                "exchange.scope",
                format!(
                    "the exchanged token has the scope \"{}\", which is more than its subject has or was asked for",
                    Shown::new(scope.as_str())
                ),
            )
            .hint("nothing was kept; ask the provider's operator why an exchange widens access")),
        }
    }

    /// No longer than the subject's token. A lifetime of nothing would be taken for an unknown one.
    pub(super) fn no_longer(&self, expires_in: u32, now: u64) -> u32 {
        let left = self.ends_at.map(|end| end.saturating_sub(now));
        left.and_then(|left| u32::try_from(left).ok())
            .map_or(expires_in, |left| left.min(expires_in).max(1))
    }
}

fn refused(what: impl Into<String>) -> Error {
    Error::provider("exchange.issued_token_type", what)
}

#[cfg(test)]
mod tests {
    use super::*;

    const JWT: &str = "urn:ietf:params:oauth:token-type:jwt";

    fn scopes(names: &str) -> Vec<Scope> {
        names
            .split_whitespace()
            .map(|name| Scope::parse(name).unwrap())
            .collect()
    }

    fn asked(issued: &str, wanted: &str, subject: Option<&str>) -> Asked {
        Asked {
            issued: issued.to_owned(),
            scopes: scopes(wanted),
            subject: subject.map(scopes),
            ends_at: None,
            assertions: Vec::new(),
        }
    }

    #[test]
    fn what_was_issued_is_what_was_asked_for_and_is_used_as_its_type_says() {
        for (wanted, issued, token_type, kind) in [
            (
                ACCESS_TOKEN,
                Some(ACCESS_TOKEN),
                Some("Bearer"),
                Some(SecretKind::AccessToken),
            ),
            (
                ACCESS_TOKEN,
                Some(ACCESS_TOKEN),
                Some("bearer"),
                Some(SecretKind::AccessToken),
            ),
            (ACCESS_TOKEN, Some(ACCESS_TOKEN), Some("N_A"), None),
            (ACCESS_TOKEN, Some(ACCESS_TOKEN), Some("DPoP"), None),
            (ACCESS_TOKEN, Some(ACCESS_TOKEN), None, None),
            (ACCESS_TOKEN, Some(JWT), Some("Bearer"), None),
            (ACCESS_TOKEN, Some("access_token"), Some("Bearer"), None),
            (ACCESS_TOKEN, Some(""), Some("Bearer"), None),
            (ACCESS_TOKEN, None, Some("Bearer"), None),
            (
                JWT,
                Some(JWT),
                Some("Bearer"),
                Some(SecretKind::AccessToken),
            ),
            (
                JWT,
                Some(JWT),
                Some("N_A"),
                Some(SecretKind::SubjectAssertion),
            ),
            (
                JWT,
                Some(JWT),
                Some("n_a"),
                Some(SecretKind::SubjectAssertion),
            ),
            (JWT, Some(ACCESS_TOKEN), Some("Bearer"), None),
            (JWT, None, Some("N_A"), None),
        ] {
            let found = asked(wanted, "", None).check_type(issued, token_type);
            let case = format!("{wanted} {issued:?} {token_type:?}");
            assert_eq!(found.ok(), kind, "{case}");
        }
    }

    #[test]
    fn scopes_are_no_more_than_the_subject_has_or_than_was_asked_for() {
        for (wanted, subject, granted, fits) in [
            ("a b", Some("a b"), "a b", true),
            ("a b", Some("a b"), "b", true),
            ("a b", Some("a b"), "", true),
            ("a", Some("a b"), "a", true),
            ("a", Some("a b"), "a b", true),
            ("a b", Some("a"), "a b", false),
            ("a", Some("a"), "a admin", false),
            ("a", None, "a", true),
            ("a", None, "a b", false),
            ("", None, "anything", true),
            ("", Some(""), "anything", false),
        ] {
            let found = asked(ACCESS_TOKEN, wanted, subject).check_scopes(&scopes(granted));
            assert_eq!(found.is_ok(), fits, "{wanted} {subject:?} {granted}");
            if let Err(problem) = found {
                assert_eq!(problem.code(), "exchange.scope");
            }
        }
    }

    #[test]
    fn it_ends_with_the_subjects_token_at_the_latest() {
        let mut asked = asked(ACCESS_TOKEN, "", None);
        assert_eq!(asked.no_longer(3600, 1000), 3600);
        for (ends_at, lasts) in [
            (1000, 1),
            (1010, 10),
            (4600, 3600),
            (9000, 3600),
            (u64::MAX, 3600),
            (0, 1),
        ] {
            asked.ends_at = Some(ends_at);
            assert_eq!(asked.no_longer(3600, 1000), lasts, "{ends_at}");
        }
    }
}
