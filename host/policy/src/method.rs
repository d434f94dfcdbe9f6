//! Which way to sign in (DEV-01, WKL-01): the host chooses, among what the tenant's policy allows and the plugin can drive.

use vestibule_core::Scope;
use vestibule_core::allowed::Denied;
use vestibule_core::approval::Permissions;
use vestibule_core::record::Method;
use vestibule_core::tenant::{Risk, Tenant, TenantPolicy};

use crate::probe::{LocalBrowser, Probe, Reach};

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
    match method {
        Method::Browser | Method::Workload => all.to_vec(),
        Method::Device => by_device(all, &tenant.policy),
    }
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

/// Whether a refresh token that a sign-in by this method brings may be kept at all (DEV-12).
#[must_use]
pub fn keeps_refresh_token(method: Method, policy: &TenantPolicy) -> bool {
    !(method == Method::Device && policy.risk == Risk::High)
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
            let found = safest_method(&policy, possible);
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
            scopes_to_ask(&own, &permissions, Browser),
            [crate::testing::scope("openid")]
        );
        assert_eq!(
            scopes_to_ask(&crate::testing::tenant(""), &permissions, Browser),
            permissions.scopes
        );
    }

    fn policy(lines: &str) -> TenantPolicy {
        crate::testing::tenant(&format!("[policy]\n{lines}\n")).policy
    }

    /// A desktop whose browser can be used, or not.
    fn probe(usable: bool) -> Probe {
        let probe = Probe::of_an_embedder();
        match usable {
            true => Probe {
                browser: LocalBrowser::Usable("xdg-open".to_owned()),
                ..probe
            },
            false => Probe {
                screen: false,
                browser: LocalBrowser::Unusable("there is no screen"),
                reach: Reach::Not,
                ..probe
            },
        }
    }

    fn chosen_at(
        lines: &str,
        asked: Option<Method>,
        probe: &Probe,
        last: Option<Method>,
    ) -> Result<Method, Denied> {
        let circumstances = Circumstances { asked, probe, last };
        let chosen = choose_method(&policy(lines), &[Browser, Device], circumstances);
        chosen.map(|chosen| chosen.method)
    }

    fn chosen(lines: &str, asked: Option<Method>, usable: bool) -> Result<Method, Denied> {
        chosen_at(lines, asked, &probe(usable), None)
    }

    const BOTH: &str = "methods = [\"browser\", \"device\"]";

    #[test]
    fn over_ssh_the_browser_of_the_other_end_comes_before_a_code() {
        let ssh = Probe {
            reach: Reach::Forwarded,
            ..probe(false)
        };
        assert_eq!(chosen_at(BOTH, None, &ssh, None), Ok(Browser));
        assert_eq!(chosen_at("", None, &ssh, None), Ok(Browser));
        assert_eq!(chosen_at(BOTH, Some(Device), &ssh, None), Ok(Device));
        // A tenant that allows no browser has no such way.
        let only = "methods = [\"device\"]";
        assert_eq!(chosen_at(only, None, &ssh, None), Ok(Device));
    }

    // proves: DEV-01
    #[test]
    fn no_variable_makes_a_browser_sign_in_one_by_device_and_nobody_is_no_person() {
        let build = Probe {
            screen: true,
            ..probe(false)
        };
        let alone = Probe {
            person: false,
            ..probe(false)
        };
        for (probe, word) in [(build, "a screen"), (alone, "without a terminal")] {
            for lines in [BOTH, "methods = [\"device\"]"] {
                if word == "a screen" && lines != BOTH {
                    continue; // A tenant that allows nothing else has decided.
                }
                let denied = chosen_at(lines, None, &probe, None).unwrap_err();
                assert!(denied.reason.contains(word), "{denied:?}");
                assert!(denied.reason.contains("--method device"), "{denied:?}");
                assert_eq!(chosen_at(lines, Some(Device), &probe, None), Ok(Device));
            }
            // What has no weaker way goes on as it was.
            assert_eq!(chosen_at("", None, &probe, None), Ok(Browser));
        }
    }

    #[test]
    fn what_was_by_browser_does_not_come_to_be_by_device_unasked() {
        let denied = chosen_at(BOTH, None, &probe(false), Some(Browser)).unwrap_err();
        assert!(denied.reason.contains("--method device"), "{denied:?}");
        assert_eq!(
            chosen_at(BOTH, None, &probe(false), Some(Device)),
            Ok(Device)
        );
        assert_eq!(
            chosen_at(BOTH, Some(Device), &probe(false), Some(Browser)),
            Ok(Device)
        );
        // A stronger way needs no asking.
        assert_eq!(
            chosen_at(BOTH, None, &probe(true), Some(Device)),
            Ok(Browser)
        );
        // Where policy has no other way, the address is there to be opened by hand.
        assert_eq!(
            chosen_at("", None, &probe(false), Some(Browser)),
            Ok(Browser)
        );
    }

    // proves: DEV-01
    #[test]
    fn by_device_signs_in_who_has_no_browser_or_asks_and_nobody_else() {
        let (both, only) = (
            "methods = [\"browser\", \"device\"]",
            "methods = [\"device\"]",
        );
        for risk in ["", "\nrisk = \"high\""] {
            let (both, only) = (&format!("{both}{risk}"), &format!("{only}{risk}"));
            assert_eq!(chosen(both, None, true), Ok(Browser));
            assert_eq!(chosen(both, None, false), Ok(Device));
            assert_eq!(chosen(both, Some(Device), true), Ok(Device));
            assert_eq!(chosen(both, Some(Browser), false), Ok(Browser));
            assert_eq!(chosen(only, None, false), Ok(Device));
            assert_eq!(chosen(only, Some(Device), true), Ok(Device));
            // With a browser present it is refused without an explicit flag.
            let denied = chosen(only, None, true).unwrap_err();
            assert!(denied.reason.contains("--method device"), "{denied:?}");
            assert!(denied.reason.contains("xdg-open"), "{denied:?}");
            assert_eq!(denied.fix, None);
        }
    }

    // proves: DEV-01
    #[test]
    fn a_tenant_that_does_not_name_it_forbids_it_always() {
        for risk in ["", "risk = \"high\""] {
            for lines in [risk.to_owned(), format!("methods = [\"browser\"]\n{risk}")] {
                for usable in [true, false] {
                    assert_eq!(chosen(&lines, None, usable), Ok(Browser), "{lines}");
                    let denied = chosen(&lines, Some(Device), usable).unwrap_err();
                    let fix = "policy.methods = [\"browser\", \"device\"]";
                    assert_eq!(denied.fix.as_deref(), Some(fix), "{lines}");
                    // The line does allow it.
                    let allowing = format!("{}\n{risk}", fix.trim_start_matches("policy."));
                    assert_eq!(chosen(&allowing, Some(Device), usable), Ok(Device));
                }
            }
        }
    }

    #[test]
    fn what_is_asked_for_is_refused_where_the_plugin_or_the_policy_has_it_not() {
        let probe = probe(true);
        let ask = |lines: &str, possible: &[Method], asked| {
            let circumstances = Circumstances {
                asked: Some(asked),
                probe: &probe,
                last: None,
            };
            choose_method(&policy(lines), possible, circumstances).unwrap_err()
        };
        let denied = ask("", &[Browser], Device);
        assert!(denied.reason.contains("cannot sign in by device"));
        assert_eq!(denied.fix, None);
        let denied = ask("methods = [\"device\"]", &[Browser, Device], Browser);
        let fix = "policy.methods = [\"browser\", \"device\"]";
        assert_eq!(denied.fix.as_deref(), Some(fix));
        // No line may mix a person's ways with a workload's.
        let denied = ask("methods = [\"workload\"]", &[Browser, Workload], Browser);
        assert_eq!(denied.fix, None);
        let denied = ask("", &[Browser, Workload], Workload);
        assert_eq!(denied.fix, None);
    }

    #[test]
    fn by_device_less_is_asked_for_and_never_more() {
        let permissions = crate::testing::approve(&crate::testing::oidc()).unwrap();
        let asked = |lines: &str, method| -> Vec<String> {
            let tenant = crate::testing::tenant(&format!("[policy]\n{lines}\n"));
            let scopes = scopes_to_ask(&tenant, &permissions, method);
            scopes.iter().map(ToString::to_string).collect()
        };
        let all = "scopes = [\"openid\", \"offline_access\", \"read\", \"write\"]";
        assert_eq!(
            asked(all, Browser),
            ["openid", "offline_access", "read", "write"]
        );
        assert_eq!(asked(all, Device), ["openid", "read", "write"]);
        let less = format!("{all}\ndevice = {{ scopes = [\"read\", \"admin\"] }}");
        assert_eq!(asked(&less, Device), ["openid", "read"]);
        assert_eq!(
            asked(&less, Browser),
            ["openid", "offline_access", "read", "write"]
        );
        let offline = format!("{all}\ndevice = {{ scopes = [\"read\", \"offline_access\"] }}");
        assert_eq!(
            asked(&offline, Device),
            ["openid", "read", "offline_access"]
        );
        let risky = format!("{offline}\nrisk = \"high\"");
        assert_eq!(asked(&risky, Device), ["openid", "read"]);
        assert!(!keeps_refresh_token(Device, &policy("risk = \"high\"")));
        assert!(keeps_refresh_token(Device, &policy("")));
        assert!(keeps_refresh_token(Browser, &policy("risk = \"high\"")));
    }
}
