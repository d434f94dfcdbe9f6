//! References to secrets, one type a kind, so that no flow can present a code as a token.
//!
//! A reference says nothing about its secret. What may be done with it was fixed when the secret was born; the host
//! ends the flow of a plugin that tries anything else.

use std::fmt;

use crate::wit::{NamedReference, Reference};

/// What all references have in common.
pub trait Secret {
    /// The name that the standards, or the description, give to the secret.
    fn name(&self) -> &str;

    /// The reference as the contract has it.
    fn reference(&self) -> Reference;
}

macro_rules! references {
    ($($(#[$doc:meta])+ $type:ident $name:literal)+) => {$(
        $(#[$doc])+
        pub struct $type(Reference);

        impl $type {
            pub(crate) fn new(reference: Reference) -> Self {
                Self(reference)
            }
        }

        impl Secret for $type {
            fn name(&self) -> &str {
                $name
            }

            fn reference(&self) -> Reference {
                self.0
            }
        }

        impl fmt::Debug for $type {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(concat!("<", $name, ">"))
            }
        }
    )+};
}

references! {
    /// An authorization code (RFC 6749 section 1.3.1). It can be redeemed once, and the types say so.
    AuthorizationCode "code"

    /// An access token (RFC 6749 section 1.4).
    #[derive(Clone)]
    AccessToken "access_token"

    /// A refresh token (RFC 6749 section 1.5).
    #[derive(Clone)]
    RefreshToken "refresh_token"

    /// An ID token (OIDC Core section 2), which the host has validated.
    #[derive(Clone)]
    IdToken "id_token"

    /// A workload's own assertion (RFC 7523, RFC 8693).
    #[derive(Clone)]
    SubjectToken "subject_token"
}

/// A secret that only this provider has, under the name that its declaration gave it.
#[derive(Clone)]
pub struct DeclaredSecret(NamedReference);

impl DeclaredSecret {
    pub(crate) fn new(named: NamedReference) -> Self {
        Self(named)
    }
}

impl Secret for DeclaredSecret {
    fn name(&self) -> &str {
        &self.0.name
    }

    fn reference(&self) -> Reference {
        self.0.reference
    }
}

impl fmt::Debug for DeclaredSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "<{}>", self.0.name)
    }
}
