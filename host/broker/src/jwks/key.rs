//! One JSON Web Key (RFC 7517 section 4, RFC 7518 section 6, RFC 8037 section 2), parsed into a key that can verify or not at all.

use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED, ECDSA_P384_SHA384_FIXED, ECDSA_P521_SHA512_FIXED, ED25519,
    EcdsaVerificationAlgorithm, ParsedPublicKey, RSA_PKCS1_2048_8192_SHA256,
    RSA_PKCS1_2048_8192_SHA384, RSA_PKCS1_2048_8192_SHA512, RSA_PSS_2048_8192_SHA256,
    RSA_PSS_2048_8192_SHA384, RSA_PSS_2048_8192_SHA512, RsaParameters, RsaPublicKeyComponents,
};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use super::algorithm::Algorithm;
use super::roca;
use crate::json::Value;

/// A public key that verifies signatures.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Key {
    kid: Option<String>,
    /// The only algorithm that the key may be used with, where the set says so.
    algorithm: Option<Algorithm>,
    material: Material,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Material {
    Rsa { n: Vec<u8>, e: Vec<u8> },
    Ec(Curve, Vec<u8>),
    Ed25519(Vec<u8>),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Curve {
    P256,
    P384,
    P521,
}

impl Key {
    /// Reads an entry of a set, or finds it unusable.
    pub(super) fn parse(entry: &Value) -> Option<Self> {
        let member = |name: &str| entry.as_object()?.get(name);
        // A private or symmetric key in a public place is compromised, whatever else it says.
        if ["d", "p", "q", "dp", "dq", "qi", "oth", "k"]
            .iter()
            .any(|private| member(private).is_some())
        {
            return None;
        }
        if member("use").is_some_and(|usage| usage.as_text() != Some("sig")) {
            return None;
        }
        if member("key_ops").is_some_and(|operations| !allows_verifying(operations)) {
            return None;
        }
        // An `alg` that is unknown here, one for encryption for instance, makes the key one for something else.
        let algorithm = match member("alg") {
            None => None,
            Some(name) => Some(Algorithm::parse(name.as_text()?)?),
        };
        let kid = match member("kid") {
            None => None,
            Some(kid) => Some(kid.as_text()?.to_owned()),
        };
        let octets = |name: &str| URL_SAFE_NO_PAD.decode(member(name)?.as_text()?).ok();
        let curve = || member("crv").and_then(Value::as_text);
        let material = match member("kty")?.as_text()? {
            "RSA" => rsa(octets("n")?, octets("e")?)?,
            "EC" => ec(Curve::parse(curve()?)?, &octets("x")?, &octets("y")?)?,
            "OKP" if curve()? == "Ed25519" => ed25519(octets("x")?)?,
            _ => return None,
        };
        let key = Self {
            kid,
            algorithm,
            material,
        };
        // An `alg` that the key's own type contradicts leaves nothing that the key could be used for.
        key.algorithm
            .is_none_or(|algorithm| key.fits(algorithm))
            .then_some(key)
    }

    /// The key's name within its set: an opaque text, compared and nothing else (IDT-07).
    #[must_use]
    pub fn kid(&self) -> Option<&str> {
        self.kid.as_deref()
    }

    /// Whether type, curve and `alg` allow this algorithm.
    #[must_use]
    pub fn fits(&self, algorithm: Algorithm) -> bool {
        if self.algorithm.is_some_and(|only| only != algorithm) {
            return false;
        }
        match &self.material {
            Material::Rsa { .. } => rsa_parameters(algorithm).is_some(),
            Material::Ec(curve, _) => curve.algorithm() == algorithm,
            Material::Ed25519(_) => algorithm == Algorithm::Ed25519,
        }
    }

    /// Whether the signature is this key's over the message. False, too, if the algorithm does not fit the key.
    #[must_use]
    pub fn verifies(&self, algorithm: Algorithm, message: &[u8], signature: &[u8]) -> bool {
        if !self.fits(algorithm) {
            return false;
        }
        match &self.material {
            Material::Rsa { n, e } => rsa_parameters(algorithm).is_some_and(|parameters| {
                RsaPublicKeyComponents { n, e }
                    .verify(parameters, message, signature)
                    .is_ok()
            }),
            Material::Ec(curve, point) => ParsedPublicKey::new(curve.verification(), point)
                .is_ok_and(|key| key.verify_sig(message, signature).is_ok()),
            Material::Ed25519(point) => ParsedPublicKey::new(&ED25519, point)
                .is_ok_and(|key| key.verify_sig(message, signature).is_ok()),
        }
    }
}

impl Curve {
    fn parse(name: &str) -> Option<Self> {
        match name {
            "P-256" => Some(Self::P256),
            "P-384" => Some(Self::P384),
            "P-521" => Some(Self::P521),
            _ => None,
        }
    }

    const fn algorithm(self) -> Algorithm {
        match self {
            Self::P256 => Algorithm::Es256,
            Self::P384 => Algorithm::Es384,
            Self::P521 => Algorithm::Es512,
        }
    }

    fn verification(self) -> &'static EcdsaVerificationAlgorithm {
        match self {
            Self::P256 => &ECDSA_P256_SHA256_FIXED,
            Self::P384 => &ECDSA_P384_SHA384_FIXED,
            Self::P521 => &ECDSA_P521_SHA512_FIXED,
        }
    }

    /// Bytes of a coordinate, which is written in full length (RFC 7518 section 6.2.1.2).
    const fn coordinate(self) -> usize {
        match self {
            Self::P256 => 32,
            Self::P384 => 48,
            Self::P521 => 66,
        }
    }
}

/// RSA of 2048 to 8192 bits, with an odd exponent from 3 to 2^32, and not from a generator that leaks its primes.
fn rsa(n: Vec<u8>, e: Vec<u8>) -> Option<Material> {
    let bits = n.len() * 8 - usize::try_from(n.first()?.leading_zeros()).ok()?;
    let minimal = n.first() != Some(&0) && e.first() != Some(&0);
    let odd = n.last()? & e.last()? & 1 == 1;
    let exponent_is_sane = e.len() <= 4 && e != [1];
    if !minimal
        || !odd
        || !exponent_is_sane
        || !(2_048..=8_192).contains(&bits)
        || roca::is_weak(&n)
    {
        return None;
    }
    Some(Material::Rsa { n, e })
}

/// A point on the curve, in uncompressed form. The library refuses one that is off it.
fn ec(curve: Curve, x: &[u8], y: &[u8]) -> Option<Material> {
    if [x, y].iter().any(|one| one.len() != curve.coordinate()) {
        return None;
    }
    let point = [&[4], x, y].concat();
    ParsedPublicKey::new(curve.verification(), &point).ok()?;
    Some(Material::Ec(curve, point))
}

fn ed25519(x: Vec<u8>) -> Option<Material> {
    ParsedPublicKey::new(&ED25519, &x).ok()?;
    Some(Material::Ed25519(x))
}

/// Section 4.3: with `key_ops`, verifying must be among them.
fn allows_verifying(operations: &Value) -> bool {
    operations
        .as_list()
        .is_some_and(|operations| operations.iter().any(|one| one.as_text() == Some("verify")))
}

fn rsa_parameters(algorithm: Algorithm) -> Option<&'static RsaParameters> {
    match algorithm {
        Algorithm::Rs256 => Some(&RSA_PKCS1_2048_8192_SHA256),
        Algorithm::Rs384 => Some(&RSA_PKCS1_2048_8192_SHA384),
        Algorithm::Rs512 => Some(&RSA_PKCS1_2048_8192_SHA512),
        Algorithm::Ps256 => Some(&RSA_PSS_2048_8192_SHA256),
        Algorithm::Ps384 => Some(&RSA_PSS_2048_8192_SHA384),
        Algorithm::Ps512 => Some(&RSA_PSS_2048_8192_SHA512),
        Algorithm::Es256 | Algorithm::Es384 | Algorithm::Es512 | Algorithm::Ed25519 => None,
    }
}
