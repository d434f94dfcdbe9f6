//! What went wrong, whose fault it is, and what to do next.

use std::fmt;

use crate::text::Shown;

/// Whose fault it is. Decides the exit code, so that a script can tell a typo from an outage.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Blame {
    /// The person at the keyboard: a typo, a denied consent, a closed browser.
    User,
    /// A tenant file, the configuration file, or the state of this machine that an operator set up.
    Config,
    /// The tenant's policy refused. Nothing is broken.
    Policy,
    /// The plugin broke the step protocol or asked for what it may not have.
    Plugin,
    /// The identity provider answered what the standards forbid.
    Provider,
    /// The network or the provider could not be reached. Trying again may help.
    Network,
    /// This program or this machine.
    Host,
}

impl Blame {
    /// The process exit code. Documented in the README; never renumbered.
    #[must_use]
    pub const fn exit_code(self) -> u8 {
        match self {
            Self::Host => 1,
            Self::User => 3,
            Self::Config => 4,
            Self::Policy => 5,
            Self::Plugin => 6,
            Self::Provider => 7,
            Self::Network => 8,
        }
    }

    /// The word that stands in messages and in JSON.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::User => "user",
            Self::Config => "config",
            Self::Policy => "policy",
            Self::Plugin => "plugin",
            Self::Provider => "provider",
            Self::Network => "network",
            Self::Host => "host",
        }
    }
}

/// What the caller should do next, where blame alone does not say it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// Nothing special: report it.
    Other,
    /// There is no usable grant: sign in. Exit code 2.
    LoginRequired,
    /// It takes a person, and none is there (WKL-03). Exit code 9.
    Unattended,
    /// The person interrupted. Exit code 130, as shells expect.
    Cancelled,
}

/// An error that a person or a script can act on.
///
/// The message is one sentence without a full stop, safe to display: text that came from elsewhere goes in through [`Shown`].
/// It never holds a secret.
#[derive(Debug)]
pub struct Error {
    blame: Blame,
    kind: Kind,
    /// A stable name for scripts: `loopback.timeout`, `id_token.nonce`, …
    code: &'static str,
    message: String,
    hint: Option<String>,
}

/// A result with [`Error`].
pub type Result<T, E = Error> = std::result::Result<T, E>;

impl Error {
    /// An error of this blame. `code` is stable and dotted, `message` says what happened.
    #[must_use]
    pub fn new(blame: Blame, code: &'static str, message: impl Into<String>) -> Self {
        Self {
            blame,
            kind: Kind::Other,
            code,
            message: message.into(),
            hint: None,
        }
    }

    /// See [`Blame::User`].
    #[must_use]
    pub fn user(code: &'static str, message: impl Into<String>) -> Self {
        Self::new(Blame::User, code, message)
    }

    /// See [`Blame::Config`].
    #[must_use]
    pub fn config(code: &'static str, message: impl Into<String>) -> Self {
        Self::new(Blame::Config, code, message)
    }

    /// See [`Blame::Policy`].
    #[must_use]
    pub fn policy(code: &'static str, message: impl Into<String>) -> Self {
        Self::new(Blame::Policy, code, message)
    }

    /// See [`Blame::Plugin`].
    #[must_use]
    pub fn plugin(code: &'static str, message: impl Into<String>) -> Self {
        Self::new(Blame::Plugin, code, message)
    }

    /// See [`Blame::Provider`].
    #[must_use]
    pub fn provider(code: &'static str, message: impl Into<String>) -> Self {
        Self::new(Blame::Provider, code, message)
    }

    /// See [`Blame::Network`].
    #[must_use]
    pub fn network(code: &'static str, message: impl Into<String>) -> Self {
        Self::new(Blame::Network, code, message)
    }

    /// See [`Blame::Host`].
    #[must_use]
    pub fn host(code: &'static str, message: impl Into<String>) -> Self {
        Self::new(Blame::Host, code, message)
    }

    /// The person must sign in (again).
    #[must_use]
    pub fn login_required(code: &'static str, message: impl Into<String>, tenant: &str) -> Self {
        let mut error = Self::new(Blame::User, code, message)
            .hint(format!("run: vestibule login {}", Shown::new(tenant)));
        error.kind = Kind::LoginRequired;
        error
    }

    /// It takes a person, and none is there.
    #[must_use]
    pub fn unattended(code: &'static str, message: impl Into<String>) -> Self {
        let mut error = Self::new(Blame::User, code, message);
        error.kind = Kind::Unattended;
        error
    }

    /// The person interrupted.
    #[must_use]
    pub fn cancelled() -> Self {
        let mut error = Self::new(Blame::User, "cancelled", "interrupted; nothing was stored");
        error.kind = Kind::Cancelled;
        error
    }

    /// Adds the one next thing to do. A later hint replaces an earlier one.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// Whose fault it is.
    #[must_use]
    pub fn blame(&self) -> Blame {
        self.blame
    }

    /// What the caller should do next.
    #[must_use]
    pub fn kind(&self) -> Kind {
        self.kind
    }

    /// The stable name.
    #[must_use]
    pub fn code(&self) -> &'static str {
        self.code
    }

    /// What happened, in one sentence.
    #[must_use]
    pub fn message(&self) -> &str {
        &self.message
    }

    /// What to do next.
    #[must_use]
    pub fn next_step(&self) -> Option<&str> {
        self.hint.as_deref()
    }

    /// The process exit code.
    #[must_use]
    pub fn exit_code(&self) -> u8 {
        match self.kind {
            Kind::LoginRequired => 2,
            Kind::Unattended => 9,
            Kind::Cancelled => 130,
            Kind::Other => self.blame.exit_code(),
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Error {}
