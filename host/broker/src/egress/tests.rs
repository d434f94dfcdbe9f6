use super::*;

fn url(text: &str) -> ProviderUrl {
    ProviderUrl::parse(text).unwrap()
}

fn policy(hosts: &[&str]) -> EgressPolicy {
    EgressPolicy::new(hosts.iter().map(|host| HostPort::parse(host).unwrap()))
}

#[test]
fn only_approved_names_and_ports_pass() {
    let policy = policy(&["idp.test", "api.test:8443"]);
    for allowed in [
        "https://idp.test/token",
        "https://idp.test:443/",
        "https://IDP.test/",
        "https://api.test:8443/x",
    ] {
        assert_eq!(policy.check_url(&url(allowed)), Ok(()), "{allowed}");
    }
    for refused in [
        "https://idp.test:8443/",
        "https://api.test/",
        "https://sub.idp.test/",
        "https://idp.test.evil.test/",
        "https://evil.test/idp.test",
    ] {
        assert!(
            matches!(policy.check_url(&url(refused)), Err(Refusal::Host(_))),
            "{refused}"
        );
    }
}

#[test]
fn a_loopback_literal_needs_the_operators_exception_and_the_approval() {
    let http = url("http://127.0.0.1:8080/token");
    let https = url("https://[::1]:8443/token");
    let approved = EgressPolicy::new([HostPort::of(&http), HostPort::of(&https)]);
    assert!(matches!(
        approved.check_url(&http),
        Err(Refusal::LoopbackHttp(_))
    ));
    assert!(matches!(
        approved.check_url(&https),
        Err(Refusal::Address {
            range: Range::Loopback,
            ..
        })
    ));

    let excepted = approved.allow_loopback_http();
    assert_eq!(excepted.check_url(&http), Ok(()));
    assert_eq!(excepted.check_url(&https), Ok(()));
    assert!(matches!(
        excepted.check_url(&url("http://127.0.0.1:8081/")),
        Err(Refusal::Host(_))
    ));
    assert!(matches!(
        excepted.check_url(&url("http://127.0.0.2:8080/")),
        Err(Refusal::Host(_))
    ));
}

#[test]
fn the_loopback_exception_does_not_open_other_private_literals() {
    for literal in [
        "https://10.0.0.1",
        "https://169.254.169.254",
        "https://[fd00:ec2::254]",
        "https://[::ffff:7f00:1]",
        "https://[64:ff9b::7f00:1]",
    ] {
        let literal = url(literal);
        let policy = EgressPolicy::new([HostPort::of(&literal)]).allow_loopback_http();
        assert!(
            matches!(policy.check_url(&literal), Err(Refusal::Address { .. })),
            "{literal}"
        );
    }
}

#[test]
fn an_exception_names_one_host_and_covers_no_address_that_is_none() {
    let policy = policy(&["idp.corp", "other.corp"]).allow_private_host("IDP.corp");
    let private = "10.1.2.3".parse().unwrap();
    assert_eq!(policy.check_address("idp.corp", private), Ok(()));
    assert!(policy.check_address("other.corp", private).is_err());
    for never in ["0.0.0.0", "::", "224.0.0.1", "255.255.255.255", "240.0.0.1"] {
        assert!(
            policy
                .check_address("idp.corp", never.parse().unwrap())
                .is_err(),
            "{never}"
        );
    }
}

#[test]
fn a_host_is_written_as_a_url_would_have_it() {
    assert_eq!(HostPort::parse("idp.test").unwrap().to_string(), "idp.test");
    assert_eq!(
        HostPort::parse("idp.test:443").unwrap().to_string(),
        "idp.test"
    );
    assert_eq!(
        HostPort::parse("[::1]:8443").unwrap().to_string(),
        "[::1]:8443"
    );
    for bad in [
        "",
        "a/b",
        "user@h",
        "h?x",
        "h#x",
        "127.1",
        "0x7f000001",
        "2130706433",
        "h\\i",
        "h\r\n",
        "h.",
        "*.test:x",
    ] {
        assert!(HostPort::parse(bad).is_err(), "{bad:?}");
    }
}

#[test]
fn a_refusal_names_the_line_that_would_allow_it() {
    let policy = policy(&["idp.corp"]);
    let refusal = policy
        .check_address("idp.corp", "10.0.0.1".parse().unwrap())
        .unwrap_err();
    let error = Error::from(refusal);
    assert_eq!(error.code(), "net.address");
    assert!(
        error
            .next_step()
            .unwrap()
            .contains("network.private_hosts = [\"idp.corp\"]")
    );
}

#[test]
fn a_service_of_the_platform_is_reached_at_its_one_url_and_by_nothing_else() {
    let platform = |text: &str| ProviderUrl::parse_platform(text).unwrap();
    let service = platform("http://169.254.169.254/metadata/identity/oauth2/token");
    let alone = EgressPolicy::of_platform(&service);
    assert_eq!(alone.check_url(&service), Ok(()));
    for other in [
        platform("http://169.254.169.254/metadata/identity"),
        platform("http://169.254.169.254/metadata/identity/oauth2/token/x"),
        platform("http://169.254.169.254:8080/metadata/identity/oauth2/token"),
        platform("http://169.254.169.253/metadata/identity/oauth2/token"),
        platform("http://10.0.0.1/metadata/identity/oauth2/token"),
        platform("http://127.0.0.1/metadata/identity/oauth2/token"),
        url("https://169.254.169.254/metadata/identity/oauth2/token"),
        url("https://idp.test/metadata/identity/oauth2/token"),
    ] {
        assert!(alone.check_url(&other).is_err(), "{other}");
    }
    assert!(alone.check_name("169.254.169.254").is_err());

    // Neither approval nor exception makes such a URL one that a flow may call.
    let all = EgressPolicy::new([HostPort::of(&service)])
        .allow_loopback_http()
        .allow_private_host("169.254.169.254");
    assert!(matches!(all.check_url(&service), Err(Refusal::Host(_))));
}
