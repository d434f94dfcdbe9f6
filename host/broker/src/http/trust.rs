//! Which certificates are believed (NET-01): the platform's roots and the operator's CA files. No environment variable has a say.

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;

use rustls::client::danger::ServerCertVerifier;
use rustls::crypto::{CryptoProvider, aws_lc_rs};
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls::{ClientConfig, ConfigBuilder, RootCertStore, WantsVerifier};
use vestibule_core::{Error, Shown};

#[cfg(all(unix, not(target_vendor = "apple")))]
#[path = "trust/bundle.rs"]
mod platform;
#[cfg(not(all(unix, not(target_vendor = "apple"))))]
#[path = "trust/system.rs"]
mod platform;

/// What checks a server's certificate. Shared by all clients of a process; each gets a configuration of its own, so that no TLS session
/// is resumed across tenants.
pub(super) struct Trust(Arc<dyn ServerCertVerifier>);

impl Trust {
    /// Loads the roots. Takes milliseconds, hence done once and late.
    pub(super) fn load(ca_files: &[PathBuf]) -> Result<Self, TrustProblem> {
        let mut further = Vec::new();
        for file in ca_files {
            let unusable = || TrustProblem::CaFile(file.display().to_string());
            let before = further.len();
            for certificate in CertificateDer::pem_file_iter(file).map_err(|_| unusable())? {
                further.push(certificate.map_err(|_| unusable())?);
            }
            if further.len() == before {
                return Err(unusable());
            }
        }
        platform::verifier(further, provider()).map(Self)
    }

    /// A configuration for one client: TLS 1.2 and 1.3, no client certificate.
    pub(super) fn client_config(&self) -> Result<ClientConfig, rustls::Error> {
        // "Dangerous" is any verifier that is passed in; this one is the platform's own, or webpki with the platform's roots.
        Ok(builder()?
            .dangerous()
            .with_custom_certificate_verifier(Arc::clone(&self.0))
            .with_no_client_auth())
    }
}

/// The configuration of a client that never speaks TLS: it trusts nobody.
pub(super) fn nobody() -> Result<ClientConfig, rustls::Error> {
    Ok(builder()?
        .with_root_certificates(RootCertStore::empty())
        .with_no_client_auth())
}

/// Why no connection can be checked.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum TrustProblem {
    /// A CA file of the configuration cannot be read, has no certificate, or one that is none.
    CaFile(String),
    /// The platform has no root certificates, and the configuration names none.
    NoRoots,
}

impl fmt::Display for TrustProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::CaFile(file) => write!(
                f,
                "the CA file {} of the configuration cannot be read as PEM certificates",
                Shown::new(file)
            ),
            Self::NoRoots => f.write_str("this machine has no root certificates"),
        }
    }
}

impl From<&TrustProblem> for Error {
    fn from(problem: &TrustProblem) -> Self {
        let error = Self::config("net.roots", problem.to_string());
        match problem {
            TrustProblem::CaFile(_) => error,
            TrustProblem::NoRoots => error.hint(
                "install the package ca-certificates, or name a CA file in the configuration",
            ),
        }
    }
}

fn provider() -> Arc<CryptoProvider> {
    Arc::new(aws_lc_rs::default_provider())
}

/// TLS 1.3 and 1.2, which are all versions that the library has.
fn builder() -> Result<ConfigBuilder<ClientConfig, WantsVerifier>, rustls::Error> {
    ClientConfig::builder_with_provider(provider()).with_safe_default_protocol_versions()
}
