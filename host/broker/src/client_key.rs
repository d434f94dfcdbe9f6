//! The private key of a client (OIDC Core section 9, RFC 7523 section 2.2): parsed here, used here, and sent nowhere. In PEM it is PKCS #8
//! (RFC 5958), as a JWK it is a private one (RFC 7517 section 4, RFC 7518 section 6, RFC 8037 section 2).

use std::fmt;

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::{self, KeyPairComponents, PublicKeyComponents};
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair, RSA_PKCS1_SHA256, RSA_PSS_SHA256,
};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use rustls::pki_types::PrivatePkcs8KeyDer;
use rustls::pki_types::pem::PemObject as _;
use vestibule_core::{Error, Result, Secret};
use zeroize::Zeroizing;

use crate::json::{Document, Value};

/// A key that signs, and says how.
pub(crate) struct ClientKey {
    kid: Option<String>,
    material: Material,
}

enum Material {
    Es256(EcdsaKeyPair),
    Rs256(rsa::KeyPair),
    Ps256(rsa::KeyPair),
    EdDsa(Ed25519KeyPair),
}

impl ClientKey {
    /// Reads a key.
    ///
    /// # Errors
    /// If it is none that can sign here: the operator's file is of another form, or of another type.
    pub(crate) fn parse(secret: &Secret) -> Result<Self> {
        let text = secret.expose().trim();
        if text.starts_with('{') {
            return Self::from_jwk(text);
        }
        if text.contains("-----BEGIN") {
            return Self::from_pem(text);
        }
        Err(unusable("is neither PEM nor a JWK"))
    }

    /// The name of the algorithm (RFC 7518 section 3.1, RFC 8037 section 3.1).
    pub(crate) const fn algorithm(&self) -> &'static str {
        match self.material {
            Material::Es256(_) => "ES256",
            Material::Rs256(_) => "RS256",
            Material::Ps256(_) => "PS256",
            Material::EdDsa(_) => "EdDSA",
        }
    }

    /// The name that the provider knows the key by, where the key itself has one.
    pub(crate) fn kid(&self) -> Option<&str> {
        self.kid.as_deref()
    }

    /// Signs, as a JWS has its signatures (RFC 7518 section 3).
    pub(crate) fn sign(&self, message: &[u8]) -> Result<Vec<u8>> {
        let random = SystemRandom::new();
        let with_rsa = |key: &rsa::KeyPair, padding| {
            let mut signature = vec![0; key.public_modulus_len()];
            key.sign(padding, &random, message, &mut signature)?;
            Ok(signature)
        };
        let signed: std::result::Result<Vec<u8>, aws_lc_rs::error::Unspecified> =
            match &self.material {
                Material::Es256(key) => key
                    .sign(&random, message)
                    .map(|signature| signature.as_ref().to_vec()),
                Material::EdDsa(key) => Ok(key.sign(message).as_ref().to_vec()),
                Material::Rs256(key) => with_rsa(key, &RSA_PKCS1_SHA256),
                Material::Ps256(key) => with_rsa(key, &RSA_PSS_SHA256),
            };
        signed.map_err(|_| Error::host("client_key.sign", "the client's key did not sign"))
    }

    /// Of a PEM file the key alone decides how it signs. An RSA key does as every provider understands it (OIDC Core section 15.1); one
    /// that shall sign by PSS is a JWK that says so.
    fn from_pem(text: &str) -> Result<Self> {
        if text.contains("ENCRYPTED") {
            return Err(unusable("is encrypted").hint(
                "store it without a passphrase, readable by this user alone: openssl pkcs8 -topk8 -nocrypt",
            ));
        }
        let der = PrivatePkcs8KeyDer::from_pem_slice(text.as_bytes()).map_err(|_| {
            unusable("is PEM, and not PKCS #8").hint("convert it: openssl pkcs8 -topk8 -nocrypt")
        })?;
        let der = der.secret_pkcs8_der();
        let ec = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, der);
        let material = ec
            .map(Material::Es256)
            .or_else(|_| Ed25519KeyPair::from_pkcs8(der).map(Material::EdDsa))
            .or_else(|_| rsa::KeyPair::from_pkcs8(der).map(Material::Rs256))
            .map_err(|_| of_no_use())?;
        Ok(Self {
            kid: None,
            material,
        })
    }

    fn from_jwk(text: &str) -> Result<Self> {
        let jwk = Document::parse(text.as_bytes())
            .map_err(|problem| unusable(&format!("is no JWK: {problem}")))?;
        let text = |name: &str| jwk.get(&format!("/{name}")).and_then(Value::as_text);
        let octets = |name: &str| -> Result<Zeroizing<Vec<u8>>> {
            let found = text(name).and_then(|text| URL_SAFE_NO_PAD.decode(text).ok());
            found
                .map(Zeroizing::new)
                .ok_or_else(|| unusable(&format!("is a JWK without a usable member \"{name}\"")))
        };
        if text("use").is_some_and(|usage| usage != "sig") {
            return Err(unusable("is a JWK for another use than signatures"));
        }
        let algorithm = text("alg");
        let material = match (text("kty"), text("crv"), algorithm) {
            (Some("EC"), Some("P-256"), None | Some("ES256")) => {
                let point = [&[4_u8][..], &octets("x")?, &octets("y")?].concat();
                EcdsaKeyPair::from_private_key_and_public_key(
                    &ECDSA_P256_SHA256_FIXED_SIGNING,
                    &octets("d")?,
                    &point,
                )
                .map(Material::Es256)
            }
            (Some("OKP"), Some("Ed25519"), None | Some("EdDSA" | "Ed25519")) => {
                Ed25519KeyPair::from_seed_and_public_key(&octets("d")?, &octets("x")?)
                    .map(Material::EdDsa)
            }
            (Some("RSA"), _, None | Some("RS256" | "PS256")) => {
                let key = rsa::KeyPair::from_components(&KeyPairComponents {
                    public_key: PublicKeyComponents {
                        n: octets("n")?,
                        e: octets("e")?,
                    },
                    d: octets("d")?,
                    p: octets("p")?,
                    q: octets("q")?,
                    dP: octets("dp")?,
                    dQ: octets("dq")?,
                    qInv: octets("qi")?,
                });
                key.map(if algorithm == Some("PS256") {
                    Material::Ps256
                } else {
                    Material::Rs256
                })
            }
            _ => return Err(of_no_use()),
        };
        Ok(Self {
            kid: text("kid").map(ToOwned::to_owned),
            material: material
                .map_err(|_| unusable("is a JWK whose members do not fit together"))?,
        })
    }
}

impl fmt::Debug for ClientKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ClientKey")
            .field("algorithm", &self.algorithm())
            .finish_non_exhaustive()
    }
}

fn unusable(what: &str) -> Error {
    Error::config(
        "client_key.format",
        format!("the client's private key {what}"),
    )
    .hint("make one: openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256")
}

fn of_no_use() -> Error {
    unusable("is no key for ES256, EdDSA, RS256 or PS256")
}

#[cfg(test)]
pub(crate) mod tests;
