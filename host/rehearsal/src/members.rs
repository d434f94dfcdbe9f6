//! A JSON object as a list of raw members: what a provider may send is more than what a JSON library would write.
//!
//! Duplicate names and numbers such as `1e999` are legal bytes on the wire, and tests need them.

use serde_json::Value;

#[derive(Clone, Debug, Default)]
pub(crate) struct Members(Vec<(String, String)>);

impl Members {
    pub(crate) fn new() -> Self {
        Self::default()
    }

    /// Builder form of [`Self::set`].
    #[must_use]
    pub(crate) fn with(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.set(name, value);
        self
    }

    /// Sets a member, in place if it is there.
    pub(crate) fn set(&mut self, name: &str, value: impl Into<Value>) {
        self.set_raw(name, &value.into().to_string());
    }

    /// Sets a member to bytes that need not be a value any library would write.
    pub(crate) fn set_raw(&mut self, name: &str, raw: &str) {
        match self.0.iter_mut().find(|(key, _)| key == name) {
            Some((_, old)) => raw.clone_into(old),
            None => self.push_raw(name, raw),
        }
    }

    /// Adds a member even if the name is taken.
    pub(crate) fn push_raw(&mut self, name: &str, raw: &str) {
        self.0.push((name.to_owned(), raw.to_owned()));
    }

    pub(crate) fn remove(&mut self, name: &str) {
        self.0.retain(|(key, _)| key != name);
    }

    pub(crate) fn render(&self) -> String {
        let members: Vec<String> = self
            .0
            .iter()
            .map(|(name, raw)| format!("{}:{raw}", Value::from(name.as_str())))
            .collect();
        format!("{{{}}}", members.join(","))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn members_keep_order_duplicates_and_raw_numbers() {
        let mut members = Members::new().with("a", "x").with("b", 1);
        members.set("a", "y");
        members.push_raw("b", "1e999");
        assert_eq!(members.render(), r#"{"a":"y","b":1,"b":1e999}"#);
        members.remove("b");
        assert_eq!(members.render(), r#"{"a":"y"}"#);
    }
}
