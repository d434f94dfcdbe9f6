//! What a plugin wants done next. Mirrors `wit/types.wit`.

mod texts;

use crate::description::TimeUnit;
use crate::name::{MemberName, RoleName, Scope};
use crate::record::Primary;
use crate::secret::Reference;
use crate::start::NamedReference;

/// A step. Matched exhaustively wherever it is handled.
#[derive(Clone, Debug)]
pub enum Step {
    /// Fetch and validate the issuer's metadata.
    Discover,
    /// Send the person to the authorization endpoint.
    Authorize(AuthorizationRequest),
    /// One HTTP exchange with an endpoint named by role.
    Request(Request),
    /// Show a device code and poll.
    Device(DeviceRequest),
    /// Fetch a workload's own assertion.
    SubjectToken(SubjectTokenRequest),
    /// Let the person choose.
    Choose(Choice),
    /// The flow ends well.
    Finish(Finish),
    /// The flow ends badly. The text is the plugin's.
    Fail(String),
}

impl Step {
    /// The word that stands in narrations and messages.
    #[must_use]
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::Discover => "discover",
            Self::Authorize(_) => "authorize",
            Self::Request(_) => "request",
            Self::Device(_) => "device",
            Self::SubjectToken(_) => "subject-token",
            Self::Choose(_) => "choose",
            Self::Finish(_) => "finish",
            Self::Fail(_) => "fail",
        }
    }
}

/// An authorization request (RFC 6749 section 4.1.1).
#[derive(Clone, Debug)]
pub struct AuthorizationRequest {
    /// The scopes to ask for.
    pub scopes: Vec<Scope>,
    /// Whether a refresh token is wanted.
    pub offline: bool,
    /// The account that the person means.
    pub login_hint: Option<String>,
    /// Target services (RFC 8707 section 2).
    pub resources: Vec<String>,
    /// Further parameters, not yet checked against the reserved names.
    pub extra: Vec<(String, String)>,
}

/// One HTTP exchange.
#[derive(Clone, Debug)]
pub struct Request {
    /// The role of the endpoint.
    pub role: RoleName,
    /// What to send.
    pub exchange: HttpExchange,
}

/// What to send, by the class of the endpoint.
#[derive(Clone, Debug)]
pub enum HttpExchange {
    /// A grant.
    Grant(TokenGrant),
    /// The client's metadata.
    Registration(Vec<Field>),
    /// The token to revoke.
    Revocation(Reference),
    /// The token to ask about.
    Introspection(Reference),
    /// The access token.
    Userinfo(Reference),
    /// A request to a resource or public endpoint.
    Call(Call),
}

/// An access token request.
#[derive(Clone, Debug)]
pub struct TokenGrant {
    /// The grant.
    pub grant_type: GrantType,
    /// The scopes to ask for.
    pub scopes: Vec<Scope>,
    /// Further fields.
    pub extra: Vec<Field>,
}

/// A grant. The password grant does not exist (TOK-09).
#[derive(Clone, Debug)]
pub enum GrantType {
    /// `authorization_code`
    AuthorizationCode(Reference),
    /// `refresh_token`
    RefreshToken(Reference),
    /// `client_credentials`
    ClientCredentials,
    /// `urn:ietf:params:oauth:grant-type:token-exchange`
    TokenExchange(TokenExchange),
    /// `urn:ietf:params:oauth:grant-type:jwt-bearer`
    JwtBearer(Reference),
}

/// A token exchange request (RFC 8693 section 2.1).
#[derive(Clone, Debug)]
pub struct TokenExchange {
    /// `subject_token`
    pub subject_token: Reference,
    /// `subject_token_type`
    pub subject_token_type: String,
    /// `actor_token` and `actor_token_type`
    pub actor_token: Option<(Reference, String)>,
    /// `requested_token_type`
    pub requested_token_type: Option<String>,
    /// `audience`
    pub audience: Option<String>,
}

/// A request to a resource or public endpoint.
#[derive(Clone, Debug)]
pub struct Call {
    /// The token to present.
    pub token: Option<Reference>,
    /// Query parameters.
    pub query: Vec<(MemberName, String)>,
    /// Members of the body.
    pub body: Vec<Field>,
}

/// A form field or JSON member.
#[derive(Clone, Debug)]
pub struct Field {
    /// Its name.
    pub name: MemberName,
    /// Its value.
    pub value: FieldValue,
}

/// The value of a field.
#[derive(Clone, Debug)]
pub enum FieldValue {
    /// Text.
    Text(String),
    /// Several texts.
    Texts(Vec<String>),
    /// A whole number.
    Integer(i64),
    /// Yes or no.
    Boolean(bool),
    /// A whole secret.
    Secret(Reference),
    /// A value that the host knows.
    Host(HostValue),
}

/// A value that the host supplies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HostValue {
    /// The redirect URI, without its port.
    RedirectUri,
    /// The same, as the only element of a list.
    RedirectUris,
    /// The scopes of the flow.
    Scopes,
}

/// A device authorization request (RFC 8628 section 3.1).
#[derive(Clone, Debug)]
pub struct DeviceRequest {
    /// The scopes to ask for.
    pub scopes: Vec<Scope>,
    /// Further fields.
    pub extra: Vec<Field>,
}

/// A request for a workload's own assertion.
#[derive(Clone, Debug)]
pub struct SubjectTokenRequest {
    /// The name of a source in the tenant file.
    pub source: String,
    /// The audience that the assertion shall name.
    pub audience: String,
}

/// A question for the person.
#[derive(Clone, Debug)]
pub struct Choice {
    /// What is chosen.
    pub what: String,
    /// What there is to choose from.
    pub options: Vec<ChoiceOption>,
}

/// One possible answer.
#[derive(Clone, Debug)]
pub struct ChoiceOption {
    /// What the reply will say.
    pub id: String,
    /// What the person reads.
    pub label: String,
}

/// How a flow ends well.
#[derive(Clone, Debug)]
pub enum Finish {
    /// With a grant to keep.
    Grant(Grant),
    /// With nothing to keep.
    Done,
}

/// What a flow ends in, in the plugin's words.
#[derive(Clone, Debug)]
pub struct Grant {
    /// What it is in the first place.
    pub primary: Primary,
    /// Its parts.
    pub parts: Vec<NamedReference>,
    /// When parts expire that are not standard tokens.
    pub expires_at: Option<(i64, TimeUnit)>,
}
