//! The first barrier (PLUG-06, PLUG-21): of a reply, a plugin sees the members that were declared readable, approved and pinned,
//! if they have the shape that was declared. All else stays here.

use vestibule_core::description::{Column, Readable, ScalarKind, SecretDeclaration, Shape};
use vestibule_core::limits::READABLE_ROWS;
use vestibule_core::pattern::Pattern;
use vestibule_core::reply::{Member, MemberValue, Scalar};
use vestibule_core::start::NamedReference;
use vestibule_core::{Result, Secret};

use crate::json::{Document, Value};
use crate::vault::Vault;

/// The readable members that this role's reply has.
pub(crate) fn members(role: &str, document: &Document, declared: &[Readable]) -> Vec<Member> {
    let of_role = declared
        .iter()
        .filter(|readable| readable.role.as_str() == role);
    of_role
        .filter_map(|readable| {
            let found = document.get(readable.pointer.as_str())?;
            let value = match &readable.shape {
                Shape::One(kind) => MemberValue::One(scalar(found, kind)?),
                Shape::Rows(columns) => MemberValue::Rows(rows(found, columns)?),
            };
            Some(Member {
                role: readable.role.clone(),
                pointer: readable.pointer.clone(),
                value,
            })
        })
        .collect()
}

/// The declared secrets that this role's reply brings, each taken into the vault.
pub(crate) fn secrets(
    role: &str,
    document: &Document,
    declared: &[SecretDeclaration],
    vault: &mut Vault,
) -> Result<Vec<NamedReference>> {
    let mut kept = Vec::new();
    for secret in declared
        .iter()
        .filter(|secret| secret.born_role.as_str() == role)
    {
        if let Some(value) = document
            .get(secret.born_pointer.as_str())
            .and_then(Value::as_text)
        {
            let reference = vault.keep(
                secret.kind,
                secret.name.as_str(),
                Secret::new(value.to_owned()),
            )?;
            kept.push(NamedReference {
                name: secret.name.clone(),
                reference,
            });
        }
    }
    Ok(kept)
}

fn rows(found: &Value, columns: &[Column]) -> Option<Vec<Vec<Option<Scalar>>>> {
    let objects = found.as_list()?.iter().take(READABLE_ROWS);
    Some(
        objects
            .map(|object| {
                columns
                    .iter()
                    .map(|column| scalar(object.at(column.pointer.as_str())?, &column.kind))
                    .collect()
            })
            .collect(),
    )
}

/// A value of the declared kind; anything else is left out.
fn scalar(found: &Value, kind: &ScalarKind) -> Option<Scalar> {
    match (kind, found) {
        (ScalarKind::Boolean, Value::Bool(boolean)) => Some(Scalar::Boolean(*boolean)),
        (ScalarKind::Integer, number) => number.as_integer().map(Scalar::Integer),
        (ScalarKind::OneOf(options), Value::Text(text)) => options
            .iter()
            .find(|option| *option == text.as_str())
            .cloned()
            .map(Scalar::Text),
        (ScalarKind::Text { pattern, max_chars }, Value::Text(text)) => {
            // A pattern that does not compile was refused at approval; if it is here all the same, nothing matches it.
            let pattern = Pattern::parse(pattern).ok()?;
            let fits = text.chars().count() <= usize::try_from(*max_chars).unwrap_or(0)
                && pattern.matches(text);
            fits.then(|| Scalar::Text(text.to_string()))
        }
        (
            ScalarKind::Boolean | ScalarKind::OneOf(_) | ScalarKind::Text { .. },
            Value::Null
            | Value::Bool(_)
            | Value::Integer(_)
            | Value::Float(_)
            | Value::Text(_)
            | Value::List(_)
            | Value::Object(_),
        ) => None,
    }
}

#[cfg(test)]
mod tests;
