//! How a person must have authenticated (OIDC Core section 3.1.2.1, RFC 9470), and what a validated ID token says of them.

use std::collections::BTreeMap;

/// How a person must authenticate: what is asked of the provider, and what its ID token must confirm.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Demand {
    /// `acr_values`: one of these, the preferred one first. Empty: any.
    pub acr_values: Vec<String>,
    /// `max_age`: the longest time since the person has authenticated, in seconds. Absent: any.
    pub max_age: Option<u64>,
    /// `claims` (OIDC Core section 5.5), as a resource's challenge had them. What they ask for is between the resource and the provider.
    pub claims: Option<String>,
}

impl Demand {
    /// Whether anything is demanded.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// In words, for the person who is asked: one line for each.
    #[must_use]
    pub fn lines(&self) -> Vec<String> {
        let mut lines = Vec::new();
        if !self.acr_values.is_empty() {
            let values = self.acr_values.join(" or ");
            lines.push(format!("acr      {}", crate::text::Shown::new(&values)));
        }
        if let Some(seconds) = self.max_age {
            lines.push(format!(
                "age      authenticated within the last {seconds} seconds"
            ));
        }
        if self.claims.is_some() {
            lines
                .push("claims   further ones, which the resource asks the provider for".to_owned());
        }
        lines
    }
}

/// The claims of a validated ID token, as far as a tenant's policy can judge them: texts, numbers, yes or no, and lists of texts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Claims(BTreeMap<String, Claim>);

/// The value of a claim.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Claim {
    /// Yes or no.
    Boolean(bool),
    /// A whole number.
    Integer(i64),
    /// A text.
    Text(String),
    /// A list of texts.
    Texts(Vec<String>),
}

impl Claims {
    /// The claim of this name.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Claim> {
        self.0.get(name)
    }

    /// The claim of this name, if it is a text.
    #[must_use]
    pub fn text(&self, name: &str) -> Option<&str> {
        match self.0.get(name) {
            Some(Claim::Text(text)) => Some(text),
            Some(Claim::Boolean(_) | Claim::Integer(_) | Claim::Texts(_)) | None => None,
        }
    }
}

impl FromIterator<(String, Claim)> for Claims {
    fn from_iter<I: IntoIterator<Item = (String, Claim)>>(claims: I) -> Self {
        Self(claims.into_iter().collect())
    }
}
