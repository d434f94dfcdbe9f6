//! Wrong authorization responses (RFC 6749 §4.1.2, RFC 9207 §2).

/// What is wrong with the redirect back to the client.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CallbackTwist {
    /// `iss` names this issuer (DISC-05, RESP-06).
    Iss(String),
    /// `iss` is this issuer with a slash added (DISC-05).
    IssTrailingSlash,
    /// `iss` is percent-encoded twice (DISC-05).
    IssEncodedTwice,
    /// `iss` is missing, whatever the metadata promised (DISC-05).
    IssMissing,
    /// `iss` stands there twice (RESP-03).
    IssTwice,
    /// `code` stands there twice (RESP-03).
    CodeTwice,
    /// `state` stands there twice (RESP-02).
    StateTwice,
    /// `state` is another value (RESP-02).
    StateForeign,
    /// `state` is missing (RESP-02).
    StateMissing,
    /// `error` stands beside `code` (RESP-03).
    CodeAndError,
    /// An access token stands beside the code, in the query (RESP-05).
    TokenInQuery,
    /// `error_description` carries terminal escape codes and HTML; the consent is answered with `access_denied` (RESP-06, UI-02, LOOP-10).
    HostileErrorText,
    /// The challenge method S256 is answered with `invalid_request`, as a server of the plain age would (PKCE-02).
    RefusesS256,
}

impl CallbackTwist {
    /// Every twist once, with an example where one takes a value.
    #[must_use]
    pub fn all() -> Vec<Self> {
        use CallbackTwist as T;
        vec![
            T::Iss("https://mallory.example".to_owned()),
            T::IssTrailingSlash,
            T::IssEncodedTwice,
            T::IssMissing,
            T::IssTwice,
            T::CodeTwice,
            T::StateTwice,
            T::StateForeign,
            T::StateMissing,
            T::CodeAndError,
            T::TokenInQuery,
            T::HostileErrorText,
            T::RefusesS256,
        ]
    }
}
