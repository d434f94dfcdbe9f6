//! What a plugin says of itself, parsed. Mirrors `wit/types.wit`; what is not listed here, the host refuses.

use serde::{Deserialize, Serialize};

use crate::name::{MemberName, PluginName, Pointer, RoleName, Scope, SecretName, SettingName};
use crate::record::Method;
use crate::secret::SecretKind;
use crate::setting::{SettingField, SettingProblem};
use crate::url::{Issuer, ProviderUrl};

/// The answer of `describe`.
#[derive(Clone, Debug)]
pub struct Description {
    /// The plugin's name.
    pub name: PluginName,
    /// Its version.
    pub version: String,
    /// One line: which provider this is for.
    pub summary: String,
    /// The settings it takes.
    pub settings: Vec<SettingField>,
    /// What it would do under the given settings, or what is wrong with them.
    pub profile: Result<Profile, Vec<SettingProblem>>,
}

/// Everything that a plugin may do for one tenant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Profile {
    /// Where the standard endpoints come from.
    pub server: Server,
    /// How the client is known to the provider.
    pub client: Client,
    /// The ways to sign in that the plugin can drive.
    pub methods: Vec<Method>,
    /// The scopes to ask for when the tenant file names none.
    pub scopes: Vec<Scope>,
    /// Roles that the plugin adds, and dialects of standard roles.
    pub endpoints: Vec<Endpoint>,
    /// Members of replies that the plugin may read.
    pub readable: Vec<Readable>,
    /// Secrets beyond the standard ones.
    pub secrets: Vec<SecretDeclaration>,
    /// Who has signed in, and from what that is known.
    pub identity: IdentitySource,
    /// Parameters of `token --for`.
    pub derivation: Vec<Parameter>,
    /// Further hosts on which metadata may place an endpoint.
    pub hosts: Vec<String>,
}

impl Profile {
    /// The entry of this role, if the description has one.
    #[must_use]
    pub fn endpoint(&self, role: &str) -> Option<&Endpoint> {
        self.endpoints
            .iter()
            .find(|endpoint| endpoint.role.as_str() == role)
    }

    /// The identifier of the provider: the issuer, or what stands for it.
    #[must_use]
    pub fn issuer(&self) -> &Issuer {
        match &self.server {
            Server::Discovered(issuer) | Server::Fixed(issuer) => issuer,
        }
    }

    /// The declared secret of this name.
    #[must_use]
    pub fn secret(&self, name: &str) -> Option<&SecretDeclaration> {
        self.secrets
            .iter()
            .find(|secret| secret.name.as_str() == name)
    }
}

/// Where the standard endpoints come from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Server {
    /// From the validated metadata of this issuer.
    Discovered(Issuer),
    /// From the description alone; the URL identifies the provider.
    Fixed(Issuer),
}

/// How the client is known to the provider.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Client {
    /// The operator registered it.
    Configured {
        /// `client_id` (RFC 6749 section 2.2).
        client_id: String,
        /// How it authenticates.
        authentication: ClientAuthentication,
    },
    /// The plugin registers it.
    Registered {
        /// Where the reply has the `client_id`.
        client_id: Pointer,
        /// The declared secret that the reply brings.
        client_secret: Option<SecretName>,
        /// Where the reply has the expiry.
        expires_at: Option<(Pointer, TimeUnit)>,
    },
}

/// Client authentication (RFC 6749 section 2.3.1, OIDC Core section 9).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ClientAuthentication {
    /// A public client.
    None,
    /// HTTP Basic, with the secret of this setting.
    ClientSecretBasic(SettingName),
    /// In the body, with the secret of this setting.
    ClientSecretPost(SettingName),
    /// By an assertion that the host signs with the private key of this setting (RFC 7523 section 2.2).
    PrivateKeyJwt(SettingName),
}

/// A unit of time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TimeUnit {
    /// Seconds.
    Seconds,
    /// Milliseconds.
    Milliseconds,
}

impl TimeUnit {
    /// A point in Unix time of this unit, in whole seconds. What lies before 1970 is 1970.
    #[must_use]
    pub fn to_seconds(self, value: i64) -> u64 {
        let value = u64::try_from(value).unwrap_or(0);
        match self {
            Self::Seconds => value,
            Self::Milliseconds => value / 1000,
        }
    }
}

/// What an endpoint is for. Decides who builds the request, and which secrets may go there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EndpointClass {
    /// Authorization and PAR.
    Authorization,
    /// Token.
    Token,
    /// Device authorization.
    Device,
    /// Registration: carries no secret, may return one.
    Registration,
    /// Revocation.
    Revocation,
    /// Introspection.
    Introspection,
    /// Userinfo.
    Userinfo,
    /// A provider's own, which takes a token.
    Resource,
    /// A provider's own, which takes none.
    Public,
}

impl EndpointClass {
    /// The class that a standard role has; none for a provider's own role.
    #[must_use]
    pub fn of_standard_role(role: &str) -> Option<Self> {
        Some(match role {
            "authorization" | "pushed_authorization_request" => Self::Authorization,
            "token" => Self::Token,
            "device_authorization" => Self::Device,
            "registration" => Self::Registration,
            "revocation" => Self::Revocation,
            "introspection" => Self::Introspection,
            "userinfo" => Self::Userinfo,
            _ => return None,
        })
    }

    /// The word that stands in messages and tables.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Authorization => "authorization",
            Self::Token => "token",
            Self::Device => "device",
            Self::Registration => "registration",
            Self::Revocation => "revocation",
            Self::Introspection => "introspection",
            Self::Userinfo => "userinfo",
            Self::Resource => "resource",
            Self::Public => "public",
        }
    }
}

/// An HTTP method that an endpoint may be declared with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum HttpMethod {
    /// GET
    Get,
    /// POST
    Post,
    /// DELETE
    Delete,
}

impl HttpMethod {
    /// As it is sent.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Post => "POST",
            Self::Delete => "DELETE",
        }
    }
}

/// One row of the endpoint table, as the plugin describes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Endpoint {
    /// Its role.
    pub role: RoleName,
    /// What it is for.
    pub class: EndpointClass,
    /// Its URL; absent where the metadata supplies it.
    pub url: Option<ProviderUrl>,
    /// The HTTP method.
    pub method: HttpMethod,
    /// The header that carries the token in place of `Authorization`.
    pub token_header: Option<String>,
    /// How it departs from the standards.
    pub dialect: Dialect,
}

/// How a body is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Encoding {
    /// `application/x-www-form-urlencoded`
    Form,
    /// `application/json`
    Json,
}

/// How several scopes are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ScopeForm {
    /// Joined by this character.
    Joined(char),
    /// A JSON list.
    Listed,
}

/// A departure from the standards, as data.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Dialect {
    /// How the request body is written.
    pub encoding: Encoding,
    /// Standard name and the provider's name, in requests and replies.
    pub renames: Vec<(MemberName, MemberName)>,
    /// How several scopes are written.
    pub scope_form: ScopeForm,
    /// Where the error code is.
    pub error_code: Pointer,
    /// Where the error's description is.
    pub error_description: Pointer,
    /// What errors mean that do not say it in the standards' words.
    pub outcomes: Vec<OutcomeRule>,
}

impl Dialect {
    /// The provider's name for a standard member.
    #[must_use]
    pub fn rename<'a>(&'a self, standard: &'a str) -> &'a str {
        self.renames
            .iter()
            .find(|(from, _)| from.as_str() == standard)
            .map_or(standard, |(_, to)| to.as_str())
    }
}

/// Matches an error reply exactly; an absent part matches anything.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OutcomeRule {
    /// The HTTP status.
    pub status: Option<u16>,
    /// The error code.
    pub code: Option<String>,
    /// The error's description.
    pub description: Option<String>,
    /// What it means.
    pub outcome: Outcome,
}

/// What an error means.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// `authorization_pending`
    Pending,
    /// `slow_down`
    SlowDown,
    /// `access_denied`
    Denied,
    /// `expired_token`
    Expired,
    /// `invalid_grant`
    InvalidGrant,
    /// Anything else.
    Other,
}

/// A member of a reply that the plugin may read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Readable {
    /// The role whose reply has it; `id_token` for a claim.
    pub role: RoleName,
    /// Where it is.
    pub pointer: Pointer,
    /// What it is.
    pub shape: Shape,
}

/// The shape of a readable member.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Shape {
    /// One value.
    One(ScalarKind),
    /// A list of objects, of which these members are read.
    Rows(Vec<Column>),
}

/// A member of each object in a list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Column {
    /// Where it is, from the object.
    pub pointer: Pointer,
    /// What it is.
    pub kind: ScalarKind,
}

/// The kind of one readable value.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ScalarKind {
    /// `true` or `false`.
    Boolean,
    /// A whole number.
    Integer,
    /// One of these texts.
    OneOf(Vec<String>),
    /// Text that matches a pattern as a whole.
    Text {
        /// The regular expression.
        pattern: String,
        /// The greatest length in characters.
        max_chars: u32,
    },
}

/// A secret that this provider has beyond the standard ones.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SecretDeclaration {
    /// Its name.
    pub name: SecretName,
    /// Its kind: client secret, cloud key or opaque.
    #[serde(with = "crate::secret::kind_name")]
    pub kind: SecretKind,
    /// The role whose reply brings it.
    pub born_role: RoleName,
    /// Where that reply has it.
    pub born_pointer: Pointer,
    /// Where it may go.
    pub goes: Vec<DeclaredCell>,
}

/// A place where a declared secret may go.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeclaredCell {
    /// The role of the endpoint.
    pub role: RoleName,
    /// The place in its request.
    pub placement: DeclaredPlacement,
}

/// A place in a request that a description can name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DeclaredPlacement {
    /// `Authorization: Bearer`, or the endpoint's token header.
    Authorization,
    /// A form field or JSON member.
    Member(MemberName),
    /// Where the client authenticates.
    ClientAuthentication,
}

/// From what it is known who has signed in. Pinned per tenant, never chosen by the plugin at run time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum IdentitySource {
    /// From the validated ID token.
    Oidc,
    /// From this readable member.
    Account {
        /// The role whose reply has it.
        role: RoleName,
        /// Where it is.
        pointer: Pointer,
    },
    /// It is not known.
    Unknown,
}

/// A parameter of `token --for`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Parameter {
    /// Its name.
    pub name: SettingName,
    /// One line for the person who types it.
    pub summary: String,
}
