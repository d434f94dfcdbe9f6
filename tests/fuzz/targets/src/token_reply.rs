//! The answer of a token endpoint (RFC 6749 section 5), up to what the guest is told.

use std::sync::{Arc, OnceLock};

use serde_json::Value;
use tokio::runtime::{Builder, Runtime};
use vestibule_broker::browser::{Browser, BrowserUrl, Opening};
use vestibule_broker::clock::{SteadyClock, SystemClock};
use vestibule_broker::egress::EgressPolicy;
use vestibule_broker::fuzzing;
use vestibule_broker::http::{HttpClient, Network};
use vestibule_broker::keep::Forgetful;
use vestibule_broker::{Broker, Surroundings};
use vestibule_core::approval::Permissions;
use vestibule_core::authentication::Demand;
use vestibule_core::event::{Consent, Person, Question, Unobserved};
use vestibule_core::limits::{LONGEST_LIFETIME_SECONDS, SEARCHED_SECRET_CHARS};
use vestibule_core::reply::Reply;
use vestibule_core::tenant::Tenant;
use vestibule_core::{Cleared, Error, Result, RoleName, TenantName};

/// The members that are secrets here.
const SECRETS: [&str; 5] = [
    "/access_token",
    "/refresh_token",
    "/id_token",
    "/keys/0/secret",
    "/session",
];

/// The first character is the class of the status, the rest is the body. Whatever is told to the guest repeats no secret of the body,
/// and is within its bounds.
pub fn run(bytes: &[u8]) -> bool {
    let Some((class, body)) = bytes.split_first() else {
        return false;
    };
    let status = match class {
        b'5' => 503,
        b'4' => 400,
        _ => 200,
    };
    let Ok(cleared) = told(status, body) else {
        return false;
    };
    let reply = cleared.get();
    let json: Value = serde_json::from_slice(body).unwrap_or_default();
    let secrets: Vec<&str> = SECRETS
        .iter()
        .filter_map(|at| json.pointer(at)?.as_str())
        .filter(|secret| secret.len() >= SEARCHED_SECRET_CHARS)
        .collect();
    match reply {
        Reply::Tokens(tokens) => {
            assert_eq!(status, 200);
            assert!(
                json["access_token"]
                    .as_str()
                    .is_some_and(|token| !token.is_empty())
            );
            assert!(
                json["token_type"]
                    .as_str()
                    .is_some_and(|kind| kind.eq_ignore_ascii_case("bearer"))
            );
            assert!(tokens.expires_in <= LONGEST_LIFETIME_SECONDS);
            reply.for_each_text(&mut |text| {
                assert!(
                    !secrets.iter().any(|secret| text.contains(secret)),
                    "{text}"
                );
            });
        }
        Reply::Failed(problem) => {
            let is_code = |code: &str| code.bytes().all(|b| b.is_ascii_lowercase() || b == b'_');
            assert!(problem.code.as_deref().is_none_or(is_code), "{problem:?}");
        }
        other @ (Reply::Discovered(_)
        | Reply::Authorized(_)
        | Reply::Response(_)
        | Reply::SubjectToken(_)
        | Reply::Chosen(_)) => panic!("a token endpoint's answer is told as {other:?}"),
    }
    matches!(reply, Reply::Tokens(_))
}

fn told(status: u16, body: &[u8]) -> Result<Cleared<Reply>> {
    thread_local! {
        static RUNTIME: Runtime = Builder::new_current_thread().build().unwrap();
    }
    let name = TenantName::parse("work").unwrap();
    let tenant = Tenant::parse(&name, "plugin = \"p\"").unwrap();
    let around = Surroundings {
        tenant: &name,
        permissions: permissions(),
        policy: &tenant.policy,
        redirect: &tenant.redirect,
        plugin: "p",
        plugin_digest: "sha256:0",
        scopes: &[],
        demand: &Demand::default(),
        observer: &Unobserved,
        person: &Nobody,
        browser: &Nobody,
        memory: &Forgetful,
        clock: &SystemClock,
        steady: &SteadyClock::default(),
    };
    let http = HttpClient::new(EgressPolicy::default(), Arc::new(Network::default()));
    let mut broker = Broker::new(around, http);
    let role = RoleName::parse("token").unwrap();
    RUNTIME.with(|runtime| runtime.block_on(fuzzing::token_reply(&mut broker, &role, status, body)))
}

/// What is pinned: a token endpoint with two secrets of its own, and members of every shape that may be read.
fn permissions() -> &'static Permissions {
    static PINNED: OnceLock<Permissions> = OnceLock::new();
    PINNED.get_or_init(|| {
        serde_json::from_str(include_str!("token_reply.json")).expect("the file is a table")
    })
}

/// There is nobody to ask, and no browser.
struct Nobody;

impl Person for Nobody {
    fn is_present(&self) -> bool {
        false
    }

    fn choose(&self, _: &Question<'_>) -> Result<usize> {
        Err(Error::user("fuzz", "nobody is there"))
    }

    fn consent(&self, _: &Consent<'_>) -> Result<bool> {
        Ok(false)
    }
}

impl Browser for Nobody {
    fn open<'a>(&'a self, _: &'a BrowserUrl) -> Opening<'a> {
        Box::pin(async { Err(Error::user("fuzz", "there is no browser")) })
    }
}
