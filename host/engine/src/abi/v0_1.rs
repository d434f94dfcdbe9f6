//! ABI 0.1.0: `wit/world.wit` as wasmtime binds it, and its translation to and from the core's types.

mod description;
mod reply;
mod setting;
mod start;
mod step;
mod weight;

use vestibule_core::start::NamedReference;
use vestibule_core::{Reference, Result, SecretName};

use self::bindings::exports::vestibule::idp::types as wit;

pub(crate) use self::bindings::IdentityProviderPre;
pub(crate) use self::bindings::exports::vestibule::idp::provider::Guest as Provider;
pub(crate) use self::description::from_wit as description;
pub(crate) use self::reply::to_wit as reply;
pub(crate) use self::setting::to_wit as settings;
pub(crate) use self::start::to_wit as start;
pub(crate) use self::step::from_wit as step;
pub(crate) use self::weight::Weigh;

/// What wasmtime makes of the contract. Nothing of it leaves this crate, but for the fuzz targets.
#[allow(missing_docs, unreachable_pub, rust_2018_idioms, clippy::all)]
pub(crate) mod bindings {
    wasmtime::component::bindgen!({
        path: "../../wit",
        world: "identity-provider",
    });
}

fn reference_to_wit(reference: Reference) -> wit::Reference {
    wit::Reference {
        high: reference.high,
        low: reference.low,
    }
}

fn reference_from_wit(reference: wit::Reference) -> Reference {
    Reference {
        high: reference.high,
        low: reference.low,
    }
}

fn named_to_wit(named: &NamedReference) -> wit::NamedReference {
    wit::NamedReference {
        name: named.name.as_str().to_owned(),
        reference: reference_to_wit(named.reference),
    }
}

fn named_from_wit(named: wit::NamedReference) -> Result<NamedReference> {
    Ok(NamedReference {
        name: SecretName::parse(&named.name).map_err(|problem| problem.by_plugin())?,
        reference: reference_from_wit(named.reference),
    })
}

/// Translates each element of a list; the first that is not legal is the error.
fn each<T, U>(list: Vec<T>, translate: impl FnMut(T) -> Result<U>) -> Result<Vec<U>> {
    list.into_iter().map(translate).collect()
}
