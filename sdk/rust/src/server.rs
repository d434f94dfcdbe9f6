//! The description of one provider under one tenant's settings: `profile` in the contract.

use crate::client::{Client, Registration};
use crate::endpoint::{Endpoint, StandardRole};
use crate::readable::Shape;
use crate::session::Method;
use crate::wit::{
    Cell, Identity, Parameter, Placement, Profile, Readable, SecretDeclaration, SecretKind, Server,
    Shape as WitShape,
};
use crate::workload::Workload;

/// Everything that the plugin may do for a tenant, beginning with where the endpoints come from. What is not said here,
/// the host refuses.
#[derive(Clone, Debug)]
pub struct AuthorizationServer {
    server: Server,
    client: Client,
    methods: Option<Vec<Method>>,
    scopes: Vec<String>,
    endpoints: Vec<Endpoint>,
    readable: Vec<Readable>,
    secrets: Vec<SecretDeclaration>,
    identity: Identity,
    derivation: Vec<Parameter>,
    hosts: Vec<String>,
    workload: Option<Workload>,
}

impl AuthorizationServer {
    /// A server with metadata (RFC 8414, OIDC Discovery 1.0), which the host fetches and validates.
    ///
    /// It can sign in by browser and device, asks for the scope `openid`, and knows the person by the ID token.
    pub fn discover(issuer: impl Into<String>, client: impl Into<Client>) -> Self {
        let server = Self::new(
            Server::Discovered(issuer.into()),
            client.into(),
            Identity::Oidc,
        );
        server.scopes(["openid"])
    }

    /// A server without metadata: its endpoints are those of [`endpoint`](Self::endpoint) alone. The URL stands for the
    /// provider where another has an issuer.
    ///
    /// It can sign in by the ways for which it has endpoints, asks for no scopes, and does not know who signed in.
    pub fn fixed(url: impl Into<String>, client: impl Into<Client>) -> Self {
        Self::new(Server::Fixed(url.into()), client.into(), Identity::Unknown)
    }

    /// Only these ways to sign in.
    #[must_use]
    pub fn methods(mut self, methods: impl IntoIterator<Item = Method>) -> Self {
        self.methods = Some(methods.into_iter().collect());
        self
    }

    /// A workload signs in, in this way, and no person does. The scope `openid` is not asked for: nobody is there whom an ID token
    /// could speak of.
    #[must_use]
    pub fn workload(mut self, workload: Workload) -> Self {
        self.workload = Some(workload);
        self.scopes.retain(|scope| scope != "openid");
        self.methods([Method::Workload])
    }

    /// The scopes to ask for when the tenant file names none (RFC 6749 section 3.3).
    #[must_use]
    pub fn scopes<S: Into<String>>(mut self, scopes: impl IntoIterator<Item = S>) -> Self {
        self.scopes = scopes.into_iter().map(Into::into).collect();
        self
    }

    /// A row of the endpoint table. A later row replaces an earlier one of the same role.
    #[must_use]
    pub fn endpoint(mut self, endpoint: Endpoint) -> Self {
        self.endpoints
            .retain(|present| present.role() != endpoint.role());
        self.endpoints.push(endpoint);
        self
    }

    /// The plugin reads this member of that role's replies; of role `id_token`, a claim.
    #[must_use]
    pub fn reads(mut self, role: &str, pointer: &str, shape: impl Into<Shape>) -> Self {
        let shape: WitShape = shape.into().into();
        self.readable.push(Readable {
            role: role.to_owned(),
            pointer: pointer.to_owned(),
            shape,
        });
        self
    }

    /// That role's replies bring one part of a cloud credential. It goes to the person who asked, and nowhere else.
    #[must_use]
    pub fn cloud_key(self, name: &str, born_role: &str, born_pointer: &str) -> Self {
        self.secret(
            name,
            SecretKind::CloudKey,
            born_role,
            born_pointer,
            Vec::new(),
        )
    }

    /// The registration brings a client secret. The host presents it where clients authenticate.
    #[must_use]
    pub fn client_secret(self, name: &str, born_pointer: &str) -> Self {
        let cell = Cell {
            role: StandardRole::Token.as_str().to_owned(),
            placement: Placement::ClientAuthentication,
        };
        let born_role = StandardRole::Registration.as_str();
        self.secret(
            name,
            SecretKind::ClientSecret,
            born_role,
            born_pointer,
            vec![cell],
        )
    }

    /// That role's replies bring a secret of this provider's own, which may go to these cells.
    #[must_use]
    pub fn secret(
        mut self,
        name: &str,
        kind: SecretKind,
        born_role: &str,
        born_pointer: &str,
        goes: Vec<Cell>,
    ) -> Self {
        self.secrets.push(SecretDeclaration {
            name: name.to_owned(),
            kind,
            born_role: born_role.to_owned(),
            born_pointer: born_pointer.to_owned(),
            goes,
        });
        self
    }

    /// Who has signed in is known from this readable member, which the host takes itself.
    #[must_use]
    pub fn identity_from(mut self, role: &str, pointer: &str) -> Self {
        self.identity = Identity::Account((role.to_owned(), pointer.to_owned()));
        self
    }

    /// Who has signed in is not known. A tenant's policy must allow that.
    #[must_use]
    pub fn identity_unknown(mut self) -> Self {
        self.identity = Identity::Unknown;
        self
    }

    /// `vestibule token --for` takes this parameter; the summary is for the person who types it.
    #[must_use]
    pub fn derives(mut self, name: &str, summary: &str) -> Self {
        self.derivation.push(Parameter {
            name: name.to_owned(),
            summary: summary.to_owned(),
        });
        self
    }

    /// Further hosts on which the metadata may place endpoints, or the provider its page for device codes, besides the issuer's own.
    #[must_use]
    pub fn hosts<S: Into<String>>(mut self, hosts: impl IntoIterator<Item = S>) -> Self {
        self.hosts.extend(hosts.into_iter().map(Into::into));
        self
    }

    /// Whether there is metadata to fetch.
    pub(crate) fn has_metadata(&self) -> bool {
        matches!(self.server, Server::Discovered(_))
    }

    /// Whether the endpoint table itself has this role.
    pub(crate) fn has_endpoint(&self, role: &str) -> bool {
        self.endpoints
            .iter()
            .any(|endpoint| endpoint.role() == role)
    }

    pub(crate) fn workload_way(&self) -> Option<&Workload> {
        self.workload.as_ref()
    }

    pub(crate) fn registration(&self) -> Option<&Registration> {
        self.client.registration()
    }

    /// The columns of a readable list, in the order of its declaration.
    pub(crate) fn columns(&self, role: &str, pointer: &str) -> Option<Vec<String>> {
        match self.readable(role, pointer)? {
            WitShape::One(_) => None,
            WitShape::Rows(columns) => Some(
                columns
                    .iter()
                    .map(|column| column.pointer.clone())
                    .collect(),
            ),
        }
    }

    /// The declared shape of a readable member.
    pub(crate) fn readable(&self, role: &str, pointer: &str) -> Option<&WitShape> {
        let declared = self
            .readable
            .iter()
            .find(|readable| readable.role == role && readable.pointer == pointer)?;
        Some(&declared.shape)
    }

    /// The description as the contract has it.
    pub(crate) fn into_profile(self) -> Profile {
        let methods = self
            .methods
            .clone()
            .unwrap_or_else(|| self.drivable_methods());
        let secrets = self.secrets_with_all_cells();
        Profile {
            methods: methods.into_iter().map(Method::to_wit).collect(),
            server: self.server,
            client: self.client.to_wit(),
            scopes: self.scopes,
            endpoints: self.endpoints.into_iter().map(Endpoint::into_wit).collect(),
            readable: self.readable,
            secrets,
            identity: self.identity,
            derivation: self.derivation,
            hosts: self.hosts,
        }
    }

    /// A registered client authenticates for a device code as it does for a token (RFC 8628 section 3.1).
    fn secrets_with_all_cells(&self) -> Vec<SecretDeclaration> {
        let device = StandardRole::DeviceAuthorization.as_str();
        let asks_for_codes = self.has_metadata() || self.has_endpoint(device);
        let mut secrets = self.secrets.clone();
        for secret in &mut secrets {
            let authenticates = secret
                .goes
                .iter()
                .any(|cell| cell.placement == Placement::ClientAuthentication);
            let is_there = secret.goes.iter().any(|cell| cell.role == device);
            if authenticates && asks_for_codes && !is_there {
                secret.goes.push(Cell {
                    role: device.to_owned(),
                    placement: Placement::ClientAuthentication,
                });
            }
        }
        secrets
    }

    fn drivable_methods(&self) -> Vec<Method> {
        let drivable = |role: StandardRole| self.has_metadata() || self.has_endpoint(role.as_str());
        let mut methods = Vec::new();
        if drivable(StandardRole::Authorization) {
            methods.push(Method::Browser);
        }
        if drivable(StandardRole::DeviceAuthorization) {
            methods.push(Method::Device);
        }
        methods
    }

    fn new(server: Server, client: Client, identity: Identity) -> Self {
        Self {
            server,
            client,
            methods: None,
            scopes: Vec::new(),
            endpoints: Vec::new(),
            readable: Vec::new(),
            secrets: Vec::new(),
            identity,
            derivation: Vec::new(),
            hosts: Vec::new(),
            workload: None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wit::Methods;

    #[test]
    fn a_server_without_metadata_signs_in_only_by_the_ways_it_has_endpoints_for() {
        let server = AuthorizationServer::fixed("https://idp.example", "cli");
        assert_eq!(server.clone().into_profile().methods, Methods::empty());
        let authorization =
            Endpoint::standard(StandardRole::Authorization, "https://idp.example/authorize");
        assert_eq!(
            server.endpoint(authorization).into_profile().methods,
            Methods::BROWSER
        );
    }

    #[test]
    fn a_later_row_replaces_an_earlier_one_of_the_same_role() {
        let server = AuthorizationServer::discover("https://idp.example", "cli")
            .endpoint(Endpoint::discovered(StandardRole::Token))
            .endpoint(Endpoint::discovered(StandardRole::Token).json());
        let endpoints = server.into_profile().endpoints;
        assert_eq!(endpoints.len(), 1);
        assert_eq!(endpoints[0].dialect.encoding, crate::wit::Encoding::Json);
    }
}
