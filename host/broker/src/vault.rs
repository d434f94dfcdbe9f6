//! The secrets of one flow, under opaque references, each with its destinations fixed at birth (PLUG-01, PLUG-03, PLUG-11).
//!
//! Everything secret that a flow touches is in here: what the provider issued, and what the host itself made (verifier, state,
//! nonce). A secret gets out in two ways only: into a cell that the matrix permits, or into the record that the flow ends in.

use std::collections::HashMap;

use vestibule_core::description::HttpMethod;
use vestibule_core::limits::FLOW_SECRETS;
use vestibule_core::matrix::{Matrix, Placement, Times};
use vestibule_core::{Error, Reference, Result, Secret, SecretKind};

use crate::barrier::Search;
use crate::fingerprint::Fingerprints;

/// The vault of one flow of one tenant. References of another flow mean nothing here.
#[derive(Debug)]
pub struct Vault {
    matrix: Matrix,
    entries: HashMap<Reference, Entry>,
    /// Of what was used up and erased: the barrier still knows it.
    erased: Fingerprints,
}

/// Where a secret is about to go.
#[derive(Clone, Copy, Debug)]
pub struct Place<'a> {
    /// The role of the endpoint.
    pub role: &'a str,
    /// The HTTP method.
    pub method: HttpMethod,
    /// The place in its request.
    pub placement: &'a Placement,
}

#[derive(Debug)]
struct Entry {
    kind: SecretKind,
    name: String,
    secret: Secret,
    spent: bool,
}

impl Vault {
    /// An empty vault, with the matrix of the tenant's approval.
    #[must_use]
    pub fn new(matrix: Matrix) -> Self {
        Self {
            matrix,
            entries: HashMap::new(),
            erased: Fingerprints::default(),
        }
    }

    /// Takes a secret in, and gives the reference under which it is known from now on.
    ///
    /// # Errors
    /// If the flow holds as many as it may (RES-04).
    pub fn keep(&mut self, kind: SecretKind, name: &str, secret: Secret) -> Result<Reference> {
        if self.entries.len() >= FLOW_SECRETS {
            return Err(Error::plugin(
                "plugin.secrets",
                format!("the plugin's requests have brought more than {FLOW_SECRETS} secrets"),
            )
            .hint("ask once for what is asked for over and over"));
        }
        let reference = draw()?;
        self.entries.insert(
            reference,
            Entry {
                kind,
                name: name.to_owned(),
                secret,
                spent: false,
            },
        );
        Ok(reference)
    }

    /// Gives a secret to the request that is being built, if it may go there. A cell that permits one use spends it.
    pub fn place(&mut self, reference: Reference, place: Place<'_>) -> Result<&Secret> {
        let Some(entry) = self.entries.get_mut(&reference) else {
            return Err(refused());
        };
        let times = self.matrix.permits(
            entry.kind,
            &entry.name,
            place.role,
            place.method,
            place.placement,
        );
        match times {
            Some(Times::Once) if !entry.spent => entry.spent = true,
            Some(Times::Many) => {}
            Some(Times::Once) | None => return Err(refused()),
        }
        Ok(&entry.secret)
    }

    /// Whether a reference is one of this flow's, of this kind, and not spent. For steps that end in the host, such as `finish`.
    pub fn kind_of(&self, reference: Reference) -> Result<(SecretKind, &str)> {
        match self.entries.get(&reference) {
            Some(entry) if !entry.spent => Ok((entry.kind, &entry.name)),
            Some(_) | None => Err(refused()),
        }
    }

    /// Spends a use of a secret that is about to be placed, where the value itself is read later.
    pub(crate) fn authorize(&mut self, reference: Reference, place: Place<'_>) -> Result<()> {
        self.place(reference, place).map(drop)
    }

    /// Takes a secret of the host's own out, although it was sent: to compare it with what comes back.
    pub(crate) fn withdraw(&mut self, reference: Reference) -> Result<Secret> {
        let entry = self.entries.remove(&reference).ok_or_else(refused)?;
        self.erased.add(&entry.secret)?;
        Ok(entry.secret)
    }

    /// Erases a secret that has served (RESP-07). The reference is dead afterwards.
    pub(crate) fn erase(&mut self, reference: Reference) -> Result<()> {
        self.withdraw(reference).map(drop)
    }

    /// What a reference stands for, also if it is spent.
    pub(crate) fn identify(&self, reference: Reference) -> Result<(SecretKind, &str)> {
        self.entries
            .get(&reference)
            .map(|entry| (entry.kind, entry.name.as_str()))
            .ok_or_else(refused)
    }

    /// Takes a secret out for good, into the record that the flow ends in. The reference is dead afterwards.
    pub fn take(&mut self, reference: Reference) -> Result<(SecretKind, Secret)> {
        match self.entries.remove(&reference) {
            Some(entry) if !entry.spent => Ok((entry.kind, entry.secret)),
            Some(_) | None => Err(refused()),
        }
    }

    /// The refusal for a reference in a place where none can be.
    pub(crate) fn refuse(&self, _reference: Reference) -> Error {
        refused()
    }

    /// A look at a secret for the broker's own checks (`nonce`, `at_hash`), which send it nowhere.
    pub(crate) fn look(&self, reference: Reference) -> Result<&Secret> {
        self.entries
            .get(&reference)
            .map(|entry| &entry.secret)
            .ok_or_else(refused)
    }

    /// A search for every secret of the flow, for the barrier.
    pub(crate) fn search_for_secrets(&self) -> Search<'_> {
        let secrets = self.entries.values().map(|entry| &entry.secret);
        Search::of(secrets).and_erased(&self.erased)
    }
}

/// 128 bits from the system's generator. Guessing one of a flow's few references takes more steps than any flow has.
fn draw() -> Result<Reference> {
    let high = getrandom::u64().map_err(no_randomness)?;
    let low = getrandom::u64().map_err(no_randomness)?;
    Ok(Reference { high, low })
}

fn no_randomness(problem: getrandom::Error) -> Error {
    Error::host(
        "host.random",
        format!("the system gave no random numbers: {problem}"),
    )
}

/// One answer for every misuse: a guess, another flow's reference, a spent one, a wrong kind and a wrong place look the same.
fn refused() -> Error {
    Error::plugin(
        "plugin.reference",
        "the plugin used a secret reference that it does not have, or that may not go there",
    )
    .hint("run: vestibule plugin inspect FILE — it prints where each secret may go")
}

#[cfg(test)]
pub(crate) mod tests;
