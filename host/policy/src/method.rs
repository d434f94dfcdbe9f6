//! Which way to sign in (DEV-01, WKL-01): the host chooses, among what the tenant's policy allows and the plugin can drive.

use vestibule_core::Scope;
use vestibule_core::allowed::Denied;
use vestibule_core::approval::Permissions;
use vestibule_core::record::Method;
use vestibule_core::tenant::{Tenant, TenantPolicy};

const RULE: &str = "method";

/// The way that was chosen, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Chosen {
    /// The way.
    pub method: Method,
    /// One sentence for the person, which names the line that decided.
    pub why: &'static str,
}

/// Chooses the safest way that the policy allows and the plugin can drive (`Permissions::methods`).
///
/// A person's ways and a workload's are apart: a policy that lists both is refused, so that neither can ever stand in for the other.
pub fn choose_method(policy: &TenantPolicy, methods: &[Method]) -> Result<Chosen, Denied> {
    let allowed = policy.methods.as_deref();
    let is_allowed = |method| allowed.is_some_and(|allowed| allowed.contains(&method));
    if is_allowed(Method::Workload) && (is_allowed(Method::Browser) || is_allowed(Method::Device)) {
        return Err(denied(
            "policy.methods mixes a person's ways to sign in with a workload's",
            Some(Method::Browser),
        ));
    }
    // Safest first. What no line of the tenant names is the browser.
    let order = [
        (
            Method::Browser,
            "the browser is the safest way, and policy.methods allows it",
        ),
        (
            Method::Device,
            "policy.methods allows the device flow, and no safer way that the plugin can drive",
        ),
        (
            Method::Workload,
            "policy.methods allows a workload's own assertion only",
        ),
    ];
    if allowed.is_none() && methods.contains(&Method::Browser) {
        return Ok(Chosen {
            method: Method::Browser,
            why: "the browser is the safest way, and the default of policy.methods",
        });
    }
    if let Some((method, why)) = order
        .into_iter()
        .find(|(method, _)| is_allowed(*method) && methods.contains(method))
    {
        return Ok(Chosen { method, why });
    }
    let reason = match allowed {
        None => "the plugin cannot sign in by browser, and policy.methods allows nothing else",
        Some([]) => "policy.methods allows no way to sign in",
        Some(_) => "the plugin can drive none of the ways to sign in that policy.methods allows",
    };
    let possible = order
        .into_iter()
        .map(|(method, _)| method)
        .find(|method| methods.contains(method));
    Err(denied(reason, possible))
}

/// The scopes to ask for: the tenant's, or the plugin's where the tenant names none.
#[must_use]
pub fn scopes_to_ask(tenant: &Tenant, permissions: &Permissions) -> Vec<Scope> {
    scopes_asked(tenant, &permissions.scopes).to_vec()
}

pub(crate) fn scopes_asked<'a>(tenant: &'a Tenant, of_plugin: &'a [Scope]) -> &'a [Scope] {
    tenant.policy.scopes.as_deref().unwrap_or(of_plugin)
}

fn denied(reason: &str, possible: Option<Method>) -> Denied {
    Denied {
        rule: RULE,
        reason: reason.to_owned(),
        fix: possible.map(|method| format!("policy.methods = [\"{}\"]", method.as_str())),
        plugins_fault: false,
    }
}

#[cfg(test)]
mod tests {
    use Method::{Browser, Device, Workload};

    use super::*;

    #[test]
    fn the_safest_allowed_way_is_chosen_and_nothing_silently() {
        type Case<'a> = (
            Option<&'a [Method]>,
            &'a [Method],
            Result<Method, Option<&'a str>>,
        );
        let cases: &[Case<'_>] = &[
            (None, &[Browser, Device], Ok(Browser)),
            (None, &[Device], Err(Some("policy.methods = [\"device\"]"))),
            (
                None,
                &[Workload],
                Err(Some("policy.methods = [\"workload\"]")),
            ),
            (Some(&[Device, Browser]), &[Device, Browser], Ok(Browser)),
            (Some(&[Device]), &[Device, Browser], Ok(Device)),
            (Some(&[Device, Browser]), &[Device], Ok(Device)),
            (
                Some(&[Browser]),
                &[Device],
                Err(Some("policy.methods = [\"device\"]")),
            ),
            (Some(&[Workload]), &[Browser, Workload], Ok(Workload)),
            (
                Some(&[Workload]),
                &[Browser],
                Err(Some("policy.methods = [\"browser\"]")),
            ),
            (
                Some(&[Browser, Workload]),
                &[Browser, Workload],
                Err(Some("policy.methods = [\"browser\"]")),
            ),
            (
                Some(&[Device, Workload]),
                &[Workload],
                Err(Some("policy.methods = [\"browser\"]")),
            ),
            (
                Some(&[]),
                &[Browser],
                Err(Some("policy.methods = [\"browser\"]")),
            ),
            (Some(&[Browser]), &[], Err(None)),
        ];
        for (allowed, possible, expected) in cases {
            let policy = TenantPolicy {
                methods: allowed.map(<[_]>::to_vec),
                ..TenantPolicy::default()
            };
            let found = choose_method(&policy, possible);
            match (&found, expected) {
                (Ok(chosen), Ok(method)) => {
                    assert_eq!(chosen.method, *method);
                    assert!(chosen.why.contains("policy.methods"));
                }
                (Err(denied), Err(fix)) => {
                    assert_eq!(denied.fix.as_deref(), *fix, "{allowed:?} {possible:?}");
                    assert!(!denied.plugins_fault);
                }
                _ => panic!("{allowed:?} {possible:?}: {found:?}"),
            }
        }
    }

    #[test]
    fn the_tenants_scopes_replace_the_plugins() {
        let permissions = crate::testing::approve(&crate::testing::oidc()).unwrap();
        let own = crate::testing::tenant("[policy]\nscopes = [\"openid\"]\n");
        assert_eq!(
            scopes_to_ask(&own, &permissions),
            [crate::testing::scope("openid")]
        );
        assert_eq!(
            scopes_to_ask(&crate::testing::tenant(""), &permissions),
            permissions.scopes
        );
    }
}
