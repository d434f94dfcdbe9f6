//! The query of an authorization response (RFC 6749 section 4.1.2, RFC 9207).

use std::collections::HashSet;

use url::form_urlencoded;
use vestibule_broker::authorization_response::{Expectation, IssParameter};
use vestibule_broker::fuzzing::authorization_response;
use vestibule_core::{Issuer, Secret};

const STATE: &str = "state-of-this-attempt";
const ISSUER: &str = "https://idp.example/tenant";

/// An accepted response has this attempt's state, one code, the configured issuer if it names one, and nothing twice.
pub fn run(bytes: &[u8]) -> bool {
    let query = String::from_utf8_lossy(bytes);
    let mut accepted = false;
    for iss in [
        IssParameter::Required,
        IssParameter::Accepted,
        IssParameter::Ignored,
    ] {
        let expected = Expectation {
            state: Secret::new(STATE.to_owned()),
            issuer: Some(Issuer::parse(ISSUER).unwrap()),
            iss,
        };
        let Some(Ok(response)) = authorization_response(&query, &expected) else {
            continue;
        };
        accepted = true;
        let parameters: Vec<(String, String)> = form_urlencoded::parse(query.as_bytes())
            .into_owned()
            .collect();
        let all = |name: &str| -> Vec<&str> {
            let named = parameters.iter().filter(|(found, _)| found == name);
            named.map(|(_, value)| value.as_str()).collect()
        };
        assert_eq!(all("state"), [STATE]);
        assert_eq!(all("code"), [response.code.expose()]);
        assert!(!response.code.is_empty());
        for unwanted in ["error", "access_token", "id_token", "refresh_token"] {
            assert!(all(unwanted).is_empty(), "{unwanted}");
        }
        let names: HashSet<&str> = parameters.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(names.len(), parameters.len());
        match (all("iss").as_slice(), iss) {
            ([], IssParameter::Accepted | IssParameter::Ignored) => {
                assert!(!response.named_its_issuer);
            }
            (named, _) => assert_eq!(named, [ISSUER]),
        }
    }
    accepted
}
