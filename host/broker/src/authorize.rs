//! The step `authorize`: authorization code with PKCE over a loopback redirect (RFC 6749 section 4.1, RFC 7636, RFC 8252), pushed
//! where the provider offers it (RFC 9126), its answer checked by `state` and issuer (RFC 9207).

use tokio::time::Instant;
use vestibule_core::event::Event;
use vestibule_core::matrix::Placement;
use vestibule_core::reply::Reply;
use vestibule_core::step::AuthorizationRequest as Wanted;
use vestibule_core::{Error, Reference, Result, RoleName, Scope, SecretKind, limits};

use crate::authorization_response::{Expectation, IssParameter};
use crate::authorization_url::{AuthorizationRequest, ExtraParameters, pushed_request_url};
use crate::broker::Broker;
use crate::browser::BrowserUrl;
use crate::loopback::Listener;
use crate::message::{Message, scopes_value};
use crate::pkce::{Challenge, Verifier};
use crate::session::Authorization;
use crate::vault::Place;
use crate::{discover, outcome, random, redirect};

const AUTHORIZATION: &str = "authorization";
const PUSHED: &str = "pushed_authorization_request";

pub(crate) async fn perform(broker: &mut Broker<'_>, wanted: Wanted) -> Result<Reply> {
    discover::ensure(broker).await?;
    let issuer = broker.around.permissions.issuer()?;
    let target = redirect::target(&issuer, broker.around.redirect)?;
    // The port opens when the request starts, and not before (LOOP-05).
    let listener = Listener::bind(&target)?;
    let redirect_uri = listener.redirect_uri();
    let fresh = Fresh::draw(broker)?;
    let scopes = scopes_for(broker, &wanted);
    let url = browser_url(broker, &wanted, &fresh, &scopes, &redirect_uri).await?;

    broker.around.observer.event(&Event::Browser {
        url: url.as_str(),
        redirect_uri: &redirect_uri,
        opening: true,
    });
    let expectation = Expectation {
        state: broker.vault.withdraw(fresh.state)?,
        issuer: Some(issuer),
        iss: iss_parameter(broker),
    };
    let browser = broker.around.browser;
    let observer = broker.around.observer;
    let opening = async {
        if let Err(problem) = browser.open(&url).await {
            observer.event(&Event::BrowserFailed {
                reason: problem.message(),
            });
        }
        // The answer may come all the same: the URL was printed.
        std::future::pending::<()>().await
    };
    let accepted = tokio::select! {
        accepted = listener.wait(expectation, deadline()) => accepted,
        () = opening => Err(Error::host("host.browser", "unreachable: opening a browser does not end a sign-in")),
    }?;
    broker.page = Some(accepted.page);
    broker.verified("state and issuer of the authorization response");

    let code = broker.keep(
        SecretKind::AuthorizationCode,
        "code",
        accepted.response.code,
    )?;
    broker.session.authorization = Some(Authorization {
        code,
        verifier: fresh.verifier,
        nonce: fresh.nonce,
        redirect_uri,
        scopes,
    });
    Ok(Reply::Authorized(code))
}

/// What is drawn anew for each request (PKCE-03, RESP-01).
struct Fresh {
    verifier: Reference,
    challenge: Challenge,
    state: Reference,
    nonce: Option<Reference>,
}

impl Fresh {
    fn draw(broker: &mut Broker<'_>) -> Result<Self> {
        let verifier = Verifier::fresh()?;
        let challenge = verifier.challenge();
        let verifier = broker.keep_quietly(SecretKind::CodeVerifier, verifier.into_secret())?;
        let state = broker.keep_quietly(SecretKind::State, random::fresh()?)?;
        let nonce = if broker.around.permissions.is_openid() {
            Some(broker.keep_quietly(SecretKind::Nonce, random::fresh()?)?)
        } else {
            None
        };
        Ok(Self {
            verifier,
            challenge,
            state,
            nonce,
        })
    }
}

/// The URL for the browser: with the whole request in it, or with a mere reference to a pushed one.
async fn browser_url(
    broker: &mut Broker<'_>,
    wanted: &Wanted,
    fresh: &Fresh,
    scopes: &[Scope],
    redirect_uri: &str,
) -> Result<BrowserUrl> {
    let authorization = broker.around.permissions.endpoint(AUTHORIZATION)?;
    let pushed = RoleName::parse(PUSHED)
        .ok()
        .and_then(|role| broker.around.permissions.endpoints.get(&role));
    let role = if pushed.is_some() {
        PUSHED
    } else {
        AUTHORIZATION
    };
    let endpoint = pushed.unwrap_or(authorization);
    for (kind, reference) in [("state", Some(fresh.state)), ("nonce", fresh.nonce)] {
        if let Some(reference) = reference {
            let placement = Placement::AuthorizationParameter(kind.to_owned());
            broker.vault.authorize(
                reference,
                Place {
                    role,
                    method: endpoint.method,
                    placement: &placement,
                },
            )?;
        }
    }
    let scope = scopes_value(scopes, authorization);
    let extra = ExtraParameters::new(
        wanted
            .extra
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str())),
    )?;
    let renames: Vec<(String, String)> = authorization
        .dialect
        .renames
        .iter()
        .map(|(from, to)| (from.as_str().to_owned(), to.as_str().to_owned()))
        .collect();
    let client_id = broker.client.id()?.to_owned();
    let nonce = fresh
        .nonce
        .map(|nonce| broker.vault.look(nonce))
        .transpose()?;
    // OIDC Core section 3.1.2.1, RFC 9470 section 4: what policy and a challenge demand, and no plugin has a part in (STEP-04).
    let demand = broker.around.demand;
    let acr_values = demand.acr_values.join(" ");
    let request = AuthorizationRequest {
        client_id: &client_id,
        redirect_uri,
        scope: scope.as_str().unwrap_or_default(),
        state: broker.vault.look(fresh.state)?,
        nonce,
        challenge: &fresh.challenge,
        // OIDC Core section 11: a refresh token is given only after the person was asked.
        prompt: (wanted.offline && scopes.iter().any(|scope| scope.as_str() == OFFLINE))
            .then_some("consent"),
        max_age: demand
            .max_age
            .map(|seconds| u32::try_from(seconds).unwrap_or(u32::MAX)),
        acr_values: Some(acr_values.as_str()).filter(|values| !values.is_empty()),
        claims: demand.claims.as_deref(),
        login_hint: wanted.login_hint.as_deref(),
        dpop_jkt: None,
        resources: &wanted.resources,
        extra: &extra,
        renames: &renames,
    };
    let Some(pushed) = pushed else {
        return request.url(&authorization.url()?);
    };

    let form = request.form()?;
    let mut message = Message::new(PUSHED, pushed);
    message.pushed(form, broker)?;
    let exchange = broker.exchange(PUSHED, pushed, message).await?;
    let document = outcome::read(pushed, &exchange)?
        .map_err(|refusal| refusal.error(PUSHED, &broker.vault))?;
    // RFC 9126 section 2.2
    let request_uri = document
        .text("/request_uri")
        .ok()
        .flatten()
        .filter(|uri| !uri.is_empty());
    let request_uri = request_uri.ok_or_else(|| {
        Error::provider(
            "par.request_uri",
            "the reply to the pushed authorization request has no request_uri",
        )
    })?;
    broker.verified("the authorization request was pushed; the browser carries a mere reference");
    pushed_request_url(&authorization.url()?, &client_id, request_uri, &renames)
}

const OFFLINE: &str = "offline_access";

/// The scopes of the request. Where the provider knows `offline_access` (OIDC Core section 11), it is what "offline" means.
fn scopes_for(broker: &Broker<'_>, wanted: &Wanted) -> Vec<Scope> {
    let mut scopes = wanted.scopes.clone();
    let knows = broker.session.metadata.as_ref().is_some_and(|metadata| {
        metadata
            .scopes_supported
            .iter()
            .flatten()
            .any(|scope| scope == OFFLINE)
    });
    // What this machine's policy does not leave to the tenant, no flag of a plugin adds.
    let within = broker.around.policy.scopes_within.as_deref();
    let may = within.is_none_or(|within| within.iter().any(|scope| scope.as_str() == OFFLINE));
    if wanted.offline && knows && may && !scopes.iter().any(|scope| scope.as_str() == OFFLINE) {
        scopes.extend(Scope::parse(OFFLINE));
    }
    scopes
}

fn iss_parameter(broker: &Broker<'_>) -> IssParameter {
    let announced = broker
        .session
        .metadata
        .as_ref()
        .is_some_and(|metadata| metadata.iss_parameter_supported);
    match (announced, broker.around.policy.accept_unannounced_iss) {
        (true, _) => IssParameter::Required,
        (false, true) => IssParameter::Accepted,
        (false, false) => IssParameter::Ignored,
    }
}

/// RESP-07: state, nonce and verifier live as long as the flow may, and no longer.
fn deadline() -> Instant {
    Instant::now() + limits::FLOW_TIME
}
