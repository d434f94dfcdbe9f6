//! What came of a step, with every secret already a reference. Mirrors `wit/types.wit`.

use crate::name::{Pointer, RoleName, Scope};
use crate::secret::Reference;
use crate::start::NamedReference;

/// A reply. Only the broker makes one, and only from members that were declared readable.
#[derive(Clone, Debug)]
pub enum Reply {
    /// Of `discover`: the roles that the metadata has endpoints for.
    Discovered(Vec<RoleName>),
    /// Of `authorize`: the code.
    Authorized(Reference),
    /// Of a token request and of `device`.
    Tokens(Tokens),
    /// Of any other request.
    Response(Response),
    /// Of `subject-token`.
    SubjectToken(Reference),
    /// Of `choose`: the id of the option.
    Chosen(String),
    /// The provider did not do it.
    Failed(Problem),
}

impl Reply {
    /// Every text in the reply: what the second barrier searches, and what a tap records. A new kind of text that is left out
    /// here would pass unseen, so the match is exhaustive down to the scalars.
    pub fn for_each_text(&self, visit: &mut dyn FnMut(&str)) {
        match self {
            Self::Discovered(roles) => roles.iter().for_each(|role| visit(role.as_str())),
            Self::Authorized(_) | Self::SubjectToken(_) => {}
            Self::Tokens(Tokens {
                access_token: _,
                refresh_token: _,
                id_token: _,
                expires_in: _,
                scopes,
                members,
                secrets,
            }) => {
                scopes.iter().for_each(|scope| visit(scope.as_str()));
                members
                    .iter()
                    .for_each(|member| member.for_each_text(visit));
                secrets
                    .iter()
                    .for_each(|secret| visit(secret.name.as_str()));
            }
            Self::Response(Response { members, secrets }) => {
                members
                    .iter()
                    .for_each(|member| member.for_each_text(visit));
                secrets
                    .iter()
                    .for_each(|secret| visit(secret.name.as_str()));
            }
            Self::Chosen(id) => visit(id),
            Self::Failed(Problem { kind: _, code }) => {
                if let Some(code) = code {
                    visit(code);
                }
            }
        }
    }

    /// Every whole number in the reply, for the same purpose.
    pub fn for_each_integer(&self, visit: &mut dyn FnMut(i64)) {
        let members = match self {
            Self::Tokens(tokens) => {
                visit(i64::from(tokens.expires_in));
                &tokens.members
            }
            Self::Response(response) => &response.members,
            Self::Discovered(_)
            | Self::Authorized(_)
            | Self::SubjectToken(_)
            | Self::Chosen(_)
            | Self::Failed(_) => return,
        };
        for scalar in members.iter().flat_map(Member::scalars) {
            match scalar {
                Scalar::Integer(value) => visit(*value),
                Scalar::Boolean(_) | Scalar::Text(_) => {}
            }
        }
    }
}

/// Tokens (RFC 6749 section 5.1).
#[derive(Clone, Debug)]
pub struct Tokens {
    /// `access_token`
    pub access_token: Reference,
    /// `refresh_token`
    pub refresh_token: Option<Reference>,
    /// `id_token`, validated.
    pub id_token: Option<Reference>,
    /// In seconds, as the host took it.
    pub expires_in: u32,
    /// What was granted.
    pub scopes: Vec<Scope>,
    /// Readable members.
    pub members: Vec<Member>,
    /// Declared secrets.
    pub secrets: Vec<NamedReference>,
}

/// A successful reply of an endpoint.
#[derive(Clone, Debug)]
pub struct Response {
    /// Readable members.
    pub members: Vec<Member>,
    /// Declared secrets.
    pub secrets: Vec<NamedReference>,
}

/// A readable member that was there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Member {
    /// As declared.
    pub role: RoleName,
    /// As declared.
    pub pointer: Pointer,
    /// Its value.
    pub value: MemberValue,
}

impl Member {
    fn scalars(&self) -> impl Iterator<Item = &Scalar> {
        let (one, rows) = match &self.value {
            MemberValue::One(scalar) => (Some(scalar), None),
            MemberValue::Rows(rows) => (None, Some(rows)),
        };
        one.into_iter()
            .chain(rows.into_iter().flatten().flatten().flatten())
    }

    fn for_each_text(&self, visit: &mut dyn FnMut(&str)) {
        visit(self.role.as_str());
        visit(self.pointer.as_str());
        for scalar in self.scalars() {
            match scalar {
                Scalar::Text(text) => visit(text),
                Scalar::Boolean(_) | Scalar::Integer(_) => {}
            }
        }
    }
}

/// The value of a readable member.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum MemberValue {
    /// One value.
    One(Scalar),
    /// One list for each object, with a place for each declared column.
    Rows(Vec<Vec<Option<Scalar>>>),
}

/// One value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Scalar {
    /// `true` or `false`.
    Boolean(bool),
    /// A whole number.
    Integer(i64),
    /// Text that passed its pattern.
    Text(String),
}

/// Why a request did not succeed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// What it means.
    pub kind: ProblemKind,
    /// The provider's error code, if the standards know it.
    pub code: Option<String>,
}

/// What a failure means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProblemKind {
    /// The person or the provider said no.
    Denied,
    /// It took too long.
    Expired,
    /// The grant is no longer good.
    InvalidGrant,
    /// The provider refused the request for another reason.
    Refused,
    /// The provider could not be reached, or has trouble of its own.
    Unavailable,
}
