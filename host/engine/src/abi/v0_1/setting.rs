//! Settings and their schema.

use vestibule_core::setting::{
    Setting, SettingField, SettingKind, SettingPresence, SettingProblem, SettingValue,
};
use vestibule_core::{Result, SettingName};

use super::wit;

pub(crate) fn to_wit(settings: &[Setting]) -> Vec<wit::Setting> {
    settings
        .iter()
        .map(|setting| wit::Setting {
            name: setting.name.as_str().to_owned(),
            value: value_to_wit(&setting.value),
        })
        .collect()
}

fn value_to_wit(value: &SettingValue) -> wit::SettingValue {
    match value {
        SettingValue::Boolean(value) => wit::SettingValue::Boolean(*value),
        SettingValue::Integer(value) => wit::SettingValue::Integer(*value),
        SettingValue::Text(value) => wit::SettingValue::Text(value.clone()),
        SettingValue::Texts(values) => wit::SettingValue::Texts(values.clone()),
    }
}

fn value_from_wit(value: wit::SettingValue) -> SettingValue {
    match value {
        wit::SettingValue::Boolean(value) => SettingValue::Boolean(value),
        wit::SettingValue::Integer(value) => SettingValue::Integer(value),
        wit::SettingValue::Text(value) => SettingValue::Text(value),
        wit::SettingValue::Texts(values) => SettingValue::Texts(values),
    }
}

pub(super) fn field_from_wit(field: wit::SettingField) -> Result<SettingField> {
    Ok(SettingField {
        name: name_from_wit(&field.name)?,
        summary: field.summary,
        kind: match field.kind {
            wit::SettingKind::Text => SettingKind::Text,
            wit::SettingKind::Url => SettingKind::Url,
            wit::SettingKind::Issuer => SettingKind::Issuer,
            wit::SettingKind::Integer => SettingKind::Integer,
            wit::SettingKind::Boolean => SettingKind::Boolean,
            wit::SettingKind::Texts => SettingKind::Texts,
            wit::SettingKind::OneOf(options) => SettingKind::OneOf(options),
            wit::SettingKind::Secret => SettingKind::Secret,
            wit::SettingKind::PublicClientSecret => SettingKind::PublicClientSecret,
        },
        presence: match field.presence {
            wit::SettingPresence::Required => SettingPresence::Required,
            wit::SettingPresence::Optional => SettingPresence::Optional,
            wit::SettingPresence::DefaultsTo(value) => {
                SettingPresence::DefaultsTo(value_from_wit(value))
            }
        },
    })
}

pub(super) fn problem_from_wit(problem: wit::SettingProblem) -> SettingProblem {
    SettingProblem {
        name: problem.name,
        message: problem.message,
    }
}

pub(super) fn name_from_wit(name: &str) -> Result<SettingName> {
    SettingName::parse(name).map_err(|problem| problem.by_plugin())
}
