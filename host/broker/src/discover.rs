//! The step `discover`: the issuer's metadata (RFC 8414), remembered for a while, and checked against what was approved.

use vestibule_core::reply::Reply;
use vestibule_core::{Error, Issuer, Result, RoleName, Shown};

use crate::broker::Broker;
use crate::discovery::{self, CachedMetadata, Endpoint, Metadata, Remembered};
use crate::keep::Topic;

pub(crate) async fn perform(broker: &mut Broker<'_>) -> Result<Reply> {
    if !broker.around.permissions.discovered {
        return Err(Error::plugin(
            "plugin.discover",
            "the plugin asks for metadata, but its endpoints were approved as fixed ones",
        ));
    }
    ensure(broker).await?;
    Ok(Reply::Discovered(
        broker
            .around
            .permissions
            .endpoints
            .keys()
            .cloned()
            .collect(),
    ))
}

/// Makes sure that the metadata of this flow is there and agrees with the approval. A fixed provider has none, and needs none.
pub(crate) async fn ensure(broker: &mut Broker<'_>) -> Result<()> {
    if !broker.around.permissions.discovered || broker.session.metadata.is_some() {
        return Ok(());
    }
    let issuer = broker.around.permissions.issuer()?;
    let metadata = match recall(broker, &issuer) {
        Some(metadata) => metadata,
        None => fetch(broker, &issuer).await?,
    };
    compare(broker, &metadata)?;
    broker.verified("the metadata's issuer, and its endpoints against the approval");
    broker.session.metadata = Some(metadata);
    Ok(())
}

/// The remembered metadata, if it is fresh and still passes every check.
fn recall(broker: &Broker<'_>, issuer: &Issuer) -> Option<Metadata> {
    let memory = broker
        .around
        .memory
        .recall(Topic::Metadata, issuer.as_str())?;
    let cached: CachedMetadata = serde_json::from_slice(&memory.bytes).ok()?;
    if cached.is_fresh(broker.around.clock.now()) {
        cached.metadata(issuer, &broker.http).ok()
    } else {
        None
    }
}

async fn fetch(broker: &Broker<'_>, issuer: &Issuer) -> Result<Metadata> {
    let around = &broker.around;
    let discovered = discovery::discover(&broker.http, issuer, around.clock.now()).await;
    let (metadata, cached) = discovered.map_err(|problem| {
        // Here the hosts are those of the approval: it is the one who approves that must see where an endpoint has moved.
        match problem.code() {
            "discovery.host" => problem.hint(format!(
                "if the provider has moved it, look at where to before you agree: vestibule tenant approve {}",
                around.tenant
            )),
            _ => problem,
        }
    })?;
    notice_downgrade(broker, issuer, &metadata)?;
    if let Ok(bytes) = serde_json::to_vec(&cached) {
        around
            .memory
            .remember(Topic::Metadata, issuer.as_str(), &bytes);
    }
    Ok(metadata)
}

/// A protection that this issuer has offered before does not silently disappear (DISC-07).
fn notice_downgrade(broker: &Broker<'_>, issuer: &Issuer, metadata: &Metadata) -> Result<()> {
    let memory = broker.around.memory;
    let before = memory
        .recall(Topic::Protections, issuer.as_str())
        .and_then(|memory| serde_json::from_slice::<Remembered>(&memory.bytes).ok());
    let now = before
        .unwrap_or_default()
        .update(Remembered::of(metadata))
        .map_err(|downgrade| {
            downgrade.refuse(issuer).hint(format!(
                "ask the provider's operator; if the change is meant, run: vestibule tenant approve {}",
                broker.around.tenant
            ))
        })?;
    if let Ok(bytes) = serde_json::to_vec(&now) {
        memory.remember(Topic::Protections, issuer.as_str(), &bytes);
    }
    Ok(())
}

/// Every standard endpoint is still where it was when it was approved (DISC-04, DISC-10). New ones do no harm: nothing goes there.
fn compare(broker: &Broker<'_>, metadata: &Metadata) -> Result<()> {
    let permissions = broker.around.permissions;
    for endpoint in Endpoint::ALL {
        let announced = metadata.endpoint(endpoint).map(|url| url.as_str());
        let same = match endpoint {
            Endpoint::Jwks => announced == permissions.jwks_uri.as_deref(),
            Endpoint::Authorization
            | Endpoint::Token
            | Endpoint::PushedAuthorizationRequest
            | Endpoint::DeviceAuthorization
            | Endpoint::Revocation
            | Endpoint::Introspection
            | Endpoint::Userinfo
            | Endpoint::Registration
            | Endpoint::EndSession => {
                let role = RoleName::parse(endpoint.role()).ok();
                let pinned = role
                    .as_ref()
                    .and_then(|role| permissions.endpoints.get(role))
                    .map(|endpoint| endpoint.url.as_str());
                let supplied = role.is_some_and(|role| permissions.supplied.contains(&role));
                match (announced, pinned) {
                    (Some(announced), Some(pinned)) => announced == pinned,
                    (None, Some(_)) => supplied,
                    (Some(_) | None, None) => true,
                }
            }
        };
        if !same {
            return Err(moved(broker, endpoint.role()));
        }
    }
    Ok(())
}

fn moved(broker: &Broker<'_>, role: &str) -> Error {
    Error::policy(
        "approval.endpoint",
        format!(
            "the provider's metadata has another {} endpoint than the one that was approved",
            Shown::new(role)
        ),
    )
    .hint(format!(
        "if this is expected, run: vestibule tenant approve {}",
        broker.around.tenant
    ))
}
