//! Wrong provider metadata (RFC 8414 §3.2, OIDC Discovery §4.2).

/// What is wrong with the discovery documents. Both documents are wrong in the same way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum MetadataTwist {
    /// This member holds this text: a foreign `token_endpoint`, a `javascript:` page, an issuer from elsewhere (DISC-02, DISC-04, DISC-09, LOOP-13).
    Member(&'static str, String),
    /// This member is missing (DISC-03, PKCE-01).
    MemberMissing(&'static str),
    /// This member is an array of numbers (DISC-03).
    MemberMistyped(&'static str),
    /// The issuer has a slash added (DISC-02).
    IssuerTrailingSlash,
    /// The issuer's scheme is in capital letters (DISC-02).
    IssuerUpperCase,
    /// The media type is `text/html` (DISC-03).
    NotJson,
    /// `authorization_response_iss_parameter_supported` is never there, though `iss` is sent (DISC-06).
    IssNotAdvertised,
    /// The same, from the second fetch on: a downgrade (DISC-07).
    IssDisappears,
}

impl MetadataTwist {
    /// Every twist once, with an example where one takes a value.
    #[must_use]
    pub fn all() -> Vec<Self> {
        use MetadataTwist as T;
        vec![
            T::Member("token_endpoint", "https://mallory.example/token".to_owned()),
            T::MemberMissing("code_challenge_methods_supported"),
            T::MemberMistyped("token_endpoint"),
            T::IssuerTrailingSlash,
            T::IssuerUpperCase,
            T::NotJson,
            T::IssNotAdvertised,
            T::IssDisappears,
        ]
    }
}
