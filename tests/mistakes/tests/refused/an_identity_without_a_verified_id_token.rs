//! Only the check makes its proof, and an identity takes the proof to build.

use vestibule_broker::Identity;
use vestibule_broker::authorization_response::{IssuerVerified, StateVerified};
use vestibule_broker::id_token::{IdTokenVerified, VerifiedIdToken};

fn by_word(subject: String) -> Identity {
    Identity::Oidc {
        subject,
        original: String::new(),
        name: None,
    }
}

fn by_anothers_proof(proof: IdTokenVerified, subject: String) -> Identity {
    Identity::Oidc {
        subject,
        original: String::new(),
        name: None,
        proof,
    }
}

fn by_a_forged_proof() -> IdTokenVerified {
    IdTokenVerified(())
}

fn by_a_default() -> VerifiedIdToken {
    Default::default()
}

fn forged_state() -> StateVerified {
    StateVerified
}

fn forged_issuer() -> IssuerVerified {
    IssuerVerified {}
}

fn main() {}
