//! Rows of the endpoint table, and how an endpoint departs from the standards.

use crate::wit::{self, Dialect, EndpointClass, HttpMethod, Outcome, ScopeForm};

/// An endpoint that the standards know, by the name of its metadata member without `_endpoint` (RFC 8414 section 2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StandardRole {
    /// RFC 6749 section 3.1.
    Authorization,
    /// RFC 9126 section 2.
    PushedAuthorizationRequest,
    /// RFC 6749 section 3.2.
    Token,
    /// RFC 8628 section 3.1.
    DeviceAuthorization,
    /// RFC 7591 section 3.
    Registration,
    /// RFC 7009 section 2.
    Revocation,
    /// RFC 7662 section 2.
    Introspection,
    /// OIDC Core section 5.3.
    Userinfo,
}

impl StandardRole {
    /// The role's name in the contract.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Authorization => "authorization",
            Self::PushedAuthorizationRequest => "pushed_authorization_request",
            Self::Token => "token",
            Self::DeviceAuthorization => "device_authorization",
            Self::Registration => "registration",
            Self::Revocation => "revocation",
            Self::Introspection => "introspection",
            Self::Userinfo => "userinfo",
        }
    }

    fn class(self) -> EndpointClass {
        match self {
            Self::Authorization | Self::PushedAuthorizationRequest => EndpointClass::Authorization,
            Self::Token => EndpointClass::Token,
            Self::DeviceAuthorization => EndpointClass::Device,
            Self::Registration => EndpointClass::Registration,
            Self::Revocation => EndpointClass::Revocation,
            Self::Introspection => EndpointClass::Introspection,
            Self::Userinfo => EndpointClass::Userinfo,
        }
    }

    fn method(self) -> HttpMethod {
        match self {
            Self::Authorization | Self::Userinfo => HttpMethod::Get,
            Self::PushedAuthorizationRequest
            | Self::Token
            | Self::DeviceAuthorization
            | Self::Registration
            | Self::Revocation
            | Self::Introspection => HttpMethod::Post,
        }
    }

    /// The members of request and reply whose names have more than one word.
    fn compound_members(self) -> &'static [&'static str] {
        match self {
            Self::Authorization | Self::PushedAuthorizationRequest => &[
                "client_id",
                "redirect_uri",
                "response_type",
                "code_challenge",
                "code_challenge_method",
                "login_hint",
            ],
            Self::Token => &[
                "client_id",
                "client_secret",
                "grant_type",
                "redirect_uri",
                "code_verifier",
                "device_code",
                "refresh_token",
                "access_token",
                "token_type",
                "expires_in",
                "id_token",
            ],
            Self::DeviceAuthorization => &[
                "client_id",
                "client_secret",
                "device_code",
                "user_code",
                "verification_uri",
                "verification_uri_complete",
                "expires_in",
            ],
            Self::Revocation | Self::Introspection => {
                &["client_id", "client_secret", "token_type_hint"]
            }
            // A registration's members are the plugin's own words, and so are those of userinfo.
            Self::Registration | Self::Userinfo => &[],
        }
    }
}

/// One row of the endpoint table. A new one conforms to the standards; each method is a departure from them.
#[derive(Clone, Debug)]
pub struct Endpoint {
    row: wit::Endpoint,
    standard: Option<StandardRole>,
}

impl Endpoint {
    /// A standard endpoint at this URL, for a provider without metadata, or whose metadata lacks it.
    pub fn standard(role: StandardRole, url: impl Into<String>) -> Self {
        Self::new(
            role.as_str(),
            role.class(),
            Some(url.into()),
            role.method(),
            Some(role),
        )
    }

    /// A standard endpoint that the metadata has, to say how it departs from the standards.
    #[must_use]
    pub fn discovered(role: StandardRole) -> Self {
        Self::new(role.as_str(), role.class(), None, role.method(), Some(role))
    }

    /// A provider's own endpoint that takes a token. GET, unless said otherwise.
    pub fn resource(role: &str, url: impl Into<String>) -> Self {
        Self::new(
            role,
            EndpointClass::Resource,
            Some(url.into()),
            HttpMethod::Get,
            None,
        )
    }

    /// A provider's own endpoint that takes none. GET, unless said otherwise.
    pub fn public(role: &str, url: impl Into<String>) -> Self {
        Self::new(
            role,
            EndpointClass::Public,
            Some(url.into()),
            HttpMethod::Get,
            None,
        )
    }

    /// Called by this HTTP method. Only a resource, a public or a revocation endpoint may differ from the standards.
    #[must_use]
    pub fn method(mut self, method: HttpMethod) -> Self {
        self.row.method = method;
        self
    }

    /// Requests have JSON bodies.
    #[must_use]
    pub fn json(mut self) -> Self {
        self.row.dialect.encoding = wit::Encoding::Json;
        self
    }

    /// A standard member has another name here, in requests and replies alike.
    #[must_use]
    pub fn rename(mut self, standard: &str, own: &str) -> Self {
        self.row
            .dialect
            .renames
            .push((standard.to_owned(), own.to_owned()));
        self
    }

    /// All standard members of this endpoint are written in camelCase: `codeVerifier` for `code_verifier`.
    #[must_use]
    pub fn camel_case(self) -> Self {
        let members = self
            .standard
            .map_or(&[][..], StandardRole::compound_members);
        members.iter().fold(self, |endpoint, member| {
            endpoint.rename(member, &camel_case(member))
        })
    }

    /// Several scopes are joined by this character in place of the space of RFC 6749 section 3.3.
    #[must_use]
    pub fn scopes_joined_by(mut self, separator: char) -> Self {
        self.row.dialect.scope_form = ScopeForm::Joined(separator.into());
        self
    }

    /// Scopes are a JSON list.
    #[must_use]
    pub fn scopes_listed(mut self) -> Self {
        self.row.dialect.scope_form = ScopeForm::Listed;
        self
    }

    /// Error replies have the code and its description at these pointers (RFC 6901).
    #[must_use]
    pub fn errors_at(mut self, code: &str, description: &str) -> Self {
        code.clone_into(&mut self.row.dialect.error_code);
        description.clone_into(&mut self.row.dialect.error_description);
        self
    }

    /// An error means something that it does not say in the standards' words. The first rule that matches wins.
    #[must_use]
    pub fn means(mut self, rule: OutcomeRule) -> Self {
        self.row.dialect.outcomes.push(rule.0);
        self
    }

    /// The token travels in this header, alone, in place of `Authorization` or of the body's `token`.
    #[must_use]
    pub fn token_header(mut self, name: &str) -> Self {
        self.row.token_header = Some(name.to_owned());
        self
    }

    pub(crate) fn role(&self) -> &str {
        &self.row.role
    }

    pub(crate) fn into_wit(self) -> wit::Endpoint {
        self.row
    }

    fn new(
        role: &str,
        class: EndpointClass,
        url: Option<String>,
        method: HttpMethod,
        standard: Option<StandardRole>,
    ) -> Self {
        let dialect = Dialect {
            encoding: wit::Encoding::Form,
            renames: Vec::new(),
            scope_form: ScopeForm::Joined(" ".to_owned()),
            error_code: "/error".to_owned(),
            error_description: "/error_description".to_owned(),
            outcomes: Vec::new(),
        };
        let row = wit::Endpoint {
            role: role.to_owned(),
            class,
            url,
            method,
            token_header: None,
            dialect,
        };
        Self { row, standard }
    }
}

/// Matches an error reply exactly. What is not said matches anything.
#[derive(Clone, Debug)]
pub struct OutcomeRule(wit::OutcomeRule);

impl OutcomeRule {
    /// A rule for replies with this HTTP status.
    #[must_use]
    pub fn status(status: u16, outcome: Outcome) -> Self {
        Self(wit::OutcomeRule {
            status: Some(status),
            code: None,
            description: None,
            outcome,
        })
    }

    /// A rule for replies with this error code.
    #[must_use]
    pub fn code(code: &str, outcome: Outcome) -> Self {
        Self(wit::OutcomeRule {
            status: None,
            code: Some(code.to_owned()),
            description: None,
            outcome,
        })
    }

    /// … and only with this description.
    #[must_use]
    pub fn and_description(mut self, description: &str) -> Self {
        self.0.description = Some(description.to_owned());
        self
    }
}

fn camel_case(snake_case: &str) -> String {
    let mut words = snake_case.split('_');
    let mut name = words.next().unwrap_or_default().to_owned();
    for word in words {
        let mut letters = word.chars();
        name.extend(letters.next().map(|letter| letter.to_ascii_uppercase()));
        name.push_str(letters.as_str());
    }
    name
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn camel_case_renames_the_members_of_the_role() {
        let row = Endpoint::standard(StandardRole::Token, "https://idp.example/token")
            .json()
            .camel_case()
            .into_wit();
        let pair = |standard: &str, own: &str| (standard.to_owned(), own.to_owned());
        assert!(
            row.dialect
                .renames
                .contains(&pair("code_verifier", "codeVerifier"))
        );
        assert!(
            row.dialect
                .renames
                .contains(&pair("expires_in", "expiresIn"))
        );
        assert!(
            !row.dialect
                .renames
                .iter()
                .any(|(standard, _)| standard == "code")
        );
    }

    #[test]
    fn a_standard_role_has_the_class_and_method_of_the_contract() {
        let userinfo = Endpoint::discovered(StandardRole::Userinfo).into_wit();
        assert_eq!(
            (userinfo.class, userinfo.method, userinfo.url),
            (EndpointClass::Userinfo, HttpMethod::Get, None)
        );
        let device = Endpoint::discovered(StandardRole::DeviceAuthorization).into_wit();
        assert_eq!(
            (device.role.as_str(), device.class),
            ("device_authorization", EndpointClass::Device)
        );
    }
}
