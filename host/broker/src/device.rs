//! The step `device`: the device authorization grant (RFC 8628). The host asks for a code, shows it, and polls the token endpoint at
//! the provider's pace until it is decided. The device code never leaves the vault but for these questions (DEV-08).

mod pace;
mod response;
mod user_code;
mod verification_uri;

use std::time::Duration;

use vestibule_core::approval::PinnedEndpoint;
use vestibule_core::description::{EndpointClass, Outcome};
use vestibule_core::event::{DevicePrompt, Event};
use vestibule_core::reply::Reply;
use vestibule_core::step::DeviceRequest;
use vestibule_core::{Error, Reference, Result, RoleName, SecretKind, limits};

use crate::broker::Broker;
use crate::json::Document;
use crate::message::Message;
use crate::outcome::Refusal;
use crate::token::Redeemed;
use crate::{discover, outcome, token};

use pace::{Heard, Pace};
pub(crate) use response::DeviceResponse;

const DEVICE_AUTHORIZATION: &str = "device_authorization";
const TOKEN: &str = "token";

/// RFC 8628 section 3.4.
const GRANT_TYPE: &str = "urn:ietf:params:oauth:grant-type:device_code";

pub(crate) async fn perform(broker: &mut Broker<'_>, wanted: DeviceRequest) -> Result<Reply> {
    discover::ensure(broker).await?;
    let endpoint = endpoint_of(broker, DEVICE_AUTHORIZATION, EndpointClass::Device)?;
    let token = endpoint_of(broker, TOKEN, EndpointClass::Token)?;
    let scopes = wanted.scopes.clone();
    let message = request(broker, endpoint, wanted)?;
    let exchange = broker
        .exchange(DEVICE_AUTHORIZATION, endpoint, message)
        .await?;
    // A code ages from its answer on, whatever becomes of the clock on the wall.
    let now = broker.around.steady.elapsed();
    let document = match outcome::read(endpoint, &exchange)? {
        Ok(document) => document,
        Err(refusal) => return Ok(broker.refused(DEVICE_AUTHORIZATION, &refusal)),
    };
    let response = DeviceResponse::read(
        &document,
        &endpoint.dialect,
        broker.around.permissions,
        broker.http.policy(),
    )?;
    let pace = Pace::begin(now, response.interval, response.expires_in)?;
    let device_code = broker.keep_quietly(SecretKind::DeviceCode, response.device_code)?;

    let uri = response.verification_uri.to_string();
    let complete = response
        .verification_uri_complete
        .map(|uri| uri.to_string());
    let prompt = DevicePrompt {
        tenant: broker.around.tenant.as_str(),
        issuer: &broker.around.permissions.issuer,
        plugin: broker.around.plugin,
        plugin_digest: broker.around.plugin_digest,
        access: &scopes,
        verification_uri: &uri,
        verification_uri_complete: complete.as_deref(),
        user_code: response.user_code.as_str(),
        expires_in: pace.left(now),
    };
    check_shown(broker, &prompt, device_code)?;
    broker.verified("the address to enter the code at: scheme, host and origin");
    broker.around.observer.event(&Event::DevicePrompt(&prompt));

    let decided = poll(broker, token, device_code, pace).await?;
    let role = RoleName::parse(TOKEN)
        .map_err(|_| Error::host("host.role", "a standard role is no name"))?;
    let concluded = token::conclude(broker, &role, decided, &Redeemed::DeviceCode { scopes }).await;
    // It has served. The barrier still knows it.
    broker.vault.erase(device_code)?;
    concluded
}

/// The pinned endpoint of a standard role, if it is what its name says.
fn endpoint_of<'a>(
    broker: &Broker<'a>,
    role: &str,
    class: EndpointClass,
) -> Result<&'a PinnedEndpoint> {
    let endpoint = broker.around.permissions.endpoint(role)?;
    if endpoint.class == class {
        return Ok(endpoint);
    }
    Err(Error::plugin(
        "plugin.class",
        format!("the endpoint \"{role}\" is not what its name says"),
    ))
}

/// RFC 8628 section 3.1.
fn request<'a>(
    broker: &mut Broker<'_>,
    endpoint: &'a PinnedEndpoint,
    wanted: DeviceRequest,
) -> Result<Message<'a>> {
    let mut message = Message::new(DEVICE_AUTHORIZATION, endpoint);
    message.scopes(&wanted.scopes);
    message.fields(broker, wanted.extra)?;
    message.client(broker)?;
    Ok(message)
}

/// What is about to be shown repeats no secret: a screen is read by others. Also a device code that is too short for the second barrier
/// is looked for, since here is the place to which a provider's mistake would lead it (DEV-08).
fn check_shown(
    broker: &Broker<'_>,
    prompt: &DevicePrompt<'_>,
    device_code: Reference,
) -> Result<()> {
    let code = broker.vault.look(device_code)?;
    let search = broker.vault.search_for_secrets();
    let shown = [
        Some(prompt.verification_uri),
        prompt.verification_uri_complete,
        Some(prompt.user_code),
    ];
    let mut found = false;
    for text in shown.into_iter().flatten() {
        found |= search.finds_in(text) || text.contains(code.expose());
    }
    if found {
        return Err(Error::provider(
            "device.secret",
            "the provider's device code, which is a secret, is also in what it wants shown; nothing was shown",
        )
        .hint("report this to the provider: its reply gives the device code away"));
    }
    Ok(())
}

/// Asks the token endpoint until it says yes or no (RFC 8628 section 3.5). Dropping the future ends it: there is nothing to take back.
async fn poll(
    broker: &mut Broker<'_>,
    endpoint: &PinnedEndpoint,
    device_code: Reference,
    mut pace: Pace,
) -> Result<std::result::Result<Document, Refusal>> {
    let mut wait = pace.interval();
    loop {
        idle(broker, wait, &pace).await;
        let observer = broker.around.observer;
        let mut message = Message::new(TOKEN, endpoint);
        message.standard("grant_type", GRANT_TYPE);
        message.secret(&mut broker.vault, observer, "device_code", device_code)?;
        message.client(broker)?;
        let heard = match broker.attempt(TOKEN, endpoint, message).await? {
            Ok(exchange) => match outcome::read(endpoint, &exchange)? {
                Ok(document) => return Ok(Ok(document)),
                Err(refusal) => match refusal.outcome() {
                    Outcome::Pending => Heard::Pending,
                    Outcome::SlowDown => Heard::SlowDown,
                    // DEV-04: any other answer is the last one.
                    Outcome::Denied | Outcome::Expired | Outcome::InvalidGrant | Outcome::Other => {
                        return Ok(Err(refusal));
                    }
                },
            },
            Err(trouble) if trouble.is_silence() => Heard::Nothing,
            Err(trouble) => return Err(trouble.into()),
        };
        wait = pace.next(broker.around.steady.elapsed(), heard, broker.around.tenant)?;
    }
}

/// Waits, and says about once a second that it does.
async fn idle(broker: &Broker<'_>, wait: Duration, pace: &Pace) {
    let steady = broker.around.steady;
    let until = steady.elapsed().saturating_add(wait);
    loop {
        let now = steady.elapsed();
        let Some(rest) = until.checked_sub(now).filter(|rest| !rest.is_zero()) else {
            return;
        };
        broker.around.observer.event(&Event::DeviceWaiting {
            left: pace.left(now),
        });
        steady.wait(rest.min(limits::DEVICE_TICK)).await;
    }
}
