//! How a flow goes wrong, by what its author can do about it.

use std::fmt;

use crate::wit::{self, ProblemKind};

/// What the functions of a plugin return.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Why a flow does not end well. Returned from a flow, it becomes the step `fail` with this as its message.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Error {
    /// The provider did not do what was asked. A flow may try something else.
    Provider(Problem),
    /// Something that this flow needs is not there: a refresh token of the grant, a member of a reply, an endpoint.
    Missing(String),
    /// The person or the tenant asks for something that the provider cannot do, or that cannot be understood.
    Impossible(String),
    /// The plugin broke the contract: it waits for two steps at once, or reads a member that it never declared.
    Misuse(String),
}

/// An endpoint's refusal, in the few words that cross into a plugin.
#[derive(Clone, Debug, PartialEq)]
pub struct Problem {
    /// What was asked: the role of the endpoint, or `device`.
    pub asked: String,
    /// What the refusal means.
    pub kind: ProblemKind,
    /// The provider's error code, if it is one that the standards know (RFC 6749 section 5.2).
    pub code: Option<String>,
}

impl Error {
    /// An [`Error::Impossible`].
    pub fn impossible(message: impl Into<String>) -> Self {
        Self::Impossible(message.into())
    }

    /// An [`Error::Missing`]: `what` reads well after "there is no".
    pub fn missing(what: impl fmt::Display) -> Self {
        Self::Missing(format!("there is no {what}"))
    }

    /// What the provider's refusal means, if this is one.
    #[must_use]
    pub fn problem(&self) -> Option<ProblemKind> {
        match self {
            Self::Provider(problem) => Some(problem.kind),
            Self::Missing(_) | Self::Impossible(_) | Self::Misuse(_) => None,
        }
    }

    pub(crate) fn misuse(message: impl Into<String>) -> Self {
        Self::Misuse(message.into())
    }

    pub(crate) fn provider(asked: &str, problem: wit::Problem) -> Self {
        Self::Provider(Problem {
            asked: asked.to_owned(),
            kind: problem.kind,
            code: problem.code,
        })
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Provider(problem) => problem.fmt(f),
            Self::Missing(message) | Self::Impossible(message) => f.write_str(message),
            Self::Misuse(message) => write!(f, "this plugin has a defect: {message}"),
        }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let asked = &self.asked;
        match self.kind {
            ProblemKind::Denied => write!(f, "the provider denied the request `{asked}`")?,
            ProblemKind::Expired => write!(f, "the request `{asked}` took too long")?,
            ProblemKind::InvalidGrant => {
                write!(
                    f,
                    "the provider no longer accepts this sign-in at `{asked}`"
                )?;
            }
            ProblemKind::Refused => write!(f, "the provider refused the request `{asked}`")?,
            ProblemKind::Unavailable => {
                write!(f, "the provider does not answer the request `{asked}`")?
            }
        }
        self.code
            .as_ref()
            .map_or(Ok(()), |code| write!(f, " ({code})"))
    }
}

impl std::error::Error for Error {}
