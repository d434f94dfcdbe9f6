//! The bundle of root certificates that the distribution keeps, from fixed places: what reads `SSL_CERT_FILE` lets whoever sets the
//! environment add a root.

use std::sync::Arc;

use rustls::RootCertStore;
use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::ServerCertVerifier;
use rustls::crypto::CryptoProvider;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;

use super::TrustProblem;

/// Debian and Arch, Fedora, older Red Hat, SUSE, Alpine and OpenBSD, FreeBSD. The first that has a certificate counts.
const BUNDLES: [&str; 6] = [
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",
    "/etc/pki/tls/certs/ca-bundle.crt",
    "/etc/ssl/ca-bundle.pem",
    "/etc/ssl/cert.pem",
    "/usr/local/etc/ssl/cert.pem",
];

/// Webpki with the bundle's roots and further ones.
pub(super) fn verifier(
    further: Vec<CertificateDer<'static>>,
    provider: Arc<CryptoProvider>,
) -> Result<Arc<dyn ServerCertVerifier>, TrustProblem> {
    let mut roots = RootCertStore::empty();
    for bundle in BUNDLES {
        // A bundle that is missing is another distribution's; a root in it that webpki cannot read verifies nothing.
        if let Ok(certificates) = CertificateDer::pem_file_iter(bundle) {
            roots.add_parsable_certificates(certificates.filter_map(Result::ok));
        }
        if !roots.is_empty() {
            break;
        }
    }
    roots.add_parsable_certificates(further);
    WebPkiServerVerifier::builder_with_provider(Arc::new(roots), provider)
        .build()
        .map(|verifier| verifier as Arc<dyn ServerCertVerifier>)
        .map_err(|_| TrustProblem::NoRoots)
}
