//! Which way to sign in (DEV-01, WKL-01): the host chooses, among what the tenant's policy allows and the plugin can drive.

use vestibule_core::Scope;
use vestibule_core::allowed::Denied;
use vestibule_core::approval::Permissions;
use vestibule_core::record::Method;
use vestibule_core::tenant::{Interactive, Risk, Tenant, TenantPolicy};

use crate::probe::{LocalBrowser, Place, Probe, Reach};

const RULE: &str = "method";

/// The way that was chosen, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Chosen {
    /// The way.
    pub method: Method,
    /// One sentence for the person, which names what decided.
    pub why: String,
}

/// What is known besides a tenant's policy and its plugin.
#[derive(Clone, Copy, Debug)]
pub struct Circumstances<'a> {
    /// The way that the person asked for.
    pub asked: Option<Method>,
    /// What this machine is like.
    pub probe: &'a Probe,
    /// The way in which somebody last signed in to this tenant here.
    pub last: Option<Method>,
}

/// Chooses the way to sign in (DEV-01): what the person asked for if policy allows it, else the safest that it allows and that this
/// machine, and the plugin (`Permissions::methods`), can drive. A browser elsewhere that reaches the loopback over a forwarded port
/// comes before a code, since PKCE binds what it brings.
///
/// The device flow is for where no browser can be used. Where one can, or was before, it is taken only by who asks for it: whoever is
/// tricked into entering a code signs somebody else in, and nothing binds the code to this machine.
pub fn choose_method(
    policy: &TenantPolicy,
    methods: &[Method],
    circumstances: Circumstances<'_>,
) -> Result<Chosen, Denied> {
    let Circumstances { asked, probe, last } = circumstances;
    let safest = safest_method(policy, methods)?;
    let device = Ways::of(policy).allow(Method::Device) && methods.contains(&Method::Device);
    if let Some(asked) = asked {
        return asked_for(policy, methods, asked);
    }
    match (safest.method, &probe.browser, probe.reach) {
        (Method::Browser, LocalBrowser::Unusable(_), Reach::Forwarded) => Ok(Chosen {
            method: Method::Browser,
            why: "the browser of the machine that you sit at is safer than a code, and reaches this one over a port that you forward"
                .to_owned(),
        }),
        (Method::Browser, LocalBrowser::Unusable(_), _) if device && last == Some(Method::Browser) => {
            Err(only_if_asked("the last sign-in was by browser, and none can be used here now"))
        }
        // Variables alone say that this screen is not the person's, and anybody can set one.
        (Method::Browser, LocalBrowser::Unusable(why), _) if device && probe.screen => Err(
            only_if_asked(&format!("there is a screen, though {why} (seen: {})", seen(probe))),
        ),
        (Method::Browser | Method::Device, LocalBrowser::Unusable(_), _)
            if device && !probe.person =>
        {
            Err(only_if_asked(
                "without a terminal nobody is there to enter a code but those who read what is printed",
            ))
        }
        (Method::Browser, LocalBrowser::Unusable(why), _) if device => Ok(Chosen {
            method: Method::Device,
            why: format!(
                "no browser can be used here ({why}), and policy.methods allows the device flow"
            ),
        }),
        (Method::Device, LocalBrowser::Usable(opener), _) => Err(only_if_asked(&format!(
            "a browser can be used here (by {opener}; seen: {})",
            seen(probe)
        ))),
        (Method::Browser | Method::Device | Method::Workload, _, _) => Ok(safest),
    }
}

fn seen(probe: &Probe) -> String {
    let seen: Vec<&str> = probe.evidence.iter().map(|one| one.seen.as_str()).collect();
    seen.join(", ")
}

fn only_if_asked(why: &str) -> Denied {
    Denied {
        rule: RULE,
        reason: format!(
            "{why}, so that the weaker device flow is taken only if you ask for it: --method device"
        ),
        fix: None,
        plugins_fault: false,
    }
}

/// Whether somebody is there who could sign in (WKL-03): at a terminal, or at a window, where the tenant says that this may be. An
/// automatic build has neither, whatever the tenant says.
#[must_use]
pub fn is_attended(tenant: &Tenant, probe: &Probe) -> bool {
    let at_a_window = match tenant.interactive {
        Interactive::Terminal => false,
        Interactive::Window => !matches!(probe.place, Place::Ci(_)),
    };
    probe.person || at_a_window
}

/// The safest way that the policy allows and the plugin can drive, wherever that may be.
///
/// A person's ways and a workload's are apart: a policy that lists both is refused, so that neither can ever stand in for the other.
pub fn safest_method(policy: &TenantPolicy, methods: &[Method]) -> Result<Chosen, Denied> {
    let ways = Ways::of(policy);
    if ways.name(Method::Workload) && (ways.name(Method::Browser) || ways.name(Method::Device)) {
        return Err(denied(
            "policy.methods mixes a person's ways to sign in with a workload's",
            Some("\"browser\"".to_owned()),
        ));
    }
    // Safest first.
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
    let mut drivable = order
        .into_iter()
        .filter(|(method, _)| methods.contains(method));
    if let Some((method, why)) = drivable.clone().find(|(method, _)| ways.allow(*method)) {
        let why = if ways.0.is_some() {
            why
        } else {
            "the browser is the safest way, and the default of policy.methods"
        };
        return Ok(Chosen {
            method,
            why: why.to_owned(),
        });
    }
    let reason = match ways.0 {
        None => "the plugin cannot sign in by browser, and policy.methods allows nothing else",
        Some([]) => "policy.methods allows no way to sign in",
        Some(_) => "the plugin can drive none of the ways to sign in that policy.methods allows",
    };
    let possible = drivable.next();
    Err(denied(
        reason,
        possible.map(|(method, _)| format!("\"{}\"", method.as_str())),
    ))
}

/// The way that the person asked for.
fn asked_for(policy: &TenantPolicy, methods: &[Method], asked: Method) -> Result<Chosen, Denied> {
    let ways = Ways::of(policy);
    let word = asked.as_str();
    if !methods.contains(&asked) {
        return Err(denied(
            &format!("the plugin cannot sign in by {word}"),
            None,
        ));
    }
    if ways.allow(asked) {
        return Ok(Chosen {
            method: asked,
            why: format!("you asked for it, and policy.methods allows {word}"),
        });
    }
    // What is allowed stays so: the line adds one way, safest first.
    let all: Vec<String> = [Method::Browser, Method::Device, Method::Workload]
        .into_iter()
        .filter(|method| *method == asked || ways.allow(*method))
        .map(|method| format!("\"{}\"", method.as_str()))
        .collect();
    let mixes = asked == Method::Workload || ways.allow(Method::Workload);
    Err(denied(
        &format!("policy.methods does not allow to sign in by {word}"),
        (!mixes).then(|| all.join(", ")),
    ))
}

/// The ways that a policy names.
#[derive(Clone, Copy)]
struct Ways<'a>(Option<&'a [Method]>);

impl<'a> Ways<'a> {
    fn of(policy: &'a TenantPolicy) -> Self {
        Self(policy.methods.as_deref())
    }

    fn name(self, method: Method) -> bool {
        self.0.is_some_and(|named| named.contains(&method))
    }

    /// What no line of the tenant names is the browser. So the device flow is always named, and for a tenant of high risk too.
    fn allow(self, method: Method) -> bool {
        self.name(method) || (self.0.is_none() && method == Method::Browser)
    }
}

/// The scopes to ask for by this method: the tenant's, or the plugin's where the tenant names none; by device no more than that, and
/// less where the tenant says so (DEV-12).
#[must_use]
pub fn scopes_to_ask(tenant: &Tenant, permissions: &Permissions, method: Method) -> Vec<Scope> {
    let all = scopes_asked(tenant, &permissions.scopes);
    let mut scopes = match method {
        Method::Browser | Method::Workload => all.to_vec(),
        Method::Device => by_device(all, &tenant.policy),
    };
    // Who signs in is always asked; all else only as far as this machine's policy leaves it to the tenant.
    if let Some(within) = &tenant.policy.scopes_within {
        scopes.retain(|scope| within.contains(scope) || scope.as_str() == "openid");
    }
    scopes
}

/// A refresh token makes of one careless moment a long access: by device, it is asked for only where a line says so, and never by a
/// tenant of high risk. Who signs in is always asked.
fn by_device(all: &[Scope], policy: &TenantPolicy) -> Vec<Scope> {
    let is = |scope: &Scope, name: &str| scope.as_str() == name;
    let named = policy.device.scopes.as_deref();
    let mut scopes: Vec<Scope> = all
        .iter()
        .filter(|scope| !is(scope, OFFLINE))
        .filter(|scope| named.is_none_or(|named| named.contains(scope)) || is(scope, "openid"))
        .cloned()
        .collect();
    if keeps_refresh_token(Method::Device, policy) {
        scopes.extend(
            named
                .into_iter()
                .flatten()
                .find(|scope| is(scope, OFFLINE))
                .cloned(),
        );
    }
    scopes
}

/// Whether a refresh token that a sign-in by this method brings may be kept at all (DEV-12). A workload signs in anew, with what its
/// platform says of it then.
#[must_use]
pub fn keeps_refresh_token(method: Method, policy: &TenantPolicy) -> bool {
    match method {
        Method::Browser => true,
        Method::Device => policy.risk != Risk::High,
        Method::Workload => false,
    }
}

/// OIDC Core section 11.
const OFFLINE: &str = "offline_access";

pub(crate) fn scopes_asked<'a>(tenant: &'a Tenant, of_plugin: &'a [Scope]) -> &'a [Scope] {
    tenant.policy.scopes.as_deref().unwrap_or(of_plugin)
}

fn denied(reason: &str, methods: Option<String>) -> Denied {
    Denied {
        rule: RULE,
        reason: reason.to_owned(),
        fix: methods.map(|methods| format!("policy.methods = [{methods}]")),
        plugins_fault: false,
    }
}

#[cfg(test)]
mod tests;
