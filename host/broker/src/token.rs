//! Token requests (RFC 6749 sections 4.1.3, 5 and 6), and what is taken from their replies. What a workload asks with, and an exchange,
//! have a file each.

mod assertion;
mod client_credentials;
mod exchange;
mod jwt_bearer;
mod reply;

use vestibule_core::description::{Client, ClientAuthentication, EndpointClass, IdentitySource};
use vestibule_core::reply::{ProblemKind, Reply, Tokens};
use vestibule_core::start::NamedReference;
use vestibule_core::step::{GrantType, TokenGrant};
use vestibule_core::{Blame, Error, Reference, Result, RoleName, Scope, Secret, SecretKind};

use crate::broker::Broker;
use crate::http::Exchange;
use crate::id_token::VerifiedIdToken;
use crate::json::Document;
use crate::keys::Answers;
use crate::message::Message;
use crate::outcome::Refusal;
use crate::session::{Authorization, Obtained};
use crate::{keys, outcome, readable};

pub(crate) async fn perform(
    broker: &mut Broker<'_>,
    role: &RoleName,
    grant: TokenGrant,
) -> Result<Reply> {
    let endpoint = broker.endpoint(role)?;
    if endpoint.class != EndpointClass::Token {
        return Err(Error::plugin(
            "plugin.class",
            format!("the endpoint \"{role}\" is no token endpoint"),
        ));
    }
    let observer = broker.around.observer;
    let mut message = Message::new(role.as_str(), endpoint);
    let redeemed = match grant.grant_type {
        GrantType::AuthorizationCode(code) => {
            // Whatever comes of it, the authorization is used up (RESP-07, PLUG-09).
            let authorization = broker
                .session
                .authorization
                .take()
                .filter(|authorization| authorization.code == code);
            let authorization = authorization.ok_or_else(|| broker.vault.refuse(code))?;
            message.standard("grant_type", "authorization_code");
            message.secret(&mut broker.vault, observer, "code", code)?;
            message.standard("redirect_uri", authorization.redirect_uri.as_str());
            message.secret(
                &mut broker.vault,
                observer,
                "code_verifier",
                authorization.verifier,
            )?;
            Redeemed::Code(authorization)
        }
        GrantType::RefreshToken(token) => {
            message.standard("grant_type", "refresh_token");
            message.secret(&mut broker.vault, observer, "refresh_token", token)?;
            message.scopes(&grant.scopes);
            Redeemed::RefreshToken
        }
        GrantType::ClientCredentials => {
            client_credentials::request(broker, &mut message, grant.scopes)?
        }
        GrantType::JwtBearer(assertion) => {
            jwt_bearer::request(broker, &mut message, grant.scopes, assertion)?
        }
        GrantType::TokenExchange(exchange) => {
            exchange::request(broker, &mut message, grant.scopes, exchange)?
        }
    };
    message.fields(broker, grant.extra)?;
    message.client(broker)?;
    let exchange = broker.exchange(role.as_str(), endpoint, message).await;
    let exchange = exchange.map_err(|problem| after_trouble(problem, &redeemed, broker))?;
    let answered = answered(broker, role, &exchange, &redeemed).await;
    // They have served, whatever came of it. What fails ends the flow, and all of it is erased.
    for used in redeemed.used_up() {
        broker.vault.erase(used)?;
    }
    answered
}

/// What the endpoint's answer comes to: tokens, or a refusal.
pub(crate) async fn answered(
    broker: &mut Broker<'_>,
    role: &RoleName,
    exchange: &Exchange,
    redeemed: &Redeemed,
) -> Result<Reply> {
    let answer = outcome::read(broker.endpoint(role)?, exchange)?;
    conclude(broker, role, answer, redeemed).await
}

/// What an answer comes to that was read already.
pub(crate) async fn conclude(
    broker: &mut Broker<'_>,
    role: &RoleName,
    answer: Result<Document, Refusal>,
    redeemed: &Redeemed,
) -> Result<Reply> {
    match answer {
        Ok(document) => take(broker, role, &document, redeemed).await,
        Err(refusal) => {
            if matches!(redeemed, Redeemed::RefreshToken)
                && refusal.problem().kind == ProblemKind::InvalidGrant
            {
                broker.grant_is_dead = true;
            }
            Ok(broker.refused(role.as_str(), &refusal))
        }
    }
}

/// What was redeemed.
pub(crate) enum Redeemed {
    Code(Authorization),
    RefreshToken,
    /// The device code of a request for these scopes.
    DeviceCode {
        scopes: Vec<Scope>,
    },
    /// The client's own credentials, or a workload's assertion, for these scopes. There is nobody of whom an ID token could speak.
    Workload {
        scopes: Vec<Scope>,
        assertion: Option<Reference>,
    },
    Exchange(exchange::Asked),
}

impl Redeemed {
    /// What was sent and is of no more use.
    fn used_up(&self) -> Vec<Reference> {
        match self {
            Self::Code(authorization) => [authorization.code, authorization.verifier]
                .into_iter()
                .chain(authorization.nonce)
                .collect(),
            Self::Workload { assertion, .. } => assertion.iter().copied().collect(),
            Self::Exchange(asked) => asked.assertions.clone(),
            Self::RefreshToken | Self::DeviceCode { .. } => Vec::new(),
        }
    }
}

/// What trouble on the way means for what was being redeemed. Neither is sent a second time (TOK-08, RFC 9700 section 4.2.4): a code
/// that is redeemed twice revokes what the first time brought, and a refresh token is kept for the next command.
fn after_trouble(problem: Error, redeemed: &Redeemed, broker: &Broker<'_>) -> Error {
    let tenant = broker.around.tenant;
    match redeemed {
        Redeemed::Code(_) => problem.hint(format!(
            "the authorization code may be used up; sign in again: vestibule login {tenant}"
        )),
        Redeemed::RefreshToken if problem.blame() == Blame::Network => {
            problem.hint("the sign-in was kept; try again in a moment")
        }
        Redeemed::RefreshToken
        | Redeemed::DeviceCode { .. }
        | Redeemed::Workload { .. }
        | Redeemed::Exchange(_) => problem,
    }
}

/// Takes the tokens out of a successful reply (RFC 6749 section 5.1). Nothing is told to the plugin before all of it is checked.
async fn take(
    broker: &mut Broker<'_>,
    role: &RoleName,
    document: &Document,
    redeemed: &Redeemed,
) -> Result<Reply> {
    let endpoint = broker.endpoint(role)?;
    let named = |standard: &str| format!("/{}", endpoint.dialect.rename(standard));
    let text = |standard: &str| {
        document.text(&named(standard)).map_err(|problem| {
            Error::provider(
                "token.reply",
                format!("the token reply's {standard} {problem}"),
            )
        })
    };

    let kind = match redeemed {
        Redeemed::Exchange(asked) => {
            asked.check_type(text("issued_token_type")?, text("token_type")?)?
        }
        Redeemed::Code(_)
        | Redeemed::RefreshToken
        | Redeemed::DeviceCode { .. }
        | Redeemed::Workload { .. } => {
            reply::check_type(text("token_type")?)?;
            SecretKind::AccessToken
        }
    };
    let access_token = text("access_token")?.filter(|token| !token.is_empty());
    let access_token = access_token.ok_or_else(|| {
        Error::provider("token.access_token", "the token reply has no access_token")
    })?;
    let access_token = Secret::new(access_token.to_owned());

    let id_token = text("id_token")?.map(|token| Secret::new(token.to_owned()));
    let verified = verify_id_token(broker, id_token.as_ref(), &access_token, redeemed).await?;
    let claims = verified.as_ref().map(|verified| {
        readable::members(
            "id_token",
            verified.claims(),
            &broker.around.permissions.readable,
        )
    });

    let expires_in = reply::lifetime(document.get(&named("expires_in")));
    let asked = match redeemed {
        Redeemed::Code(authorization) => authorization.scopes.clone(),
        Redeemed::DeviceCode { scopes } | Redeemed::Workload { scopes, .. } => scopes.clone(),
        Redeemed::RefreshToken => broker.session.granted.clone().unwrap_or_default(),
        Redeemed::Exchange(asked) => asked.scopes.clone(),
    };
    let scopes = reply::granted(document.get(&named("scope")), &asked, endpoint);
    let expires_in = match redeemed {
        Redeemed::Exchange(asked) => {
            asked.check_scopes(&scopes)?;
            asked.no_longer(expires_in, broker.around.clock.now())
        }
        Redeemed::Code(_)
        | Redeemed::RefreshToken
        | Redeemed::DeviceCode { .. }
        | Redeemed::Workload { .. } => expires_in,
    };

    let access_token = broker.keep(kind, "access_token", access_token)?;
    let refresh_token = text("refresh_token")?
        .filter(|token| !token.is_empty())
        .map(|token| Secret::new(token.to_owned()));
    let refresh_token = refresh_token
        .map(|token| broker.keep(SecretKind::RefreshToken, "refresh_token", token))
        .transpose()?;
    let id_token = id_token
        .map(|token| broker.keep(SecretKind::IdToken, "id_token", token))
        .transpose()?;
    let (mut members, secrets) = broker.let_through(role.as_str(), document)?;
    broker.tell_kept(&secrets)?;
    members.extend(claims.into_iter().flatten());
    broker.learn_account(role.as_str(), document);
    if verified.is_some() {
        broker.session.id_token = verified;
    }
    // What is no access token can be presented once more, and is nothing that a flow could end with.
    if kind == SecretKind::AccessToken {
        broker.session.tokens = Some(Obtained {
            expires_in,
            asked,
            scopes: scopes.clone(),
            renewed_refresh_token: refresh_token.is_some(),
        });
    }
    Ok(Reply::Tokens(Tokens {
        access_token,
        refresh_token,
        id_token,
        expires_in,
        scopes,
        members,
        secrets,
    }))
}

/// Validates the ID token. One that is expected and missing ends the flow as one that is wrong does (RESP-04, IDT-*).
async fn verify_id_token(
    broker: &mut Broker<'_>,
    id_token: Option<&Secret>,
    access_token: &Secret,
    redeemed: &Redeemed,
) -> Result<Option<VerifiedIdToken>> {
    if matches!(redeemed, Redeemed::Workload { .. } | Redeemed::Exchange(_)) {
        // Nobody has signed in of whom it could speak, and nothing is read from it.
        return Ok(None);
    }
    let Some(id_token) = id_token else {
        return match (&broker.around.permissions.identity, redeemed) {
            (IdentitySource::Oidc, Redeemed::Code(_) | Redeemed::DeviceCode { .. }) => {
                Err(Error::provider(
                    "id_token.missing",
                    "the token reply has no id_token, although openid was asked for",
                ))
            }
            // OIDC Core section 12.2: a refresh need not bring one.
            (
                IdentitySource::Oidc,
                Redeemed::RefreshToken | Redeemed::Workload { .. } | Redeemed::Exchange(_),
            )
            | (IdentitySource::Account { .. } | IdentitySource::Unknown, _) => Ok(None),
        };
    };
    if !broker.around.permissions.is_openid() {
        // Nobody asked for it, there is nothing to check it with, and so nothing is read from it.
        return Ok(None);
    }
    let verified = keys::verify(
        broker,
        id_token,
        access_token,
        match redeemed {
            Redeemed::Code(Authorization {
                nonce: Some(nonce), ..
            }) => Answers::Nonce(*nonce),
            Redeemed::DeviceCode { .. } => Answers::DeviceCode,
            Redeemed::Code(Authorization { nonce: None, .. })
            | Redeemed::RefreshToken
            | Redeemed::Workload { .. }
            | Redeemed::Exchange(_) => Answers::Session,
        },
    )
    .await?;
    broker.verified(match redeemed {
        Redeemed::DeviceCode { .. } => "the ID token: signature, issuer, audience, times, at_hash",
        Redeemed::Code(_)
        | Redeemed::RefreshToken
        | Redeemed::Workload { .. }
        | Redeemed::Exchange(_) => {
            "the ID token: signature, issuer, audience, times, nonce, at_hash"
        }
    });
    Ok(Some(verified))
}

impl Broker<'_> {
    /// Tells which declared secrets were taken in.
    pub(crate) fn tell_kept(&self, secrets: &[NamedReference]) -> Result<()> {
        for NamedReference { name, reference } in secrets {
            let (kind, _) = self.vault.kind_of(*reference)?;
            self.around
                .observer
                .event(&vestibule_core::event::Event::Kept {
                    kind,
                    name: name.as_str(),
                    reference: Some(*reference),
                });
        }
        Ok(())
    }

    /// Takes the account from a reply, where that is what the pinned identity says. The plugin has no part in it.
    pub(crate) fn learn_account(&mut self, role: &str, document: &Document) {
        if let IdentitySource::Account {
            role: pinned,
            pointer,
        } = &self.around.permissions.identity
            && pinned.as_str() == role
            && let Some(value) = document.get(pointer.as_str())
        {
            let text = value.as_text().map(ToOwned::to_owned);
            let account = text.or_else(|| value.as_integer().map(|number| number.to_string()));
            self.session.account =
                account.filter(|account| !account.is_empty() && account.len() <= 255);
        }
    }

    /// Whether the client proves itself with a secret that is not public knowledge (CAUTH-03).
    #[must_use]
    pub fn is_confidential(&self) -> bool {
        match &self.around.permissions.client {
            Client::Configured {
                authentication: ClientAuthentication::None,
                ..
            } => false,
            Client::Configured { .. } | Client::Registered { .. } => !self.client.is_public(),
        }
    }
}
