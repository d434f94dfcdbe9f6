//! OTLP logs (OpenTelemetry protocol 1.x, JSON encoding of `ExportLogsServiceRequest`): whole numbers of 64 bits as strings, names in
//! lowerCamelCase.

use serde_json::{Map, Value, json};

use super::{Exported, PRODUCT, VERSION};
use crate::entry::{Event, Outcome};
use crate::line::Record;

/// The severities that are used (section "Severity" of the data model of logs).
const INFO: (u8, &str) = (9, "INFO");
const WARN: (u8, &str) = (13, "WARN");
const ERROR: (u8, &str) = (17, "ERROR");

/// The body of a request with these records, exported at this time in Unix seconds.
#[must_use]
pub fn request(records: &[Exported], now: u64) -> String {
    let records: Vec<Value> = records.iter().map(|one| log_record(one, now)).collect();
    let body = json!({
        "resourceLogs": [{
            "resource": {
                "attributes": attributes(program()),
            },
            "scopeLogs": [{
                "scope": { "name": "vestibule.audit", "version": VERSION },
                "logRecords": records,
            }],
        }],
    });
    super::line(&body)
}

/// What says which program these are of.
fn program() -> Map<String, Value> {
    let name = PRODUCT.to_ascii_lowercase();
    [
        ("service.name", name.as_str()),
        ("service.version", VERSION),
    ]
    .map(|(key, value)| (key.to_owned(), value.into()))
    .into_iter()
    .collect()
}

fn log_record(one: &Exported, now: u64) -> Value {
    let Exported { line, record } = one;
    let (number, text) = severity(record);
    json!({
        "timeUnixNano": nanoseconds(record.time),
        "observedTimeUnixNano": nanoseconds(now),
        "severityNumber": number,
        "severityText": text,
        "eventName": format!("vestibule.audit.{}", record.entry.event.as_str()),
        "body": { "stringValue": line },
        "attributes": attributes(named(record)),
    })
}

/// How much it matters: what was refused deserves a look, and an alert that ended something more than one.
pub(super) fn severity(record: &Record) -> (u8, &'static str) {
    match (record.entry.event, record.entry.outcome) {
        (Event::Alert, Outcome::Refused | Outcome::Failed) => ERROR,
        (Event::Alert, _) | (_, Outcome::Refused | Outcome::Failed | Outcome::Unconfirmed) => WARN,
        (_, Outcome::Done) => INFO,
    }
}

/// The fields of a record, each under a name of its own.
fn named(record: &Record) -> Map<String, Value> {
    let Ok(Value::Object(fields)) = serde_json::to_value(record) else {
        return Map::new();
    };
    let name = |(name, value)| (format!("vestibule.{name}"), value);
    fields.into_iter().map(name).collect()
}

/// An object as a list of `KeyValue`.
fn attributes(members: Map<String, Value>) -> Value {
    let pair = |(key, value)| json!({ "key": key, "value": any_value(value) });
    Value::Array(members.into_iter().map(pair).collect())
}

fn any_value(value: Value) -> Value {
    match value {
        Value::Null => json!({}),
        Value::Bool(value) => json!({ "boolValue": value }),
        Value::Number(number) => json!({ "intValue": number.to_string() }),
        Value::String(text) => json!({ "stringValue": text }),
        Value::Array(items) => {
            let values: Vec<Value> = items.into_iter().map(any_value).collect();
            json!({ "arrayValue": { "values": values } })
        }
        Value::Object(members) => json!({ "kvlistValue": { "values": attributes(members) } }),
    }
}

fn nanoseconds(seconds: u64) -> String {
    (u128::from(seconds) * 1_000_000_000)
        .min(u128::from(u64::MAX))
        .to_string()
}

/// What a collector has answered (`ExportLogsServiceResponse`).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Answer {
    /// Records that it has not taken. They must not be sent again.
    pub rejected: u64,
    /// What it says about that, or a warning.
    pub message: String,
}

impl Answer {
    /// From the body of a success. None if it is no such answer.
    #[must_use]
    pub fn read(body: &[u8]) -> Option<Self> {
        if body.is_empty() {
            return Some(Self::default());
        }
        let answer: Value = serde_json::from_slice(body).ok()?;
        let partial = match answer.as_object()?.get("partialSuccess") {
            None | Some(Value::Null) => return Some(Self::default()),
            Some(partial) => partial.as_object()?,
        };
        let rejected = match partial.get("rejectedLogRecords") {
            None | Some(Value::Null) => 0,
            Some(Value::String(digits)) => digits.parse().ok()?,
            Some(number) => number.as_u64()?,
        };
        let message = match partial.get("errorMessage") {
            None | Some(Value::Null) => "",
            Some(text) => text.as_str()?,
        };
        Some(Self {
            rejected,
            message: message.to_owned(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::export::testing::every_kind;

    #[test]
    fn a_request_has_each_field_of_a_record_under_a_name_of_its_own() {
        let records = every_kind();
        let body = request(&records, 1_700_000_001);
        assert!(
            body.bytes().all(|byte| matches!(byte, 0x20..=0x7e)),
            "{body}"
        );
        let body: Value = serde_json::from_str(&body).unwrap();
        let sent = &body["resourceLogs"][0]["scopeLogs"][0]["logRecords"];
        assert_eq!(sent.as_array().unwrap().len(), records.len());
        let first = &sent[0];
        assert_eq!(first["timeUnixNano"], "1700000000000000000");
        assert_eq!(first["body"]["stringValue"], records[0].line);
        let of = |name: &str| {
            let attributes = first["attributes"].as_array().unwrap();
            let found = attributes.iter().find(|one| one["key"] == name);
            found.unwrap_or_else(|| panic!("{name}"))["value"].clone()
        };
        assert_eq!(of("vestibule.seq"), json!({ "intValue": "1" }));
        assert_eq!(of("vestibule.tenant"), json!({ "stringValue": "corp" }));
        assert_eq!(
            of("vestibule.scopes_granted"),
            json!({ "arrayValue": { "values": [{ "stringValue": "openid" }] } })
        );
        assert_eq!(
            of("vestibule.token_ids"),
            json!({ "kvlistValue": { "values": [
                { "key": "access_token", "value": { "stringValue": "ab12" } }
            ] } })
        );
    }

    #[test]
    fn what_was_refused_and_alerts_stand_out() {
        let mut record = every_kind().remove(0).record;
        let mut of = |event, outcome| {
            (record.entry.event, record.entry.outcome) = (event, outcome);
            severity(&record)
        };
        assert_eq!(of(Event::Issuance, Outcome::Done), INFO);
        assert_eq!(of(Event::Refusal, Outcome::Refused), WARN);
        assert_eq!(of(Event::Revocation, Outcome::Unconfirmed), WARN);
        assert_eq!(of(Event::Alert, Outcome::Done), WARN);
        assert_eq!(of(Event::Alert, Outcome::Refused), ERROR);
    }

    #[test]
    fn an_answer_says_how_many_were_rejected_in_either_form_of_a_number() {
        let read = |text: &str| Answer::read(text.as_bytes());
        let rejected = |rejected, message: &str| {
            Some(Answer {
                rejected,
                message: message.to_owned(),
            })
        };
        for all in [
            "",
            "{}",
            r#"{"partialSuccess":{}}"#,
            r#"{"partialSuccess":null}"#,
        ] {
            assert_eq!(read(all), rejected(0, ""), "{all}");
        }
        for three in [r#""3""#, "3"] {
            let text = format!(
                r#"{{"partialSuccess":{{"rejectedLogRecords":{three},"errorMessage":"full"}}}}"#
            );
            assert_eq!(read(&text), rejected(3, "full"));
        }
        for nonsense in [
            "<html>",
            "[]",
            "null",
            r#"{"partialSuccess":3}"#,
            r#"{"partialSuccess":{"rejectedLogRecords":"-1"}}"#,
            r#"{"partialSuccess":{"errorMessage":[]}}"#,
        ] {
            assert_eq!(read(nonsense), None, "{nonsense}");
        }
    }
}
