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

// proves: WKL-03
#[test]
fn nobody_is_there_without_a_terminal_but_at_a_window_that_the_tenant_names_and_never_in_a_build() {
    let at = |place: Place, person: bool| Probe {
        place,
        person,
        ..probe(true)
    };
    let build = || Place::Ci("a build");
    for (probe, terminal, window) in [
        (at(Place::Desktop, true), true, true),
        (at(Place::Desktop, false), false, true),
        (at(Place::Ssh, true), true, true),
        (at(Place::Service, false), false, true),
        (at(build(), false), false, false),
    ] {
        for (lines, attended) in [("", terminal), ("interactive = \"window\"\n", window)] {
            let tenant = crate::testing::tenant(lines);
            assert_eq!(
                is_attended(&tenant, &probe),
                attended,
                "{lines} {:?}",
                probe.place
            );
        }
    }
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
