//! A small, honest client: what a test needs to sign in, and no more.

use std::sync::OnceLock;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::Value;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use url::Url;
use url::form_urlencoded::{Serializer, parse};
use vestibule_rehearsal::{Rehearsal, Script, Visit, Visitor};

/// The vector of RFC 7636 App. B.
pub(crate) const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
pub(crate) const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";
pub(crate) const STATE: &str = "state-marker-4711";
pub(crate) const NONCE: &str = "nonce-marker-4712";
pub(crate) const SCOPE: &str = "openid profile email offline_access";

pub(crate) type Fields = Vec<(String, String)>;

pub(crate) fn http() -> reqwest::Client {
    static PROVIDER: OnceLock<()> = OnceLock::new();
    PROVIDER.get_or_init(|| {
        let _already = rustls::crypto::aws_lc_rs::default_provider().install_default();
    });
    // A provider that names no roots is never asked to check a certificate here: all is plain http on loopback.
    let tls = rustls::ClientConfig::builder()
        .with_root_certificates(rustls::RootCertStore::empty())
        .with_no_client_auth();
    reqwest::Client::builder()
        .no_proxy()
        .redirect(reqwest::redirect::Policy::none())
        .tls_backend_preconfigured(tls)
        .build()
        .unwrap()
}

pub(crate) fn form(fields: &[(&str, &str)]) -> String {
    Serializer::new(String::new()).extend_pairs(fields).finish()
}

pub(crate) fn values<'a>(fields: &'a Fields, name: &str) -> Vec<&'a str> {
    fields
        .iter()
        .filter(|(key, _)| key == name)
        .map(|(_, value)| value.as_str())
        .collect()
}

/// An answer, read to its end.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: reqwest::header::HeaderMap,
    pub(crate) text: String,
}

impl Answer {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|error| panic!("{error}: {}", self.text))
    }

    pub(crate) fn member(&self, name: &str) -> String {
        self.json()[name]
            .as_str()
            .unwrap_or_else(|| panic!("no {name}: {}", self.text))
            .to_owned()
    }

    pub(crate) fn error(&self) -> String {
        self.member("error")
    }
}

pub(crate) async fn send(request: reqwest::RequestBuilder) -> Answer {
    let response = request.send().await.unwrap();
    let (status, headers) = (response.status().as_u16(), response.headers().clone());
    Answer {
        status,
        headers,
        text: response.text().await.unwrap(),
    }
}

pub(crate) async fn get(url: &str) -> Answer {
    send(http().get(url)).await
}

pub(crate) async fn get_with(url: &str, token: &str) -> Answer {
    send(
        http()
            .get(url)
            .header("Authorization", format!("Bearer {token}")),
    )
    .await
}

pub(crate) async fn post(url: &str, fields: &[(&str, &str)]) -> Answer {
    let request = http()
        .post(url)
        .header("Content-Type", "application/x-www-form-urlencoded")
        .body(form(fields));
    send(request).await
}

pub(crate) async fn post_json(url: &str, body: &Value) -> Answer {
    send(
        http()
            .post(url)
            .header("Content-Type", "application/json")
            .body(body.to_string()),
    )
    .await
}

/// What came over a socket, and why reading stopped.
pub(crate) struct Heard {
    pub(crate) bytes: Vec<u8>,
    pub(crate) end: End,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum End {
    /// The provider closed.
    Closed,
    /// Enough was read.
    Limit,
    /// Nothing came for as long as the reader had patience.
    Silence,
}

/// For a provider that is expected to speak, on a machine that is busy.
pub(crate) const PATIENT: Duration = Duration::from_secs(30);
/// For one that is expected to say nothing.
pub(crate) const HASTY: Duration = Duration::from_millis(500);

/// Sends bytes and reads whatever comes.
pub(crate) async fn raw(idp: &Rehearsal, request: &str, limit: usize, patience: Duration) -> Heard {
    let mut stream = TcpStream::connect(idp.address()).await.unwrap();
    stream.write_all(request.as_bytes()).await.unwrap();
    let (mut bytes, mut chunk) = (Vec::new(), vec![0; 64 * 1024]);
    let end = loop {
        if bytes.len() >= limit {
            break End::Limit;
        }
        match tokio::time::timeout(patience, stream.read(&mut chunk)).await {
            Ok(Ok(count)) if count > 0 => bytes.extend_from_slice(&chunk[..count]),
            Ok(_) => break End::Closed,
            Err(_) => break End::Silence,
        }
    };
    Heard { bytes, end }
}

/// The client's end of the redirect: takes one request, says thanks.
pub(crate) struct Callback {
    listener: TcpListener,
}

impl Callback {
    pub(crate) async fn listen() -> Self {
        Self {
            listener: TcpListener::bind("127.0.0.1:0").await.unwrap(),
        }
    }

    pub(crate) fn uri(&self) -> String {
        format!("http://{}/callback", self.listener.local_addr().unwrap())
    }

    async fn take(&self) -> Fields {
        let (mut stream, _) = self.listener.accept().await.unwrap();
        let mut request = Vec::new();
        while !request.windows(4).any(|end| end == b"\r\n\r\n") {
            assert!(stream.read_buf(&mut request).await.unwrap() > 0);
        }
        stream
            .write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nthanks")
            .await
            .unwrap();
        let line = String::from_utf8(request).unwrap();
        let target = line.split(' ').nth(1).unwrap();
        parse(
            target
                .split_once('?')
                .map_or("", |(_, query)| query)
                .as_bytes(),
        )
        .into_owned()
        .collect()
    }
}

pub(crate) fn authorization_url(idp: &Rehearsal, redirect_uri: &str, scope: &str) -> String {
    let mut url = Url::parse(&format!("{}/authorize", idp.issuer())).unwrap();
    url.query_pairs_mut().extend_pairs([
        ("response_type", "code"),
        ("client_id", Script::CLIENT_ID),
        ("redirect_uri", redirect_uri),
        ("scope", scope),
        ("state", STATE),
        ("nonce", NONCE),
        ("code_challenge", CHALLENGE),
        ("code_challenge_method", "S256"),
    ]);
    url.into()
}

/// Visits the URL and returns what came back on the redirect URI.
pub(crate) async fn come_back(
    visitor: &Visitor,
    url: &str,
    callback: &Callback,
) -> (Visit, Fields) {
    let (visit, fields) = tokio::join!(visitor.visit(url), callback.take());
    (visit.unwrap(), fields)
}

/// Goes to the provider as ada and brings back a code with its redirect URI.
pub(crate) async fn code(idp: &Rehearsal, scope: &str) -> (String, String) {
    let callback = Callback::listen().await;
    let url = authorization_url(idp, &callback.uri(), scope);
    let (_, fields) = come_back(&Visitor::approve("ada"), &url, &callback).await;
    (values(&fields, "code")[0].to_owned(), callback.uri())
}

pub(crate) async fn redeem(
    idp: &Rehearsal,
    code: &str,
    redirect_uri: &str,
    verifier: &str,
) -> Answer {
    let fields = [
        ("grant_type", "authorization_code"),
        ("client_id", Script::CLIENT_ID),
        ("code", code),
        ("redirect_uri", redirect_uri),
        ("code_verifier", verifier),
    ];
    post(&format!("{}/token", idp.issuer()), &fields).await
}

pub(crate) async fn refresh(idp: &Rehearsal, token: &str) -> Answer {
    let fields = [
        ("grant_type", "refresh_token"),
        ("client_id", Script::CLIENT_ID),
        ("refresh_token", token),
    ];
    post(&format!("{}/token", idp.issuer()), &fields).await
}

/// The whole way, as ada, with every scope.
pub(crate) async fn sign_in(idp: &Rehearsal) -> Answer {
    let (code, redirect_uri) = code(idp, SCOPE).await;
    redeem(idp, &code, &redirect_uri, VERIFIER).await
}

/// A segment of a token, as text.
pub(crate) fn segment(token: &str, index: usize) -> String {
    let part = token.split('.').nth(index).unwrap().trim_end_matches('=');
    String::from_utf8(URL_SAFE_NO_PAD.decode(part).unwrap()).unwrap()
}
