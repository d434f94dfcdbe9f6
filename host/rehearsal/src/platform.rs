//! The practice platform: the services that CI systems and clouds have for the workloads on them, each as strict as the real one, all on one
//! loopback port. Their assertions are real JWTs of one issuer.

use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde_json::json;

use crate::clock::Clock;
use crate::encoding::{Fields, single};
use crate::mint::Mint;
use crate::script::SigningAlgorithm;
use crate::signer::Signer;
use crate::wire::server::{Answer, Server};
use crate::wire::{Body, Request, Response};

mod amazon;
mod github;
mod google;
mod microsoft;

/// A practice platform that runs until it is dropped. Needs a tokio runtime with I/O and time.
pub struct Platform {
    house: Arc<House>,
    _server: Server,
}

/// How the services answer a request that is as it should be.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Answering {
    /// As the real ones do.
    #[default]
    Honestly,
    /// With this status, and no token.
    With(u16),
    /// With a redirect to this address.
    ElsewhereAt(String),
    /// With an assertion for somebody else.
    ForSomebodyElse,
    /// With one that is over.
    TooLate,
    /// Without the words that say who answers.
    Namelessly,
    /// With something that is no token.
    WithNonsense,
    /// Without an end.
    Endlessly,
}

/// A request as it came.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Asked {
    /// Its method.
    pub method: String,
    /// Path and query.
    pub target: String,
    /// Headers in their order.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Vec<u8>,
    /// The status that it was answered with.
    pub status: u16,
}

/// What the services share.
struct House {
    origin: String,
    signer: Arc<Signer>,
    mint: Mint,
    clock: Clock,
    /// What GitHub's service is asked with.
    request_token: String,
    /// What App Service's is asked with.
    identity_header: String,
    /// The keys of the instance's role.
    role: amazon::Role,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    answering: Answering,
    asked: Vec<Asked>,
    /// Assertions and tokens of the metadata service, oldest first.
    given: Vec<String>,
    /// The latter alone.
    sessions: Vec<String>,
}

impl Platform {
    /// Starts the services on a port of 127.0.0.1 that the system chooses, by this clock, with a key of their own.
    ///
    /// # Errors
    /// No port, no random bytes, or no key.
    pub async fn start(clock: Clock) -> io::Result<Self> {
        let signer = Signer::generate(SigningAlgorithm::Es256)?;
        Self::signing_with(Arc::new(signer), clock).await
    }

    /// The same with a key that a provider can trust.
    ///
    /// # Errors
    /// No port, or no random bytes.
    pub async fn signing_with(signer: Arc<Signer>, clock: Clock) -> io::Result<Self> {
        let (listener, address): (_, SocketAddr) = Server::bind().await?;
        let mint = Mint::new()?;
        let house = Arc::new(House {
            origin: format!("http://{address}"),
            signer,
            clock,
            request_token: mint.token("ghs_"),
            identity_header: mint.token("idh_"),
            role: amazon::Role::new(&mint),
            mint,
            state: Mutex::default(),
        });
        let server = Server::run(listener, Arc::clone(&house) as Arc<dyn Answer>);
        Ok(Self {
            house,
            _server: server,
        })
    }

    /// Where it is, `http://127.0.0.1:PORT`. For `endpoint` of a source.
    #[must_use]
    pub fn origin(&self) -> &str {
        &self.house.origin
    }

    /// The variables that the platform sets for a workload.
    #[must_use]
    pub fn variables(&self) -> Vec<(String, String)> {
        let house = &self.house;
        [
            (
                "ACTIONS_ID_TOKEN_REQUEST_URL",
                format!("{}{}?api-version=2.0", house.origin, github::PATH),
            ),
            (
                "ACTIONS_ID_TOKEN_REQUEST_TOKEN",
                house.request_token.clone(),
            ),
            (
                "IDENTITY_ENDPOINT",
                format!("{}{}", house.origin, microsoft::APP_SERVICE),
            ),
            ("IDENTITY_HEADER", house.identity_header.clone()),
        ]
        .map(|(name, value)| (name.to_owned(), value))
        .into()
    }

    /// Answers otherwise from now on.
    pub fn answer(&self, answering: Answering) {
        self.house.state().answering = answering;
    }

    /// Every request so far, oldest first.
    #[must_use]
    pub fn asked(&self) -> Vec<Asked> {
        self.house.state().asked.clone()
    }

    /// Every secret that the services have or gave: assertions, and what they are asked with.
    #[must_use]
    pub fn secrets(&self) -> Vec<String> {
        let house = &self.house;
        let own = [
            house.request_token.clone(),
            house.identity_header.clone(),
            house.role.secret.clone(),
            house.role.session.clone(),
        ];
        own.into_iter().chain(house.state().given.clone()).collect()
    }

    /// An assertion as the services make them, for what puts one into a file or a variable.
    #[must_use]
    pub fn assertion(&self, audience: &str) -> String {
        self.house.assertion(audience)
    }
}

impl Answer for House {
    fn answer(&self, request: Request, _connection: u64) -> Response {
        let response = self.respond(&request);
        self.state().asked.push(Asked {
            method: request.method.clone(),
            target: request.target.clone(),
            headers: request.headers.clone(),
            body: request.body.clone(),
            status: response.status,
        });
        response
    }
}

impl House {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn respond(&self, request: &Request) -> Response {
        let path = request.path();
        if path == github::PATH {
            github::answer(self, request)
        } else if path.starts_with(google::PATH) {
            google::answer(self, request)
        } else if path == microsoft::INSTANCE {
            microsoft::instance(self, request)
        } else if path.eq_ignore_ascii_case(microsoft::APP_SERVICE) {
            microsoft::app_service(self, request)
        } else if path.starts_with(amazon::METADATA) {
            amazon::metadata(self, request)
        } else if path == "/" {
            amazon::sts(self, request)
        } else {
            Response::empty(404)
        }
    }

    /// What a request that is in order gets: `honest` makes an answer of an assertion.
    fn give(&self, audience: &str, honest: impl FnOnce(&str) -> Response) -> Response {
        let answering = self.state().answering.clone();
        match answering {
            Answering::Honestly | Answering::Namelessly => honest(&self.assertion(audience)),
            Answering::With(status) => Response::empty(status),
            Answering::ElsewhereAt(place) => Response::empty(302).header("Location", &place),
            Answering::ForSomebodyElse => honest(&self.assertion("https://somebody-else.example")),
            Answering::TooLate => honest(&self.made_at(audience, self.clock.now() - 3_600)),
            Answering::WithNonsense => honest("<p>Welcome to the hotel's network</p>"),
            Answering::Endlessly => Response {
                body: Body::Endless(b"x".to_vec()),
                ..Response::new(200, "text/plain", "")
            },
        }
    }

    fn is_nameless(&self) -> bool {
        self.state().answering == Answering::Namelessly
    }

    fn assertion(&self, audience: &str) -> String {
        self.made_at(audience, self.clock.now())
    }

    fn made_at(&self, audience: &str, now: u64) -> String {
        let claims = json!({
            "iss": self.origin,
            "sub": "workload",
            "aud": audience,
            "jti": self.mint.token("jti_"),
            "iat": now,
            "nbf": now,
            "exp": now + 300,
        });
        let token = self.signer.sign("JWT", &claims);
        self.state().given.push(token.clone());
        token
    }
}

/// The one value of a parameter.
fn one(fields: &Fields, name: &str) -> Option<String> {
    let value = single(fields, name).ok()??;
    (!value.is_empty()).then(|| value.to_owned())
}

/// Whether somebody forwarded the request, whom none of these services answers.
fn is_forwarded(request: &Request) -> bool {
    ["x-forwarded-for", "forwarded", "via"]
        .iter()
        .any(|name| request.header(name).is_some())
}
