//! Keys of others than the provider: a client's own (RFC 7523 §2.2), and a platform's that says which workload is which (RFC 7523 §2.1).

use std::io;

use aws_lc_rs::encoding::AsDer as _;
use aws_lc_rs::encoding::Pkcs8V1Der;
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::{self, KeySize};
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED, ECDSA_P256_SHA256_FIXED_SIGNING, ED25519, EcdsaKeyPair,
    Ed25519KeyPair, KeyPair as _, RSA_PKCS1_2048_8192_SHA256, RSA_PKCS1_SHA256, UnparsedPublicKey,
};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

use crate::encoding::{base64_standard, base64url};
use crate::keys::alg;
use crate::script::SigningAlgorithm;

/// A key pair of somebody else.
pub struct Signer {
    algorithm: SigningAlgorithm,
    pair: Pair,
}

enum Pair {
    Es256(EcdsaKeyPair),
    Rs256(rsa::KeyPair),
    EdDsa(Ed25519KeyPair),
}

impl Signer {
    /// Makes one.
    ///
    /// # Errors
    /// The cryptographic library could not make a key.
    pub fn generate(algorithm: SigningAlgorithm) -> io::Result<Self> {
        let pair = match algorithm {
            SigningAlgorithm::Es256 => EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING)
                .map(Pair::Es256)
                .map_err(io::Error::other)?,
            SigningAlgorithm::Rs256 => rsa::KeyPair::generate(KeySize::Rsa2048)
                .map(Pair::Rs256)
                .map_err(io::Error::other)?,
            SigningAlgorithm::EdDsa => Ed25519KeyPair::generate()
                .map(Pair::EdDsa)
                .map_err(io::Error::other)?,
        };
        Ok(Self { algorithm, pair })
    }

    /// The private key as PEM (RFC 5958), as `openssl genpkey` writes it.
    ///
    /// # Errors
    /// The cryptographic library could not write it.
    pub fn private_pem(&self) -> io::Result<String> {
        let der: Vec<u8> = match &self.pair {
            Pair::Es256(key) => key
                .to_pkcs8v1()
                .map_err(io::Error::other)?
                .as_ref()
                .to_vec(),
            Pair::Rs256(key) => {
                let der: Pkcs8V1Der<'_> = key.as_der().map_err(io::Error::other)?;
                der.as_ref().to_vec()
            }
            Pair::EdDsa(key) => {
                let der: Pkcs8V1Der<'_> = key.as_der().map_err(io::Error::other)?;
                der.as_ref().to_vec()
            }
        };
        let text = base64_standard(der);
        let lines: Vec<&str> = text
            .as_bytes()
            .chunks(64)
            .filter_map(|line| std::str::from_utf8(line).ok())
            .collect();
        Ok(format!(
            "-----BEGIN PRIVATE KEY-----\n{}\n-----END PRIVATE KEY-----\n",
            lines.join("\n")
        ))
    }

    /// The public key of an ES256 or EdDSA pair as a JWK; nothing for RSA.
    #[must_use]
    pub fn public_jwk(&self) -> Option<Value> {
        match &self.pair {
            Pair::Es256(key) => {
                let point = key.public_key().as_ref().get(1..)?;
                let (x, y) = point.split_at(point.len() / 2);
                Some(json!({"kty": "EC", "crv": "P-256", "x": base64url(x), "y": base64url(y)}))
            }
            Pair::EdDsa(key) => Some(
                json!({"kty": "OKP", "crv": "Ed25519", "x": base64url(key.public_key().as_ref())}),
            ),
            Pair::Rs256(_) => None,
        }
    }

    /// A signed JWT with these claims and this type.
    #[must_use]
    pub fn sign(&self, typ: &str, claims: &Value) -> String {
        let header = json!({"alg": alg(self.algorithm), "typ": typ});
        let input = format!(
            "{}.{}",
            base64url(header.to_string()),
            base64url(claims.to_string())
        );
        let random = SystemRandom::new();
        let signature = match &self.pair {
            Pair::Es256(key) => key
                .sign(&random, input.as_bytes())
                .map(|signature| signature.as_ref().to_vec()),
            Pair::EdDsa(key) => Ok(key.sign(input.as_bytes()).as_ref().to_vec()),
            Pair::Rs256(key) => {
                let mut signature = vec![0; key.public_modulus_len()];
                key.sign(&RSA_PKCS1_SHA256, &random, input.as_bytes(), &mut signature)
                    .map(|()| signature)
            }
        };
        // A signature that could not be made is one that nobody believes.
        format!("{input}.{}", base64url(signature.unwrap_or_default()))
    }

    /// Header and claims of a JWT, if this key has signed it.
    pub(crate) fn open(&self, token: &str) -> Option<(Value, Value)> {
        let (input, signature) = token.rsplit_once('.')?;
        let (header, claims) = input.split_once('.')?;
        let signature = URL_SAFE_NO_PAD.decode(signature).ok()?;
        let read = |part: &str| -> Option<Value> {
            serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).ok()?).ok()
        };
        let header = read(header)?;
        if header.get("alg")?.as_str()? != alg(self.algorithm) {
            return None;
        }
        let verified = match &self.pair {
            Pair::Es256(key) => UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, key.public_key())
                .verify(input.as_bytes(), &signature),
            Pair::EdDsa(key) => UnparsedPublicKey::new(&ED25519, key.public_key())
                .verify(input.as_bytes(), &signature),
            Pair::Rs256(key) => {
                UnparsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, key.public_key())
                    .verify(input.as_bytes(), &signature)
            }
        };
        verified.ok()?;
        Some((header, read(claims)?))
    }
}

impl std::fmt::Debug for Signer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Signer")
            .field("algorithm", &self.algorithm)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_signed_is_opened_by_its_key_alone() {
        for algorithm in [
            SigningAlgorithm::Es256,
            SigningAlgorithm::EdDsa,
            SigningAlgorithm::Rs256,
        ] {
            let signer = Signer::generate(algorithm).unwrap();
            let token = signer.sign("JWT", &json!({"sub": "w"}));
            let (header, claims) = signer.open(&token).unwrap();
            assert_eq!(header["typ"], "JWT");
            assert_eq!(claims["sub"], "w");
            let other = Signer::generate(algorithm).unwrap();
            assert!(other.open(&token).is_none());
            assert!(signer.open(&token.replace('.', "")).is_none());
            assert!(signer.private_pem().unwrap().contains("PRIVATE KEY"));
        }
    }
}
