//! What the broker wants kept from one flow to the next, without knowing how: the store does that.

/// A memory of providers. What it gives back is what was put in, or nothing: it detects changes by others (DISC-10).
pub trait ProviderMemory: Send + Sync {
    /// What was remembered, with the time in Unix seconds.
    fn recall(&self, topic: Topic, issuer: &str) -> Option<Remembered>;

    /// Remembers. A memory that fails to is slower, not wrong, so that there is no error.
    fn remember(&self, topic: Topic, issuer: &str, bytes: &[u8]);

    /// Changes what is remembered, one process at a time: `change` gets what [`Self::recall`] would give, and says what to remember
    /// in its place, if anything.
    fn update(
        &self,
        topic: Topic,
        issuer: &str,
        change: &mut dyn FnMut(Option<Remembered>) -> Option<Vec<u8>>,
    );
}

/// What is remembered of an issuer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Topic {
    /// Its metadata document.
    Metadata,
    /// Its key set, and when a fetch was last tried (JWK-01).
    Keys,
    /// Which protections it has been seen to offer (DISC-07).
    Protections,
}

impl Topic {
    /// A short name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Metadata => "metadata",
            Self::Keys => "keys",
            Self::Protections => "protections",
        }
    }
}

/// Something remembered.
#[derive(Clone, Debug)]
pub struct Remembered {
    /// What was put in.
    pub bytes: Vec<u8>,
    /// When, in Unix seconds.
    pub at: u64,
}

/// A memory that keeps nothing.
#[derive(Clone, Copy, Debug, Default)]
pub struct Forgetful;

impl ProviderMemory for Forgetful {
    fn recall(&self, _topic: Topic, _issuer: &str) -> Option<Remembered> {
        None
    }

    fn remember(&self, _topic: Topic, _issuer: &str, _bytes: &[u8]) {}

    fn update(
        &self,
        _topic: Topic,
        _issuer: &str,
        change: &mut dyn FnMut(Option<Remembered>) -> Option<Vec<u8>>,
    ) {
        change(None);
    }
}
