//! Wrong ID tokens (OIDC Core §2, §3.1.3.7, §12.2; RFC 8725).

/// What is wrong with the ID token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum IdTokenTwist {
    /// Signed by a key that is in no key set, under the `kid` of one that is (IDT-01).
    ForeignKey,
    /// One claim is changed after signing (IDT-01).
    Altered,
    /// The signature is empty (IDT-01).
    SignatureEmpty,
    /// `alg` is `none` and there is no signature (IDT-06).
    AlgNone,
    /// The same, spelt `noNe` (IDT-06).
    AlgNoneMixedCase,
    /// HS256 with the PEM of the published RSA key as the secret (IDT-06).
    Hs256WithPublicKey,
    /// RS256 in the header, the `kid` of an EC key, an EC signature (IDT-06).
    Rs256WithEcKey,
    /// ES256 with r = s = 0 (IDT-06).
    EcdsaZeros,
    /// The foreign key that signed stands in the header as `jwk` (IDT-07).
    EmbeddedJwk,
    /// `jku` and `x5u` in the header point at this provider's own `/trap`, so that a fetch is seen (IDT-07).
    RemoteKeyUrls,
    /// The foreign key that signed stands in the header as a certificate chain, `x5c`, with `x5t` for it (IDT-07).
    EmbeddedX5c,
    /// The `kid` is a path (IDT-07).
    KidPath,
    /// The `kid` is the URL of this provider's own `/trap`, so that a fetch is seen (IDT-07).
    KidUrl,
    /// The `kid` is in no key set, and new each time (JWK-01).
    KidUnknown,
    /// There is no `kid` (JWK-03).
    KidMissing,
    /// `crit` names an extension nobody knows (IDT-08).
    CritUnknown,
    /// `sub` stands in the payload twice, the second one false (IDT-08).
    SubTwice,
    /// The segments carry base64 padding (IDT-08).
    PaddedBase64,
    /// There is a fourth segment (IDT-08).
    FourSegments,
    /// `iss` has a slash added (IDT-02).
    IssTrailingSlash,
    /// `iss` is in capital letters (IDT-02).
    IssUpperCase,
    /// `iss` is somebody else (IDT-02).
    IssForeign,
    /// `aud` is another client (IDT-03).
    AudForeign,
    /// `aud` is the client id without its last letter (IDT-03).
    AudPrefix,
    /// `aud` is an array with the client alone in it, which is legal (IDT-03).
    AudArray,
    /// `aud` holds another audience, and there is no `azp` (IDT-03, IDT-04).
    AudExtraNoAzp,
    /// `azp` is another client (IDT-04).
    AzpForeign,
    /// `exp` lies in the past (IDT-05).
    Expired,
    /// `exp` is a string (IDT-05).
    ExpString,
    /// `exp` is 1e400 (IDT-05, NET-09).
    ExpHuge,
    /// `exp` is missing (IDT-05).
    ExpMissing,
    /// `iat` lies 30 s ahead, which is legal within the usual skew (IDT-05).
    IatSlightlyAhead,
    /// `iat` lies 120 s ahead (IDT-05).
    IatAhead,
    /// `iat` is a year old (IDT-05).
    IatOld,
    /// `nonce` is another value (RESP-04).
    NonceForeign,
    /// `nonce` is missing (RESP-04).
    NonceMissing,
    /// `at_hash` belongs to another access token (IDT-09).
    AtHashForeign,
    /// `at_hash` is missing (IDT-09).
    AtHashMissing,
    /// `typ` is `at+jwt`: an access token in the place of an ID token (IDT-12).
    TypAccessToken,
    /// `typ` is `dpop+jwt`: a proof in the place of an ID token (IDT-12).
    TypProof,
    /// `typ` is `logout+jwt`, and there is an `events` claim: a logout token (IDT-12).
    LogoutToken,
    /// The same without its `typ` (IDT-12).
    LogoutTokenUntyped,
    /// `email`, `name` and `preferred_username` are those of somebody else, `sub` is not (IDT-12).
    NamesOfAnother,
    /// `name` repeats the nonce in base64url (PLUG-07).
    NameRepeatsNonce,
    /// The ID token of a refresh is about another subject; the first one is honest (IDT-10).
    RefreshedSub,
    /// The ID token of a refresh is for another audience; the first one is honest (IDT-10).
    RefreshedAud,
    /// This claim has this text, whatever it was before (UI-02).
    Claim(&'static str, &'static str),
    /// This claim is missing, whatever it was before (POL-01, STEP-02).
    ClaimMissing(&'static str),
    /// `auth_time` lies so many seconds in the past (STEP-02).
    AuthTimeAgo(u64),
    /// The ID token of a refresh has a new `auth_time`; the first one is honest (IDT-10).
    RefreshedAuthTime,
    /// The ID token of a refresh is of another issuer; the first one is honest (IDT-10).
    RefreshedIss,
    /// The ID token of a refresh has the client as `azp`, which the first one has not (IDT-10).
    RefreshedAzp,
    /// The ID token of a refresh has `azp` of another client; the first one is honest (IDT-10).
    RefreshedAzpForeign,
    /// The ID token of a refresh has another nonce; the first one is honest (IDT-10).
    RefreshedNonce,
}

impl IdTokenTwist {
    /// Every twist once.
    pub const ALL: &'static [Self] = {
        use IdTokenTwist as T;
        &[
            T::ForeignKey,
            T::Altered,
            T::SignatureEmpty,
            T::AlgNone,
            T::AlgNoneMixedCase,
            T::Hs256WithPublicKey,
            T::Rs256WithEcKey,
            T::EcdsaZeros,
            T::EmbeddedJwk,
            T::RemoteKeyUrls,
            T::EmbeddedX5c,
            T::KidPath,
            T::KidUrl,
            T::KidUnknown,
            T::KidMissing,
            T::CritUnknown,
            T::SubTwice,
            T::PaddedBase64,
            T::FourSegments,
            T::IssTrailingSlash,
            T::IssUpperCase,
            T::IssForeign,
            T::AudForeign,
            T::AudPrefix,
            T::AudArray,
            T::AudExtraNoAzp,
            T::AzpForeign,
            T::Expired,
            T::ExpString,
            T::ExpHuge,
            T::ExpMissing,
            T::IatSlightlyAhead,
            T::IatAhead,
            T::IatOld,
            T::NonceForeign,
            T::NonceMissing,
            T::AtHashForeign,
            T::AtHashMissing,
            T::TypAccessToken,
            T::TypProof,
            T::LogoutToken,
            T::LogoutTokenUntyped,
            T::NamesOfAnother,
            T::Claim("preferred_username", "mallory"),
            T::ClaimMissing("auth_time"),
            T::AuthTimeAgo(3600),
            T::NameRepeatsNonce,
            T::RefreshedSub,
            T::RefreshedAud,
            T::RefreshedAuthTime,
            T::RefreshedIss,
            T::RefreshedAzp,
            T::RefreshedAzpForeign,
            T::RefreshedNonce,
        ]
    };
}
