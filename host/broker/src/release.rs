//! The release of secrets to the person or program that asked for them: the one channel on which they leave in the clear (UI-07).

use std::io::{self, Write};

use serde::ser::{Serialize, SerializeMap as _, Serializer};
use vestibule_core::record::{Part, Primary, Record};
use vestibule_core::{Error, Result, SecretKind};

/// What a credential command hands out: of an OAuth grant the access token, of others all parts. Never a refresh token.
#[derive(Debug)]
pub struct Released {
    primary: Primary,
    parts: Vec<Part>,
    expires_at: u64,
}

impl Released {
    /// Takes out of a record what may be handed out. The rest is erased.
    ///
    /// # Errors
    /// If the record has nothing to hand out, which means that it is damaged.
    pub fn from_record(record: Record) -> Result<Self> {
        let Record {
            label: _,
            facts,
            parts,
        } = record;
        let handed_out = |kind: SecretKind| match facts.primary {
            Primary::Oauth => kind == SecretKind::AccessToken,
            Primary::CloudKeys | Primary::Opaque => {
                matches!(kind, SecretKind::CloudKey | SecretKind::Opaque)
            }
        };
        let parts: Vec<Part> = parts
            .into_iter()
            .filter(|part| handed_out(part.kind))
            .collect();
        if parts.is_empty() {
            return Err(Error::host(
                "store.empty",
                "the stored grant has nothing to hand out",
            ));
        }
        Ok(Self {
            primary: facts.primary,
            parts,
            expires_at: facts.expires_at,
        })
    }

    /// What it is.
    #[must_use]
    pub fn primary(&self) -> Primary {
        self.primary
    }

    /// When it expires, in Unix seconds.
    #[must_use]
    pub fn expires_at(&self) -> u64 {
        self.expires_at
    }

    /// The names of the parts.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.parts.iter().map(|part| part.name.as_str())
    }

    /// Writes one part, alone.
    ///
    /// # Errors
    /// If there is no such part, or the channel fails.
    pub fn write_part(&self, name: &str, channel: &mut dyn Write) -> io::Result<()> {
        let part = self.parts.iter().find(|part| part.name.as_str() == name);
        let part = part
            .ok_or_else(|| io::Error::new(io::ErrorKind::NotFound, "the grant has no such part"))?;
        channel.write_all(part.secret.expose().as_bytes())
    }
}

/// As a JSON object of names and values. For the output formats of credential commands, and for nothing else.
impl Serialize for Released {
    fn serialize<S: Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.parts.len()))?;
        for part in &self.parts {
            map.serialize_entry(part.name.as_str(), part.secret.expose())?;
        }
        map.end()
    }
}
