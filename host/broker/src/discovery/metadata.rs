//! The members of provider metadata that the host uses (OIDC Discovery section 3, RFC 8414 section 2). Others are ignored.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use vestibule_core::{Error, Issuer, ProviderUrl, Result, Shown};

use super::refuse;
use crate::egress::EgressPolicy;
use crate::json::{Document, JsonProblem, Value};
use crate::jwks::Algorithm;

/// Which standard's document it is. They differ in what they require.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Form {
    /// OpenID Connect Discovery 1.0.
    OpenId,
    /// RFC 8414.
    OAuth,
}

/// An endpoint that metadata can name, by its role: the member's name without `_endpoint` or `_uri`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Endpoint {
    /// RFC 6749 section 3.1.
    Authorization,
    /// RFC 6749 section 3.2.
    Token,
    /// RFC 9126.
    PushedAuthorizationRequest,
    /// RFC 8628.
    DeviceAuthorization,
    /// RFC 7009.
    Revocation,
    /// RFC 7662.
    Introspection,
    /// OIDC Core section 5.3.
    Userinfo,
    /// RFC 7591.
    Registration,
    /// The key set (RFC 7517).
    Jwks,
    /// OIDC RP-Initiated Logout.
    EndSession,
}

impl Endpoint {
    /// All of them.
    pub const ALL: [Self; 10] = [
        Self::Authorization,
        Self::Token,
        Self::PushedAuthorizationRequest,
        Self::DeviceAuthorization,
        Self::Revocation,
        Self::Introspection,
        Self::Userinfo,
        Self::Registration,
        Self::Jwks,
        Self::EndSession,
    ];

    /// The role's name in the step protocol.
    #[must_use]
    pub const fn role(self) -> &'static str {
        match self {
            Self::Authorization => "authorization",
            Self::Token => "token",
            Self::PushedAuthorizationRequest => "pushed_authorization_request",
            Self::DeviceAuthorization => "device_authorization",
            Self::Revocation => "revocation",
            Self::Introspection => "introspection",
            Self::Userinfo => "userinfo",
            Self::Registration => "registration",
            Self::Jwks => "jwks",
            Self::EndSession => "end_session",
        }
    }

    /// The metadata member.
    fn member(self) -> String {
        if self == Self::Jwks {
            return "jwks_uri".to_owned();
        }
        format!("{}_endpoint", self.role())
    }
}

/// An issuer's metadata: its own, complete, and naming only approved places.
#[derive(Clone, Debug)]
pub struct Metadata {
    issuer: Issuer,
    endpoints: BTreeMap<Endpoint, ProviderUrl>,
    /// Whether the authorization response has `iss` (RFC 9207).
    pub iss_parameter_supported: bool,
    /// Whether authorization requests must be pushed (RFC 9126).
    pub require_pushed_authorization_requests: bool,
    /// RFC 7636. `None`: the issuer does not say.
    pub code_challenge_methods: Option<Vec<String>>,
    /// `None`: the issuer does not say.
    pub scopes_supported: Option<Vec<String>>,
    /// The algorithms that ID tokens may have, of those that are safe. All safe ones where the issuer does not say.
    pub id_token_signing_algorithms: Vec<Algorithm>,
    /// RFC 9449. Empty: no DPoP.
    pub dpop_signing_algorithms: Vec<String>,
    /// How a client may authenticate at the token endpoint. `client_secret_basic` where the issuer does not say, as both standards have it.
    pub token_endpoint_auth_methods: Vec<String>,
    /// The grant types. `authorization_code` and `implicit` where the issuer does not say, as both standards have it.
    pub grant_types: Vec<String>,
    /// OIDC Prompt Create and others. `None`: the issuer does not say.
    pub prompt_values: Option<Vec<String>>,
}

impl Metadata {
    /// Parses metadata and believes it only if `issuer` is the configured one character for character, every member has its type, the
    /// required ones are there, and every endpoint is at a host that may be connected to.
    ///
    /// # Errors
    /// Blames the provider; the code names what is wrong.
    pub fn parse(
        form: Form,
        issuer: &Issuer,
        text: &[u8],
        approved: &EgressPolicy,
    ) -> Result<Self> {
        let document = Reader {
            document: Document::parse(text).map_err(|problem| unreadable(issuer, &problem))?,
            issuer,
        };
        match document.text("issuer")? {
            Some(claimed) if claimed == issuer.as_str() => {}
            Some(claimed) => {
                return Err(refuse(
                    "discovery.issuer",
                    issuer,
                    format!("says that its issuer is \"{}\"", Shown::new(claimed)),
                )
                .hint("the issuer in the tenant file must be written exactly as the provider writes it"));
            }
            None => return Err(document.lacks("issuer")),
        }
        let mut endpoints = BTreeMap::new();
        for endpoint in Endpoint::ALL {
            if let Some(url) = document.endpoint(&endpoint.member(), approved)? {
                endpoints.insert(endpoint, url);
            }
        }
        let grant_types = document
            .list("grant_types_supported")?
            .unwrap_or_else(|| vec!["authorization_code".to_owned(), "implicit".to_owned()]);
        let algorithms = document.list("id_token_signing_alg_values_supported")?;
        let metadata = Self {
            issuer: issuer.clone(),
            endpoints,
            iss_parameter_supported: document
                .flag("authorization_response_iss_parameter_supported")?,
            require_pushed_authorization_requests: document
                .flag("require_pushed_authorization_requests")?,
            code_challenge_methods: document.list("code_challenge_methods_supported")?,
            scopes_supported: document.list("scopes_supported")?,
            id_token_signing_algorithms: safe_algorithms(algorithms.as_deref()),
            dpop_signing_algorithms: document
                .list("dpop_signing_alg_values_supported")?
                .unwrap_or_default(),
            token_endpoint_auth_methods: document
                .list("token_endpoint_auth_methods_supported")?
                .unwrap_or_else(|| vec!["client_secret_basic".to_owned()]),
            grant_types,
            prompt_values: document.list("prompt_values_supported")?,
        };
        metadata.check_required(form, &document)?;
        Ok(metadata)
    }

    /// Whose metadata it is.
    #[must_use]
    pub fn issuer(&self) -> &Issuer {
        &self.issuer
    }

    /// An endpoint, if the issuer has it.
    #[must_use]
    pub fn endpoint(&self, endpoint: Endpoint) -> Option<&ProviderUrl> {
        self.endpoints.get(&endpoint)
    }

    /// All endpoints, by role.
    pub fn endpoints(&self) -> impl Iterator<Item = (&'static str, &ProviderUrl)> {
        self.endpoints
            .iter()
            .map(|(endpoint, url)| (endpoint.role(), url))
    }

    /// Whether PKCE with S256 is announced.
    #[must_use]
    pub fn announces_s256(&self) -> bool {
        self.code_challenge_methods
            .as_ref()
            .is_some_and(|methods| methods.iter().any(|method| method == "S256"))
    }

    /// OIDC Discovery section 3 and RFC 8414 section 2, "REQUIRED".
    fn check_required(&self, form: Form, document: &Reader<'_>) -> Result<()> {
        let has_grant = |name: &str| self.grant_types.iter().any(|grant| grant == name);
        let mut required = vec!["response_types_supported".to_owned()];
        if has_grant("authorization_code") || has_grant("implicit") {
            required.push(Endpoint::Authorization.member());
        }
        if self.grant_types.iter().any(|grant| grant != "implicit") {
            required.push(Endpoint::Token.member());
        }
        if form == Form::OpenId {
            required.push(Endpoint::Jwks.member());
            required.push("subject_types_supported".to_owned());
            required.push("id_token_signing_alg_values_supported".to_owned());
        }
        for member in ["response_types_supported", "subject_types_supported"] {
            document.list(member)?;
        }
        match required
            .into_iter()
            .find(|member| document.is_absent(member))
        {
            Some(member) => Err(document.lacks(&member)),
            None => Ok(()),
        }
    }
}

/// What the issuer announces, without what is unsafe: `none` and HMAC have no place here.
fn safe_algorithms(announced: Option<&[String]>) -> Vec<Algorithm> {
    match announced {
        None => Algorithm::ALL.to_vec(),
        Some(names) => names
            .iter()
            .filter_map(|name| Algorithm::parse(name))
            .collect(),
    }
}

/// A document whose errors name the issuer.
struct Reader<'a> {
    document: Document,
    issuer: &'a Issuer,
}

impl Reader<'_> {
    fn text(&self, member: &str) -> Result<Option<&str>> {
        self.document
            .text(&format!("/{member}"))
            .map_err(|problem| unreadable(self.issuer, &problem))
    }

    fn flag(&self, member: &str) -> Result<bool> {
        self.document
            .boolean(&format!("/{member}"))
            .map(Option::unwrap_or_default)
            .map_err(|problem| unreadable(self.issuer, &problem))
    }

    fn list(&self, member: &str) -> Result<Option<Vec<String>>> {
        self.document
            .texts(&format!("/{member}"))
            .map(|texts| texts.map(|texts| texts.into_iter().map(str::to_owned).collect()))
            .map_err(|problem| unreadable(self.issuer, &problem))
    }

    fn is_absent(&self, member: &str) -> bool {
        self.document
            .root()
            .as_object()
            .and_then(|members| members.get(member))
            .is_none_or(|value| *value == Value::Null)
    }

    fn endpoint(&self, member: &str, approved: &EgressPolicy) -> Result<Option<ProviderUrl>> {
        let Some(text) = self.text(member)? else {
            return Ok(None);
        };
        let url = ProviderUrl::parse(text).map_err(|problem| {
            refuse(
                "discovery.endpoint",
                self.issuer,
                format!("has a {member}, \"{}\", that {problem}", Shown::new(text)),
            )
        })?;
        approved.check_url(&url).map_err(|refusal| {
            let refused = refuse(
                "discovery.host",
                self.issuer,
                format!("has a {member} elsewhere: {refusal}"),
            );
            match Error::from(refusal).next_step() {
                Some(hint) => refused.hint(hint),
                None => refused,
            }
        })?;
        Ok(Some(url))
    }

    fn lacks(&self, member: &str) -> Error {
        refuse(
            "discovery.required",
            self.issuer,
            format!("lacks the required member \"{member}\""),
        )
    }
}

fn unreadable(issuer: &Issuer, problem: &JsonProblem) -> Error {
    refuse(
        "discovery.format",
        issuer,
        format!("cannot be read: {problem}"),
    )
}
