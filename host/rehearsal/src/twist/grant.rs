//! Wrong token responses (RFC 6749 §5.1, §6).

/// What is wrong with a token response that is otherwise a success.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum GrantTwist {
    /// `token_type` is this: `MAC`, empty, or `bEaReR`, which is legal (TOK-03).
    TokenType(String),
    /// `token_type` is missing (TOK-03).
    TokenTypeMissing,
    /// `expires_in` is hostile (TOK-06).
    ExpiresIn(ExpiresInTwist),
    /// `scope` is not what was asked for (TOK-05).
    Scope(ScopeTwist),
    /// A refresh answers without a refresh token; the old one stays good (RFT-01, RFT-02).
    NoRotation,
    /// No refresh token is ever given, though `offline_access` was granted (RFT-01).
    NoRefreshToken,
    /// No ID token is given, though `openid` was asked for (RESP-04).
    NoIdToken,
    /// `access_token` stands there twice, with two values (NET-09).
    AccessTokenTwice,
    /// The ID token is this one, which another issuer gave (JWK-05, IDT-02).
    IdTokenFromElsewhere(String),
    /// The access token is a JWT that is not true: another person's, of another issuer, with more scopes, long expired (TOK-04).
    LyingJwtAccessToken,
    /// Refresh is answered with `invalid_grant`, although the token is good (RFT-03).
    RefusesRefresh,
}

/// Hostile lifetimes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ExpiresInTwist {
    /// The member is missing, which is legal.
    Missing,
    /// -300.
    Negative,
    /// The string `"300"`.
    Text,
    /// 1e999.
    Huge,
    /// 2^63 - 1 seconds.
    Eternal,
    /// Five seconds, honestly meant.
    FiveSeconds,
}

/// Scopes other than asked for. The access token follows what is said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ScopeTwist {
    /// Only the first of those asked for.
    Narrower,
    /// `admin` on top.
    Wider,
    /// The member is missing, which means "as asked" (RFC 6749 §5.1).
    Missing,
    /// The member is null.
    Null,
}

impl GrantTwist {
    /// Every twist once, with an example where one takes a value.
    #[must_use]
    pub fn all() -> Vec<Self> {
        use {ExpiresInTwist as E, GrantTwist as T, ScopeTwist as S};
        let mut all = vec![
            T::TokenType("MAC".to_owned()),
            T::TokenTypeMissing,
            T::NoRotation,
            T::NoRefreshToken,
            T::NoIdToken,
            T::AccessTokenTwice,
            T::RefusesRefresh,
            T::IdTokenFromElsewhere("e30.e30.c2ln".to_owned()),
            T::LyingJwtAccessToken,
        ];
        all.extend(
            [
                E::Missing,
                E::Negative,
                E::Text,
                E::Huge,
                E::Eternal,
                E::FiveSeconds,
            ]
            .map(T::ExpiresIn),
        );
        all.extend([S::Narrower, S::Wider, S::Missing, S::Null].map(T::Scope));
        all
    }
}
