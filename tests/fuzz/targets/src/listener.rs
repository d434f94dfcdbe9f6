//! What a client sends to the loopback listener (RFC 9112 section 2, RFC 8252 section 7.3).

use tokio::runtime::{Builder, Runtime};
use vestibule_broker::fuzzing::loopback_query;

const AUTHORITY: &str = "127.0.0.1:4711";
const PATH: &str = "/oauth/0123";

thread_local! {
    static RUNTIME: Runtime = Builder::new_current_thread().enable_time().build().unwrap();
}

/// What gets to the redirect URI was asked for by GET, in HTTP/1.1, with this very path and host.
pub fn run(bytes: &[u8]) -> bool {
    let found = RUNTIME.with(|runtime| runtime.block_on(loopback_query(bytes, AUTHORITY, PATH)));
    let Some(query) = found else {
        return false;
    };
    let head = String::from_utf8_lossy(bytes);
    let mut lines = head.trim_start_matches(['\r', '\n']).lines();
    let line = lines.next().unwrap();
    let target = line.strip_prefix("GET ").expect("only GET is served");
    let target = target.trim_end().strip_suffix("HTTP/1.1");
    let target = target.expect("only HTTP/1.1 is served").trim_end();
    let rest = target.strip_prefix(PATH).expect("only one path is served");
    match rest.strip_prefix('?') {
        Some(rest) => assert!(rest.starts_with(&query), "{rest}"),
        None => assert!(
            query.is_empty() && (rest.is_empty() || rest.starts_with('#')),
            "{rest}"
        ),
    }
    let hosts: Vec<&str> = lines
        .take_while(|line| !line.trim().is_empty())
        .filter_map(|line| line.split_once(':'))
        .filter(|(name, _)| name.eq_ignore_ascii_case("host"))
        .map(|(_, value)| value.trim())
        .collect();
    assert_eq!(hosts, [AUTHORITY]);
    true
}
