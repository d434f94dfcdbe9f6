//! Wrong answers to what workloads ask with, and to exchanges (RFC 8693 §2.2).

/// What is wrong with an answer to client credentials, a JWT bearer grant or a token exchange.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum WorkloadTwist {
    /// An exchange says that it issued this type (WKL-04).
    IssuedTokenType(String),
    /// An exchange does not say which type it issued (WKL-04).
    IssuedTokenTypeMissing,
    /// An exchange says `N_A` of an access token (WKL-04).
    NotToBeUsed,
    /// An exchange grants `admin` on top (WKL-04).
    WiderScope,
    /// An exchange gives a token for a month (WKL-04).
    LongerLife,
    /// The grant is refused with words that repeat every credential that was sent (PLUG-07, UI-07).
    RefusesWithEcho,
    /// A refresh token comes with the answer, which nobody has asked for.
    RefreshToken,
}

impl WorkloadTwist {
    /// Every twist once, with an example where one takes a value.
    #[must_use]
    pub fn all() -> Vec<Self> {
        vec![
            Self::IssuedTokenType("urn:ietf:params:oauth:token-type:jwt".to_owned()),
            Self::IssuedTokenTypeMissing,
            Self::NotToBeUsed,
            Self::WiderScope,
            Self::LongerLife,
            Self::RefusesWithEcho,
            Self::RefreshToken,
        ]
    }
}
