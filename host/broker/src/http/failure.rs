//! What went wrong with an exchange, and whether the request may have had an effect (TOK-08, CRASH-07).

use std::error::Error as StdError;
use std::fmt;
use std::io;

use vestibule_core::Error;

use super::reply::ReplyProblem;
use super::trust::TrustProblem;
use crate::egress::{HostPort, Refusal};

/// How far the request got. It decides whether sending it again is safe.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reach {
    /// No byte of it left this machine. Sending it again is safe.
    NeverSent,
    /// It was, or may have been, received, and no answer came. A code or refresh token in it may be used up.
    Unknown,
    /// It was answered; the answer cannot be used.
    Answered,
}

/// An exchange that failed.
#[derive(Debug)]
pub struct ExchangeError {
    reach: Reach,
    problem: Problem,
    host: HostPort,
}

/// What went wrong.
#[derive(Debug)]
#[non_exhaustive]
pub enum Problem {
    /// The egress policy forbids the host, or the address that its name has.
    Refused(Refusal),
    /// The server's certificate or its TLS is not acceptable.
    Tls(rustls::Error),
    /// The host could not be found or did not accept a connection in time.
    Connect,
    /// The connection broke before the answer came.
    Lost,
    /// The answer did not come in time.
    Deadline,
    /// The answer cannot be used.
    Reply(ReplyProblem),
    /// There are no certificates to check the server with.
    Trust(TrustProblem),
    /// The client could not be built.
    Client,
}

impl ExchangeError {
    pub(super) fn new(reach: Reach, problem: Problem, host: HostPort) -> Self {
        Self {
            reach,
            problem,
            host,
        }
    }

    /// Sorts an error of the client that came before the head of a reply.
    pub(super) fn from_client(error: &reqwest::Error, host: HostPort) -> Self {
        let reach = if error.is_connect() || error.is_builder() {
            Reach::NeverSent
        } else {
            Reach::Unknown
        };
        let problem = if let Some(refusal) = cause::<Refusal>(error) {
            Problem::Refused(refusal.clone())
        } else if let Some(tls) = cause::<rustls::Error>(error) {
            Problem::Tls(tls.clone())
        } else if reach == Reach::NeverSent {
            Problem::Connect
        } else if let Some(reply) = ReplyProblem::of_head(error) {
            return Self::new(Reach::Answered, Problem::Reply(reply), host);
        } else {
            Problem::Lost
        };
        Self::new(reach, problem, host)
    }

    /// How far the request got.
    #[must_use]
    pub fn reach(&self) -> Reach {
        self.reach
    }

    /// Whether nothing was heard: no connection, or one that brought no answer (RFC 8628 section 3.5 calls it a connection timeout).
    /// A certificate that is wrong and an answer that is none are heard.
    #[must_use]
    pub fn is_silence(&self) -> bool {
        match self.problem {
            Problem::Connect | Problem::Lost | Problem::Deadline => true,
            Problem::Refused(_)
            | Problem::Tls(_)
            | Problem::Reply(_)
            | Problem::Trust(_)
            | Problem::Client => false,
        }
    }

    /// What went wrong.
    #[must_use]
    pub fn problem(&self) -> &Problem {
        &self.problem
    }
}

/// Finds a cause of this type. An `io::Error` hides what it wraps from `source`, and TLS errors come wrapped in one.
pub(super) fn cause<'a, T: StdError + 'static>(error: &'a reqwest::Error) -> Option<&'a T> {
    let mut next: Option<&'a (dyn StdError + 'static)> = error.source();
    while let Some(error) = next {
        if let Some(found) = error.downcast_ref::<T>() {
            return Some(found);
        }
        let wrapped = error
            .downcast_ref::<io::Error>()
            .and_then(io::Error::get_ref);
        next = match wrapped {
            Some(wrapped) => Some(wrapped),
            None => error.source(),
        };
    }
    None
}

impl fmt::Display for ExchangeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let host = &self.host;
        match &self.problem {
            Problem::Refused(refusal) => refusal.fmt(f),
            Problem::Tls(error) => {
                write!(f, "the TLS connection to {host} is not acceptable: {error}")
            }
            Problem::Connect => write!(f, "{host} cannot be reached"),
            Problem::Lost => write!(f, "{host} broke the connection before it answered"),
            Problem::Deadline => write!(f, "{host} did not answer in time"),
            Problem::Reply(problem) => write!(f, "the answer of {host} {problem}"),
            Problem::Trust(problem) => problem.fmt(f),
            Problem::Client => f.write_str("the HTTP client could not be set up"),
        }
    }
}

impl StdError for ExchangeError {}

impl From<ExchangeError> for Error {
    fn from(error: ExchangeError) -> Self {
        let message = error.to_string();
        match error.problem {
            Problem::Refused(refusal) => refusal.into(),
            Problem::Trust(problem) => Self::from(&problem),
            Problem::Tls(_) => Self::network("net.tls", message).hint(
                "a CA of your organisation can be named in config.toml: network.ca_files = [\"…\"]",
            ),
            Problem::Connect => Self::network("net.connect", message),
            Problem::Lost => Self::network("net.lost", message),
            Problem::Deadline => Self::network("net.timeout", message),
            Problem::Reply(problem) => Self::provider(problem.code(), message),
            Problem::Client => Self::host("net.client", message),
        }
    }
}
