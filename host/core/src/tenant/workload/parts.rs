//! What stands in a source, each a type that exists only if it is legal.

use std::fmt;

use serde::{Serialize, Serializer};

use crate::limits::{AUDIENCE_CHARS, NAME_CHARS};
use crate::url::{Origin, ProviderUrl};

/// Whom an assertion is for (RFC 7519 section 4.1.3): visible ASCII, compared character for character.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Audience(String);

impl Audience {
    /// Parses an audience. The error ends a sentence about it.
    pub fn parse(text: &str) -> Result<Self, String> {
        let legal = !text.is_empty() && text.len() <= AUDIENCE_CHARS;
        if legal && text.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Ok(Self(text.to_owned()));
        }
        Err(format!(
            "must be 1 to {AUDIENCE_CHARS} visible ASCII characters"
        ))
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Audience {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The name of a variable of the environment (POSIX.1, 8.1).
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct VariableName(String);

impl VariableName {
    /// Parses a name. The error ends a sentence about it.
    pub fn parse(text: &str) -> Result<Self, String> {
        let first = text.bytes().next();
        let legal = first.is_some_and(|byte| byte.is_ascii_alphabetic() || byte == b'_')
            && text.len() <= NAME_CHARS
            && text
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
        if legal {
            return Ok(Self(text.to_owned()));
        }
        Err(format!(
            "must be the name of a variable: at most {NAME_CHARS} letters, digits and '_'"
        ))
    }

    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for VariableName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A directory, by an absolute path: nothing outside of it is reached. What lies in the working directory never counts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct TokenDirectory(String);

impl TokenDirectory {
    /// Parses a path. The error ends a sentence about it.
    pub fn parse(text: &str) -> Result<Self, String> {
        let parts = text.strip_prefix('/').unwrap_or("..").split('/');
        let climbs = parts.into_iter().any(|part| matches!(part, ".." | "."));
        if climbs || text.len() < 2 || text.chars().any(char::is_control) {
            return Err(
                "must be an absolute path, without \"..\", to the directory of the token"
                    .to_owned(),
            );
        }
        Ok(Self(text.trim_end_matches('/').to_owned()))
    }

    /// The path, without a slash at its end.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A file in a directory.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct TokenFile {
    /// The directory, opened anew at each use.
    pub directory: TokenDirectory,
    /// The name of the file in it.
    pub file: FileName,
}

/// The name of a file in a directory. It leads nowhere else.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct FileName(String);

impl FileName {
    /// Parses a name. The error ends a sentence about it.
    pub fn parse(text: &str) -> Result<Self, String> {
        let is_path = text.contains(['/', '\\']) || matches!(text, "" | "." | "..");
        if is_path || text.len() > 255 || text.chars().any(char::is_control) {
            return Err("must be the name of a file in the directory, and no path".to_owned());
        }
        Ok(Self(text.to_owned()))
    }

    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Where a platform's service is: https, or http to a loopback IP literal, which the tenant must allow besides. No path, no query.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SourceEndpoint(ProviderUrl);

impl SourceEndpoint {
    /// Parses it. The error ends a sentence about it.
    pub fn parse(text: &str) -> Result<Self, String> {
        let url = ProviderUrl::parse(text).map_err(|problem| problem.to_string())?;
        if url.as_url().path() != "/" || url.as_url().query().is_some() {
            return Err("must end after the host, or its port".to_owned());
        }
        Ok(Self(url))
    }

    /// The URL, whose path is `/`.
    #[must_use]
    pub fn url(&self) -> &ProviderUrl {
        &self.0
    }

    /// Its origin.
    #[must_use]
    pub fn origin(&self) -> Origin {
        self.0.origin()
    }
}

impl Serialize for SourceEndpoint {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.origin().as_str())
    }
}
