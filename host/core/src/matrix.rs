//! Where a secret may go (law 2, PLUG-03). The host's own table, which no plugin can extend, and the cells that an approved
//! description declares for the provider's own kinds.

use std::fmt;

use crate::approval::{Permissions, PinnedEndpoint};
use crate::description::{DeclaredPlacement, EndpointClass, HttpMethod};
use crate::name::SecretName;
use crate::secret::SecretKind;

/// A place in a request that a whole secret fills. Never a path, a fragment, a cookie or a part of anything.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Placement {
    /// `Authorization: Bearer …` (RFC 6750 section 2.1).
    Authorization,
    /// The one header that was approved for this role.
    TokenHeader(String),
    /// The client's own credential: Basic, or the standard body members (RFC 6749 section 2.3.1).
    ClientAuthentication,
    /// A form field or JSON member, by its standard name.
    Member(String),
    /// A parameter of the authorization request, which the host builds: in the URL, or pushed (RFC 9126).
    AuthorizationParameter(String),
}

impl fmt::Display for Placement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Authorization => f.write_str("Authorization header"),
            Self::TokenHeader(name) => write!(f, "{name} header"),
            Self::ClientAuthentication => f.write_str("client authentication"),
            Self::Member(name) => write!(f, "body member {name}"),
            Self::AuthorizationParameter(name) => write!(f, "authorization parameter {name}"),
        }
    }
}

/// How often a secret may be used in a cell.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Times {
    /// Once in its life. A retry with a DPoP nonce counts as the same use.
    Once,
    /// As often as the flow's budget allows.
    Many,
}

/// One place where one secret may go.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Cell {
    /// The role of the endpoint.
    pub role: String,
    /// The HTTP method.
    pub method: HttpMethod,
    /// The place in its request.
    pub placement: Placement,
    /// How often.
    pub times: Times,
}

/// The whole matrix for one approved tenant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Matrix {
    standard: Vec<(SecretKind, Cell)>,
    declared: Vec<(SecretName, SecretKind, Cell)>,
}

impl Matrix {
    /// Works the matrix out. Every row has an endpoint of the pinned table: where a role is missing, its cells are.
    #[must_use]
    pub fn of(permissions: &Permissions) -> Self {
        let mut standard = Vec::new();
        for (role, endpoint) in &permissions.endpoints {
            for kind in SecretKind::ALL {
                for (placement, times) in standard_placements(kind, role.as_str(), endpoint) {
                    standard.push((
                        kind,
                        Cell {
                            role: role.as_str().to_owned(),
                            method: endpoint.method,
                            placement,
                            times,
                        },
                    ));
                }
            }
        }
        let mut declared = Vec::new();
        for secret in &permissions.secrets {
            for cell in &secret.goes {
                // A declaration can only narrow what a client secret may do, never widen it.
                if secret.kind == SecretKind::ClientSecret {
                    continue;
                }
                if let Some(endpoint) = permissions.endpoints.get(cell.role.as_str()) {
                    let placement = match &cell.placement {
                        DeclaredPlacement::Authorization => token_placement(endpoint),
                        DeclaredPlacement::Member(name) => {
                            Placement::Member(name.as_str().to_owned())
                        }
                        DeclaredPlacement::ClientAuthentication => continue,
                    };
                    let cell = Cell {
                        role: cell.role.as_str().to_owned(),
                        method: endpoint.method,
                        placement,
                        times: Times::Many,
                    };
                    declared.push((secret.name.clone(), secret.kind, cell));
                }
            }
        }
        Self { standard, declared }
    }

    /// Whether a secret of this kind and name may go there, and how often. The only question that is ever asked of the matrix.
    #[must_use]
    pub fn permits(
        &self,
        kind: SecretKind,
        name: &str,
        role: &str,
        method: HttpMethod,
        placement: &Placement,
    ) -> Option<Times> {
        let fits = |cell: &Cell| {
            cell.role == role && cell.method == method && cell.placement == *placement
        };
        let standard = self
            .standard
            .iter()
            .find(|(k, cell)| *k == kind && fits(cell))
            .map(|(_, cell)| cell.times);
        standard.or_else(|| {
            let found = self
                .declared
                .iter()
                .find(|(n, k, cell)| n.as_str() == name && *k == kind && fits(cell));
            found.map(|(_, _, cell)| cell.times)
        })
    }

    /// All rows, for people: name, kind, cell.
    pub fn rows(&self) -> impl Iterator<Item = (&str, SecretKind, &Cell)> {
        let standard = self
            .standard
            .iter()
            .map(|(kind, cell)| (kind.as_str(), *kind, cell));
        standard.chain(
            self.declared
                .iter()
                .map(|(name, kind, cell)| (name.as_str(), *kind, cell)),
        )
    }
}

/// The host's own table: design, "Where a secret may go".
fn standard_placements(
    kind: SecretKind,
    role: &str,
    endpoint: &PinnedEndpoint,
) -> Vec<(Placement, Times)> {
    let member = |name: &str| Placement::Member(name.to_owned());
    let parameter = |name: &str| Placement::AuthorizationParameter(name.to_owned());
    match (kind, endpoint.class) {
        (SecretKind::AuthorizationCode, EndpointClass::Token) => {
            vec![(member("code"), Times::Once)]
        }
        (SecretKind::CodeVerifier, EndpointClass::Token) => {
            vec![(member("code_verifier"), Times::Once)]
        }
        (SecretKind::DeviceCode, EndpointClass::Token) => {
            vec![(member("device_code"), Times::Many)]
        }
        (SecretKind::State, EndpointClass::Authorization) => {
            vec![(parameter("state"), Times::Once)]
        }
        (SecretKind::Nonce, EndpointClass::Authorization) => {
            vec![(parameter("nonce"), Times::Once)]
        }
        (SecretKind::RefreshToken, EndpointClass::Token) => {
            vec![(member("refresh_token"), Times::Many)]
        }
        (SecretKind::RefreshToken, EndpointClass::Revocation)
            if endpoint.token_header.is_none() =>
        {
            vec![(member("token"), Times::Many)]
        }
        (SecretKind::RefreshToken, EndpointClass::Introspection) => {
            vec![(member("token"), Times::Many)]
        }
        (SecretKind::AccessToken, EndpointClass::Revocation) if endpoint.token_header.is_none() => {
            vec![(member("token"), Times::Many)]
        }
        (SecretKind::AccessToken, EndpointClass::Introspection) => {
            vec![(member("token"), Times::Many)]
        }
        (
            SecretKind::AccessToken,
            EndpointClass::Userinfo | EndpointClass::Resource | EndpointClass::Revocation,
        ) => {
            vec![(token_placement(endpoint), Times::Many)]
        }
        (
            SecretKind::ClientSecret,
            EndpointClass::Token
            | EndpointClass::Device
            | EndpointClass::Revocation
            | EndpointClass::Introspection,
        ) => {
            vec![(Placement::ClientAuthentication, Times::Many)]
        }
        (SecretKind::ClientSecret, EndpointClass::Authorization)
            if role == "pushed_authorization_request" =>
        {
            vec![(Placement::ClientAuthentication, Times::Many)]
        }
        // RFC 7523 section 2.2. Each is signed for one request.
        (
            SecretKind::ClientAssertion,
            EndpointClass::Token
            | EndpointClass::Device
            | EndpointClass::Revocation
            | EndpointClass::Introspection,
        ) => {
            vec![(Placement::ClientAuthentication, Times::Once)]
        }
        (SecretKind::ClientAssertion, EndpointClass::Authorization)
            if role == "pushed_authorization_request" =>
        {
            vec![(Placement::ClientAuthentication, Times::Once)]
        }
        // RFC 8693 section 2.1. A table has one token endpoint, so that it goes back to where it came from, and to nobody else.
        (SecretKind::AccessToken, EndpointClass::Token) => {
            vec![
                (member("subject_token"), Times::Many),
                (member("actor_token"), Times::Many),
            ]
        }
        // RFC 7523 section 2.1, RFC 8693 section 2.1. Wherever it goes, it goes once.
        (SecretKind::SubjectAssertion, EndpointClass::Token) => {
            vec![
                (member("assertion"), Times::Once),
                (member("subject_token"), Times::Once),
                (member("actor_token"), Times::Once),
            ]
        }
        // Spelled out, so that a new kind or class cannot compile without a thought about its cells.
        (
            SecretKind::AuthorizationCode
            | SecretKind::CodeVerifier
            | SecretKind::State
            | SecretKind::Nonce
            | SecretKind::DeviceCode
            | SecretKind::AccessToken
            | SecretKind::RefreshToken
            | SecretKind::IdToken
            | SecretKind::ClientSecret
            | SecretKind::ClientKey
            | SecretKind::ClientAssertion
            | SecretKind::SubjectAssertion
            | SecretKind::CloudKey
            | SecretKind::Opaque,
            EndpointClass::Authorization
            | EndpointClass::Token
            | EndpointClass::Device
            | EndpointClass::Registration
            | EndpointClass::Revocation
            | EndpointClass::Introspection
            | EndpointClass::Userinfo
            | EndpointClass::Resource
            | EndpointClass::Public,
        ) => Vec::new(),
    }
}

/// Where a token goes at this endpoint.
#[must_use]
pub fn token_placement(endpoint: &PinnedEndpoint) -> Placement {
    endpoint
        .token_header
        .clone()
        .map_or(Placement::Authorization, Placement::TokenHeader)
}
