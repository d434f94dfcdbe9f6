//! Why a stored record cannot be used, and what becomes of its file.

use vestibule_core::{Blame, Error, TenantName};

use crate::key_store::{KeyStoreId, Unusable};

/// Why a stored record cannot be used.
///
/// Two of these are final, `Damaged` and `KeyLost`: nothing will ever open the file again, so it is set aside. The others may
/// pass, or are for the owner of the machine to settle, and the file stays where it is.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Trouble {
    /// The file is not what was sealed: cut short, altered, exchanged with another, or foreign (CRASH-06, LOC-04).
    #[error("the stored record is damaged ({0})")]
    Damaged(&'static str),
    /// The key store works, and no longer has the key; or it has another one (LOC-03).
    #[error("the key that opens the stored record is gone from {} ({})", .0.as_str(), .0.how_keys_end())]
    KeyLost(KeyStoreId),
    /// The key store does not work now. It may again.
    #[error("the key that opens the stored record is out of reach: {0}")]
    KeyUnavailable(Unusable),
    /// A later release wrote it (CRASH-10).
    #[error("the stored record has format {found}, and this program reads format {known}")]
    Newer {
        /// The version in the file.
        found: u16,
        /// The newest version that this program reads.
        known: u16,
    },
    /// Somebody else could have written or read it (LOC-02). It was not read.
    #[error("{what} {problem}")]
    NotPrivate {
        /// The file or directory, relative to the state directory, or the state directory itself.
        what: String,
        /// What is wrong with it.
        problem: &'static str,
    },
    /// The operating system refused.
    #[error("{what} cannot be {doing}: {why}")]
    Io {
        /// The file or directory.
        what: String,
        /// `read`, `written`, …
        doing: &'static str,
        /// The system's own words.
        why: String,
    },
    /// A defect or a limit of this host, not of the file.
    #[error("{0}")]
    Host(String),
}

impl Trouble {
    /// Whether nothing will ever open the file again.
    #[must_use]
    pub fn is_final(&self) -> bool {
        matches!(self, Self::Damaged(_) | Self::KeyLost(_))
    }

    /// As the error of a command that needed this tenant's record.
    #[must_use]
    pub fn about(self, tenant: &TenantName) -> Error {
        let message = format!("{self}");
        match self {
            Self::Damaged(_) => Error::login_required(
                "store.damaged",
                format!("{message}; it was set aside; sign in again"),
                tenant.as_str(),
            ),
            Self::KeyLost(_) => Error::login_required(
                "store.key_lost",
                format!("{message}; sign in again"),
                tenant.as_str(),
            ),
            other @ (Self::KeyUnavailable(_)
            | Self::Newer { .. }
            | Self::NotPrivate { .. }
            | Self::Io { .. }
            | Self::Host(_)) => other.into(),
        }
    }
}

impl From<Trouble> for Error {
    fn from(trouble: Trouble) -> Self {
        let message = trouble.to_string();
        match trouble {
            Trouble::Damaged(_) => Self::host("store.damaged", message),
            Trouble::KeyLost(_) => Self::host("store.key_lost", message),
            Trouble::KeyUnavailable(unusable) => {
                let error = Self::new(Blame::Host, "store.key_store", message);
                match unusable.hint {
                    Some(hint) => error.hint(hint),
                    None => error,
                }
            }
            Trouble::Newer { .. } => {
                Self::config("store.newer", message).hint("use the newer release of vestibule")
            }
            Trouble::NotPrivate { .. } => Self::config("store.not_private", message).hint(
                "look at who put it there; then move it away, or give it to yourself with mode 0700 (directory) or 0600 (file)",
            ),
            Trouble::Io { .. } => Self::host("store.io", message),
            Trouble::Host(_) => Self::host("store.host", message),
        }
    }
}

impl From<Error> for Trouble {
    fn from(error: Error) -> Self {
        Self::Host(error.message().to_owned())
    }
}

/// An I/O error in the words that help: the causes that an owner can remove are named (CRASH-05).
pub(crate) fn io(what: &str, doing: &'static str, error: &std::io::Error) -> Trouble {
    use std::io::ErrorKind;

    #[expect(
        clippy::wildcard_enum_match_arm,
        reason = "the standard library's list of causes is open"
    )]
    let why = match error.kind() {
        ErrorKind::StorageFull => "the disk is full".to_owned(),
        ErrorKind::QuotaExceeded => "your disk quota is used up".to_owned(),
        ErrorKind::ReadOnlyFilesystem => "the file system is read-only".to_owned(),
        ErrorKind::FileTooLarge => "the file would be larger than the system allows".to_owned(),
        _ => error.to_string(),
    };
    Trouble::Io {
        what: what.to_owned(),
        doing,
        why,
    }
}
