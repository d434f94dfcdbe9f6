//! The device authorization response (RFC 8628 section 3.2), read strictly: what is shown is checked first, numbers are bounded
//! (DEV-07), and the device code is a secret from here on.

use std::time::Duration;

use vestibule_core::approval::Permissions;
use vestibule_core::description::Dialect;
use vestibule_core::limits::{DEVICE_ASSUMED_TIME, DEVICE_INTERVAL, DEVICE_TIME};
use vestibule_core::{Error, Result, Secret};

use super::user_code::UserCode;
use super::verification_uri::{Approved, VerificationUri};
use crate::egress::EgressPolicy;
use crate::json::{Document, Value};

/// A response of which every part may be used.
#[derive(Debug)]
pub(crate) struct DeviceResponse {
    pub(crate) device_code: Secret,
    pub(crate) user_code: UserCode,
    pub(crate) verification_uri: VerificationUri,
    pub(crate) verification_uri_complete: Option<VerificationUri>,
    pub(crate) expires_in: Duration,
    pub(crate) interval: Duration,
}

impl DeviceResponse {
    /// Reads a response.
    ///
    /// # Errors
    /// If one of its parts must not be used. Then nothing of it is shown (DEV-10).
    pub(crate) fn read(
        document: &Document,
        dialect: &Dialect,
        permissions: &Permissions,
        egress: &EgressPolicy,
    ) -> Result<Self> {
        let approved = Approved {
            issuer: permissions.issuer()?,
            hosts: &permissions.hosts,
            loopback_http: egress,
        };
        let named = |standard: &str| format!("/{}", dialect.rename(standard));
        let text = |standard: &str| {
            let text = document.text(&named(standard)).map_err(|problem| {
                Error::provider(
                    "device.reply",
                    format!("the device authorization reply's {standard} {problem}"),
                )
            });
            text.map(|text| text.filter(|text| !text.is_empty()))
        };
        let needed = |standard: &str| {
            text(standard)?.ok_or_else(|| {
                Error::provider(
                    "device.reply",
                    format!("the device authorization reply has no {standard}"),
                )
            })
        };
        let device_code = Secret::new(needed("device_code")?.to_owned());
        let user_code = UserCode::parse(needed("user_code")?)?;
        let verification_uri = VerificationUri::parse(needed("verification_uri")?, &approved)?;
        let verification_uri_complete = text("verification_uri_complete")?
            .map(|text| verification_uri.completed(text, &approved))
            .transpose()?;
        Ok(Self {
            device_code,
            user_code,
            verification_uri,
            verification_uri_complete,
            expires_in: life(document.get(&named("expires_in")))?,
            interval: interval(document.get(&named("interval"))),
        })
    }
}

/// `expires_in`. The standard requires it; without one the code gets a short life, and a long one is cut.
fn life(value: Option<&Value>) -> Result<Duration> {
    let Some(value) = value else {
        return Ok(DEVICE_ASSUMED_TIME);
    };
    let seconds = seconds(value).ok_or_else(|| {
        Error::provider(
            "device.expires_in",
            "the device authorization reply's expires_in is no whole number of seconds above zero",
        )
    })?;
    Ok(Duration::from_secs(seconds).min(DEVICE_TIME))
}

/// `interval`. What is no whole number above zero is as good as none.
fn interval(value: Option<&Value>) -> Duration {
    value
        .and_then(seconds)
        .map_or(DEVICE_INTERVAL, Duration::from_secs)
}

/// Whole seconds above zero. Several providers write the number as text.
fn seconds(value: &Value) -> Option<u64> {
    let number = match value {
        Value::Text(text) => text.parse::<i64>().ok(),
        Value::Null
        | Value::Bool(_)
        | Value::Integer(_)
        | Value::Float(_)
        | Value::List(_)
        | Value::Object(_) => value.as_integer(),
    };
    number
        .and_then(|number| u64::try_from(number).ok())
        .filter(|seconds| *seconds > 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn numbers(text: &str) -> (Option<u64>, u64) {
        let document = Document::parse(format!("{{\"n\":{text}}}").as_bytes()).unwrap();
        let value = document.get("/n");
        let life = life(value).ok().map(|life| life.as_secs());
        (life, interval(value).as_secs())
    }

    // proves: DEV-07
    #[test]
    fn hostile_numbers_are_bounded_or_refused() {
        let (assumed, most, five) = (
            Some(DEVICE_ASSUMED_TIME.as_secs()),
            Some(DEVICE_TIME.as_secs()),
            DEVICE_INTERVAL.as_secs(),
        );
        for (text, life, interval) in [
            ("1", Some(1), 1),
            ("10", Some(10), 10),
            ("300.0", Some(300), 300),
            ("\"300\"", Some(300), 300),
            ("null", assumed, five),
            ("0", None, five),
            ("-1", None, five),
            ("-0.0", None, five),
            ("2.5", None, five),
            ("true", None, five),
            ("[5]", None, five),
            ("\"\"", None, five),
            ("\" 5\"", None, five),
            ("\"5s\"", None, five),
            ("-9223372036854775808", None, five),
            ("1000000000", most, 1_000_000_000),
            ("1e12", most, 1_000_000_000_000),
            ("9223372036854775807", most, 9_223_372_036_854_775_807),
            ("1e30", None, five),
        ] {
            assert_eq!(numbers(text), (life, interval), "{text}");
        }
    }
}
