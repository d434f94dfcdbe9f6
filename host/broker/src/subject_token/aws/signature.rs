//! AWS Signature Version 4, of a POST with a form.

use aws_lc_rs::hmac::{HMAC_SHA256, Key, Tag, sign as hmac};
use vestibule_core::{ProviderUrl, Secret};
use zeroize::Zeroizing;

use crate::hash::sha256;
use crate::http::{Body, IllegalHttp, Method, Request};

/// The keys of a role.
pub(super) struct Keys {
    pub(super) id: Secret,
    pub(super) secret: Secret,
    pub(super) session: Secret,
}

const SERVICE: &str = "sts";

/// The request, signed at this time in Unix seconds.
pub(super) fn sign(
    url: &ProviderUrl,
    body: Body,
    keys: &Keys,
    region: &str,
    now: u64,
) -> Result<Request, IllegalHttp> {
    let time = time(now);
    let day = time.get(..8).unwrap_or_default().to_owned();
    let scope = format!("{day}/{region}/{SERVICE}/aws4_request");
    const SIGNED: &str = "content-type;host;x-amz-date;x-amz-security-token";
    let canonical = Zeroizing::new(format!(
        "POST\n{}\n\ncontent-type:application/x-www-form-urlencoded\nhost:{}\nx-amz-date:{time}\nx-amz-security-token:{}\n\n{SIGNED}\n{}",
        url.as_url().path(),
        host(url),
        keys.session.expose(),
        hex(&sha256(body.bytes()))
    ));
    let to_sign = format!(
        "AWS4-HMAC-SHA256\n{time}\n{scope}\n{}",
        hex(&sha256(canonical.as_bytes()))
    );
    let first = Zeroizing::new(format!("AWS4{}", keys.secret.expose()));
    let signature = [region, SERVICE, "aws4_request", &to_sign]
        .into_iter()
        .fold(keyed(first.as_bytes(), &day), |key, text| {
            keyed(key.as_ref(), text)
        });
    let parameters = Zeroizing::new(format!(
        "Credential={}/{scope}, SignedHeaders={SIGNED}, Signature={}",
        keys.id.expose(),
        hex(signature.as_ref())
    ));
    Request::new(Method::Post, url)
        .accept("*/*")?
        .header("X-Amz-Date", &time)?
        .secret_header("X-Amz-Security-Token", &keys.session)?
        .aws_signature(&parameters)
        .map(|request| request.body(body))
}

fn keyed(key: &[u8], text: &str) -> Tag {
    hmac(&Key::new(HMAC_SHA256, key), text.as_bytes())
}

/// The `Host` that is sent.
fn host(url: &ProviderUrl) -> String {
    let host = url.as_url().host_str().unwrap_or_default();
    match url.as_url().port() {
        Some(port) => format!("{host}:{port}"),
        None => host.to_owned(),
    }
}

/// As in `20260131T235959Z`.
fn time(now: u64) -> String {
    let seconds = i64::try_from(now).unwrap_or(i64::MAX);
    let time = jiff::Timestamp::from_second(seconds).unwrap_or(jiff::Timestamp::MAX);
    time.strftime("%Y%m%dT%H%M%SZ").to_string()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_written_as_amazon_wants_it() {
        assert_eq!(time(1_440_938_160), "20150830T123600Z");
        assert_eq!(time(0), "19700101T000000Z");
        assert_eq!(time(u64::MAX).len(), 16);
    }

    /// The derivation of a signing key in the documentation of Signature Version 4.
    #[test]
    fn the_key_is_derived_as_in_amazons_example() {
        let key = ["us-east-1", "iam", "aws4_request"].into_iter().fold(
            keyed(b"AWS4wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", "20150830"),
            |key, text| keyed(key.as_ref(), text),
        );
        assert_eq!(
            hex(key.as_ref()),
            "c4afb1cc5771d871763a393e44b703571b55cc28424d1a5e86da6ed3c154a4b9"
        );
    }
}
