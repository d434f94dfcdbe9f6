//! Wrong key sets (RFC 7517 §5).

/// What is wrong with the key set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum JwksTwist {
    /// A hundred thousand keys, the good ones last (JWK-04).
    Huge,
    /// Before the good keys: unknown type, missing members, symmetric, private, RSA of 512 bits, a point off the curve, no object at all (JWK-02).
    MixedBad,
    /// A foreign EC key and an RSA key share the signing key's `kid`, before it (JWK-03).
    KidOfOtherTypes,
    /// The signing key stands there for encryption only (JWK-03).
    ForEncryption,
    /// A second EC key fits just as well; for use with [`crate::IdTokenTwist::KidMissing`] (JWK-03).
    TwoFit,
    /// No key at all (JWK-01, JWK-04).
    Empty,
}

impl JwksTwist {
    /// Every twist once.
    pub const ALL: &'static [Self] = &[
        Self::Huge,
        Self::MixedBad,
        Self::KidOfOtherTypes,
        Self::ForEncryption,
        Self::TwoFit,
        Self::Empty,
    ];
}
