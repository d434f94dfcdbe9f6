//! The contract, with every type readable from JSON under the names that Rust gives it.

#![allow(missing_docs, unreachable_pub, reason = "generated")]

use serde::{Deserialize, Deserializer};

wit_bindgen::generate!({
    path: "../../../wit",
    world: "identity-provider",
    additional_derives: [serde::Deserialize, Clone],
});

use self::exports::vestibule::idp::types::Methods;

/// A list of the flags' names.
impl<'de> Deserialize<'de> for Methods {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let names: Vec<std::borrow::Cow<'de, str>> = Deserialize::deserialize(deserializer)?;
        let mut methods = Self::empty();
        for name in names {
            methods |= match name.as_ref() {
                "browser" => Self::BROWSER,
                "device" => Self::DEVICE,
                "workload" => Self::WORKLOAD,
                other => return Err(serde::de::Error::custom(format!("no method {other}"))),
            };
        }
        Ok(methods)
    }
}
