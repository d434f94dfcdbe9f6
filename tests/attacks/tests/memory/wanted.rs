//! What is looked for: secrets by name, in every form in which they could stand somewhere.

use std::path::{Path, PathBuf};

use aho_corasick::AhoCorasick;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest as _, Sha256};
use vestibule_attacks::handed::parameter;
use vestibule_e2e::{Practice, encodings};
use vestibule_rehearsal::{Role, Secret, SecretKind};

use crate::memory::Memory;

/// Fewer characters than this in a row say nothing about a secret of 128 bits and more, and may stand anywhere by chance.
const PIECE: usize = 16;

/// What must be nowhere.
#[derive(Clone, Default)]
pub(crate) struct Wanted(Vec<(String, String)>);

impl Wanted {
    /// Every secret that the provider knows of: those that it gave out, and those that it was sent.
    pub(crate) fn of(idp: &Practice) -> Self {
        // The credential of the provider's own API is none of the client's.
        let foreign = idp.resource_server().secret;
        let secrets = idp.secrets().into_iter();
        let known = secrets.filter(|secret| secret.value != foreign);
        let value = |secret: &Secret| {
            if secret.kind == SecretKind::RequestUri {
                // What stands before the last colon is in every one of them (RFC 9126 section 2.2).
                return secret.value.rsplit(':').next().unwrap().to_owned();
            }
            secret.value.clone()
        };
        let named = known.map(|secret| (format!("{:?}", secret.kind), value(&secret)));
        Self(named.collect())
    }

    /// What a sign-in that waits for its answer knows: `state` and `nonce` stand in the address at which it waits, or in what was pushed
    /// for it, and the verifier is found by its challenge.
    ///
    /// # Panics
    /// If they are not in its memory.
    #[track_caller]
    pub(crate) fn waiting(idp: &Practice, address: &str, memory: &Memory) -> Self {
        let pushed = idp.requests_to(Role::PushedAuthorization).pop();
        let asked = |name: &str| match &pushed {
            Some(seen) => seen.field(name).expect("it was pushed").to_owned(),
            None => parameter(address, name),
        };
        let challenge = asked("code_challenge");
        let is_verifier = |text: &str| URL_SAFE_NO_PAD.encode(Sha256::digest(text)) == challenge;
        let verifier = memory.find_base64url(43, is_verifier);
        let found = [
            ("State", asked("state")),
            ("Nonce", asked("nonce")),
            (
                "Verifier",
                verifier.expect("the verifier is in the memory of a sign-in that waits"),
            ),
        ];
        let wanted = Self::default().and(found);
        for (name, _) in &wanted.0 {
            let places = memory.places(&wanted.needles());
            assert!(
                places.iter().any(|place| place.starts_with(name)),
                "{name} is not seen"
            );
        }
        wanted
    }

    /// With further ones.
    #[must_use]
    pub(crate) fn and<'a>(mut self, more: impl IntoIterator<Item = (&'a str, String)>) -> Self {
        let more = more
            .into_iter()
            .map(|(name, value)| (name.to_owned(), value));
        self.0.extend(more);
        self
    }

    /// All of both.
    #[must_use]
    pub(crate) fn with(mut self, other: Self) -> Self {
        self.0.extend(other.0);
        self.0.sort();
        self.0.dedup();
        self
    }

    /// Those of these names alone.
    #[must_use]
    pub(crate) fn only(mut self, names: &[&str]) -> Self {
        self.0.retain(|(name, _)| names.contains(&name.as_str()));
        self
    }

    /// The values of one name.
    pub(crate) fn values(&self, name: &str) -> Vec<&str> {
        let of_name = self.0.iter().filter(|(other, _)| other == name);
        of_name.map(|(_, value)| value.as_str()).collect()
    }

    /// The names, each once.
    pub(crate) fn names(&self) -> Vec<&str> {
        let mut names: Vec<&str> = self.0.iter().map(|(name, _)| name.as_str()).collect();
        names.sort_unstable();
        names.dedup();
        names
    }

    /// None of it is in memory.
    #[track_caller]
    pub(crate) fn is_not_in(&self, memory: &Memory, about: &str) {
        assert!(!self.0.is_empty(), "{about}: there is nothing to look for");
        let places = memory.places(&self.needles());
        assert!(
            places.is_empty(),
            "{about}: {} places:\n{}",
            places.len(),
            places
                .iter()
                .take(40)
                .cloned()
                .collect::<Vec<_>>()
                .join("\n")
        );
    }

    /// Those that are in memory, by name.
    pub(crate) fn seen_in(&self, memory: &Memory) -> Vec<&str> {
        let places = memory.places(&self.needles());
        let mut names = self.names();
        names.retain(|name| places.iter().any(|place| place.starts_with(name)));
        names
    }

    /// The files below this folder in which any of it stands.
    pub(crate) fn files_below(&self, folder: &Path) -> Vec<PathBuf> {
        let needles = self.needles();
        let search = AhoCorasick::new(needles.iter().map(|(_, bytes)| bytes)).unwrap();
        let mut found = Vec::new();
        let mut folders = vec![folder.to_owned()];
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    folders.push(path);
                } else if search.find(&std::fs::read(&path).unwrap()).is_some() {
                    found.push(path);
                }
            }
        }
        found
    }

    /// Each in every encoding, in its bytes where it is base64url, and in pieces, since freed memory keeps what was not written over.
    fn needles(&self) -> Vec<(String, Vec<u8>)> {
        let mut needles = Vec::new();
        for (name, value) in &self.0 {
            let forms = encodings::of(value).into_iter().map(String::into_bytes);
            needles.extend(forms.map(|form| (name.clone(), form)));
            if let Ok(bytes) = URL_SAFE_NO_PAD.decode(value) {
                needles.push((format!("{name} (bytes)"), bytes));
            }
            for piece in value.as_bytes().chunks_exact(PIECE) {
                needles.push((format!("{name} (piece)"), piece.to_vec()));
            }
        }
        needles
    }
}
