//! As much of JSON Schema (draft 2020-12) as the schemas of this repository use. A keyword that is not known fails: nothing passes
//! because it was not looked at.

use serde_json::{Map, Value};

/// What is wrong with a value; nothing if it is what the schema says.
#[must_use]
pub fn problems(schema: &Value, value: &Value) -> Vec<String> {
    let mut found = Vec::new();
    Checker { root: schema }.check(schema, value, "", &mut found);
    found
}

struct Checker<'a> {
    root: &'a Value,
}

impl Checker<'_> {
    fn check(&self, schema: &Value, value: &Value, at: &str, found: &mut Vec<String>) {
        let Some(keywords) = schema.as_object() else {
            panic!("{at}: a schema is an object");
        };
        let mut say = |what: String| found.push(format!("{at}: {what}"));
        for (keyword, wanted) in keywords {
            match keyword.as_str() {
                "type" if !is_type(wanted, value) => say(format!("{value} is no {wanted}")),
                "const" if value != wanted => say(format!("{value} is not {wanted}")),
                "enum" if !wanted.as_array().unwrap().contains(value) => {
                    say(format!("{value} is none of {wanted}"));
                }
                "minimum" if value.as_u64() < wanted.as_u64() => {
                    say(format!("{value} is too small"))
                }
                "minLength" if length(value) < wanted.as_u64() => {
                    say(format!("{value} is too short"))
                }
                "maxLength" if length(value) > wanted.as_u64() => {
                    say(format!("{value} is too long"))
                }
                "required" => {
                    for name in wanted.as_array().unwrap() {
                        if value.get(name.as_str().unwrap()).is_none() {
                            say(format!("{name} is missing"));
                        }
                    }
                }
                "not" if problems_of(self, wanted, value).is_empty() => {
                    say(format!("{value} is {wanted}"));
                }
                _ => {}
            }
        }
        self.check_below(keywords, value, at, found);
    }

    /// The keywords that have schemas of their own.
    fn check_below(
        &self,
        keywords: &Map<String, Value>,
        value: &Value,
        at: &str,
        found: &mut Vec<String>,
    ) {
        let properties = keywords.get("properties").and_then(Value::as_object);
        for (keyword, below) in keywords {
            match keyword.as_str() {
                "$ref" => {
                    let pointer = below.as_str().unwrap().strip_prefix('#').unwrap();
                    self.check(self.root.pointer(pointer).unwrap(), value, at, found);
                }
                "properties" => {
                    for (name, schema) in below.as_object().unwrap() {
                        if let Some(member) = value.get(name) {
                            self.check(schema, member, &format!("{at}/{name}"), found);
                        }
                    }
                }
                "additionalProperties" => {
                    let members = value.as_object().into_iter().flatten();
                    let known =
                        |name: &String| properties.is_some_and(|all| all.contains_key(name));
                    for (name, member) in members.filter(|(name, _)| !known(name)) {
                        match below.as_bool() {
                            Some(true) => {}
                            Some(false) => found.push(format!("{at}: {name} is not known")),
                            None => self.check(below, member, &format!("{at}/{name}"), found),
                        }
                    }
                }
                "items" => {
                    for (index, item) in value.as_array().into_iter().flatten().enumerate() {
                        self.check(below, item, &format!("{at}/{index}"), found);
                    }
                }
                "allOf" => {
                    for schema in below.as_array().unwrap() {
                        self.check(schema, value, at, found);
                    }
                }
                "anyOf" => {
                    let mut of_any = below.as_array().unwrap().iter();
                    if !of_any.any(|schema| problems_of(self, schema, value).is_empty()) {
                        found.push(format!("{at}: {value} is none of {below}"));
                    }
                }
                "if" => {
                    if problems_of(self, below, value).is_empty() {
                        self.check(&keywords["then"], value, at, found);
                    }
                }
                "then" | "type" | "const" | "enum" | "minimum" | "minLength" | "maxLength"
                | "required" | "not" | "$schema" | "title" | "description" | "$defs" => {}
                unknown => panic!("{at}: the keyword {unknown} is not known here"),
            }
        }
    }
}

fn problems_of(checker: &Checker<'_>, schema: &Value, value: &Value) -> Vec<String> {
    let mut found = Vec::new();
    checker.check(schema, value, "", &mut found);
    found
}

fn is_type(wanted: &Value, value: &Value) -> bool {
    match wanted.as_str().unwrap() {
        "object" => value.is_object(),
        "array" => value.is_array(),
        "string" => value.is_string(),
        "integer" => value.is_i64() || value.is_u64(),
        "boolean" => value.is_boolean(),
        unknown => panic!("the type {unknown} is not known here"),
    }
}

fn length(value: &Value) -> Option<u64> {
    // What is no string has no length, and its type says so.
    value.as_str().map(|text| text.chars().count() as u64)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::problems;

    #[test]
    fn what_a_schema_asks_for_is_found_missing_and_what_it_does_not_know_is_found() {
        let schema = json!({
            "type": "object",
            "additionalProperties": false,
            "properties": {
                "kind": { "enum": ["a", "b"] },
                "count": { "$ref": "#/$defs/count" },
                "names": { "type": "array", "items": { "type": "string", "minLength": 1, "maxLength": 3 } },
            },
            "anyOf": [{ "required": ["kind"] }, { "required": ["sort"] }],
            "allOf": [{
                "if": { "properties": { "kind": { "const": "b" } } },
                "then": { "required": ["count"] },
            }],
            "$defs": { "count": { "type": "integer", "minimum": 1 } },
        });
        for good in [
            json!({ "kind": "a" }),
            json!({ "kind": "b", "count": 1, "names": ["x", "abc"] }),
        ] {
            assert_eq!(problems(&schema, &good), [""; 0], "{good}");
        }
        for bad in [
            json!([]),
            json!({}),
            json!({ "kind": "c" }),
            json!({ "kind": "b" }),
            json!({ "kind": "a", "more": 1 }),
            json!({ "kind": "a", "count": 0 }),
            json!({ "kind": "a", "count": "1" }),
            json!({ "kind": "a", "names": [""] }),
            json!({ "kind": "a", "names": ["abcd"] }),
            json!({ "kind": "a", "names": [7] }),
        ] {
            assert_ne!(problems(&schema, &bad), [""; 0], "{bad}");
        }
    }
}
