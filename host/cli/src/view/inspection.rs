//! What was found in a component.

use serde::Serialize;
use vestibule_app::inspect::{Basis, Inspection};
use vestibule_core::Shown;
use vestibule_core::approval::Permissions;
use vestibule_core::matrix::Times;
use vestibule_core::setting::{SettingField, SettingKind, SettingPresence, SettingValue};
use vestibule_core::tenant::Workload;

use crate::view::table::aligned;
use crate::view::{permissions, workload, wrap};

/// An inspection for programs.
#[derive(Serialize)]
pub struct Report<'a> {
    name: &'a str,
    version: String,
    summary: String,
    digest: &'a str,
    size: usize,
    /// Always empty: a component that imports anything is refused.
    imports: [&'a str; 0],
    settings: &'a [SettingField],
    tenant: Option<&'a str>,
    permissions: &'a Permissions,
    workload: &'a Workload,
    matrix: Vec<Row>,
}

/// One place where one secret may go.
#[derive(Serialize)]
struct Row {
    secret: String,
    kind: &'static str,
    role: String,
    method: &'static str,
    placement: String,
    times: &'static str,
}

/// An inspection for programs.
#[must_use]
pub fn report(inspection: &Inspection) -> Report<'_> {
    let description = &inspection.description;
    Report {
        name: description.name.as_str(),
        version: Shown::new(&description.version).to_string(),
        summary: Shown::new(&description.summary).to_string(),
        digest: &inspection.digest,
        size: inspection.size,
        imports: [],
        settings: &description.settings,
        tenant: match &inspection.basis {
            Basis::Approved(name) => Some(name.as_str()),
            Basis::Example(_) => None,
        },
        permissions: &inspection.permissions,
        workload: &inspection.workload,
        matrix: matrix(inspection),
    }
}

/// An inspection for people.
#[must_use]
pub fn lines(inspection: &Inspection) -> Vec<String> {
    let description = &inspection.description;
    let mut lines = vec![
        format!(
            "plugin    {} {}",
            description.name,
            Shown::new(&description.version)
        ),
        format!("          \"{}\"", Shown::new(&description.summary)),
        format!("digest    {}", inspection.digest),
        format!("size      {} bytes", inspection.size),
        "imports   none".to_owned(),
        String::new(),
        "Settings:".to_owned(),
    ];
    lines.extend(description.settings.iter().flat_map(setting));
    lines.push(String::new());
    let basis = match &inspection.basis {
        Basis::Approved(name) => format!("What it may do for tenant {name}, as approved:"),
        Basis::Example(_) => {
            "What it could do, on example settings and a provider that has every standard endpoint:"
                .to_owned()
        }
    };
    lines.extend(wrap(&basis, 0));
    lines.push(String::new());
    lines.extend(permissions::of(&inspection.permissions));
    lines.extend(workload::lines(
        &inspection.workload,
        &inspection.permissions,
    ));
    lines.push(String::new());
    lines.push("Where each secret may go; a secret in any other place ends the flow:".to_owned());
    let mut rows = vec![
        ["SECRET", "ENDPOINT", "METHOD", "PLACE", "TIMES"]
            .map(str::to_owned)
            .to_vec(),
    ];
    rows.extend(matrix(inspection).into_iter().map(|row| {
        vec![
            row.secret,
            row.role,
            row.method.to_owned(),
            row.placement,
            row.times.to_owned(),
        ]
    }));
    lines.extend(aligned(&rows, 2));
    lines
}

fn matrix(inspection: &Inspection) -> Vec<Row> {
    let row = |(name, kind, cell): (
        &str,
        vestibule_core::SecretKind,
        &vestibule_core::matrix::Cell,
    )| Row {
        secret: name.to_owned(),
        kind: kind.as_str(),
        role: cell.role.clone(),
        method: cell.method.as_str(),
        placement: Shown::new(&cell.placement.to_string()).to_string(),
        times: match cell.times {
            Times::Once => "once",
            Times::Many => "many",
        },
    };
    inspection.matrix.rows().map(row).collect()
}

fn setting(field: &SettingField) -> Vec<String> {
    let kind = match &field.kind {
        SettingKind::Text => "text".to_owned(),
        SettingKind::Url => "URL".to_owned(),
        SettingKind::Issuer => "issuer".to_owned(),
        SettingKind::Integer => "whole number".to_owned(),
        SettingKind::Boolean => "true or false".to_owned(),
        SettingKind::Texts => "list of texts".to_owned(),
        SettingKind::OneOf(values) => format!("one of {}", Shown::new(&values.join(", "))),
        SettingKind::Secret => "secret, never given to the plugin".to_owned(),
        SettingKind::PublicClientSecret => "client secret of a public program".to_owned(),
    };
    let presence = match &field.presence {
        SettingPresence::Required => "required".to_owned(),
        SettingPresence::Optional => "optional".to_owned(),
        SettingPresence::DefaultsTo(value) => format!("default {}", default(value)),
    };
    let mut lines = vec![format!("  {}  {kind}; {presence}", field.name)];
    lines.extend(wrap(&format!("\"{}\"", Shown::new(&field.summary)), 6));
    lines
}

fn default(value: &SettingValue) -> String {
    match value {
        SettingValue::Boolean(value) => value.to_string(),
        SettingValue::Integer(value) => value.to_string(),
        SettingValue::Text(text) => Shown::new(text).to_string(),
        SettingValue::Texts(texts) => Shown::new(&texts.join(", ")).to_string(),
    }
}
