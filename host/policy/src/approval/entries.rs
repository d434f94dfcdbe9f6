//! Every list of a description is bounded, and none is too short to mean something (law 4).

use vestibule_core::Result;
use vestibule_core::description::{Profile, ScalarKind, Shape};
use vestibule_core::limits::{DESCRIPTION_ENTRIES, TEXT_BYTES};

use super::refused;

pub(super) fn check(profile: &Profile) -> Result<()> {
    for (list, length) in [
        ("methods", profile.methods.len()),
        ("scopes", profile.scopes.len()),
        ("endpoints", profile.endpoints.len()),
        ("readable", profile.readable.len()),
        ("secrets", profile.secrets.len()),
        ("derivation", profile.derivation.len()),
        ("hosts", profile.hosts.len()),
    ] {
        bounded(list, length)?;
    }
    for endpoint in &profile.endpoints {
        let role = &endpoint.role;
        bounded(
            &format!("renames of role \"{role}\""),
            endpoint.dialect.renames.len(),
        )?;
        bounded(
            &format!("outcomes of role \"{role}\""),
            endpoint.dialect.outcomes.len(),
        )?;
    }
    for secret in &profile.secrets {
        bounded(
            &format!("goes of secret \"{}\"", secret.name),
            secret.goes.len(),
        )?;
    }
    for readable in &profile.readable {
        let what = format!(
            "readable \"{}\" of role \"{}\"",
            readable.pointer, readable.role
        );
        match &readable.shape {
            Shape::One(kind) => options(&what, kind)?,
            Shape::Rows(columns) => {
                some(&format!("columns of {what}"), columns.len())?;
                for column in columns {
                    options(&what, &column.kind)?;
                }
            }
        }
    }
    for (at, parameter) in profile.derivation.iter().enumerate() {
        if profile
            .derivation
            .iter()
            .skip(at + 1)
            .any(|other| other.name == parameter.name)
        {
            return Err(refused(
                RULE,
                format!(
                    "the derivation parameter \"{}\" is described twice",
                    parameter.name
                ),
                "describe it once",
            ));
        }
    }
    Ok(())
}

const RULE: &str = "approval.entries";

fn options(what: &str, kind: &ScalarKind) -> Result<()> {
    match kind {
        ScalarKind::OneOf(texts) => {
            some(&format!("texts of {what}"), texts.len())?;
            if texts.iter().any(|text| text.len() > TEXT_BYTES) {
                return Err(refused(
                    RULE,
                    format!("a text of {what} is too long"),
                    format!("keep it within {TEXT_BYTES} bytes"),
                ));
            }
            Ok(())
        }
        ScalarKind::Boolean | ScalarKind::Integer | ScalarKind::Text { .. } => Ok(()),
    }
}

fn some(list: &str, length: usize) -> Result<()> {
    if length == 0 {
        return Err(refused(
            RULE,
            format!("the {list} are an empty list"),
            "list at least one",
        ));
    }
    bounded(list, length)
}

fn bounded(list: &str, length: usize) -> Result<()> {
    if length > DESCRIPTION_ENTRIES {
        return Err(refused(
            RULE,
            format!("the description has {length} entries under {list}"),
            format!("keep to {DESCRIPTION_ENTRIES}"),
        ));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use vestibule_core::description::{Column, Profile};

    use crate::testing::{identity_center, pointer, refusal};

    use super::*;

    #[test]
    fn lists_are_bounded_and_mean_something() {
        type Change = fn(&mut Profile);
        let cases: &[(&str, Change)] = &[
            ("hosts", |p| {
                p.hosts = vec!["h.example".to_owned(); DESCRIPTION_ENTRIES + 1]
            }),
            ("renames of role \"token\"", |p| {
                let rename = p.endpoints[1].dialect.renames[0].clone();
                p.endpoints[1].dialect.renames = vec![rename; DESCRIPTION_ENTRIES + 1];
            }),
            ("goes of secret", |p| {
                let cell = crate::testing::cell("accounts", "x");
                p.secrets[1].goes = vec![cell; DESCRIPTION_ENTRIES + 1];
            }),
            ("columns of", |p| {
                p.readable[0].shape = Shape::Rows(Vec::new())
            }),
            ("texts of", |p| {
                p.readable[0].shape = Shape::One(ScalarKind::OneOf(Vec::new()))
            }),
            ("too long", |p| {
                let kind = ScalarKind::OneOf(vec!["x".repeat(TEXT_BYTES + 1)]);
                p.readable[0].shape = Shape::Rows(vec![Column {
                    pointer: pointer("/a"),
                    kind,
                }]);
            }),
            ("twice", |p| {
                let parameter = p.derivation[0].clone();
                p.derivation.push(parameter);
            }),
        ];
        for (expected, change) in cases {
            let error = refusal(identity_center(), *change);
            assert_eq!(error.code(), RULE);
            assert!(error.message().contains(expected), "{expected}: {error}");
            assert!(error.next_step().is_some(), "{expected}");
        }
    }

    #[test]
    fn the_last_entry_and_the_last_byte_are_allowed() {
        let mut profile = identity_center();
        profile.hosts = (0..DESCRIPTION_ENTRIES)
            .map(|n| format!("h{n}.example"))
            .collect();
        let kind = ScalarKind::OneOf(vec!["x".repeat(TEXT_BYTES)]);
        profile.readable[1].shape = Shape::One(kind);
        check(&profile).unwrap();
    }
}
