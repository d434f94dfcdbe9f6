//! Servers whose TLS must not be accepted (NET-01), each real, on loopback.

use std::io::Write as _;
use std::sync::Mutex;

use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer as Signer, KeyPair, date_time_ymd};
use rustls::ServerConfig;
use rustls::pki_types::PrivateKeyDer;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;

use super::*;
use crate::egress::resolver::LookupAnswer;

const NAME: &str = "idp.test";

/// Resolves every name to this machine.
struct Here;

impl Lookup for Here {
    fn lookup(&self, _: &str) -> LookupAnswer {
        Box::pin(async { Ok(vec!["127.0.0.1".parse().unwrap()]) })
    }
}

/// A CA that only a CA file of the configuration makes known.
struct Ca {
    params: CertificateParams,
    key: KeyPair,
    file: PathBuf,
}

impl Ca {
    fn new(name: &str) -> Self {
        let key = KeyPair::generate().unwrap();
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let certificate = params.self_signed(&key).unwrap();
        let file =
            std::env::temp_dir().join(format!("vestibule-{}-{name}.pem", std::process::id()));
        let mut out = std::fs::File::create(&file).unwrap();
        out.write_all(pem(certificate.der()).as_bytes()).unwrap();
        Self { params, key, file }
    }

    /// A server's certificate, and how a server presents it.
    fn issue(&self, change: impl FnOnce(&mut CertificateParams)) -> ServerConfig {
        let key = KeyPair::generate().unwrap();
        let mut params = CertificateParams::new(vec![NAME.to_owned()]).unwrap();
        change(&mut params);
        let signer = Signer::from_params(&self.params, &self.key);
        let certificate = params.signed_by(&key, &signer).unwrap();
        server_config(certificate.der().clone(), &key)
    }
}

impl Drop for Ca {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.file);
    }
}

fn pem(der: &[u8]) -> String {
    use base64::Engine as _;
    let body = base64::engine::general_purpose::STANDARD.encode(der);
    format!("-----BEGIN CERTIFICATE-----\n{body}\n-----END CERTIFICATE-----\n")
}

fn server_config(
    certificate: rustls::pki_types::CertificateDer<'static>,
    key: &KeyPair,
) -> ServerConfig {
    let key = PrivateKeyDer::try_from(key.serialize_der()).unwrap();
    ServerConfig::builder_with_provider(Arc::new(rustls::crypto::aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![certificate], key)
        .unwrap()
}

/// Serves one reply over TLS; returns the port and the requests that were received.
async fn serve(config: ServerConfig) -> (u16, Arc<Mutex<Vec<String>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let requests = Arc::new(Mutex::new(Vec::new()));
    let log = Arc::clone(&requests);
    let acceptor = TlsAcceptor::from(Arc::new(config));
    tokio::spawn(async move {
        while let Ok((socket, _)) = listener.accept().await {
            let Ok(mut tls) = acceptor.accept(socket).await else {
                continue;
            };
            let mut request = vec![0; 4_096];
            let length = tls.read(&mut request).await.unwrap_or(0);
            log.lock()
                .unwrap()
                .push(String::from_utf8_lossy(&request[..length]).into_owned());
            let _ = tls
                .write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok")
                .await;
        }
    });
    (port, requests)
}

async fn get(port: u16, ca_files: Vec<PathBuf>) -> Result<Exchange, ExchangeError> {
    let url = ProviderUrl::parse(&format!("https://{NAME}:{port}/")).unwrap();
    let policy = EgressPolicy::new([HostPort::of(&url)]).allow_private_host(NAME);
    HttpClient::new(policy, Arc::new(Network::new(ca_files, None)))
        .lookup(Arc::new(Here))
        .send(Request::new(Method::Get, &url))
        .await
}

#[tokio::test]
async fn a_ca_of_the_configuration_is_believed_and_the_checked_address_is_used() {
    let ca = Ca::new("good");
    let (port, requests) = serve(ca.issue(|_| {})).await;
    assert_eq!(
        get(port, vec![ca.file.clone()]).await.unwrap().body(),
        b"ok"
    );
    assert!(requests.lock().unwrap()[0].contains(&format!("host: {NAME}:{port}\r\n")));
}

// proves: NET-01
#[tokio::test]
async fn bad_certificates_are_refused_before_anything_is_sent() {
    let ca = Ca::new("bad");
    let self_signed = {
        let key = KeyPair::generate().unwrap();
        let certificate = CertificateParams::new(vec![NAME.to_owned()])
            .unwrap()
            .self_signed(&key)
            .unwrap();
        server_config(certificate.der().clone(), &key)
    };
    let servers = [
        (
            "expired",
            ca.issue(|params| params.not_after = date_time_ymd(2020, 1, 1)),
        ),
        (
            "not yet valid",
            ca.issue(|params| params.not_before = date_time_ymd(4000, 1, 1)),
        ),
        (
            "of another name",
            ca.issue(|params| {
                *params = CertificateParams::new(vec![
                    "other.test".to_owned(),
                    "test".to_owned(),
                    "www.idp.test".to_owned(),
                ])
                .unwrap();
            }),
        ),
        (
            "of an address",
            ca.issue(|params| {
                *params = CertificateParams::new(vec!["127.0.0.1".to_owned()]).unwrap()
            }),
        ),
        ("self-signed", self_signed),
        ("of an unknown CA", Ca::new("unknown").issue(|_| {})),
    ];
    for (what, config) in servers {
        let (port, requests) = serve(config).await;
        let error = get(port, vec![ca.file.clone()]).await.unwrap_err();
        assert!(
            matches!(error.problem(), Problem::Tls(_)),
            "{what}: {error:?}"
        );
        assert_eq!(error.reach(), Reach::NeverSent, "{what}");
        assert!(requests.lock().unwrap().is_empty(), "{what}");
    }
    // The CA is nobody's without the configuration.
    let (port, _) = serve(ca.issue(|_| {})).await;
    assert!(matches!(
        get(port, Vec::new()).await.unwrap_err().problem(),
        Problem::Tls(_) | Problem::Trust(TrustProblem::NoRoots)
    ));
}

#[tokio::test]
async fn a_ca_file_that_is_none_is_an_error_of_the_configuration() {
    let ca = Ca::new("config");
    let empty = std::env::temp_dir().join(format!("vestibule-{}-empty.pem", std::process::id()));
    std::fs::write(&empty, "no certificate").unwrap();
    for bad in [empty.clone(), PathBuf::from("/nonexistent/ca.pem")] {
        let error = get(1, vec![ca.file.clone(), bad]).await.unwrap_err();
        assert!(
            matches!(error.problem(), Problem::Trust(TrustProblem::CaFile(_))),
            "{error:?}"
        );
        assert_eq!(
            vestibule_core::Error::from(error).blame(),
            vestibule_core::Blame::Config
        );
    }
    std::fs::remove_file(empty).unwrap();
}

// proves: NET-01
#[tokio::test]
async fn an_older_tls_is_not_spoken() {
    // A server of TLS 1.0 answers the greeting with an alert: protocol version (70).
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let greeting = tokio::spawn(async move {
        let (mut socket, _) = listener.accept().await.unwrap();
        let mut greeting = vec![0; 4_096];
        let length = socket.read(&mut greeting).await.unwrap();
        let _ = socket.write_all(&[21, 3, 1, 0, 2, 2, 70]).await;
        greeting.truncate(length);
        greeting
    });
    let ca = Ca::new("old");
    let error = get(port, vec![ca.file.clone()]).await.unwrap_err();
    assert!(matches!(error.problem(), Problem::Tls(_)), "{error:?}");
    // supported_versions (RFC 8446 section 4.2.1): type 43, and in it TLS 1.3 and 1.2 alone.
    let greeting = greeting.await.unwrap();
    assert!(
        greeting
            .windows(9)
            .any(|window| window == [0, 43, 0, 5, 4, 3, 4, 3, 3]),
        "{greeting:?}"
    );
}

// proves: NET-10
#[tokio::test]
async fn a_proxy_sees_only_the_name_and_the_port() {
    let ca = Ca::new("proxy");
    let (port, requests) = serve(ca.issue(|_| {})).await;
    let proxy = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let proxy_url = Url::parse(&format!("http://{}", proxy.local_addr().unwrap())).unwrap();
    let seen = tokio::spawn(async move {
        let (mut client, _) = proxy.accept().await.unwrap();
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            client.read_buf(&mut head).await.unwrap();
        }
        let mut server = tokio::net::TcpStream::connect(("127.0.0.1", port))
            .await
            .unwrap();
        client.write_all(b"HTTP/1.1 200 OK\r\n\r\n").await.unwrap();
        // The test ends when both sides do; what passes here is TLS.
        let _ = timeout(
            Duration::from_secs(5),
            tokio::io::copy_bidirectional(&mut client, &mut server),
        )
        .await;
        String::from_utf8(head).unwrap()
    });
    let url = ProviderUrl::parse(&format!("https://{NAME}:{port}/path?query=1")).unwrap();
    let network = Network::new(vec![ca.file.clone()], Some(proxy_url));
    // No resolver: it is the proxy that resolves.
    let client = HttpClient::new(EgressPolicy::new([HostPort::of(&url)]), Arc::new(network));
    let request = Request::new(Method::Get, &url)
        .bearer(&vestibule_core::Secret::new("marker".into()))
        .unwrap();
    assert_eq!(client.send(request).await.unwrap().body(), b"ok");
    drop(client);
    let seen = seen.await.unwrap();
    assert!(
        seen.starts_with(&format!("CONNECT {NAME}:{port} HTTP/1.1\r\n")),
        "{seen}"
    );
    assert!(!seen.contains("marker") && !seen.contains("path"), "{seen}");
    assert!(requests.lock().unwrap()[0].contains("marker"));
}

/// Set for the copy of this test that runs under a hostile environment.
const CHILD: &str = "VESTIBULE_TEST_PORT";

// proves: NET-01
#[tokio::test]
async fn the_environment_adds_no_root_switches_nothing_off_and_names_no_proxy() {
    if let Ok(port) = std::env::var(CHILD) {
        let error = get(port.parse().unwrap(), Vec::new()).await.unwrap_err();
        assert!(
            matches!(
                error.problem(),
                Problem::Tls(_) | Problem::Trust(TrustProblem::NoRoots)
            ),
            "{error:?}"
        );
        return;
    }
    let ca = Ca::new("environment");
    let (port, requests) = serve(ca.issue(|_| {})).await;
    let proxy = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let proxy_url = format!("http://{}", proxy.local_addr().unwrap());
    let key_log = std::env::temp_dir().join(format!("vestibule-{}-keys.log", std::process::id()));
    let mut child = std::process::Command::new(std::env::current_exe().unwrap());
    child
        .args([
            "--exact",
            "http::tls_tests::the_environment_adds_no_root_switches_nothing_off_and_names_no_proxy",
        ])
        .env(CHILD, port.to_string())
        .env("SSLKEYLOGFILE", &key_log);
    for roots in [
        "SSL_CERT_FILE",
        "SSL_CERT_DIR",
        "NIX_SSL_CERT_FILE",
        "CURL_CA_BUNDLE",
        "REQUESTS_CA_BUNDLE",
        "NODE_EXTRA_CA_CERTS",
    ] {
        child.env(roots, &ca.file);
    }
    for off in [
        "NODE_TLS_REJECT_UNAUTHORIZED",
        "GIT_SSL_NO_VERIFY",
        "PYTHONHTTPSVERIFY",
    ] {
        child.env(off, "0");
    }
    for variable in [
        "HTTPS_PROXY",
        "https_proxy",
        "ALL_PROXY",
        "all_proxy",
        "HTTP_PROXY",
        "http_proxy",
    ] {
        child.env(variable, &proxy_url);
    }
    let output = tokio::task::spawn_blocking(move || child.output().unwrap())
        .await
        .unwrap();
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(
        output.status.success() && said.contains("1 passed"),
        "{said}"
    );
    assert!(requests.lock().unwrap().is_empty());
    assert!(!key_log.exists());
    assert!(
        timeout(Duration::from_millis(50), proxy.accept())
            .await
            .is_err(),
        "the proxy was asked"
    );
}
