//! RFC 7515 §3.1: compact signed tokens, and the many ways to make one that must not be believed.

use aws_lc_rs::hmac;

use crate::encoding::{base64_standard, base64url};
use crate::keys::{Keys, alg, kid};
use crate::members::Members;
use crate::script::SigningAlgorithm;
use crate::twist::IdTokenTwist;

/// Signs the claims; `trap` is the URL that a gullible client would fetch keys from.
///
/// `None` only if the cryptographic library fails.
pub(crate) fn sign(
    keys: &Keys,
    algorithm: SigningAlgorithm,
    claims: &Members,
    twists: &[IdTokenTwist],
    trap: &str,
    fresh_kid: &str,
) -> Option<String> {
    let mut header = Members::new()
        .with("alg", alg(algorithm))
        .with("typ", "JWT")
        .with("kid", kid(algorithm));
    let mut signer = Signer::Own(algorithm);
    let mut shape = Shape::Compact;

    for twist in twists {
        match twist {
            IdTokenTwist::ForeignKey => {
                header = header
                    .with("alg", "ES256")
                    .with("kid", kid(SigningAlgorithm::Es256));
                signer = Signer::Stray;
            }
            IdTokenTwist::EmbeddedJwk => {
                header = header.with("alg", "ES256");
                header.set_raw("jwk", &keys.stray_jwk().render());
                signer = Signer::Stray;
            }
            IdTokenTwist::RemoteKeyUrls => {
                header = header
                    .with("alg", "ES256")
                    .with("jku", trap)
                    .with("x5u", trap);
                signer = Signer::Stray;
            }
            IdTokenTwist::EmbeddedX5c => {
                // Not a certificate that anybody would read: a client that looks at it at all has gone too far.
                header = header.with("alg", "ES256").with("x5t", "c3RyYXk");
                header.set("x5c", vec![base64_standard(keys.stray_jwk().render())]);
                signer = Signer::Stray;
            }
            IdTokenTwist::AlgNone => {
                (header, signer) = (header.with("alg", "none"), Signer::Nobody)
            }
            IdTokenTwist::AlgNoneMixedCase => {
                (header, signer) = (header.with("alg", "noNe"), Signer::Nobody)
            }
            IdTokenTwist::SignatureEmpty => signer = Signer::Nobody,
            IdTokenTwist::Hs256WithPublicKey => {
                header = header
                    .with("alg", "HS256")
                    .with("kid", kid(SigningAlgorithm::Rs256));
                signer = Signer::PublicKeyAsHmac;
            }
            IdTokenTwist::Rs256WithEcKey => {
                header = header
                    .with("alg", "RS256")
                    .with("kid", kid(SigningAlgorithm::Es256));
                signer = Signer::Own(SigningAlgorithm::Es256);
            }
            IdTokenTwist::EcdsaZeros => {
                header = header
                    .with("alg", "ES256")
                    .with("kid", kid(SigningAlgorithm::Es256));
                signer = Signer::Zeros;
            }
            IdTokenTwist::KidPath => header.set("kid", "../../../../dev/null"),
            IdTokenTwist::KidUrl => header.set("kid", trap),
            IdTokenTwist::KidUnknown => header.set("kid", fresh_kid),
            IdTokenTwist::KidMissing => header.remove("kid"),
            IdTokenTwist::CritUnknown => {
                header.set("crit", vec!["https://rehearsal.example/unheard-of"]);
                header.set("https://rehearsal.example/unheard-of", true);
            }
            IdTokenTwist::TypAccessToken => header.set("typ", "at+jwt"),
            IdTokenTwist::TypProof => header.set("typ", "dpop+jwt"),
            IdTokenTwist::LogoutToken => header.set("typ", "logout+jwt"),
            IdTokenTwist::PaddedBase64 => shape = Shape::Padded,
            IdTokenTwist::FourSegments => shape = Shape::FourSegments,
            IdTokenTwist::Altered => shape = Shape::Altered,
            IdTokenTwist::SubTwice
            | IdTokenTwist::IssTrailingSlash
            | IdTokenTwist::IssUpperCase
            | IdTokenTwist::IssForeign
            | IdTokenTwist::AudForeign
            | IdTokenTwist::AudPrefix
            | IdTokenTwist::AudArray
            | IdTokenTwist::AudExtraNoAzp
            | IdTokenTwist::AzpForeign
            | IdTokenTwist::Expired
            | IdTokenTwist::ExpString
            | IdTokenTwist::ExpHuge
            | IdTokenTwist::ExpMissing
            | IdTokenTwist::IatSlightlyAhead
            | IdTokenTwist::IatAhead
            | IdTokenTwist::IatOld
            | IdTokenTwist::NonceForeign
            | IdTokenTwist::NonceMissing
            | IdTokenTwist::AtHashForeign
            | IdTokenTwist::AtHashMissing
            | IdTokenTwist::RefreshedSub
            | IdTokenTwist::RefreshedAud
            | IdTokenTwist::RefreshedAuthTime
            | IdTokenTwist::RefreshedIss
            | IdTokenTwist::RefreshedAzp
            | IdTokenTwist::RefreshedAzpForeign
            | IdTokenTwist::RefreshedNonce
            | IdTokenTwist::LogoutTokenUntyped
            | IdTokenTwist::Claim(..)
            | IdTokenTwist::ClaimMissing(_)
            | IdTokenTwist::AuthTimeAgo(_)
            | IdTokenTwist::NamesOfAnother
            | IdTokenTwist::NameRepeatsNonce => {} // claims: already in place
        }
    }
    shape.assemble(keys, signer, &header, claims)
}

enum Signer {
    Own(SigningAlgorithm),
    Stray,
    PublicKeyAsHmac,
    Zeros,
    Nobody,
}

impl Signer {
    fn sign(&self, keys: &Keys, input: &[u8]) -> Option<Vec<u8>> {
        match self {
            Self::Own(algorithm) => keys.sign(*algorithm, input),
            Self::Stray => keys.sign_stray(input),
            Self::PublicKeyAsHmac => {
                let key = hmac::Key::new(hmac::HMAC_SHA256, keys.rsa_public_pem()?.as_bytes());
                Some(hmac::sign(&key, input).as_ref().to_vec())
            }
            Self::Zeros => Some(vec![0; 64]),
            Self::Nobody => Some(Vec::new()),
        }
    }
}

enum Shape {
    Compact,
    Padded,
    FourSegments,
    Altered,
}

impl Shape {
    fn assemble(
        &self,
        keys: &Keys,
        signer: Signer,
        header: &Members,
        claims: &Members,
    ) -> Option<String> {
        let encode = |text: String| match self {
            Self::Padded => pad(base64url(text)),
            Self::Compact | Self::FourSegments | Self::Altered => base64url(text),
        };
        let (head, body) = (encode(header.render()), encode(claims.render()));
        let signature = base64url(signer.sign(keys, format!("{head}.{body}").as_bytes())?);
        Some(match self {
            Self::Compact => format!("{head}.{body}.{signature}"),
            Self::Padded => format!("{head}.{body}.{}", pad(signature)),
            Self::FourSegments => format!("{head}.{body}.{signature}.e30"),
            Self::Altered => {
                let other = base64url(
                    claims
                        .clone()
                        .with("email", "mallory@rehearsal.example")
                        .render(),
                );
                format!("{head}.{other}.{signature}")
            }
        })
    }
}

/// A segment whose length needs none gets padding all the same: the twist must show in every token.
fn pad(segment: String) -> String {
    match segment.len() % 4 {
        2 => segment + "==",
        3 => segment + "=",
        _ => segment + "====",
    }
}
