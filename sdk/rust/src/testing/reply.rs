//! Successful replies, which keep to what the description declares.

use super::transcript::Names;
use crate::wit::{self, Member, MemberValue, NamedReference, Profile, Scalar};

/// A successful reply.
#[derive(Default)]
pub struct Reply {
    tokens: Vec<&'static str>,
    members: Vec<(String, MemberValue)>,
    secrets: Vec<String>,
}

/// A row of a list: the columns in the order of their declaration, absent where the text is empty.
#[must_use]
pub fn row<const N: usize>(columns: [&str; N]) -> Vec<Option<Scalar>> {
    let cell = |text: &str| (!text.is_empty()).then(|| Scalar::Text(text.to_owned()));
    columns.map(cell).into()
}

impl Reply {
    /// A reply with nothing in it that a plugin may see.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// A token response with an access token and these further tokens: `refresh_token`, `id_token`.
    #[must_use]
    pub fn with_tokens<const N: usize>(further: [&'static str; N]) -> Self {
        Self {
            tokens: further.into(),
            ..Self::default()
        }
    }

    /// It has this text at a pointer.
    #[must_use]
    pub fn text(mut self, pointer: &str, value: &str) -> Self {
        self.members.push((
            pointer.to_owned(),
            MemberValue::One(Scalar::Text(value.to_owned())),
        ));
        self
    }

    /// It has this whole number at a pointer.
    #[must_use]
    pub fn integer(mut self, pointer: &str, value: i64) -> Self {
        self.members
            .push((pointer.to_owned(), MemberValue::One(Scalar::Integer(value))));
        self
    }

    /// It has a list at a pointer.
    #[must_use]
    pub fn rows(
        mut self,
        pointer: &str,
        rows: impl IntoIterator<Item = Vec<Option<Scalar>>>,
    ) -> Self {
        self.members.push((
            pointer.to_owned(),
            MemberValue::Rows(rows.into_iter().collect()),
        ));
        self
    }

    /// It brings this declared secret.
    #[must_use]
    pub fn secret(mut self, name: &str) -> Self {
        self.secrets.push(name.to_owned());
        self
    }
}

impl Reply {
    pub(super) fn tokens(self, role: &str, profile: &Profile, names: &mut Names) -> wit::Reply {
        let mut further = |name: &str| self.tokens.contains(&name).then(|| names.mint(name));
        let (refresh_token, id_token) = (further("refresh_token"), further("id_token"));
        wit::Reply::Tokens(wit::Tokens {
            access_token: names.mint("access_token"),
            refresh_token,
            id_token,
            expires_in: 3600,
            scopes: profile.scopes.clone(),
            members: self.declared_members(role, profile),
            secrets: self.declared_secrets(role, profile, names),
        })
    }

    pub(super) fn declared_members(&self, role: &str, profile: &Profile) -> Vec<Member> {
        let member = |(pointer, value): &(String, MemberValue)| {
            let mut declared = profile.readable.iter();
            let declared =
                declared.any(|readable| readable.role == role && readable.pointer == *pointer);
            assert!(declared, "`{pointer}` of `{role}` is not declared readable");
            Member {
                role: role.to_owned(),
                pointer: pointer.clone(),
                value: value.clone(),
            }
        };
        self.members.iter().map(member).collect()
    }

    pub(super) fn declared_secrets(
        &self,
        role: &str,
        profile: &Profile,
        names: &mut Names,
    ) -> Vec<NamedReference> {
        let mut secret = |name: &String| {
            let mut declared = profile.secrets.iter();
            let declared = declared.any(|secret| secret.born_role == role && secret.name == *name);
            assert!(declared, "no declaration has `{name}` born at `{role}`");
            NamedReference {
                name: name.clone(),
                reference: names.mint(name),
            }
        };
        self.secrets.iter().map(&mut secret).collect()
    }
}
