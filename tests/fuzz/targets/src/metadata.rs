//! Provider metadata (OIDC Discovery section 4, RFC 8414 section 3).

use serde_json::Value;
use vestibule_broker::discovery::{Form, Metadata, Remembered};
use vestibule_broker::egress::{EgressPolicy, HostPort};
use vestibule_core::Issuer;

const ISSUER: &str = "https://idp.example/tenant";
const HOSTS: [&str; 2] = ["idp.example", "login.example"];

/// Metadata that is believed is the configured issuer's, has each endpoint at an approved host, and is no downgrade of itself.
pub fn run(bytes: &[u8]) -> bool {
    let issuer = Issuer::parse(ISSUER).unwrap();
    let approved = EgressPolicy::new(HOSTS.map(|host| HostPort::parse(host).unwrap()));
    let mut accepted = false;
    for form in [Form::OpenId, Form::OAuth] {
        let Ok(metadata) = Metadata::parse(form, &issuer, bytes, &approved) else {
            continue;
        };
        accepted = true;
        let text: Value = serde_json::from_slice(bytes).expect("what is believed is JSON");
        assert_eq!(text["issuer"], ISSUER);
        assert_eq!(metadata.issuer().as_str(), ISSUER);
        for (role, url) in metadata.endpoints() {
            assert!(HOSTS.contains(&url.host()), "{role}");
            assert_eq!(url.as_url().scheme(), "https", "{role}");
            assert_eq!(url.as_url().port(), None, "{role}");
        }
        assert_eq!(
            metadata.iss_parameter_supported,
            text["authorization_response_iss_parameter_supported"] == Value::Bool(true)
        );
        let seen = Remembered::of(&metadata);
        assert_eq!(seen.update(seen), Ok(seen));
        assert_eq!(Remembered::default().update(seen), Ok(seen));
    }
    accepted
}
