//! What a tenant's policy comes to, and who says so: `vestibule tenant check`.

use std::collections::BTreeMap;

use vestibule_core::authentication::{Claim, Claims, Demand};
use vestibule_core::limits::LONGEST_LIFETIME_SECONDS;
use vestibule_core::record::Method;
use vestibule_core::tenant::Tenant;
use vestibule_core::{Error, Result, Scope};
use vestibule_policy::identity::{Occasion, judge_claims};
use vestibule_policy::lifetime::session_end;
use vestibule_policy::step_up::demand_of;
use vestibule_policy::{Chosen, Circumstances, Probe, choose_method, scopes_to_ask};

use crate::approve::Proposal;
use crate::vestibule::Vestibule;

/// A key of a tenant's policy, and what holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PolicyLine {
    /// The key, as the file writes it: `policy.max_session`.
    pub key: String,
    /// What holds, in words.
    pub value: String,
    /// Who says so.
    pub source: Source,
}

/// Who says what holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    /// The tenant file, at this line.
    File(usize),
    /// The system's `policy.toml`.
    System,
    /// Nobody: it is the default.
    Default,
}

/// What a sign-in would be.
#[derive(Clone, Debug)]
pub struct Outlook {
    /// The way, and why.
    pub chosen: Chosen,
    /// The scopes that would be asked for.
    pub scopes: Vec<Scope>,
    /// What would be demanded of the provider.
    pub demand: Demand,
    /// How long the grant would last here at most, in seconds.
    pub session: u64,
    /// How long an access token would be used at most, in seconds.
    pub token: u64,
}

impl Proposal {
    /// Each key of the policy, with what holds on this machine.
    #[must_use]
    pub fn policy(&self) -> Vec<PolicyLine> {
        let own = rows(self.file.tenant());
        rows(&self.tenant)
            .into_iter()
            .map(|(key, value)| {
                let path: Vec<&str> = key.split('.').collect();
                let source = match self.file.line(&path) {
                    Some(line) => Source::File(line),
                    None if own.get(&key) == Some(&value) => Source::Default,
                    None => Source::System,
                };
                PolicyLine { key, value, source }
            })
            .collect()
    }

    /// Whether the policy would let somebody sign in of whom an ID token says this: a JSON object of claims, as the token's payload has it.
    /// What was demanded of the provider is judged as well, with `now` as the time of the sign-in.
    ///
    /// # Errors
    /// `check.claims` if it is no object, or the policy's own refusal.
    pub fn judge_example(&self, claims: &str, now: u64) -> Result<()> {
        let problem = || {
            Error::user(
                "check.claims",
                "the claims are no JSON object, as the payload of an ID token is one",
            )
        };
        let members: BTreeMap<String, serde_json::Value> =
            serde_json::from_str(claims).map_err(|_| problem())?;
        let claims: Claims = members
            .into_iter()
            .filter_map(|(name, value)| Some((name, claim(value)?)))
            .collect();
        let policy = &self.tenant.policy.identity;
        Ok(judge_claims(
            policy,
            &Demand::default(),
            Some(&claims),
            Occasion::SignIn,
            now,
        )?)
    }
}

impl Vestibule {
    /// What a sign-in would be, on a machine like this; nothing is done.
    ///
    /// # Errors
    /// If policy allows none.
    pub fn outlook(
        &self,
        proposal: &Proposal,
        asked: Option<Method>,
        probe: &Probe,
    ) -> Result<Outlook> {
        let permissions = &proposal.approval.permissions;
        let policy = &proposal.tenant.policy;
        let chosen = choose_method(
            policy,
            &permissions.methods,
            Circumstances {
                asked,
                probe,
                last: self.last_method(&proposal.approval.tenant)?,
            },
        )?;
        Ok(Outlook {
            scopes: scopes_to_ask(&proposal.tenant, permissions, chosen.method),
            demand: demand_of(&policy.identity),
            session: session_end(0, chosen.method, policy),
            token: policy
                .max_token
                .map_or(u64::from(LONGEST_LIFETIME_SECONDS), |span| span.as_secs()),
            chosen,
        })
    }
}

fn claim(value: serde_json::Value) -> Option<Claim> {
    Some(match value {
        serde_json::Value::Bool(value) => Claim::Boolean(value),
        serde_json::Value::Number(number) => Claim::Integer(number.as_i64()?),
        serde_json::Value::String(text) => Claim::Text(text),
        serde_json::Value::Array(items) => Claim::Texts(
            items
                .into_iter()
                .filter_map(|item| item.as_str().map(ToOwned::to_owned))
                .collect(),
        ),
        serde_json::Value::Null | serde_json::Value::Object(_) => return None,
    })
}

/// Every key and what it comes to, in words.
fn rows(tenant: &Tenant) -> BTreeMap<String, String> {
    let (policy, network) = (&tenant.policy, &tenant.network);
    let list = |texts: Option<Vec<&str>>, none: &str| {
        texts.map_or_else(|| none.to_owned(), |texts| texts.join(" "))
    };
    let strings = |texts: &Option<Vec<String>>, none: &str| {
        let texts = texts.as_ref();
        list(
            texts.map(|texts| texts.iter().map(String::as_str).collect()),
            none,
        )
    };
    let scopes = |scopes: &Option<Vec<Scope>>, none: &str| {
        let scopes = scopes.as_ref();
        list(
            scopes.map(|scopes| scopes.iter().map(Scope::as_str).collect()),
            none,
        )
    };
    let span = |span: Option<vestibule_core::tenant::Span>, none: &str| {
        span.map_or_else(|| none.to_owned(), |span| span.to_string())
    };
    let methods = policy.methods.as_ref();
    let methods = methods.map(|methods| methods.iter().map(|method| method.as_str()).collect());
    let identity = &policy.identity;
    let mut rows: BTreeMap<String, String> = [
        ("policy.methods", list(methods, "browser")),
        ("policy.risk", policy.risk.as_str().to_owned()),
        ("policy.consent", policy.consent().as_str().to_owned()),
        ("policy.on_alert", policy.on_alert().as_str().to_owned()),
        ("policy.scopes", scopes(&policy.scopes, "the plugin's own")),
        ("policy.audiences", strings(&policy.audiences, "any")),
        ("policy.max_session", span(policy.max_session, "30d")),
        ("policy.max_idle", span(policy.max_idle, "no limit")),
        ("policy.max_token", span(policy.max_token, "1d")),
        (
            "policy.identity.issuers",
            strings(&identity.issuers, "the approved one"),
        ),
        (
            "policy.identity.email_domains",
            strings(&identity.email_domains, "any"),
        ),
        ("policy.identity.acr", strings(&identity.acr, "any")),
        ("policy.identity.max_age", span(identity.max_age, "any")),
        (
            "policy.device.scopes",
            scopes(
                &policy.device.scopes,
                "as policy.scopes, without offline_access",
            ),
        ),
        (
            "policy.device.max_session",
            span(policy.device.max_session, "12h"),
        ),
        ("policy.require_binding", policy.require_binding.to_string()),
        (
            "policy.allow_unrotated_refresh_token",
            policy.allow_unrotated_refresh_token.to_string(),
        ),
        (
            "policy.allow_unknown_identity",
            policy.allow_unknown_identity.to_string(),
        ),
        (
            "policy.allow_unauthenticated_exchange",
            policy.allow_unauthenticated_exchange.to_string(),
        ),
        (
            "policy.accept_unannounced_iss",
            policy.accept_unannounced_iss.to_string(),
        ),
        (
            "network.allow_loopback_http",
            network.allow_loopback_http.to_string(),
        ),
        (
            "network.private_hosts",
            if network.private_hosts.is_empty() {
                "none".to_owned()
            } else {
                network.private_hosts.join(" ")
            },
        ),
    ]
    .into_iter()
    .map(|(key, value)| (key.to_owned(), value))
    .collect();
    if let Some(within) = &policy.scopes_within {
        let within: Vec<&str> = within.iter().map(Scope::as_str).collect();
        let row = rows.entry("policy.scopes".to_owned()).or_default();
        row.push_str(&format!(", of {}", within.join(" ")));
    }
    for (claim, accepted) in &identity.claims {
        let words: Vec<String> = accepted.iter().map(ToString::to_string).collect();
        rows.insert(
            format!("policy.identity.claims.{claim}"),
            words.join(" or "),
        );
    }
    rows
}
