//! Device authorization responses (RFC 8628 section 3.2): what a person would be shown, and what the host counts with.

use std::sync::OnceLock;
use std::time::Duration;

use serde_json::Value;
use url::Url;
use vestibule_broker::fuzzing;
use vestibule_core::approval::Permissions;
use vestibule_core::limits::{DEVICE_TIME, USER_CODE_CHARS};

/// Whatever is shown is plain ASCII: the code as it came, an address of the issuer's host or of the one that was approved, and a complete
/// one of the same origin. The times are bounded.
pub fn run(bytes: &[u8]) -> bool {
    let Ok(shown) = fuzzing::device_response(bytes, permissions()) else {
        return false;
    };
    let json: Value = serde_json::from_slice(bytes).expect("a response is JSON");
    assert_eq!(json["user_code"], shown.user_code.as_str());
    assert!(shown.user_code.len() <= USER_CODE_CHARS);
    let origin = |text: &str| {
        assert!(text.bytes().all(|byte| byte.is_ascii_graphic()), "{text:?}");
        let url = Url::parse(text).expect("an address is a URL");
        assert_eq!((url.username(), url.password()), ("", None), "{text}");
        url.origin().ascii_serialization()
    };
    let own = origin(&shown.verification_uri);
    assert!(
        ["https://idp.example", "https://login.example"].contains(&own.as_str()),
        "{own}"
    );
    if let Some(complete) = &shown.verification_uri_complete {
        assert_eq!(origin(complete), own);
    }
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._ ".contains(&byte);
    assert!(shown.user_code.bytes().all(plain), "{:?}", shown.user_code);
    assert!(!shown.expires_in.is_zero() && shown.expires_in <= DEVICE_TIME);
    assert!(shown.interval >= Duration::from_secs(1));
    true
}

/// What is pinned: that of the token endpoint's target, and an endpoint for device codes.
fn permissions() -> &'static Permissions {
    static PINNED: OnceLock<Permissions> = OnceLock::new();
    PINNED.get_or_init(|| {
        let table = include_str!("token_reply.json");
        let mut table: Value = serde_json::from_str(table).expect("the file is JSON");
        let mut endpoint = table["endpoints"]["token"].clone();
        endpoint["class"] = "device".into();
        endpoint["url"] = "https://idp.example/device_authorization".into();
        table["endpoints"]["device_authorization"] = endpoint;
        table["hosts"] = vec!["login.example"].into();
        serde_json::from_value(table).expect("the file is a table")
    })
}
