//! What a plugin wants done, step by step: parsed, and judged.

use vestibule_core::approval::Permissions;
use vestibule_core::limits::FLOW_STEPS;
use vestibule_core::record::Method;
use vestibule_core::start::{NamedReference, Purpose, Start, StoredGrant};
use vestibule_core::step::Step;
use vestibule_core::tenant::Tenant;
use vestibule_core::{Allowed, Blame, Reference, SecretName, TenantName};
use vestibule_engine::fuzzing::{self, lifted};
use vestibule_policy::StepRules;

use crate::words::Words;

/// Nothing is allowed after a refusal, nor beyond the budget; what is asked of an endpoint is asked of an approved one; and an
/// authorization has no scope that nobody approved, and no parameter of the host's own.
pub fn run(bytes: &[u8]) -> bool {
    let text = String::from_utf8_lossy(bytes);
    let mut lines = text.lines();
    let permissions: Permissions =
        serde_json::from_str(include_str!("steps.json")).expect("the file is a table");
    let name = TenantName::parse("work").unwrap();
    let tenant = Tenant::parse(&name, "plugin = \"p\"").unwrap();
    let first = lines.next().unwrap_or_default();
    let start = Start {
        purpose: purpose(Words::of(first).word()),
        settings: Vec::new(),
        method: Method::Browser,
        scopes: permissions.scopes.clone(),
        registered: !first.ends_with("unregistered"),
    };
    let mut rules = StepRules::new(&permissions, &tenant, &start);
    let mut refused = false;
    let mut allowed = 0;
    for line in lines {
        let step = match fuzzing::step(lift(line)) {
            Ok(step) => step,
            Err(error) => {
                assert_eq!(error.blame(), Blame::Plugin);
                return false;
            }
        };
        match Allowed::by(&mut rules, step) {
            Ok(step) => {
                assert!(!refused, "{line}");
                allowed += 1;
                assert!(allowed <= FLOW_STEPS, "{line}");
                check(&step.into_inner(), &permissions);
            }
            Err(_) => refused = true,
        }
    }
    !refused
}

fn check(step: &Step, permissions: &Permissions) {
    match step {
        Step::Request(request) => assert!(permissions.endpoints.contains_key(&request.role)),
        Step::Authorize(request) => {
            for scope in &request.scopes {
                assert!(permissions.scopes.contains(scope), "{scope}");
            }
            for (name, _) in &request.extra {
                for own in [
                    "state",
                    "nonce",
                    "redirect_uri",
                    "client_id",
                    "scope",
                    "response_type",
                    "code_challenge",
                    "request",
                ] {
                    assert!(!name.eq_ignore_ascii_case(own), "{name}");
                }
            }
        }
        Step::Discover
        | Step::Device(_)
        | Step::SubjectToken(_)
        | Step::Choose(_)
        | Step::Finish(_)
        | Step::Fail(_) => {}
    }
}

fn purpose(word: &str) -> Purpose {
    let part = |name: &str, low| NamedReference {
        name: SecretName::parse(name).unwrap(),
        reference: Reference { high: 0, low },
    };
    let grant = StoredGrant {
        parts: vec![part("access_token", 1), part("refresh_token", 2)],
    };
    match word {
        "refresh" => Purpose::Refresh(grant),
        "revoke" => Purpose::Revoke(grant),
        "step-up" => Purpose::StepUp(grant),
        "derive" => Purpose::Derive {
            grant,
            parameters: Vec::new(),
            interactive: true,
        },
        _ => Purpose::SignIn { login_hint: None },
    }
}

fn lift(line: &str) -> lifted::Step {
    let mut words = Words::of(line);
    match words.word() {
        "authorize" => lifted::Step::Authorize(lifted::AuthorizationRequest {
            scopes: words.list(),
            offline: words.word() == "offline",
            login_hint: words.maybe(),
            resources: words.list(),
            extra: words.pairs(),
        }),
        "request" => lifted::Step::Request(lifted::Request {
            role: words.text(),
            exchange: exchange(&mut words),
        }),
        "device" => lifted::Step::Device(lifted::DeviceRequest {
            scopes: words.list(),
            extra: fields(&mut words),
        }),
        "subject-token" => lifted::Step::SubjectToken(lifted::SubjectTokenRequest {
            source: words.text(),
            audience: words.text(),
        }),
        "choose" => lifted::Step::Choose(lifted::Choice {
            what: words.text(),
            options: words
                .pairs()
                .into_iter()
                .map(|(id, label)| lifted::ChoiceOption { id, label })
                .collect(),
        }),
        "done" => lifted::Step::Finish(lifted::OutcomeOfFlow::Done),
        "grant" => lifted::Step::Finish(lifted::OutcomeOfFlow::Grant(lifted::Grant {
            primary: match words.word() {
                "cloud-keys" => lifted::GrantKind::CloudKeys,
                "opaque" => lifted::GrantKind::Opaque,
                _ => lifted::GrantKind::Oauth,
            },
            parts: words
                .pairs()
                .into_iter()
                .map(|(name, number)| lifted::NamedReference {
                    name,
                    reference: reference(&number),
                })
                .collect(),
            expires_at: None,
        })),
        "fail" => lifted::Step::Fail(lifted::Failure {
            message: words.text(),
        }),
        _ => lifted::Step::Discover,
    }
}

fn exchange(words: &mut Words<'_>) -> lifted::HttpExchange {
    match words.word() {
        "registration" => lifted::HttpExchange::Registration(fields(words)),
        "revocation" => lifted::HttpExchange::Revocation(reference(words.word())),
        "introspection" => lifted::HttpExchange::Introspection(reference(words.word())),
        "userinfo" => lifted::HttpExchange::Userinfo(reference(words.word())),
        "call" => lifted::HttpExchange::Call(lifted::Call {
            token: words.maybe().map(|number| reference(&number)),
            query: words
                .list()
                .into_iter()
                .map(|name| (name, "value".to_owned()))
                .collect(),
            body: fields(words),
        }),
        kind => lifted::HttpExchange::Grant(lifted::TokenGrant {
            grant_type: match kind {
                "refresh" => lifted::GrantType::RefreshToken(reference(words.word())),
                "client" => lifted::GrantType::ClientCredentials,
                "bearer" => lifted::GrantType::JwtBearer(reference(words.word())),
                "exchange" => lifted::GrantType::TokenExchange(lifted::TokenExchange {
                    subject_token: reference(words.word()),
                    subject_token_type: words.text(),
                    actor_token: None,
                    requested_token_type: words.maybe(),
                    audience: words.maybe(),
                }),
                _ => lifted::GrantType::AuthorizationCode(reference(words.word())),
            },
            scopes: words.list(),
            extra: fields(words),
        }),
    }
}

/// A value is a secret's number after `#`, a value of the host's after `@`, or text.
fn fields(words: &mut Words<'_>) -> Vec<lifted::Field> {
    let value = |word: &str| match (word.strip_prefix('#'), word.strip_prefix('@')) {
        (Some(number), _) => lifted::FieldValue::Secret(reference(number)),
        (_, Some("redirect-uris")) => lifted::FieldValue::Host(lifted::HostValue::RedirectUris),
        (_, Some("scopes")) => lifted::FieldValue::Host(lifted::HostValue::Scopes),
        (_, Some(_)) => lifted::FieldValue::Host(lifted::HostValue::RedirectUri),
        (None, None) => lifted::FieldValue::Text(word.to_owned()),
    };
    words
        .pairs()
        .into_iter()
        .map(|(name, word)| lifted::Field {
            name,
            value: value(&word),
        })
        .collect()
}

fn reference(number: &str) -> lifted::Reference {
    lifted::Reference {
        high: 0,
        low: number.parse().unwrap_or(0),
    }
}
