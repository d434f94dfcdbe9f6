//! What an issuer once supported it goes on supporting, or somebody is in between (DISC-07, RFC 9207 section 2.4).

use serde::{Deserialize, Serialize};
use vestibule_core::{Error, Issuer, Shown};

use super::metadata::{Endpoint, Metadata};

/// The defences that an issuer has announced at some time. Kept per issuer, by the caller.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Remembered {
    /// `iss` in authorization responses (RFC 9207).
    pub iss: bool,
    /// Pushed authorization requests (RFC 9126).
    pub par: bool,
    /// PKCE with S256 (RFC 7636).
    pub s256: bool,
    /// DPoP (RFC 9449).
    pub dpop: bool,
}

/// A defence that has disappeared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Downgrade {
    /// `iss` in authorization responses.
    Iss,
    /// Pushed authorization requests.
    Par,
    /// PKCE with S256.
    S256,
    /// DPoP.
    Dpop,
}

impl Remembered {
    /// What metadata announces.
    #[must_use]
    pub fn of(metadata: &Metadata) -> Self {
        Self {
            iss: metadata.iss_parameter_supported,
            par: metadata
                .endpoint(Endpoint::PushedAuthorizationRequest)
                .is_some(),
            s256: metadata.announces_s256(),
            dpop: !metadata.dpop_signing_algorithms.is_empty(),
        }
    }

    /// What is to be remembered after this metadata was accepted: all that was ever announced.
    ///
    /// # Errors
    /// The first defence that was announced before and is not any more.
    pub fn update(self, announced: Self) -> Result<Self, Downgrade> {
        match self.lost(announced).next() {
            Some(downgrade) => Err(downgrade),
            // Nothing that was there is missing, so that what is there now is all there ever was.
            None => Ok(announced),
        }
    }

    /// The defences that were announced before and are not any more.
    pub fn lost(self, announced: Self) -> impl Iterator<Item = Downgrade> {
        let pairs = [
            (self.iss, announced.iss, Downgrade::Iss),
            (self.par, announced.par, Downgrade::Par),
            (self.s256, announced.s256, Downgrade::S256),
            (self.dpop, announced.dpop, Downgrade::Dpop),
        ];
        pairs
            .into_iter()
            .filter(|(before, now, _)| *before && !*now)
            .map(|(_, _, downgrade)| downgrade)
    }
}

impl Downgrade {
    /// What has disappeared, in words.
    #[must_use]
    pub const fn what(self) -> &'static str {
        match self {
            Self::Iss => "the iss parameter (RFC 9207)",
            Self::Par => "pushed authorization requests (RFC 9126)",
            Self::S256 => "PKCE with S256 (RFC 7636)",
            Self::Dpop => "DPoP (RFC 9449)",
        }
    }

    /// As an error. The caller puts it into the audit log.
    #[must_use]
    pub fn refuse(self, issuer: &Issuer) -> Error {
        let what = self.what();
        Error::provider(
            "discovery.downgrade",
            format!(
                "{} no longer announces {what}, which it did before: somebody may be weakening the sign-in",
                Shown::new(issuer.as_str())
            ),
        )
        .hint("ask the provider's operator; if the change is meant, approve the tenant again: vestibule tenant approve")
    }
}
