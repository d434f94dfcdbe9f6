//! A request on its way to one endpoint of the pinned table, and the only place where secrets are put into one (law 2, PLUG-05).
//!
//! Every value is whole: a member is either the plugin's, or the host's, or a secret, and never two of them joined.

use serde_json::Value as Json;
use vestibule_core::approval::PinnedEndpoint;
use vestibule_core::description::{Encoding, HttpMethod, ScopeForm};
use vestibule_core::event::{Event, Observer};
use vestibule_core::matrix::{Placement, token_placement};
use vestibule_core::step::{Field, FieldValue, HostValue};
use vestibule_core::{Blame, Error, Reference, Result, Scope, SecretKind, Shown};
use zeroize::Zeroizing;

use crate::authorization_url::Form;
use crate::broker::Broker;
use crate::client::ClientCredential;
use crate::client_assertion::{self, CLIENT_ASSERTION_TYPE};
use crate::http::{Body, Method, Request};
use crate::registration::redirect_uri;
use crate::vault::{Place, Vault};

/// A request that is being put together.
pub(crate) struct Message<'a> {
    role: &'a str,
    endpoint: &'a PinnedEndpoint,
    query: Vec<(String, String)>,
    members: Vec<(String, Piece)>,
    token: Option<Reference>,
    basic: Option<(String, Reference)>,
    assertion: Option<Reference>,
    form: Option<Form>,
}

/// The value of one member.
enum Piece {
    Plain(Json),
    Secret(Reference),
}

impl<'a> Message<'a> {
    /// An empty request to this endpoint.
    pub(crate) fn new(role: &'a str, endpoint: &'a PinnedEndpoint) -> Self {
        Self {
            role,
            endpoint,
            query: Vec::new(),
            members: Vec::new(),
            token: None,
            basic: None,
            assertion: None,
            form: None,
        }
    }

    /// Adds a member under its standard name, which the endpoint's dialect may rename.
    pub(crate) fn standard(&mut self, name: &str, value: impl Into<Json>) {
        self.members.push((
            self.endpoint.dialect.rename(name).to_owned(),
            Piece::Plain(value.into()),
        ));
    }

    /// Adds a secret as a whole member, under its standard name. Whether it may go there is asked at once.
    pub(crate) fn secret(
        &mut self,
        vault: &mut Vault,
        observer: &dyn Observer,
        name: &str,
        reference: Reference,
    ) -> Result<()> {
        let placement = Placement::Member(name.to_owned());
        self.authorize(vault, observer, reference, &placement)?;
        self.members.push((
            self.endpoint.dialect.rename(name).to_owned(),
            Piece::Secret(reference),
        ));
        Ok(())
    }

    /// Adds a member under the provider's own name.
    fn own(&mut self, name: &str, value: Json) {
        self.members.push((name.to_owned(), Piece::Plain(value)));
    }

    /// Adds a secret as a whole member, under the provider's own name.
    fn own_secret(
        &mut self,
        vault: &mut Vault,
        observer: &dyn Observer,
        name: &str,
        reference: Reference,
    ) -> Result<()> {
        let placement = Placement::Member(name.to_owned());
        self.authorize(vault, observer, reference, &placement)?;
        self.members
            .push((name.to_owned(), Piece::Secret(reference)));
        Ok(())
    }

    /// Adds the plugin's own fields. A reference among them goes where the matrix permits it, or ends the flow.
    pub(crate) fn fields(&mut self, broker: &mut Broker<'_>, fields: Vec<Field>) -> Result<()> {
        for Field { name, value } in fields {
            let name = name.as_str();
            match value {
                FieldValue::Secret(reference) => {
                    self.own_secret(&mut broker.vault, broker.around.observer, name, reference)?
                }
                FieldValue::Text(text) => self.own(name, text.into()),
                FieldValue::Texts(texts) => self.own(name, texts.into()),
                FieldValue::Integer(integer) => self.own(name, integer.into()),
                FieldValue::Boolean(boolean) => self.own(name, boolean.into()),
                FieldValue::Host(HostValue::RedirectUri) => {
                    self.own(name, redirect_uri(broker)?.into())
                }
                FieldValue::Host(HostValue::RedirectUris) => {
                    self.own(name, vec![redirect_uri(broker)?].into())
                }
                FieldValue::Host(HostValue::Scopes) => {
                    self.own(name, scopes_value(broker.around.scopes, self.endpoint))
                }
            }
        }
        Ok(())
    }

    /// Adds scopes, as the dialect writes them. None are left out, as RFC 6749 section 3.3 has it.
    pub(crate) fn scopes(&mut self, scopes: &[Scope]) {
        if !scopes.is_empty() {
            self.standard("scope", scopes_value(scopes, self.endpoint));
        }
    }

    /// Adds a query parameter. Never a secret: there is no way to put one here.
    pub(crate) fn query(&mut self, name: &str, value: &str) {
        self.query.push((name.to_owned(), value.to_owned()));
    }

    /// Presents a token, where this endpoint wants it.
    pub(crate) fn token(
        &mut self,
        vault: &mut Vault,
        observer: &dyn Observer,
        reference: Reference,
    ) -> Result<()> {
        self.authorize(vault, observer, reference, &token_placement(self.endpoint))?;
        self.token = Some(reference);
        Ok(())
    }

    /// Says which client is asking, and proves it if it can (RFC 6749 section 2.3.1, RFC 7523 section 2.2).
    pub(crate) fn client(&mut self, broker: &mut Broker<'_>) -> Result<()> {
        let Broker {
            vault,
            client,
            around,
            ..
        } = broker;
        let observer = around.observer;
        let id = client.id()?;
        match client.credential() {
            ClientCredential::None => self.standard("client_id", id),
            ClientCredential::Basic(secret) => {
                self.authorize(vault, observer, *secret, &Placement::ClientAuthentication)?;
                self.basic = Some((id.to_owned(), *secret));
            }
            ClientCredential::Post(secret) => {
                self.standard("client_id", id);
                self.authorize(vault, observer, *secret, &Placement::ClientAuthentication)?;
                self.members.push((
                    self.endpoint.dialect.rename("client_secret").to_owned(),
                    Piece::Secret(*secret),
                ));
            }
            ClientCredential::PrivateKeyJwt { key, audience } => {
                let kind = SecretKind::ClientAssertion;
                let signed = client_assertion::sign(key, id, audience, around.clock.now())?;
                let assertion = vault.keep(kind, kind.as_str(), signed)?;
                self.standard("client_id", id);
                self.standard("client_assertion_type", CLIENT_ASSERTION_TYPE);
                self.authorize(vault, observer, assertion, &Placement::ClientAuthentication)?;
                self.members.push((
                    self.endpoint.dialect.rename("client_assertion").to_owned(),
                    Piece::Secret(assertion),
                ));
                self.assertion = Some(assertion);
            }
        }
        Ok(())
    }

    /// The assertion that was signed for this request, if one was.
    pub(crate) fn assertion(&self) -> Option<Reference> {
        self.assertion
    }

    /// Takes a pushed authorization request's form (RFC 9126 section 2.1), and says which client pushes it.
    pub(crate) fn pushed(&mut self, form: Form, broker: &mut Broker<'_>) -> Result<()> {
        // The form has the `client_id` already; a second one would be refused as a repeated member.
        self.client(broker)?;
        self.members
            .retain(|(name, _)| name != self.endpoint.dialect.rename("client_id"));
        self.form = Some(form);
        Ok(())
    }

    /// Renders the request. Every secret in it was authorized before; nothing was sent so far.
    pub(crate) fn render(self, vault: &Vault) -> Result<Request> {
        let url = self.endpoint.url()?;
        let method = match self.endpoint.method {
            HttpMethod::Get => Method::Get,
            HttpMethod::Post => Method::Post,
            HttpMethod::Delete => Method::Delete,
        };
        let mut request = Request::new(method, &url);
        for (name, value) in &self.query {
            request = request.query(name, value);
        }
        if let Some(token) = self.token {
            let token = vault.look(token)?;
            request = match &self.endpoint.token_header {
                Some(header) => request.secret_header(header, token),
                None => request.bearer(token),
            }
            // The token came from the provider; a header that cannot hold it is not the plugin's doing.
            .map_err(|problem| problem.blame(Blame::Provider))?;
        }
        if let Some((id, secret)) = &self.basic {
            request = request
                .basic(id, vault.look(*secret)?)
                .map_err(|problem| problem.blame(Blame::Config))?;
        }
        self.no_member_twice()?;
        let body = match (self.endpoint.method, self.endpoint.dialect.encoding) {
            (HttpMethod::Get | HttpMethod::Delete, _) if self.members.is_empty() => Body::Empty,
            (HttpMethod::Get | HttpMethod::Delete, _) => {
                return Err(Error::plugin(
                    "plugin.body",
                    format!("a {} request has no body", self.endpoint.method.as_str()),
                ));
            }
            (HttpMethod::Post, Encoding::Form) => form(
                self.form.as_deref().unwrap_or_default(),
                &self.members,
                vault,
            )?,
            (HttpMethod::Post, Encoding::Json) if self.form.is_some() => {
                return Err(Error::config(
                    "par.encoding",
                    "a pushed authorization request is a form (RFC 9126 section 2.1)",
                ));
            }
            (HttpMethod::Post, Encoding::Json) => json(&self.members, vault)?,
        };
        Ok(request.body(body))
    }

    /// The one question before a secret gets into a request.
    fn authorize(
        &self,
        vault: &mut Vault,
        observer: &dyn Observer,
        reference: Reference,
        placement: &Placement,
    ) -> Result<()> {
        vault.place(
            reference,
            Place {
                role: self.role,
                method: self.endpoint.method,
                placement,
            },
        )?;
        let (kind, _) = vault.identify(reference)?;
        observer.event(&Event::Placed {
            kind,
            role: self.role,
            placement: &placement.to_string(),
        });
        Ok(())
    }

    /// Two members of one name are read differently by different servers.
    fn no_member_twice(&self) -> Result<()> {
        let mut names: Vec<&str> = self.members.iter().map(|(name, _)| name.as_str()).collect();
        names.sort_unstable();
        match names.windows(2).find(|pair| pair.first() == pair.last()) {
            None => Ok(()),
            Some(pair) => {
                let name = pair.first().copied().unwrap_or_default();
                Err(Error::plugin(
                    "plugin.body",
                    format!(
                        "the plugin sets the member \"{}\", which is there already",
                        Shown::new(name)
                    ),
                ))
            }
        }
    }
}

/// Scopes as one endpoint writes them.
pub(crate) fn scopes_value(scopes: &[Scope], endpoint: &PinnedEndpoint) -> Json {
    match endpoint.dialect.scope_form {
        ScopeForm::Joined(separator) => {
            let mut joined = String::new();
            for scope in scopes {
                if !joined.is_empty() {
                    joined.push(separator);
                }
                joined.push_str(scope.as_str());
            }
            joined.into()
        }
        ScopeForm::Listed => scopes.iter().map(Scope::as_str).collect::<Vec<_>>().into(),
    }
}

fn form(
    leading: &[(String, Zeroizing<String>)],
    members: &[(String, Piece)],
    vault: &Vault,
) -> Result<Body> {
    let mut plain = Vec::with_capacity(members.len());
    for (name, piece) in members {
        plain.push(match piece {
            Piece::Secret(_) => None,
            Piece::Plain(Json::String(text)) => Some(text.clone()),
            Piece::Plain(Json::Number(number)) => Some(number.to_string()),
            Piece::Plain(Json::Bool(boolean)) => Some(boolean.to_string()),
            Piece::Plain(Json::Null | Json::Array(_) | Json::Object(_)) => {
                return Err(Error::plugin(
                    "plugin.body",
                    format!(
                        "the member \"{}\" is a list, which a form cannot hold",
                        Shown::new(name)
                    ),
                ));
            }
        });
    }
    let mut fields: Vec<(&str, &str)> = leading
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .collect();
    for ((name, piece), plain) in members.iter().zip(&plain) {
        let value = match (piece, plain) {
            (Piece::Secret(reference), _) => vault.look(*reference)?.expose(),
            (Piece::Plain(_), Some(text)) => text.as_str(),
            (Piece::Plain(_), None) => continue,
        };
        fields.push((name.as_str(), value));
    }
    Ok(Body::form(fields))
}

fn json(members: &[(String, Piece)], vault: &Vault) -> Result<Body> {
    // Escaping makes six bytes of one at most: the buffer never moves, and leaves no copy of a secret behind.
    let mut room = 2;
    for (name, piece) in members {
        let value = match piece {
            Piece::Secret(reference) => 6 * vault.look(*reference)?.expose().len(),
            Piece::Plain(value) => value.to_string().len(),
        };
        room += 6 * name.len() + value + 6;
    }
    let mut body = Zeroizing::new(Vec::with_capacity(room));
    let unwritable = |_| Error::host("host.json", "a request could not be written as JSON");
    body.push(b'{');
    for (index, (name, piece)) in members.iter().enumerate() {
        if index > 0 {
            body.push(b',');
        }
        serde_json::to_writer(&mut *body, name).map_err(unwritable)?;
        body.push(b':');
        match piece {
            Piece::Secret(reference) => {
                serde_json::to_writer(&mut *body, vault.look(*reference)?.expose())
            }
            Piece::Plain(value) => serde_json::to_writer(&mut *body, value),
        }
        .map_err(unwritable)?;
    }
    body.push(b'}');
    Ok(Body::Json(body))
}
