//! What flows start from and end in.

use crate::error::{Error, Result};
use crate::reply::Tokens;
use crate::secret::{AccessToken, DeclaredSecret, IdToken, RefreshToken, Secret};
use crate::wit::{self, GrantKind, NamedReference, TimeUnit};

/// What a flow ends in: a grant for the host to keep. Who signed in and how long tokens last, the host knows itself.
#[derive(Clone, Debug)]
pub struct Grant(wit::Grant);

impl Grant {
    /// OAuth tokens: all that the reply brought.
    #[must_use]
    pub fn oauth(tokens: &Tokens) -> Self {
        let grant = Self::new(GrantKind::Oauth).part(&tokens.access_token);
        let grant = grant.optional_part(tokens.refresh_token.as_ref());
        grant.optional_part(tokens.id_token.as_ref())
    }

    /// Keys of a cloud account, made of declared secrets.
    #[must_use]
    pub fn cloud_keys<const N: usize>(parts: [DeclaredSecret; N]) -> Self {
        parts
            .iter()
            .fold(Self::new(GrantKind::CloudKeys), Self::part)
    }

    /// Some other credential, made of declared secrets.
    #[must_use]
    pub fn opaque<const N: usize>(parts: [DeclaredSecret; N]) -> Self {
        parts.iter().fold(Self::new(GrantKind::Opaque), Self::part)
    }

    /// A further part.
    #[must_use]
    pub fn part(mut self, secret: &impl Secret) -> Self {
        self.0.parts.push(NamedReference {
            name: secret.name().to_owned(),
            reference: secret.reference(),
        });
        self
    }

    /// When parts expire that are not standard tokens: a point in Unix time.
    #[must_use]
    pub fn expires_at(mut self, when: i64, unit: TimeUnit) -> Self {
        self.0.expires_at = Some((when, unit));
        self
    }

    pub(crate) fn into_wit(self) -> wit::Grant {
        self.0
    }

    fn optional_part(self, secret: Option<&impl Secret>) -> Self {
        match secret {
            Some(secret) => self.part(secret),
            None => self,
        }
    }

    fn new(primary: GrantKind) -> Self {
        Self(wit::Grant {
            primary,
            parts: Vec::new(),
            expires_at: None,
        })
    }
}

/// All tokens that the reply brought.
impl From<Tokens> for Grant {
    fn from(tokens: Tokens) -> Self {
        Self::oauth(&tokens)
    }
}

/// A grant that the host keeps.
#[derive(Clone, Debug)]
pub struct StoredGrant(wit::StoredGrant);

impl StoredGrant {
    /// Its access token, or an error that says there is none.
    ///
    /// # Errors
    ///
    /// If the grant has none.
    pub fn access_token(&self) -> Result<AccessToken> {
        self.part("access_token")
            .map(AccessToken::new)
            .ok_or_else(|| Error::missing("access token in this grant"))
    }

    /// Its refresh token.
    ///
    /// # Errors
    ///
    /// If the grant has none: the person must sign in again.
    pub fn refresh_token(&self) -> Result<RefreshToken> {
        self.part("refresh_token")
            .map(RefreshToken::new)
            .ok_or_else(|| Error::missing("refresh token in this grant; sign in again"))
    }

    /// Its ID token.
    ///
    /// # Errors
    ///
    /// If the grant has none.
    pub fn id_token(&self) -> Result<IdToken> {
        self.part("id_token")
            .map(IdToken::new)
            .ok_or_else(|| Error::missing("ID token in this grant"))
    }

    /// Its part of this name, which a declaration gave it.
    ///
    /// # Errors
    ///
    /// If the grant has none.
    pub fn secret(&self, name: &str) -> Result<DeclaredSecret> {
        let part = self.0.parts.iter().find(|part| part.name == name);
        part.cloned()
            .map(DeclaredSecret::new)
            .ok_or_else(|| Error::missing(format_args!("`{name}` in this grant")))
    }

    pub(crate) fn new(grant: wit::StoredGrant) -> Self {
        Self(grant)
    }

    fn part(&self, name: &str) -> Option<wit::Reference> {
        self.0
            .parts
            .iter()
            .find(|part| part.name == name)
            .map(|part| part.reference)
    }
}

/// A credential asked for by `vestibule token --for`.
#[derive(Clone, Debug)]
pub struct Derivation {
    /// The grant that the credential hangs on.
    pub grant: StoredGrant,
    /// Whether a question would reach a person.
    pub interactive: bool,
    parameters: Vec<(String, String)>,
}

impl Derivation {
    /// The value of a parameter that [`AuthorizationServer::derives`](crate::AuthorizationServer::derives) declares, if
    /// it was given.
    #[must_use]
    pub fn parameter(&self, name: &str) -> Option<&str> {
        self.parameters
            .iter()
            .find(|(given, _)| given == name)
            .map(|(_, value)| value.as_str())
    }

    pub(crate) fn new(derivation: wit::Derivation) -> Self {
        Self {
            grant: StoredGrant::new(derivation.grant),
            interactive: derivation.interactive,
            parameters: derivation.parameters,
        }
    }
}

/// A token exchange that was asked for (RFC 8693 section 2.1).
#[derive(Clone, Debug)]
pub struct Exchange {
    /// The subject.
    pub subject: Part,
    /// The audience asked for.
    pub audience: Option<String>,
}

/// Some token of a grant, by the name that the grant gives it.
#[derive(Clone, Debug)]
pub struct Part(DeclaredSecret);

impl Part {
    /// Its type among those of RFC 8693 section 3.
    ///
    /// # Errors
    ///
    /// If it is no token that the RFC has a type for.
    pub fn token_type(&self) -> Result<&'static str> {
        match self.0.name() {
            "access_token" => Ok("urn:ietf:params:oauth:token-type:access_token"),
            "refresh_token" => Ok("urn:ietf:params:oauth:token-type:refresh_token"),
            "id_token" => Ok("urn:ietf:params:oauth:token-type:id_token"),
            other => Err(Error::impossible(format!(
                "`{other}` is no token that could be exchanged"
            ))),
        }
    }
}

impl Secret for Part {
    fn name(&self) -> &str {
        self.0.name()
    }

    fn reference(&self) -> wit::Reference {
        self.0.reference()
    }
}

impl From<wit::Exchange> for Exchange {
    fn from(exchange: wit::Exchange) -> Self {
        Self {
            subject: Part(DeclaredSecret::new(exchange.subject)),
            audience: exchange.audience,
        }
    }
}
