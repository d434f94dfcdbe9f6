//! What the system's `policy.toml` means for a tenant (POL-08): a bound for each key. A tenant file may be stricter; one that is laxer is
//! refused at its line; where it is silent, the bound takes the place of the default.

use std::fmt;

use vestibule_core::Shown;
use vestibule_core::record::Method;
use vestibule_core::tenant::{
    AssertionAudience, Consent, IdentityPolicy, Lock, Risk, Span, Tenant, Written,
};

/// A tenant file that goes beyond a lock.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Beyond {
    /// The key.
    pub path: Vec<String>,
    /// What it says and what it may, in one sentence.
    pub message: String,
}

/// Holds a tenant within a lock. `written` says which keys its file has.
///
/// # Errors
/// If the file says what the lock does not leave to it.
pub fn hold(tenant: &mut Tenant, written: &Written<'_>, lock: &Lock) -> Result<(), Beyond> {
    let file = File(written);
    if let Some(plugins) = &lock.plugins
        && !plugins.contains(&tenant.plugin)
    {
        let listed: Vec<&str> = plugins.iter().map(|plugin| plugin.as_str()).collect();
        return Err(beyond(
            &["plugin"],
            format!("plugin is \"{}\"", tenant.plugin),
            &listed.join(", "),
        ));
    }
    ways(tenant, &file, lock)?;
    times(tenant, &file, lock)?;
    identity(&mut tenant.policy.identity, &file, lock)?;
    exceptions(tenant, lock)
}

/// Which keys a file has.
struct File<'a>(&'a Written<'a>);

impl File<'_> {
    fn has(&self, path: &[&str]) -> bool {
        self.0.has(path)
    }

    /// A list of which the file may have some.
    fn some_of<T: Clone + PartialEq + fmt::Display>(
        &self,
        path: &[&str],
        own: &mut Option<Vec<T>>,
        bound: Option<&Vec<T>>,
    ) -> Result<(), Beyond> {
        let Some(bound) = bound else { return Ok(()) };
        let Some(list) = own else {
            *own = Some(bound.clone());
            return Ok(());
        };
        if self.has(path)
            && let Some(other) = list.iter().find(|item| !bound.contains(item))
        {
            let says = format!(
                "{} has \"{}\"",
                path.join("."),
                Shown::new(&other.to_string())
            );
            return Err(beyond(path, says, &words(bound)));
        }
        list.retain(|item| bound.contains(item));
        Ok(())
    }

    /// A span that may be shorter.
    fn at_most(
        &self,
        path: &[&str],
        own: &mut Option<Span>,
        bound: Option<Span>,
    ) -> Result<(), Beyond> {
        let Some(bound) = bound else { return Ok(()) };
        match own {
            Some(span) if span.as_secs() <= bound.as_secs() => Ok(()),
            Some(span) if self.has(path) => Err(beyond(
                path,
                format!("{} is {span}", path.join(".")),
                &format!("{bound} at most"),
            )),
            Some(_) | None => {
                *own = Some(bound);
                Ok(())
            }
        }
    }
}

fn ways(tenant: &mut Tenant, file: &File<'_>, lock: &Lock) -> Result<(), Beyond> {
    let (policy, bound) = (&mut tenant.policy, &lock.policy);
    if let Some(methods) = &bound.methods {
        let path = ["policy", "methods"];
        let own = policy.methods.get_or_insert_with(|| vec![Method::Browser]);
        if let Some(other) = own.iter().find(|method| !methods.contains(method)) {
            let says = if file.has(&path) {
                format!("policy.methods has \"{}\"", other.as_str())
            } else {
                format!("without policy.methods it is \"{}\"", other.as_str())
            };
            return Err(beyond(&path, says, &words(methods)));
        }
    }
    if let Some(scopes) = &bound.scopes {
        if policy.scopes.is_some() {
            file.some_of(&["policy", "scopes"], &mut policy.scopes, Some(scopes))?;
        }
        if policy.device.scopes.is_some() {
            let path = ["policy", "device", "scopes"];
            file.some_of(&path, &mut policy.device.scopes, Some(scopes))?;
        }
        let within = policy.scopes_within.get_or_insert_with(|| scopes.clone());
        within.retain(|scope| scopes.contains(scope));
    }
    file.some_of(
        &["policy", "audiences"],
        &mut policy.audiences,
        bound.audiences.as_ref(),
    )?;
    if let Some(risk) = bound.risk
        && policy.risk < risk
    {
        let path = ["policy", "risk"];
        if file.has(&path) {
            return Err(beyond(
                &path,
                format!("policy.risk is \"{}\"", policy.risk.as_str()),
                &format!("\"{}\" at least", risk.as_str()),
            ));
        }
        policy.risk = risk;
    }
    if let Some(consent) = bound.consent
        && policy.consent() < consent
    {
        let path = ["policy", "consent"];
        if file.has(&path) {
            return Err(beyond(
                &path,
                format!("policy.consent is \"{}\"", policy.consent().as_str()),
                &format!("\"{}\"", consent.as_str()),
            ));
        }
        policy.consent = Some(consent);
    }
    if let Some(on_alert) = bound.on_alert
        && policy.on_alert() < on_alert
    {
        let path = ["policy", "on_alert"];
        if file.has(&path) {
            return Err(beyond(
                &path,
                format!("policy.on_alert is \"{}\"", policy.on_alert().as_str()),
                &format!("\"{}\"", on_alert.as_str()),
            ));
        }
        policy.on_alert = Some(on_alert);
    }
    // The risk may have been raised after the file said what it says of consent.
    if policy.risk == Risk::High {
        policy.consent = Some(Consent::EachSignIn);
    }
    Ok(())
}

fn times(tenant: &mut Tenant, file: &File<'_>, lock: &Lock) -> Result<(), Beyond> {
    let (policy, bound) = (&mut tenant.policy, &lock.policy);
    file.at_most(
        &["policy", "max_session"],
        &mut policy.max_session,
        bound.max_session,
    )?;
    file.at_most(
        &["policy", "max_idle"],
        &mut policy.max_idle,
        bound.max_idle,
    )?;
    file.at_most(
        &["policy", "max_token"],
        &mut policy.max_token,
        bound.max_token,
    )
}

fn identity(own: &mut IdentityPolicy, file: &File<'_>, lock: &Lock) -> Result<(), Beyond> {
    let bound = &lock.policy.identity;
    let path = |key| ["policy", "identity", key];
    file.some_of(&path("issuers"), &mut own.issuers, bound.issuers.as_ref())?;
    file.some_of(
        &path("email_domains"),
        &mut own.email_domains,
        bound.email_domains.as_ref(),
    )?;
    file.some_of(&path("acr"), &mut own.acr, bound.acr.as_ref())?;
    file.at_most(&path("max_age"), &mut own.max_age, bound.max_age)?;
    for (claim, accepted) in &bound.claims {
        let mut values = own.claims.remove(claim);
        let path = ["policy", "identity", "claims", claim.as_str()];
        file.some_of(&path, &mut values, Some(accepted))?;
        own.claims
            .extend(values.map(|values| (claim.clone(), values)));
    }
    Ok(())
}

fn exceptions(tenant: &mut Tenant, lock: &Lock) -> Result<(), Beyond> {
    let policy = &mut tenant.policy;
    if lock.policy.require_binding == Some(true) {
        policy.require_binding = true;
    }
    for (key, is, bound) in [
        (
            "allow_unrotated_refresh_token",
            policy.allow_unrotated_refresh_token,
            lock.policy.allow_unrotated_refresh_token,
        ),
        (
            "allow_unknown_identity",
            policy.allow_unknown_identity,
            lock.policy.allow_unknown_identity,
        ),
        (
            "allow_unauthenticated_exchange",
            policy.allow_unauthenticated_exchange,
            lock.policy.allow_unauthenticated_exchange,
        ),
        (
            "accept_unannounced_iss",
            policy.accept_unannounced_iss,
            lock.policy.accept_unannounced_iss,
        ),
    ] {
        never(&["policy", key], is, bound)?;
    }
    if policy.client_assertion_audience == AssertionAudience::TokenEndpoint
        && lock.policy.client_assertion_audience == Some(AssertionAudience::Issuer)
    {
        let says = "policy.client_assertion_audience is \"token_endpoint\"".to_owned();
        let path = ["policy", "client_assertion_audience"];
        return Err(beyond(&path, says, "\"issuer\""));
    }
    let network = &tenant.network;
    never(
        &["network", "allow_loopback_http"],
        network.allow_loopback_http,
        lock.network.allow_loopback_http,
    )?;
    if let Some(hosts) = &lock.network.private_hosts
        && let Some(other) = network
            .private_hosts
            .iter()
            .find(|host| !hosts.contains(host))
    {
        let says = format!("network.private_hosts has \"{}\"", Shown::new(other));
        return Err(beyond(&["network", "private_hosts"], says, &words(hosts)));
    }
    Ok(())
}

/// An exception that no tenant may make.
fn never(path: &[&str], is: bool, bound: Option<bool>) -> Result<(), Beyond> {
    if is && bound == Some(false) {
        return Err(beyond(
            path,
            format!("{} is true", path.join(".")),
            "false only",
        ));
    }
    Ok(())
}

fn beyond(path: &[&str], says: String, allowed: &str) -> Beyond {
    let allowed = if allowed.is_empty() {
        "nothing"
    } else {
        allowed
    };
    Beyond {
        path: path.iter().map(|name| (*name).to_owned()).collect(),
        message: format!(
            "{says}, and this machine's policy allows {}",
            Shown::new(allowed)
        ),
    }
}

fn words<T: fmt::Display>(values: &[T]) -> String {
    let words: Vec<String> = values.iter().map(ToString::to_string).collect();
    words.join(", ")
}

#[cfg(test)]
mod tests;
