//! RFC 8252 §7.3 and RFC 9700 §2.1: redirect URIs match exactly, save for the port of a loopback literal over http.

use url::{Host, Url};

/// Whether the requested URI is the registered one. `any_path` also forgives the path, on loopback alone.
pub(crate) fn matches(registered: &str, requested: &str, any_path: bool) -> bool {
    if registered == requested {
        return true;
    }
    let (Some(registered), Some(requested)) = (loopback(registered), loopback(requested)) else {
        return false;
    };
    let same_place = any_path
        || (registered.path() == requested.path() && registered.query() == requested.query());
    same_place && registered.host() == requested.host()
}

/// An http URL on a loopback literal without user, password or fragment.
pub(crate) fn loopback(uri: &str) -> Option<Url> {
    let url = Url::parse(uri).ok()?;
    let literal = match url.host()? {
        Host::Ipv4(address) => address.is_loopback(),
        Host::Ipv6(address) => address.is_loopback(),
        Host::Domain(_) => false,
    };
    let plain = url.scheme() == "http" && url.username().is_empty() && url.password().is_none();
    (literal && plain && url.fragment().is_none()).then_some(url)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_port_of_a_loopback_literal_is_free_and_nothing_else() {
        let registered = "http://127.0.0.1/cb";
        for (requested, expected) in [
            ("http://127.0.0.1:1234/cb", true),
            ("http://127.0.0.1/cb", true),
            ("http://127.0.0.1:1234/other", false),
            ("http://127.0.0.1:1234/cb?x=1", false),
            ("http://[::1]:1234/cb", false),
            ("http://localhost:1234/cb", false),
            ("https://127.0.0.1:1234/cb", false),
            ("http://u@127.0.0.1:1234/cb", false),
            ("http://127.0.0.1:1234/cb#f", false),
            ("http://10.0.0.1:1234/cb", false),
        ] {
            assert_eq!(
                matches(registered, requested, false),
                expected,
                "{requested}"
            );
        }
    }

    #[test]
    fn any_path_is_forgiven_on_loopback_alone() {
        assert!(matches(
            "http://127.0.0.1/cb",
            "http://127.0.0.1:9/elsewhere",
            true
        ));
        assert!(!matches(
            "https://app.example/cb",
            "https://app.example/elsewhere",
            true
        ));
    }
}
