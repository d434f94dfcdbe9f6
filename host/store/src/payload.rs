//! A record as bytes, on their way into the seal and out of it.
//!
//! ```text
//! length 4, JSON        label, facts, and the name and kind of each part
//! (length 4, bytes)*    the secrets, in the order of the parts
//! ```
//!
//! The secrets stand beside the JSON rather than in it: a JSON library escapes and unescapes through buffers that nobody erases.
#![allow(
    clippy::disallowed_methods,
    reason = "sealing is one of the two jobs for which a secret exposes itself; the plaintext lives in erased memory only"
)]

use serde::{Deserialize, Serialize};
use vestibule_core::record::{Facts, Label, Part, Record};
use vestibule_core::{Secret, SecretKind, SecretName};
use zeroize::Zeroizing;

use crate::format::Reader;
use crate::trouble::Trouble;

#[derive(Serialize)]
struct Written<'a> {
    label: &'a Label,
    facts: &'a Facts,
    parts: Vec<PartHead>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Read {
    label: Label,
    facts: Facts,
    parts: Vec<PartHead>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct PartHead {
    name: SecretName,
    kind: String,
}

/// The bytes of a record, in memory that is erased.
pub(crate) fn write(record: &Record) -> Result<Zeroizing<Vec<u8>>, Trouble> {
    let parts = record
        .parts
        .iter()
        .map(|part| {
            if outlives_a_flow(part.kind) {
                Ok(PartHead {
                    name: part.name.clone(),
                    kind: part.kind.as_str().to_owned(),
                })
            } else {
                Err(Trouble::Host(format!(
                    "a secret of kind {} is never stored",
                    part.kind.as_str()
                )))
            }
        })
        .collect::<Result<_, _>>()?;
    let head = serde_json::to_vec(&Written {
        label: &record.label,
        facts: &record.facts,
        parts,
    })
    .map_err(|error| Trouble::Host(format!("a record could not be written: {error}")))?;

    // All the room at once: a buffer that grows leaves its old memory behind unerased.
    let secrets: usize = record
        .parts
        .iter()
        .map(|part| 4 + part.secret.expose().len())
        .sum();
    let mut bytes = Zeroizing::new(Vec::with_capacity(4 + head.len() + secrets + 64));
    put(&mut bytes, &head)?;
    for part in &record.parts {
        put(&mut bytes, part.secret.expose().as_bytes())?;
    }
    Ok(bytes)
}

/// The record of these bytes, all of them.
pub(crate) fn read(bytes: &[u8]) -> Result<Record, Trouble> {
    let mut reader = Reader(bytes);
    let head: Read = serde_json::from_slice(get(&mut reader)?)
        .map_err(|_| Trouble::Damaged("its content is not what this program writes"))?;
    let mut parts = Vec::with_capacity(head.parts.len());
    for part in head.parts {
        let kind = SecretKind::ALL
            .into_iter()
            .find(|kind| kind.as_str() == part.kind && outlives_a_flow(*kind))
            .ok_or(Trouble::Damaged("it holds a secret of an unknown kind"))?;
        let secret = std::str::from_utf8(get(&mut reader)?)
            .map_err(|_| Trouble::Damaged("it holds a secret that is no text"))?;
        parts.push(Part {
            name: part.name,
            kind,
            secret: Secret::new(secret.to_owned()),
        });
    }
    if !reader.0.is_empty() {
        return Err(Trouble::Damaged("it is longer than its content"));
    }
    Ok(Record {
        label: head.label,
        facts: head.facts,
        parts,
    })
}

/// What belongs to one flow ends with it; a record that held a code or a verifier would be a defect.
fn outlives_a_flow(kind: SecretKind) -> bool {
    !matches!(
        kind,
        SecretKind::AuthorizationCode
            | SecretKind::CodeVerifier
            | SecretKind::State
            | SecretKind::Nonce
            | SecretKind::DeviceCode
            | SecretKind::ClientAssertion
            | SecretKind::SubjectAssertion
    )
}

fn put(to: &mut Vec<u8>, bytes: &[u8]) -> Result<(), Trouble> {
    let length = u32::try_from(bytes.len())
        .map_err(|_| Trouble::Host("a record is too large to store".into()))?;
    to.extend_from_slice(&length.to_be_bytes());
    to.extend_from_slice(bytes);
    Ok(())
}

fn get<'a>(from: &mut Reader<'a>) -> Result<&'a [u8], Trouble> {
    let length = u32::from_be_bytes(from.array()?);
    from.take(usize::try_from(length).map_err(|_| Trouble::Damaged("it is cut short"))?)
}
