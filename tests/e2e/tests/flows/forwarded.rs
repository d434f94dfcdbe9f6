//! A sign-in at the far end of an SSH session, with the browser at the near end: its loopback is another one, and what is printed to be
//! pasted there is all that brings the two together.

use std::net::{SocketAddr, TcpStream};

use vestibule_e2e::errand::Errand;
use vestibule_e2e::far::FarMachine;
use vestibule_e2e::{Browser, Decision, Machine, OidcProvider, Practice, person};
use vestibule_rehearsal::{Role, Script};

use crate::machine_with;

const BOTH: &str = "[policy]\nmethods = [\"browser\", \"device\"]\n";

fn machine(issuer: &str, client_id: &str, more: &str) -> Machine {
    let machine = machine_with("oidc");
    machine.tenant(
        "corp",
        &format!(
            "plugin = \"oidc\"\ninteractive = \"window\"\n[settings]\nissuer = \"{issuer}\"\nclient_id = \"{client_id}\"\n\
             [network]\nallow_loopback_http = true\n{BOTH}{more}"
        ),
    );
    machine
}

/// The line to paste, the socket that it opens, and the address for the browser.
fn instructions(said: &str) -> Option<(String, SocketAddr, String)> {
    let behind = |words: &str| {
        let (_, rest) = said.split_once(words)?;
        let mut lines = rest.lines().map(str::trim).filter(|line| !line.is_empty());
        lines.next().map(str::to_owned)
    };
    let line = behind("leave it running:")?;
    let address = behind("Sign in at this address:")?;
    // What stands behind it says that the address is whole.
    said.contains("browser of that machine").then_some(())?;
    let (_, forward) = line.split_once("-L ")?;
    let (forward, _) = forward.split_once(' ')?;
    let half = &forward[..forward.len() / 2];
    Some((line.clone(), half.parse().ok()?, address))
}

fn sign_in(machine: &Machine, provider: SocketAddr, browser: Browser) {
    let far = FarMachine::start();
    let login = far.vestibule(machine, provider, &["login", "corp", "--explain"]);
    let (line, opens, address) = login.wait_to_say(instructions);
    assert!(
        TcpStream::connect(opens).is_err(),
        "both sides have one loopback, so that nothing is shown: {opens}"
    );
    let _forwarding = far.paste(&line, opens);
    let errand = Errand {
        browser,
        decision: Decision::Approve,
        report: machine.home().join("report.json"),
    };
    person::go(&errand, &address).unwrap();
    let report = errand.report();
    assert!(report.text().contains("You are signed in"), "{report:?}");
    let outcome = login.finish().succeeded();
    // The decision, and what it stands on.
    for said in ["Method: browser", "SSH_CONNECTION", "forward with ssh -L"] {
        assert!(outcome.stdout.contains(said), "{said}: {outcome}");
    }
}

#[test]
fn the_line_that_is_printed_brings_a_real_browser_at_the_other_end_to_the_loopback_here() {
    let provider = OidcProvider::start(&[]);
    let machine = machine(provider.issuer(), "cli", "");
    let address = provider.issuer().trim_start_matches("http://");
    sign_in(&machine, address.parse().unwrap(), Browser::Chromium);
    provider.expect_grants("authorization_code", 1);
    let token = machine.run(&["token", "corp"]).succeeded();
    assert_eq!(provider.userinfo(token.line()).status, 200);
}

#[test]
fn it_does_so_over_ipv6_and_on_a_port_that_the_tenant_fixes() {
    let port = free_port();
    for redirect in [
        "[redirect]\nhost = \"[::1]\"\n".to_owned(),
        format!("[redirect]\nhost = \"127.0.0.1\"\nport = {port}\n"),
    ] {
        let idp = Practice::openid(Script::honest());
        let machine = machine(&idp.issuer(), Script::CLIENT_ID, &redirect);
        sign_in(&machine, idp.address(), Browser::Visitor);
        let seen = idp.requests_to(Role::Token);
        assert!(seen[0].field("code_verifier").is_some(), "PKCE is kept");
        let redirect_uri = seen[0].field("redirect_uri").unwrap();
        let expected = match redirect.contains("::1") {
            true => "http://[::1]:".to_owned(),
            false => format!("http://127.0.0.1:{port}/"),
        };
        assert!(redirect_uri.starts_with(&expected), "{redirect_uri}");
        assert_eq!(idp.count(Role::DeviceAuthorization), 0);
        assert!(idp.is_live(machine.run(&["token", "corp"]).succeeded().line()));
    }
}

fn free_port() -> u16 {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    listener.local_addr().unwrap().port()
}
