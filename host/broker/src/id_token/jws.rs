//! The compact form of a JWS (RFC 7515 sections 3.1, 4.1 and 5.2), parsed strictly (RFC 8725 sections 3.1, 3.7, 3.10, 3.11).

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use vestibule_core::{Error, Result, Shown, limits};
use zeroize::Zeroizing;

use super::refuse;
use crate::json::Document;

/// A token taken apart. Nothing in it is verified.
pub(super) struct Jws<'a> {
    /// What the signature is over, as it came.
    signed: &'a [u8],
    algorithm: String,
    kid: Option<String>,
    payload: Zeroizing<Vec<u8>>,
    signature: Vec<u8>,
}

impl<'a> Jws<'a> {
    pub(super) fn parse(token: &'a str) -> Result<Self> {
        if token.len() > limits::BODY_BYTES {
            return Err(malformed());
        }
        let (signed, signature) = token.rsplit_once('.').ok_or_else(malformed)?;
        let (header, payload) = match signed.matches('.').count() {
            1 => signed.split_once('.').ok_or_else(malformed)?,
            3 => {
                return Err(
                    refuse("id_token.encrypted", "is encrypted, which is not supported")
                        .hint("register the client without id_token_encrypted_response_alg"),
                );
            }
            _ => return Err(malformed()),
        };
        let header = Document::parse(&decode(header)?)
            .map_err(|problem| refuse("id_token.format", format!("has a bad header: {problem}")))?;
        let member = |name: &str| {
            header.text(name).map_err(|problem| {
                refuse("id_token.format", format!("has a bad header: {problem}"))
            })
        };
        check_type(member("/typ")?)?;
        // No extension is understood here, so that every critical one is unknown. An empty or malformed list is no better.
        if header
            .root()
            .as_object()
            .is_some_and(|members| members.contains_key("crit"))
        {
            return Err(refuse(
                "id_token.crit",
                "demands an extension that is not supported",
            ));
        }
        Ok(Self {
            signed: signed.as_bytes(),
            algorithm: member("/alg")?.ok_or_else(malformed)?.to_owned(),
            // `jku`, `jwk`, `x5u` and `x5c` are never looked at: keys come from the issuer's set alone (IDT-07).
            kid: member("/kid")?.map(str::to_owned),
            payload: decode(payload)?,
            signature: decode(signature)?.to_vec(),
        })
    }

    pub(super) fn signed(&self) -> &[u8] {
        self.signed
    }

    pub(super) fn algorithm(&self) -> &str {
        &self.algorithm
    }

    pub(super) fn kid(&self) -> Option<&str> {
        self.kid.as_deref()
    }

    pub(super) fn payload(&self) -> &[u8] {
        &self.payload
    }

    pub(super) fn signature(&self) -> &[u8] {
        &self.signature
    }
}

/// RFC 8725 section 3.11: a token that says it is something else is that. One that says nothing may be an ID token.
fn check_type(kind: Option<&str>) -> Result<()> {
    match kind {
        None => Ok(()),
        Some(kind) if kind.eq_ignore_ascii_case("JWT") => Ok(()),
        Some(kind) => Err(refuse(
            "id_token.type",
            format!(
                "is of the type \"{}\", which no ID token has",
                Shown::new(kind)
            ),
        )),
    }
}

/// Base64url without padding, white space or stray bits. An empty part is none.
fn decode(part: &str) -> Result<Zeroizing<Vec<u8>>> {
    if part.is_empty() {
        return Err(malformed());
    }
    URL_SAFE_NO_PAD
        .decode(part)
        .map(Zeroizing::new)
        .map_err(|_| malformed())
}

fn malformed() -> Error {
    refuse("id_token.format", "is not a signed JWT in compact form")
}
