//! Settings of a tenant and the schema that a plugin gives for them.

use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};
use crate::limits::{DESCRIPTION_ENTRIES, TEXT_BYTES};
use crate::name::SettingName;
use crate::text::Shown;
use crate::url::{Issuer, ProviderUrl};

/// The value of one setting.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum SettingValue {
    /// Yes or no.
    Boolean(bool),
    /// A whole number.
    Integer(i64),
    /// Text, also for URLs and one-of settings.
    Text(String),
    /// Several texts.
    Texts(Vec<String>),
}

/// One setting.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Setting {
    /// The name.
    pub name: SettingName,
    /// The value.
    pub value: SettingValue,
}

/// What values a setting may take.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SettingKind {
    /// Any text.
    Text,
    /// An absolute URL.
    Url,
    /// An issuer identifier, kept character for character.
    Issuer,
    /// A whole number.
    Integer,
    /// Yes or no.
    Boolean,
    /// A list of texts.
    Texts,
    /// One of these texts.
    OneOf(Vec<String>),
    /// A secret: the tenant file says where it is kept.
    Secret,
    /// A client secret that ships in public programs (RFC 8252 section 8.5).
    PublicClientSecret,
}

impl SettingKind {
    /// Whether the host places it and the plugin never gets it.
    #[must_use]
    pub fn is_secret(&self) -> bool {
        matches!(self, Self::Secret | Self::PublicClientSecret)
    }
}

/// Whether a setting must be given.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SettingPresence {
    /// The tenant file must give it.
    Required,
    /// It may be absent.
    Optional,
    /// The host supplies this value where it is absent.
    DefaultsTo(SettingValue),
}

/// One entry of the settings schema.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SettingField {
    /// Its name.
    pub name: SettingName,
    /// One line for the person who writes the tenant file.
    pub summary: String,
    /// What values it may take.
    pub kind: SettingKind,
    /// Whether it must be given.
    pub presence: SettingPresence,
}

/// A setting that the schema accepts and the plugin does not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SettingProblem {
    /// The setting's name, as the plugin wrote it.
    pub name: String,
    /// What is wrong with it.
    pub message: String,
}

/// Checks settings against a schema: unknown names, missing ones, wrong kinds. Gives back what the plugin gets: defaults filled in,
/// secrets left out. Errors name the setting and say what it should be.
pub fn resolve(given: &[Setting], schema: &[SettingField]) -> Result<Vec<Setting>> {
    for setting in given {
        if !schema.iter().any(|field| field.name == setting.name) {
            let known = schema
                .iter()
                .map(|field| field.name.as_str())
                .collect::<Vec<_>>()
                .join(", ");
            return Err(Error::config(
                "tenant.setting",
                format!(
                    "the plugin has no setting \"{}\"; it has {known}",
                    setting.name
                ),
            ));
        }
    }
    let mut resolved = Vec::with_capacity(schema.len());
    for field in schema {
        let value = given
            .iter()
            .find(|setting| setting.name == field.name)
            .map(|setting| setting.value.clone());
        let value = match (value, &field.presence) {
            (Some(value), _) => value,
            (None, SettingPresence::DefaultsTo(value)) => value.clone(),
            (None, SettingPresence::Optional) => continue,
            (None, SettingPresence::Required) => {
                return Err(Error::config(
                    "tenant.setting",
                    format!(
                        "the setting \"{}\" is missing: {}",
                        field.name,
                        Shown::new(&field.summary)
                    ),
                ));
            }
        };
        check(&field.name, &field.kind, &value)?;
        if !field.kind.is_secret() {
            resolved.push(Setting {
                name: field.name.clone(),
                value,
            });
        }
    }
    Ok(resolved)
}

/// Checks one value against its kind.
fn check(name: &SettingName, kind: &SettingKind, value: &SettingValue) -> Result<()> {
    let wrong = |expected: &str| {
        Err(Error::config(
            "tenant.setting",
            format!("the setting \"{name}\" must be {expected}"),
        ))
    };
    match (kind, value) {
        (SettingKind::Text | SettingKind::PublicClientSecret, SettingValue::Text(text))
            if text.len() <= TEXT_BYTES =>
        {
            Ok(())
        }
        (SettingKind::Text | SettingKind::PublicClientSecret, _) => wrong("text"),
        (SettingKind::Url, SettingValue::Text(text)) => ProviderUrl::parse(text)
            .map(drop)
            .map_err(|problem| problem.in_config(name.as_str(), text)),
        (SettingKind::Url, _) => wrong("a URL"),
        (SettingKind::Issuer, SettingValue::Text(text)) => Issuer::parse(text)
            .map(drop)
            .map_err(|problem| problem.in_config(name.as_str(), text)),
        (SettingKind::Issuer, _) => wrong("an issuer identifier: an https URL"),
        (SettingKind::Integer, SettingValue::Integer(_))
        | (SettingKind::Boolean, SettingValue::Boolean(_)) => Ok(()),
        (SettingKind::Integer, _) => wrong("a whole number"),
        (SettingKind::Boolean, _) => wrong("true or false"),
        (SettingKind::Texts, SettingValue::Texts(texts))
            if texts.len() <= DESCRIPTION_ENTRIES
                && texts.iter().all(|t| t.len() <= TEXT_BYTES) =>
        {
            Ok(())
        }
        (SettingKind::Texts, _) => wrong("a list of texts"),
        (SettingKind::OneOf(options), SettingValue::Text(text)) if options.contains(text) => Ok(()),
        (SettingKind::OneOf(options), _) => {
            wrong(&format!("one of {}", Shown::new(&options.join(", "))))
        }
        (SettingKind::Secret, _) => Err(Error::config(
            "tenant.secret_in_file",
            format!("the setting \"{name}\" is a secret and may not stand in the tenant file"),
        )
        .hint(format!(
            "put it into [secrets]: {name} = {{ file = \"…\" }}"
        ))),
    }
}
