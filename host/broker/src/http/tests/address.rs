//! Where a request goes: names, addresses, URLs.

use super::*;

/// Answers each lookup with the next of a list, and counts.
struct Answers(Mutex<Vec<&'static str>>, Arc<AtomicUsize>);

impl Lookup for Answers {
    fn lookup(&self, _: &str) -> crate::egress::resolver::LookupAnswer {
        self.1.fetch_add(1, Ordering::SeqCst);
        let answer = self.0.lock().unwrap().remove(0);
        Box::pin(async move { Ok(answer.split(' ').map(|ip| ip.parse().unwrap()).collect()) })
    }
}

// proves: NET-03
#[tokio::test]
async fn what_a_name_resolves_to_is_checked_before_anything_connects() {
    let watcher = Server::replying("").await;
    let port = watcher.address.port();
    let name = format!("idp.test:{port}");
    let url = ProviderUrl::parse(&format!("https://{name}/")).unwrap();
    let send = async |policy: EgressPolicy, url: &ProviderUrl, answer: &'static str| {
        let client = HttpClient::new(policy, Arc::default())
            .deadlines(QUICK)
            .lookup(Arc::new(Answers(Mutex::new(vec![answer]), Arc::default())));
        client
            .send(Request::new(Method::Get, url))
            .await
            .unwrap_err()
    };
    let policy = || EgressPolicy::new([HostPort::parse(&name).unwrap()]);
    for answer in [
        "127.0.0.1",
        "::1",
        "0.0.0.0",
        "::",
        "169.254.169.254",
        "fd00:ec2::254",
        "10.0.0.1",
        "172.16.0.1",
        "192.168.0.1",
        "100.100.100.200",
        "fe80::1",
        "224.0.0.1",
        "::ffff:127.0.0.1",
        "64:ff9b::7f00:1",
        "64:ff9b:1::7f00:1",
        "2002:7f00:1::",
        "2001::1",
        // One bad answer among good ones.
        "1.1.1.1 127.0.0.1",
        "127.0.0.1 1.1.1.1",
    ] {
        let error = send(policy(), &url, answer).await;
        assert!(
            matches!(error.problem(), Problem::Refused(Refusal::Address { .. })),
            "{answer}: {error:?}"
        );
        assert_eq!(error.reach(), Reach::NeverSent);
    }
    // Literals: the dialects of an address are no URLs here, and the plain ones are refused though their host is approved.
    for disguised in [
        "127.1",
        "0x7f000001",
        "2130706433",
        "0177.0.0.1",
        "127.0.0.1.",
    ] {
        assert!(
            ProviderUrl::parse(&format!("https://{disguised}/")).is_err(),
            "{disguised}"
        );
    }
    for literal in [
        "127.0.0.1",
        "0.0.0.0",
        "169.254.169.254",
        "[::1]",
        "[fd00:ec2::254]",
        "[::ffff:7f00:1]",
        "[64:ff9b::7f00:1]",
    ] {
        let url = ProviderUrl::parse(&format!("https://{literal}:{port}/")).unwrap();
        let error = send(EgressPolicy::new([HostPort::of(&url)]), &url, "1.1.1.1").await;
        assert!(
            matches!(error.problem(), Problem::Refused(Refusal::Address { .. })),
            "{literal}: {error:?}"
        );
    }
    assert_eq!(watcher.connections.load(Ordering::SeqCst), 0);
    // The operator's exception names the host, and then it is reached (where it answers no TLS).
    let error = send(policy().allow_private_host("idp.test"), &url, "127.0.0.1").await;
    assert!(!matches!(error.problem(), Problem::Refused(_)), "{error:?}");
    assert_eq!(watcher.connections.load(Ordering::SeqCst), 1);
    let error = send(policy().allow_private_host("other.test"), &url, "127.0.0.1").await;
    assert!(
        matches!(
            error.problem(),
            Problem::Refused(Refusal::Address {
                range: Range::Loopback,
                ..
            })
        ),
        "{error:?}"
    );
}

/// Data could travel in the name itself, whatever the answer is.
// proves: PLUG-15
#[tokio::test]
async fn a_name_that_is_not_allowed_is_never_looked_up() {
    let lookups = Arc::new(AtomicUsize::new(0));
    let answers = Answers(Mutex::new(vec!["127.0.0.1"; 8]), Arc::clone(&lookups));
    let policy = EgressPolicy::new([HostPort::parse("idp.test").unwrap()]);
    let client = HttpClient::new(policy, Arc::default())
        .deadlines(QUICK)
        .lookup(Arc::new(answers));
    let send = async |url: &str| {
        let url = ProviderUrl::parse(url).unwrap();
        client
            .send(Request::new(Method::Get, &url))
            .await
            .unwrap_err()
    };
    for url in [
        "https://data.idp.test/",
        "https://data-idp.test/",
        "https://idp.test.mallory.test/",
        "https://test/",
        "https://idp.test:8443/",
    ] {
        let error = send(url).await;
        let refused = matches!(error.problem(), Problem::Refused(Refusal::Host(_)));
        assert!(refused, "{url}: {error:?}");
        assert_eq!(lookups.load(Ordering::SeqCst), 0, "{url}");
    }
    send("https://idp.test/").await;
    assert_eq!(lookups.load(Ordering::SeqCst), 1);
}

// proves: NET-04
#[tokio::test]
async fn a_second_lookup_cannot_lead_elsewhere() {
    let watcher = Server::replying("").await;
    let name = format!("idp.test:{}", watcher.address.port());
    let url = ProviderUrl::parse(&format!("https://{name}/")).unwrap();
    let lookups = Arc::new(AtomicUsize::new(0));
    // The operator's exception lets the first answer through. The second leads to the same listener, and no exception covers it.
    let answers = vec!["127.0.0.1", "0.0.0.0", "127.0.0.1", "0.0.0.0"];
    let policy =
        EgressPolicy::new([HostPort::parse(&name).unwrap()]).allow_private_host("idp.test");
    let client = HttpClient::new(policy, Arc::default())
        .deadlines(QUICK)
        .lookup(Arc::new(Answers(Mutex::new(answers), Arc::clone(&lookups))));
    for turn in 0..4 {
        let error = client
            .send(Request::new(Method::Get, &url))
            .await
            .unwrap_err();
        // One lookup a connection, whose answer is checked and used.
        assert_eq!(lookups.load(Ordering::SeqCst), turn + 1);
        let refused = matches!(
            error.problem(),
            Problem::Refused(Refusal::Address {
                range: Range::Unspecified,
                ..
            })
        );
        assert_eq!(refused, turn % 2 == 1, "{error:?}");
        assert_eq!(error.reach(), Reach::NeverSent);
        // Reached on the even turns alone, where it answers no TLS.
        assert_eq!(watcher.connections.load(Ordering::SeqCst), turn / 2 + 1);
    }
}

// proves: NET-05
#[test]
fn an_ambiguous_url_is_refused_or_leads_where_the_check_said() {
    for refused in [
        "https://idp.test\\@evil.test/",
        "https://idp.test\\.evil.test/",
        "https://user@idp.test/",
        "https://user:pass@idp.test/",
        "https://@idp.test/",
        "https://idp.test@evil.test/",
        "https://idp.test%40evil.test/",
        "https://idp%2etest/",
        "https://idp.test./",
        "https://",
        "https:///",
        "https:///idp.test/",
        "https://:443/",
        "https:idp.test/",
        "https:/idp.test/",
        "//idp.test/",
        "https://idp.test:99999/",
        "https://idp.test:x/",
        "https://idp .test/",
        "https://idp.test /",
        " https://idp.test/",
        "https://idp.test/\t",
        "https://idp.test\r\n/",
        "https://idp.test/\0",
        "https://idp\u{ad}.test/",
        "https://ｉdp.test/",
        "https://127.1/",
        "https://0x7f000001/",
        "https://2130706433/",
        "https://0177.0.0.1/",
        "https://[::ffff:127.0.0.1]/",
        "https://[0:0:0:0:0:0:0:1]/",
        "https://[::1%25lo]/",
        "https://idp.test/#@evil.test",
        "http://idp.test/",
        "ftp://idp.test/",
        "file:///etc/passwd",
        "https://idp.test#@evil.test/",
    ] {
        assert!(ProviderUrl::parse(refused).is_err(), "{refused:?}");
    }
    let policy = EgressPolicy::new([HostPort::parse("idp.test").unwrap()]);
    for (text, approved) in [
        ("https://idp.test/", true),
        ("https://IDP.TEST/", true),
        ("HTTPS://idp.test", true),
        ("https://idp.test:443/", true),
        ("https://idp.test:0443/", true),
        ("https://idp.test:/", true),
        ("https://idp.test//evil.test/", true),
        ("https://idp.test/@evil.test", true),
        ("https://idp.test/..//x", true),
        ("https://idp.test?@evil.test/", true),
        ("https://idp.test/%2f%40evil.test", true),
        ("https://idp.test/a;b@c:d", true),
        ("https://idp.test:8443/", false),
        ("https://idp.test:80/", false),
        ("https://evil.test/?idp.test", false),
        ("https://idp.test.evil.test/", false),
        ("https://idp-test/", false),
        ("https://xn--idp-test/", false),
    ] {
        // Refused by the parser is fine as well: nothing is sent then.
        let Ok(url) = ProviderUrl::parse(text) else {
            continue;
        };
        assert_eq!(policy.check_url(&url).is_ok(), approved, "{text}");
        // What the connection layer reads from the request is what was checked.
        let request = Request::new(Method::Get, &url).into_inner();
        let connected: hyper::Uri = request.url().as_str().parse().unwrap();
        let port = connected.port_u16().unwrap_or(443);
        assert_eq!(connected.host(), Some(url.host()), "{text}");
        assert_eq!(Some(port), url.as_url().port_or_known_default(), "{text}");
    }
    assert!(
        policy
            .check_url(&ProviderUrl::parse("https://idp.test/").unwrap())
            .is_ok()
    );
}
