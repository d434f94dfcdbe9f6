//! JSON from outside (RFC 8259), and pointers into it (RFC 6901).

use serde_json::Value as Json;
use vestibule_broker::json::{Document, JsonProblem, Value};
use vestibule_core::limits::JSON_DEPTH;

/// What is accepted is what a lenient parser reads as well, and every member can be pointed to. What is refused for its grammar, no
/// parser takes.
pub fn run(bytes: &[u8]) -> bool {
    let lenient = serde_json::from_slice::<Json>(bytes);
    match (Document::parse(bytes), lenient) {
        (Ok(document), lenient) => {
            let lenient = lenient.expect("what is accepted is JSON");
            assert!(same(document.root(), &lenient));
            assert!(depth(&lenient) <= JSON_DEPTH);
            for (name, value) in document.root().as_object().expect("the top is an object") {
                let pointer = format!("/{}", name.replace('~', "~0").replace('/', "~1"));
                let found = document.get(&pointer);
                assert_eq!(found.is_none(), *value == Value::Null, "{pointer}");
                assert!(found.is_none_or(|found| found == value), "{pointer}");
            }
            return true;
        }
        (Err(JsonProblem::Syntax { .. }), lenient) => assert!(lenient.is_err()),
        (Err(JsonProblem::NotAnObject), Ok(lenient)) => assert!(!lenient.is_object()),
        (Err(_), _) => {}
    }
    false
}

fn same(ours: &Value, lenient: &Json) -> bool {
    match (ours, lenient) {
        (Value::Null, Json::Null) => true,
        (Value::Bool(ours), Json::Bool(other)) => ours == other,
        (Value::Integer(ours), Json::Number(other)) => other.as_i64() == Some(*ours),
        (Value::Float(ours), Json::Number(other)) => {
            ours.is_finite() && other.as_f64().is_some_and(|other| other == *ours)
        }
        (Value::Text(ours), Json::String(other)) => ours.as_str() == other,
        (Value::List(ours), Json::Array(others)) => {
            ours.len() == others.len()
                && ours
                    .iter()
                    .zip(others)
                    .all(|(ours, other)| same(ours, other))
        }
        (Value::Object(ours), Json::Object(others)) => {
            ours.len() == others.len()
                && ours
                    .iter()
                    .all(|(name, ours)| others.get(name).is_some_and(|other| same(ours, other)))
        }
        _ => false,
    }
}

fn depth(value: &Json) -> usize {
    match value {
        Json::Array(items) => 1 + items.iter().map(depth).max().unwrap_or(0),
        Json::Object(members) => 1 + members.values().map(depth).max().unwrap_or(0),
        Json::Null | Json::Bool(_) | Json::Number(_) | Json::String(_) => 0,
    }
}
