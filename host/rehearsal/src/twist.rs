//! How an honest provider can go wrong: one enum for each place, each variant with the requirement that it puts to the test.
//!
//! Twists combine. Within one place the later one wins where two say different things about the same member.

mod callback;
mod device;
mod fault;
mod grant;
mod id_token;
mod jwks;
mod metadata;
mod workload;

pub use callback::CallbackTwist;
pub use device::DeviceTwist;
pub use fault::{Fault, Form};
pub use grant::{ExpiresInTwist, GrantTwist, ScopeTwist};
pub use id_token::IdTokenTwist;
pub use jwks::JwksTwist;
pub use metadata::MetadataTwist;
pub use workload::WorkloadTwist;

/// One misbehaviour, by the place where it shows. Faults of the wire are asked for with [`crate::Script::fault`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Twist {
    /// In the discovery documents.
    Metadata(MetadataTwist),
    /// In the key set.
    Jwks(JwksTwist),
    /// In the authorization response.
    Callback(CallbackTwist),
    /// In the device authorization response.
    Device(DeviceTwist),
    /// In the token response.
    Grant(GrantTwist),
    /// In the answer to a workload, or to an exchange.
    Workload(WorkloadTwist),
    /// In the ID token, first or refreshed.
    IdToken(IdTokenTwist),
    /// UserInfo speaks of somebody else (IDT-11).
    UserInfoOfAnotherSubject,
}

macro_rules! into_twist {
    ($($place:ident($twist:ident)),*) => {$(
        impl From<$twist> for Twist {
            fn from(twist: $twist) -> Self {
                Self::$place(twist)
            }
        }
    )*};
}
into_twist!(
    Metadata(MetadataTwist),
    Jwks(JwksTwist),
    Callback(CallbackTwist),
    Device(DeviceTwist),
    Grant(GrantTwist),
    Workload(WorkloadTwist),
    IdToken(IdTokenTwist)
);
