//! The provider's keys (RFC 7517, RFC 7518 §6, RFC 8037 §2). The `kid`s are the same at every provider: a client that looks a key up by `kid` alone is wrong.

use std::io;
use std::sync::OnceLock;

use aws_lc_rs::encoding::{AsDer as _, PublicKeyX509Der};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::{self, KeySize};
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair as _, RSA_PKCS1_SHA256,
};

use crate::encoding::{base64_standard, base64url};
use crate::members::Members;
use crate::script::SigningAlgorithm;

pub(crate) struct Keys {
    es256: EcdsaKeyPair,
    /// In no key set: the forger's.
    stray: EcdsaKeyPair,
    ed25519: Ed25519KeyPair,
    /// Made when first needed: most rehearsals sign with ES256, and this takes a tenth of a second.
    rs256: OnceLock<Option<rsa::KeyPair>>,
}

impl Keys {
    /// # Errors
    /// The cryptographic library could not make a key.
    pub(crate) fn generate() -> io::Result<Self> {
        let ec =
            || EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).map_err(io::Error::other);
        Ok(Self {
            es256: ec()?,
            stray: ec()?,
            ed25519: Ed25519KeyPair::generate().map_err(io::Error::other)?,
            rs256: OnceLock::new(),
        })
    }

    /// `None` only if the cryptographic library fails.
    pub(crate) fn sign(&self, algorithm: SigningAlgorithm, input: &[u8]) -> Option<Vec<u8>> {
        let random = SystemRandom::new();
        match algorithm {
            SigningAlgorithm::Es256 => {
                Some(self.es256.sign(&random, input).ok()?.as_ref().to_vec())
            }
            SigningAlgorithm::EdDsa => Some(self.ed25519.sign(input).as_ref().to_vec()),
            SigningAlgorithm::Rs256 => {
                let key = self.rsa()?;
                let mut signature = vec![0; key.public_modulus_len()];
                key.sign(&RSA_PKCS1_SHA256, &random, input, &mut signature)
                    .ok()?;
                Some(signature)
            }
        }
    }

    /// ES256 with the forger's key.
    pub(crate) fn sign_stray(&self, input: &[u8]) -> Option<Vec<u8>> {
        Some(
            self.stray
                .sign(&SystemRandom::new(), input)
                .ok()?
                .as_ref()
                .to_vec(),
        )
    }

    /// The public RSA key as PEM: what the classic confusion attack takes for an HMAC secret.
    pub(crate) fn rsa_public_pem(&self) -> Option<String> {
        let der: PublicKeyX509Der<'_> = self.rsa()?.public_key().as_der().ok()?;
        let text = base64_standard(der.as_ref());
        let lines: Vec<&str> = text
            .as_bytes()
            .chunks(64)
            .filter_map(|line| std::str::from_utf8(line).ok())
            .collect();
        Some(format!(
            "-----BEGIN PUBLIC KEY-----\n{}\n-----END PUBLIC KEY-----\n",
            lines.join("\n")
        ))
    }

    /// The published keys, for signatures.
    pub(crate) fn jwks(&self) -> Vec<Members> {
        let published = [
            Some(self.es256_jwk()),
            self.rs256_jwk(),
            Some(self.ed25519_jwk()),
        ];
        published
            .into_iter()
            .flatten()
            .map(|jwk| jwk.with("use", "sig"))
            .collect()
    }

    pub(crate) fn es256_jwk(&self) -> Members {
        ec_jwk(&self.es256)
            .with("kid", kid(SigningAlgorithm::Es256))
            .with("alg", "ES256")
    }

    /// The forger's key, without a `kid`.
    pub(crate) fn stray_jwk(&self) -> Members {
        ec_jwk(&self.stray).with("alg", "ES256")
    }

    pub(crate) fn rs256_jwk(&self) -> Option<Members> {
        let (modulus, exponent) = rsa_numbers(self.rsa()?.public_key().as_ref())?;
        Some(
            Members::new()
                .with("kty", "RSA")
                .with("n", base64url(modulus))
                .with("e", base64url(exponent))
                .with("kid", kid(SigningAlgorithm::Rs256))
                .with("alg", "RS256"),
        )
    }

    fn ed25519_jwk(&self) -> Members {
        Members::new()
            .with("kty", "OKP")
            .with("crv", "Ed25519")
            .with("x", base64url(self.ed25519.public_key()))
            .with("kid", kid(SigningAlgorithm::EdDsa))
            .with("alg", "EdDSA")
    }

    fn rsa(&self) -> Option<&rsa::KeyPair> {
        self.rs256
            .get_or_init(|| rsa::KeyPair::generate(KeySize::Rsa2048).ok())
            .as_ref()
    }
}

/// The `alg` of RFC 7518 §3.1 and RFC 8037 §3.1.
pub(crate) fn alg(algorithm: SigningAlgorithm) -> &'static str {
    match algorithm {
        SigningAlgorithm::Es256 => "ES256",
        SigningAlgorithm::Rs256 => "RS256",
        SigningAlgorithm::EdDsa => "EdDSA",
    }
}

pub(crate) fn kid(algorithm: SigningAlgorithm) -> &'static str {
    match algorithm {
        SigningAlgorithm::Es256 => "practice-ec",
        SigningAlgorithm::Rs256 => "practice-rsa",
        SigningAlgorithm::EdDsa => "practice-ed",
    }
}

/// RFC 7518 §6.2.1: the uncompressed point is 04, then x and y of 32 bytes each.
fn ec_jwk(key: &EcdsaKeyPair) -> Members {
    let point = key.public_key().as_ref().get(1..).unwrap_or_default();
    let (x, y) = point.split_at(point.len() / 2);
    Members::new()
        .with("kty", "EC")
        .with("crv", "P-256")
        .with("x", base64url(x))
        .with("y", base64url(y))
}

/// RFC 8017 App. A.1.1: a DER sequence of two integers. Modulus and exponent of a 2048-bit key have fixed places:
/// four bytes of sequence header, four of integer header, the sign byte, 256 of modulus, two of integer header, the exponent.
fn rsa_numbers(der: &[u8]) -> Option<(&[u8], &[u8])> {
    let modulus = der.get(9..)?.get(..256)?;
    let exponent = der.get(9 + 256 + 2..)?;
    Some((modulus, exponent))
}
