//! Granted scopes (RFC 6749 section 5.1): where they are not those that were asked for, the person is told (TOK-05).

use vestibule_core::event::Event;
use vestibule_core::{Scope, Shown};

use crate::vestibule::Vestibule;

impl Vestibule {
    /// Tells what the provider left out of what was asked for, or added to it.
    pub(crate) fn tell_granted(&self, asked: &[Scope], granted: &[Scope]) {
        for text in difference(asked, granted) {
            self.outside.observer.event(&Event::Warning { text: &text });
        }
    }
}

fn difference(asked: &[Scope], granted: &[Scope]) -> impl Iterator<Item = String> {
    let missing = without(asked, granted);
    let more = without(granted, asked);
    let missing = (!missing.is_empty())
        .then(|| format!("the provider did not grant: {}", Shown::new(&missing)));
    let more = (!more.is_empty()).then(|| {
        format!(
            "the provider granted more than was asked for: {}",
            Shown::new(&more)
        )
    });
    missing.into_iter().chain(more)
}

/// Those of the first that are not among the second.
fn without(these: &[Scope], others: &[Scope]) -> String {
    let left: Vec<&str> = these
        .iter()
        .filter(|scope| !others.contains(scope))
        .map(Scope::as_str)
        .collect();
    left.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(asked: &str, granted: &str) -> Vec<String> {
        let scopes = |text: &str| -> Vec<Scope> {
            text.split_whitespace()
                .map(|scope| Scope::parse(scope).unwrap())
                .collect()
        };
        difference(&scopes(asked), &scopes(granted)).collect()
    }

    #[test]
    fn what_is_missing_and_what_came_on_top_is_told_and_order_is_not() {
        assert!(told("openid email", "email openid").is_empty());
        assert_eq!(
            told("openid email", "openid"),
            ["the provider did not grant: email"]
        );
        assert_eq!(
            told("openid", "openid admin"),
            ["the provider granted more than was asked for: admin"]
        );
        assert_eq!(told("openid", "admin").len(), 2);
    }
}
