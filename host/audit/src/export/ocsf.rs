//! OCSF 1.8.0 events (Open Cybersecurity Schema Framework): Authentication (3002) for whatever is about a grant, Entity Management (3004)
//! for what changes what is allowed, Detection Finding (2004) for alerts, Event Log Activity (1008) for the log itself.
//!
//! Kerberos has activities of its own in class 3002; what OAuth does beside signing in and out has none, and is `Other` with a name.

use serde_json::{Map, Value, json};

use super::{Exported, PRODUCT, VERSION};
use crate::entry::{By, Change, Entry, Event, Note, Outcome, Principal};
use crate::line::Record;

/// The version of the schema.
pub const SCHEMA_VERSION: &str = "1.8.0";

/// `activity_id` of what a class has no number for.
const OTHER: (u16, &str) = (99, "Other");

/// A class, and the category that it is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Class {
    uid: u16,
    name: &'static str,
    category: (u16, &'static str),
}

const AUTHENTICATION: Class = Class {
    uid: 3002,
    name: "Authentication",
    category: (3, "Identity & Access Management"),
};
const ENTITY_MANAGEMENT: Class = Class {
    uid: 3004,
    name: "Entity Management",
    category: (3, "Identity & Access Management"),
};
const DETECTION_FINDING: Class = Class {
    uid: 2004,
    name: "Detection Finding",
    category: (2, "Findings"),
};
const EVENT_LOG: Class = Class {
    uid: 1008,
    name: "Event Log Activity",
    category: (1, "System Activity"),
};

/// The event of a record, as one line of JSON in printable ASCII.
#[must_use]
pub fn event(one: &Exported) -> String {
    super::line(&Value::Object(members(one)))
}

fn members(one: &Exported) -> Map<String, Value> {
    let Exported { line, record } = one;
    let entry = &record.entry;
    let (class, (activity, activity_name)) = classified(entry);
    let (category, category_name) = class.category;
    let (severity, severity_name) = severity(entry);
    let mut event = Map::new();
    let mut put = |name: &str, value: Value| drop(event.insert(name.to_owned(), value));
    put("activity_id", activity.into());
    put("activity_name", activity_name.into());
    put("category_uid", category.into());
    put("category_name", category_name.into());
    put("class_uid", class.uid.into());
    put("class_name", class.name.into());
    put(
        "type_uid",
        (u64::from(class.uid) * 100 + u64::from(activity)).into(),
    );
    put(
        "type_name",
        format!("{}: {activity_name}", class.name).into(),
    );
    put("severity_id", severity.into());
    put("severity", severity_name.into());
    put("time", milliseconds(record.time));
    put("message", message(entry).into());
    put("metadata", metadata(record));
    put("raw_data", line.as_str().into());
    if let Some(reason) = &entry.reason {
        put("status_code", reason.code.as_str().into());
    }
    // The status of a finding is whether somebody has looked at it.
    let (status, status_name) = match (class == DETECTION_FINDING, entry.outcome) {
        (true, _) => (1, "New"),
        (false, Outcome::Done) => (1, "Success"),
        (false, Outcome::Unconfirmed) => (99, "Unconfirmed"),
        (false, Outcome::Refused | Outcome::Failed) => (2, "Failure"),
    };
    put("status_id", status.into());
    put("status", status_name.into());
    match class {
        AUTHENTICATION => authentication(entry, &mut put),
        ENTITY_MANAGEMENT => {
            put("entity", entity(entry));
            put("actor", actor(entry));
        }
        DETECTION_FINDING => finding(record, &mut put),
        _ => {
            put("log_name", "audit".into());
            put("log_provider", PRODUCT.into());
        }
    }
    put("unmapped", unmapped(entry));
    event
}

/// The class of an entry, and what it is called there.
fn classified(entry: &Entry) -> (Class, (u16, &'static str)) {
    let other = |name| (OTHER.0, name);
    match entry.event {
        Event::Issuance => (AUTHENTICATION, (1, "Logon")),
        Event::Revocation => (AUTHENTICATION, (2, "Logoff")),
        Event::Refresh => (AUTHENTICATION, other("Token Refresh")),
        Event::Derive => (AUTHENTICATION, other("Credential Derivation")),
        Event::Exchange => (AUTHENTICATION, other("Token Exchange")),
        Event::Release => (AUTHENTICATION, other("Credential Release")),
        Event::Consent | Event::Refusal => of_what_was_done(entry),
        Event::Policy | Event::Plugin => (ENTITY_MANAGEMENT, changed(entry.change.as_ref())),
        Event::Alert => (DETECTION_FINDING, (1, "Create")),
        Event::Log => (
            EVENT_LOG,
            match &entry.log {
                Some(Note::Began) => (6, "Start"),
                Some(Note::Pruned { .. }) => (2, "Delete"),
                Some(Note::Repaired { .. }) => other("Repair"),
                Some(Note::Lost { .. }) => other("Loss"),
                Some(Note::KeyChanged { .. }) => other("Key Change"),
                None => OTHER,
            },
        ),
    }
}

/// A refusal is what it keeps from happening, and a question what it is about.
fn of_what_was_done(entry: &Entry) -> (Class, (u16, &'static str)) {
    let during = entry.during.as_deref();
    match (entry.event, during) {
        (_, Some("installation")) => (ENTITY_MANAGEMENT, (1, "Create")),
        (_, Some("approval")) => (ENTITY_MANAGEMENT, (8, "Enable")),
        (Event::Consent, _) => (AUTHENTICATION, (OTHER.0, "Consent")),
        (_, Some("sign-in")) => (AUTHENTICATION, (1, "Logon")),
        (_, Some("sign-out")) => (AUTHENTICATION, (2, "Logoff")),
        (_, Some("refresh")) => (AUTHENTICATION, (OTHER.0, "Token Refresh")),
        (_, Some("derive")) => (AUTHENTICATION, (OTHER.0, "Credential Derivation")),
        (_, Some("exchange")) => (AUTHENTICATION, (OTHER.0, "Token Exchange")),
        (_, Some("release")) => (AUTHENTICATION, (OTHER.0, "Credential Release")),
        (_, _) => (AUTHENTICATION, OTHER),
    }
}

fn changed(change: Option<&Change>) -> (u16, &'static str) {
    match change.map(|change| (change.what.as_str(), &change.before)) {
        Some(("added", _) | ("installed", None)) => (1, "Create"),
        Some(("approved", _)) => (8, "Enable"),
        Some(("removed", _)) => (4, "Delete"),
        Some((_, _)) => (3, "Update"),
        None => OTHER,
    }
}

fn severity(entry: &Entry) -> (u8, &'static str) {
    match (entry.event, entry.outcome) {
        (Event::Alert, Outcome::Refused | Outcome::Failed) => (4, "High"),
        (Event::Alert, _) => (3, "Medium"),
        (_, Outcome::Refused | Outcome::Failed | Outcome::Unconfirmed) => (2, "Low"),
        (_, Outcome::Done) => (1, "Informational"),
    }
}

fn message(entry: &Entry) -> String {
    let mut words = vec![entry.event.as_str(), entry.outcome.as_str()];
    words.extend(entry.during.as_deref());
    words.extend(entry.change.as_ref().map(|change| change.what.as_str()));
    if let Some(tenant) = &entry.tenant {
        words.extend(["tenant", tenant]);
    }
    words.extend(entry.reason.as_ref().map(|reason| reason.code.as_str()));
    words.join(" ")
}

fn metadata(record: &Record) -> Value {
    json!({
        "version": SCHEMA_VERSION,
        "product": { "name": PRODUCT, "vendor_name": PRODUCT, "version": VERSION },
        "log_name": "audit",
        "log_provider": PRODUCT,
        "event_code": record.entry.event.as_str(),
        "uid": record.code,
        "sequence": record.seq,
    })
}

fn authentication(entry: &Entry, put: &mut impl FnMut(&str, Value)) {
    put("user", user(entry));
    put("actor", actor(entry));
    let service = entry.issuer.as_ref().or(entry.tenant.as_ref());
    put(
        "service",
        json!({ "name": service.map_or("unknown", String::as_str) }),
    );
    // What is known of whoever has not identified anybody is less.
    let (protocol, name) = match &entry.subject {
        Some(_) if entry.audience.is_some() => (4, "OpenID"),
        _ => (6, "OAUTH 2.0"),
    };
    put("auth_protocol_id", protocol.into());
    put("auth_protocol", name.into());
    put("is_remote", true.into());
    if entry.event == Event::Issuance {
        put("is_new_logon", true.into());
    }
    if let Some(device) = &entry.device {
        put("src_endpoint", json!({ "uid": device }));
    }
    if let Some(session) = &entry.session {
        let mut value = json!({ "uid": session });
        if let (Some(issuer), Some(session)) = (&entry.issuer, value.as_object_mut()) {
            session.insert("issuer".to_owned(), issuer.as_str().into());
        }
        put("session", value);
    }
}

fn user(entry: &Entry) -> Value {
    let (kind, kind_name) = match entry.principal {
        Some(Principal::Person) => (1, "User"),
        Some(Principal::Workload) => (4, "Service"),
        None => (0, "Unknown"),
    };
    match &entry.subject {
        Some(subject) => json!({ "uid": subject, "type_id": kind, "type": kind_name }),
        None => json!({ "name": "unknown", "type_id": kind, "type": kind_name }),
    }
}

/// Who acted: a plugin is named with its digest, so that it is not taken for the person whom it acts for.
fn actor(entry: &Entry) -> Value {
    match entry.by {
        Some(By::Plugin) => json!({
            "app_name": entry.plugin.as_deref().unwrap_or("unknown"),
            "app_uid": entry.plugin_digest.as_deref().unwrap_or("unknown"),
        }),
        Some(By::Person | By::Operator) => {
            json!({ "app_name": PRODUCT, "user": { "name": "unknown", "type_id": 1, "type": "User" } })
        }
        Some(By::Host) | None => json!({ "app_name": PRODUCT }),
    }
}

fn entity(entry: &Entry) -> Value {
    match (&entry.tenant, &entry.plugin) {
        (Some(tenant), _) => {
            json!({ "name": tenant, "type_id": OTHER.0, "type": "tenant" })
        }
        (None, plugin) => json!({
            "name": plugin.as_deref().unwrap_or("unknown"),
            "uid": entry.plugin_digest.as_deref().unwrap_or("unknown"),
            "type_id": OTHER.0,
            "type": "plugin",
        }),
    }
}

fn finding(record: &Record, put: &mut impl FnMut(&str, Value)) {
    let alert = record.entry.alert.as_ref();
    let (rule, seen, usual) = alert.map_or(("unknown", "", ""), |alert| {
        (&alert.rule, &alert.seen, &alert.usual)
    });
    put("is_alert", true.into());
    put(
        "finding_info",
        json!({
            "uid": record.code,
            "title": rule,
            "desc": format!("{seen} (usual: {usual})"),
            "created_time": milliseconds(record.time),
            "analytic": { "name": rule, "type_id": 1, "type": "Rule" },
        }),
    );
    if let Some(tenant) = &record.entry.tenant {
        put("resources", json!([{ "name": tenant, "type": "tenant" }]));
    }
}

/// What OCSF has no place for, under the names of the log.
fn unmapped(entry: &Entry) -> Value {
    serde_json::to_value(entry).unwrap_or_default()
}

fn milliseconds(seconds: u64) -> Value {
    // The schema has signed numbers.
    let most = u64::try_from(i64::MAX).unwrap_or(u64::MAX);
    seconds.saturating_mul(1000).min(most).into()
}

#[cfg(test)]
mod tests;
