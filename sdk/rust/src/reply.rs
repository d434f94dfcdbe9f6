//! What the host gives back: references in place of secrets, and the members that were declared readable.

use std::rc::Rc;

use crate::error::{Error, Result};
use crate::secret::{AccessToken, DeclaredSecret, IdToken, RefreshToken};
use crate::server::AuthorizationServer;
use crate::wit::{self, Member, MemberValue, NamedReference, Scalar};

/// What the issuer's metadata offers (RFC 8414 section 2).
#[derive(Clone, Debug)]
pub struct Metadata(pub(crate) wit::Metadata);

impl Metadata {
    /// Whether it has an endpoint of this role.
    #[must_use]
    pub fn has(&self, role: &str) -> bool {
        self.0.roles.iter().any(|present| present == role)
    }
}

/// A token response (RFC 6749 section 5.1). If it has an ID token, the host has validated it.
#[derive(Clone, Debug)]
pub struct Tokens {
    /// `access_token`.
    pub access_token: AccessToken,
    /// `refresh_token`.
    pub refresh_token: Option<RefreshToken>,
    /// `id_token`.
    pub id_token: Option<IdToken>,
    /// `expires_in`, in seconds, as the host took it.
    pub expires_in: u32,
    /// `scope`, or what was asked for where the reply has none.
    pub scopes: Vec<String>,
    /// What was declared readable in the reply and in the ID token, and the provider's own secrets.
    pub response: Response,
}

impl Tokens {
    pub(crate) fn new(tokens: wit::Tokens, role: &str, server: &Rc<AuthorizationServer>) -> Self {
        let response = wit::Response {
            members: tokens.members,
            secrets: tokens.secrets,
        };
        Self {
            access_token: AccessToken::new(tokens.access_token),
            refresh_token: tokens.refresh_token.map(RefreshToken::new),
            id_token: tokens.id_token.map(IdToken::new),
            expires_in: tokens.expires_in,
            scopes: tokens.scopes,
            response: Response::new(response, role, server),
        }
    }
}

/// The members and secrets of a successful reply.
#[derive(Clone, Debug)]
pub struct Response {
    role: String,
    members: Vec<Member>,
    secrets: Vec<NamedReference>,
    server: Rc<AuthorizationServer>,
}

impl Response {
    pub(crate) fn new(
        response: wit::Response,
        role: &str,
        server: &Rc<AuthorizationServer>,
    ) -> Self {
        Self {
            role: role.to_owned(),
            members: response.members,
            secrets: response.secrets,
            server: Rc::clone(server),
        }
    }

    /// The text at this pointer, if the reply has it.
    ///
    /// # Errors
    ///
    /// If the description does not declare it.
    pub fn text(&self, pointer: &str) -> Result<Option<&str>> {
        Ok(self.scalar(&self.role, pointer)?.and_then(as_text))
    }

    /// The whole number at this pointer, if the reply has it.
    ///
    /// # Errors
    ///
    /// If the description does not declare it.
    pub fn integer(&self, pointer: &str) -> Result<Option<i64>> {
        Ok(self.scalar(&self.role, pointer)?.and_then(as_integer))
    }

    /// `true` or `false` at this pointer, if the reply has it.
    ///
    /// # Errors
    ///
    /// If the description does not declare it.
    pub fn boolean(&self, pointer: &str) -> Result<Option<bool>> {
        Ok(self.scalar(&self.role, pointer)?.and_then(as_boolean))
    }

    /// The text of a claim of the ID token that came with this reply, if it has it.
    ///
    /// # Errors
    ///
    /// If the description does not declare it for the role `id_token`.
    pub fn claim(&self, pointer: &str) -> Result<Option<&str>> {
        Ok(self.scalar("id_token", pointer)?.and_then(as_text))
    }

    /// The objects of the list at this pointer; none if the reply has no such list.
    ///
    /// # Errors
    ///
    /// If the description does not declare it as a list.
    pub fn rows(&self, pointer: &str) -> Result<Vec<Row>> {
        let columns = self
            .server
            .columns(&self.role, pointer)
            .ok_or_else(|| self.undeclared(&self.role, pointer))?;
        let columns: Rc<[String]> = columns.into();
        let Some(MemberValue::Rows(rows)) = self.member(&self.role, pointer) else {
            return Ok(Vec::new());
        };
        let row = |cells: &Vec<Option<Scalar>>| Row {
            columns: Rc::clone(&columns),
            cells: cells.clone(),
        };
        Ok(rows.iter().map(row).collect())
    }

    /// The declared secret of this name.
    ///
    /// # Errors
    ///
    /// If the reply does not bring it.
    pub fn secret(&self, name: &str) -> Result<DeclaredSecret> {
        let secret = self.secrets.iter().find(|secret| secret.name == name);
        secret
            .cloned()
            .map(DeclaredSecret::new)
            .ok_or_else(|| Error::missing(format_args!("`{name}` in the reply of `{}`", self.role)))
    }

    fn scalar(&self, role: &str, pointer: &str) -> Result<Option<&Scalar>> {
        match (
            self.server.readable(role, pointer),
            self.member(role, pointer),
        ) {
            (None | Some(wit::Shape::Rows(_)), _) => Err(self.undeclared(role, pointer)),
            (Some(wit::Shape::One(_)), Some(MemberValue::One(scalar))) => Ok(Some(scalar)),
            (Some(wit::Shape::One(_)), Some(MemberValue::Rows(_)) | None) => Ok(None),
        }
    }

    fn member(&self, role: &str, pointer: &str) -> Option<&MemberValue> {
        let member = self
            .members
            .iter()
            .find(|member| member.role == role && member.pointer == pointer)?;
        Some(&member.value)
    }

    fn undeclared(&self, role: &str, pointer: &str) -> Error {
        Error::misuse(format!(
            "it reads `{pointer}` of `{role}`, which it does not declare so"
        ))
    }
}

/// One object of a list.
#[derive(Clone, Debug)]
pub struct Row {
    columns: Rc<[String]>,
    cells: Vec<Option<Scalar>>,
}

impl Row {
    /// The text at this pointer within the object, if it has it.
    #[must_use]
    pub fn text(&self, pointer: &str) -> Option<&str> {
        self.cell(pointer).and_then(as_text)
    }

    /// The whole number at this pointer within the object, if it has it.
    #[must_use]
    pub fn integer(&self, pointer: &str) -> Option<i64> {
        self.cell(pointer).and_then(as_integer)
    }

    /// `true` or `false` at this pointer within the object, if it has it.
    #[must_use]
    pub fn boolean(&self, pointer: &str) -> Option<bool> {
        self.cell(pointer).and_then(as_boolean)
    }

    fn cell(&self, pointer: &str) -> Option<&Scalar> {
        let index = self.columns.iter().position(|column| column == pointer)?;
        self.cells.get(index)?.as_ref()
    }
}

fn as_text(scalar: &Scalar) -> Option<&str> {
    match scalar {
        Scalar::Text(text) => Some(text),
        Scalar::Boolean(_) | Scalar::Integer(_) => None,
    }
}

fn as_integer(scalar: &Scalar) -> Option<i64> {
    match scalar {
        Scalar::Integer(integer) => Some(*integer),
        Scalar::Boolean(_) | Scalar::Text(_) => None,
    }
}

fn as_boolean(scalar: &Scalar) -> Option<bool> {
    match scalar {
        Scalar::Boolean(boolean) => Some(*boolean),
        Scalar::Integer(_) | Scalar::Text(_) => None,
    }
}
