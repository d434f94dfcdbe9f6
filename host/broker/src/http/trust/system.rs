//! The operating system's own verifier (macOS, Windows), which knows the roots that an administrator manages.

use std::sync::Arc;

use rustls::client::danger::ServerCertVerifier;
use rustls::crypto::CryptoProvider;
use rustls::pki_types::CertificateDer;
use rustls_platform_verifier::Verifier;

use super::TrustProblem;

/// The system's verifier with further roots.
pub(super) fn verifier(
    further: Vec<CertificateDer<'static>>,
    provider: Arc<CryptoProvider>,
) -> Result<Arc<dyn ServerCertVerifier>, TrustProblem> {
    Verifier::new_with_extra_roots(further, provider)
        .map(|verifier| Arc::new(verifier) as Arc<dyn ServerCertVerifier>)
        .map_err(|_| TrustProblem::NoRoots)
}
