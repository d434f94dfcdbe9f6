//! Attack: a provider sets cookies to know the machine again, and the surroundings offer credentials and proxies that nobody asked for.
//! Stopped by: a client of its own for each flow, without cookies, `.netrc` or the environment's proxies, host/broker/src/http.rs

use std::collections::BTreeSet;
use std::net::TcpListener;
use std::process::Command;

use vestibule_attacks::Stage;
use vestibule_attacks::stage::conforming_file;
use vestibule_e2e::process::Running;
use vestibule_e2e::{Machine, Practice};
use vestibule_rehearsal::{Fault, Role, Script, Seen, Visitor};

const ROLES: [Role; 8] = [
    Role::Discovery,
    Role::ServerMetadata,
    Role::Jwks,
    Role::PushedAuthorization,
    Role::Token,
    Role::UserInfo,
    Role::Api,
    Role::Revocation,
];

/// Requests that this host made, and not a browser.
fn by_host(seen: Vec<Seen>) -> impl Iterator<Item = Seen> {
    seen.into_iter()
        .filter(|seen| !matches!(seen.role, Role::Authorization | Role::Consent))
}

// proves: NET-10
#[tokio::test(flavor = "multi_thread")]
async fn no_cookie_is_sent_back_and_no_connection_serves_two_flows_or_tenants() {
    let cookies = ROLES.into_iter().fold(Script::honest(), |script, role| {
        script.fault(role, Fault::SetCookie)
    });
    let stage = Stage::with(cookies).await;
    let first = stage.conforming("").await.unwrap();
    let second = stage
        .approve_file("second", &conforming_file(&stage.idp, ""))
        .await
        .unwrap();
    let mut used: Vec<BTreeSet<u64>> = Vec::new();
    let mut number = stage.idp.requests().len();
    for name in [&first, &second, &first] {
        stage.sign_in(name).await.unwrap();
        let all = stage.idp.requests();
        used.push(
            by_host(all[number..].to_vec())
                .map(|seen| seen.connection)
                .collect(),
        );
        number = all.len();
        let _ = stage.refresh(name).await.unwrap();
        let all = stage.idp.requests();
        used.push(
            by_host(all[number..].to_vec())
                .map(|seen| seen.connection)
                .collect(),
        );
        number = all.len();
    }
    for (at, flow) in used.iter().enumerate() {
        assert!(!flow.is_empty());
        assert!(
            used[..at].iter().all(|earlier| earlier.is_disjoint(flow)),
            "{used:?}"
        );
    }
    for seen in by_host(stage.idp.requests()) {
        assert_eq!(seen.header("cookie"), None, "{:?}", seen.role);
        assert_eq!(seen.header("authorization"), None, "{:?}", seen.role);
    }
}

// proves: NET-10
#[test]
fn neither_netrc_nor_the_environments_proxies_are_used() {
    let idp = Practice::openid(Script::honest());
    let machine = Machine::new("/does/not/exist");
    machine.install("oidc");
    machine.tenant("corp", &conforming_file(&idp, ""));
    let netrc = "machine 127.0.0.1 login mallory password netrc-marker\ndefault login mallory password netrc-marker\n";
    std::fs::write(machine.home().join(".netrc"), netrc).unwrap();
    let proxy = TcpListener::bind("127.0.0.1:0").unwrap();
    proxy.set_nonblocking(true).unwrap();
    let url = format!(
        "http://mallory:netrc-marker@{}",
        proxy.local_addr().unwrap()
    );
    let hostile = |command: &mut Command| {
        for name in [
            "HTTP_PROXY",
            "http_proxy",
            "HTTPS_PROXY",
            "https_proxy",
            "ALL_PROXY",
            "all_proxy",
        ] {
            command.env(name, &url);
        }
        command
            .env("NO_PROXY", "")
            .env("NETRC", machine.home().join(".netrc"));
    };
    let login: Running = machine.start_with(&["login", "corp", "--no-browser"], hostile);
    let address = login.address();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime
        .block_on(Visitor::approve("ada").visit(&address))
        .unwrap();
    let _ = login.finish().succeeded();
    let _ = machine
        .start_with(&["token", "corp", "--refresh"], hostile)
        .finish()
        .succeeded();
    let _ = machine
        .start_with(&["logout", "corp"], hostile)
        .finish()
        .succeeded();

    assert!(proxy.accept().is_err(), "the proxy was asked");
    let requests = idp.requests();
    assert!(requests.len() > 8);
    for seen in by_host(requests) {
        let said = format!(
            "{} {:?} {}",
            seen.target,
            seen.headers,
            String::from_utf8_lossy(&seen.body)
        );
        assert!(
            !said.contains("netrc-marker") && !said.contains("mallory"),
            "{said}"
        );
        assert_eq!(seen.header("authorization"), None, "{said}");
        assert!(!seen.target.starts_with("http"), "{said}");
    }
}
