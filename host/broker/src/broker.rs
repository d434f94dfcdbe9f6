//! The broker of one flow: performs the steps that policy allowed, keeps every secret, and answers with what a plugin may see.

use vestibule_core::approval::{Permissions, PinnedEndpoint};
use vestibule_core::authentication::Demand;
use vestibule_core::event::{Event, Observer, Person};
use vestibule_core::record::{Facts, Part};
use vestibule_core::reply::Reply;
use vestibule_core::start::{NamedReference, Start};
use vestibule_core::step::{HttpExchange, Request, Step};
use vestibule_core::tenant::{RedirectOptions, TenantPolicy};
use vestibule_core::{
    Allowed, Cleared, Error, Reference, Result, RoleName, Scope, Secret, SecretKind, TenantName,
};

use crate::browser::Browser;
use crate::client::{ClientCredential, FlowClient};
use crate::client_assertion;
use crate::client_key::ClientKey;
use crate::clock::{Clock, Steady};
use crate::http::{Exchange, ExchangeError, HttpClient};
use crate::id_token::Original;
use crate::keep::ProviderMemory;
use crate::loopback::PageHandle;
use crate::message::Message;
use crate::registration::NewRegistration;
use crate::revocation::RevocationResult;
use crate::session::Session;
use crate::subject_token::Platform;
use crate::vault::Vault;
use crate::{
    authorize, barrier, choose, device, discover, introspection, registration, resource,
    revocation, subject_token, token, userinfo,
};

/// What a flow needs from around it. Everything is borrowed: a broker lives as long as its flow.
#[derive(Clone, Copy)]
pub struct Surroundings<'a> {
    /// The tenant.
    pub tenant: &'a TenantName,
    /// What was approved.
    pub permissions: &'a Permissions,
    /// The tenant's policy.
    pub policy: &'a TenantPolicy,
    /// The redirect, where the provider is particular about it.
    pub redirect: &'a RedirectOptions,
    /// The name of the plugin, for questions.
    pub plugin: &'a str,
    /// The digest of its component, likewise.
    pub plugin_digest: &'a str,
    /// The scopes of the flow.
    pub scopes: &'a [Scope],
    /// How the person must authenticate, which is asked of the provider. Whether it was met, policy says at the end.
    pub demand: &'a Demand,
    /// Who watches.
    pub observer: &'a dyn Observer,
    /// Who can answer.
    pub person: &'a dyn Person,
    /// What opens URLs.
    pub browser: &'a dyn Browser,
    /// What is known of the provider from before.
    pub memory: &'a dyn ProviderMemory,
    /// What time it is.
    pub clock: &'a dyn Clock,
    /// What waits are counted by.
    pub steady: &'a dyn Steady,
}

/// The broker of one flow.
pub struct Broker<'a> {
    pub(crate) around: Surroundings<'a>,
    pub(crate) vault: Vault,
    pub(crate) http: HttpClient,
    pub(crate) client: FlowClient,
    /// What the flow has found out and proven so far.
    pub(crate) session: Session,
    /// What a workload's assertions come from, if the tenant has sources.
    pub(crate) platform: Option<Platform<'a>>,
    pub(crate) registration: Option<NewRegistration>,
    pub(crate) revocations: Vec<RevocationResult>,
    pub(crate) page: Option<PageHandle>,
    /// The provider's last refusal: a truer reason than the plugin's words, if the flow ends because of it.
    pub(crate) refusal: Option<Error>,
    /// The provider said that the stored grant is no longer good.
    pub(crate) grant_is_dead: bool,
}

impl<'a> Broker<'a> {
    /// A broker for one flow. Nothing is sent yet.
    #[must_use]
    pub fn new(around: Surroundings<'a>, http: HttpClient) -> Self {
        Self {
            around,
            vault: Vault::new(vestibule_core::matrix::Matrix::of(around.permissions)),
            http,
            client: FlowClient::unregistered(),
            session: Session::default(),
            platform: None,
            registration: None,
            revocations: Vec::new(),
            page: None,
            refusal: None,
            grant_is_dead: false,
        }
    }

    /// Says which client is asking. A secret goes into the vault, and from there only where a client authenticates.
    pub fn set_client(&mut self, id: String, credential: Credential) -> Result<()> {
        let credential = match credential {
            Credential::None => ClientCredential::None,
            Credential::Basic(secret) => {
                ClientCredential::Basic(self.keep_quietly(SecretKind::ClientSecret, secret)?)
            }
            Credential::Post(secret) => {
                ClientCredential::Post(self.keep_quietly(SecretKind::ClientSecret, secret)?)
            }
            Credential::PrivateKeyJwt(secret) => {
                let key = Box::new(ClientKey::parse(&secret)?);
                let audience =
                    client_assertion::audience(self.around.permissions, self.around.policy)?;
                // It is sent nowhere. In the vault, the barrier knows it.
                self.keep_quietly(SecretKind::ClientKey, secret)?;
                ClientCredential::PrivateKeyJwt { key, audience }
            }
        };
        self.client = FlowClient::known(id, credential);
        Ok(())
    }

    /// Says what a workload's assertions come from. Without it there are none.
    pub fn set_platform(&mut self, platform: Platform<'a>) {
        self.platform = Some(platform);
    }

    /// Whether the client is known. One that registers itself may not be yet.
    #[must_use]
    pub fn has_client(&self) -> bool {
        self.client.is_known()
    }

    /// Takes the parts of a stored record in. The plugin gets new references, with the cells that the secrets had from birth.
    pub fn admit(&mut self, parts: Vec<Part>) -> Result<Vec<NamedReference>> {
        let mut references = Vec::with_capacity(parts.len());
        for part in parts {
            let reference = self.keep(part.kind, part.name.as_str(), part.secret)?;
            references.push(NamedReference {
                name: part.name,
                reference,
            });
        }
        self.session.admitted.clone_from(&references);
        Ok(references)
    }

    /// Goes on with a stored grant: what its ID token said (OIDC Core section 12.2), and what was granted.
    ///
    /// # Errors
    /// If what was kept of the ID token cannot be read. Nothing could be compared with it, so that nothing goes on.
    pub fn continue_session(&mut self, facts: &Facts) -> Result<()> {
        let unreadable = |_| {
            Error::host(
                "store.id_token",
                "what was kept of the sign-in's ID token cannot be read",
            )
        };
        self.session.continued = true;
        self.session.earlier = facts
            .id_token
            .as_deref()
            .map(serde_json::from_str::<Original>)
            .transpose()
            .map_err(unreadable)?;
        self.session.granted = Some(facts.scopes.clone());
        self.session.expires_at = Some(facts.expires_at);
        self.session.actor.clone_from(&facts.actor);
        Ok(())
    }

    /// Searches at the second barrier what a plugin asks for or says (PLUG-07).
    ///
    /// # Errors
    /// If it holds a live secret of this flow.
    pub fn search(&self, step: &Step) -> Result<()> {
        barrier::check_step(step, &self.vault)
    }

    /// Performs a step that policy allowed, and clears at the second barrier what comes of it.
    ///
    /// # Errors
    /// An error ends the flow: nothing that it has made is kept, except a registration.
    pub async fn perform(&mut self, step: Allowed<Step>) -> Result<Cleared<Reply>> {
        let reply = match step.into_inner() {
            Step::Discover => discover::perform(self).await,
            Step::Authorize(request) => authorize::perform(self, request).await,
            Step::Request(Request { role, exchange }) => match exchange {
                HttpExchange::Grant(grant) => token::perform(self, &role, grant).await,
                HttpExchange::Registration(fields) => {
                    registration::perform(self, &role, fields).await
                }
                HttpExchange::Revocation(token) => revocation::perform(self, &role, token).await,
                HttpExchange::Introspection(token) => {
                    introspection::perform(self, &role, token).await
                }
                HttpExchange::Userinfo(token) => userinfo::perform(self, &role, token).await,
                HttpExchange::Call(call) => resource::perform(self, &role, call).await,
            },
            Step::Choose(choice) => choose::perform(self, &choice),
            Step::Device(request) => device::perform(self, request).await,
            Step::SubjectToken(request) => subject_token::perform(self, &request).await,
            Step::Finish(_) | Step::Fail(_) => Err(Error::host(
                "host.drive",
                "the end of a flow is not a step to perform",
            )),
        }?;
        self.clear(reply)
    }

    /// Searches a reply that is about to enter the guest for the secrets of this flow.
    ///
    /// # Errors
    /// If it holds one. That ends the flow.
    pub fn clear(&self, reply: Reply) -> Result<Cleared<Reply>> {
        Cleared::by(&self.vault, reply)
    }

    /// Searches what a guest begins with, which comes from the tenant's settings and from the command line.
    ///
    /// # Errors
    /// If it holds a secret of this flow, such as a client secret that was written into a setting of another name.
    pub fn clear_start(&self, start: Start) -> Result<Cleared<Start>> {
        Cleared::by(&self.vault, start).map_err(|_| {
            Error::config(
                "barrier.setting",
                "a setting that the plugin gets repeats a secret that it must not know; nothing was begun",
            )
            .hint("take it out of [settings] of the tenant file; [secrets] is the place for it")
        })
    }

    /// The registration that the flow made, if it made one. To be kept even if the flow fails later.
    pub fn take_registration(&mut self) -> Option<NewRegistration> {
        self.registration.take()
    }

    /// What became of each revocation that the flow tried.
    pub fn take_revocations(&mut self) -> Vec<RevocationResult> {
        std::mem::take(&mut self.revocations)
    }

    /// The provider's last refusal, in the host's words. A flow that fails because of it should say so.
    pub fn take_refusal(&mut self) -> Option<Error> {
        self.refusal.take()
    }

    /// Whether the provider said that the stored grant is no longer good (RFC 6749 section 5.2).
    #[must_use]
    pub fn grant_is_dead(&self) -> bool {
        self.grant_is_dead
    }

    /// The page that the browser still waits for. To be answered with how the flow ended.
    pub fn take_page(&mut self) -> Option<PageHandle> {
        self.page.take()
    }

    /// Sends one request to a role of the pinned table. Network trouble ends the flow: nothing here is sent twice (TOK-08).
    pub(crate) async fn exchange(
        &mut self,
        role: &str,
        endpoint: &PinnedEndpoint,
        message: Message<'_>,
    ) -> Result<Exchange> {
        Ok(self.attempt(role, endpoint, message).await??)
    }

    /// The same, for the one who goes on after trouble of the network. What cannot be sent at all is an error as ever.
    pub(crate) async fn attempt(
        &mut self,
        role: &str,
        endpoint: &PinnedEndpoint,
        message: Message<'_>,
    ) -> Result<Result<Exchange, ExchangeError>> {
        let assertion = message.assertion();
        let request = message.render(&self.vault)?;
        if let Some(assertion) = assertion {
            // It was signed for this request.
            self.vault.erase(assertion)?;
        }
        self.around.observer.event(&Event::Requesting {
            role,
            method: endpoint.method.as_str(),
            url: &request.url().to_string(),
            bytes: request.body_bytes(),
        });
        let exchange = self.http.send(request).await;
        if let Ok(exchange) = &exchange {
            self.around.observer.event(&Event::Answered {
                role,
                status: exchange.status(),
                bytes: exchange.body().len(),
            });
        }
        Ok(exchange)
    }

    /// The endpoint of this role. The permissions outlive the broker, so that this is no borrow of it.
    pub(crate) fn endpoint(&self, role: &RoleName) -> Result<&'a PinnedEndpoint> {
        self.around.permissions.endpoint(role.as_str())
    }

    /// Takes a secret in that the plugin gets a reference to.
    pub(crate) fn keep(
        &mut self,
        kind: SecretKind,
        name: &str,
        secret: Secret,
    ) -> Result<Reference> {
        let reference = self.vault.keep(kind, name, secret)?;
        self.around.observer.event(&Event::Kept {
            kind,
            name,
            reference: Some(reference),
        });
        Ok(reference)
    }

    /// Takes a secret in that only the host knows of.
    pub(crate) fn keep_quietly(&mut self, kind: SecretKind, secret: Secret) -> Result<Reference> {
        let reference = self.vault.keep(kind, kind.as_str(), secret)?;
        self.around.observer.event(&Event::Kept {
            kind,
            name: kind.as_str(),
            reference: None,
        });
        Ok(reference)
    }

    /// Tells that a check was made whose omission would be an exploit.
    pub(crate) fn verified(&self, what: &str) {
        self.around.observer.event(&Event::Verified { what });
    }
}

/// The client's credential, as the host found it.
#[derive(Debug)]
pub enum Credential {
    /// A public client.
    None,
    /// For HTTP Basic.
    Basic(Secret),
    /// For the body.
    Post(Secret),
    /// The private key of a client that signs its assertions: PEM or a JWK.
    PrivateKeyJwt(Secret),
}
