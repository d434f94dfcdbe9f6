//! Names that exist only if they are legal.

use std::fmt;

use crate::error::{Error, Result};
use crate::limits::NAME_CHARS;
use crate::text::Shown;

/// Defines a name over an alphabet: ASCII only, so that no two names look alike.
macro_rules! name {
    ($(#[$doc:meta])* $name:ident, $what:literal, $first:expr, $rest:expr, $alphabet:literal) => {
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(String);

        impl $name {
            /// Parses a name.
            pub fn parse(text: &str) -> std::result::Result<Self, NameProblem> {
                let first: fn(u8) -> bool = $first;
                let rest: fn(u8) -> bool = $rest;
                let legal = text.len() <= NAME_CHARS
                    && text.bytes().next().is_some_and(first)
                    && text.bytes().skip(1).all(rest);
                if legal {
                    Ok(Self(text.to_owned()))
                } else {
                    Err(NameProblem { what: $what, text: Shown::new(text).to_string(), alphabet: $alphabet })
                }
            }

            /// The name.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl TryFrom<String> for $name {
            type Error = NameProblem;

            fn try_from(text: String) -> std::result::Result<Self, NameProblem> {
                Self::parse(&text)
            }
        }

        impl From<$name> for String {
            fn from(name: $name) -> Self {
                name.0
            }
        }

        impl std::borrow::Borrow<str> for $name {
            fn borrow(&self) -> &str {
                &self.0
            }
        }
    };
}

name!(
    /// The name of a tenant: its file is `tenants.d/NAME.toml`.
    TenantName, "tenant name",
    |b| b.is_ascii_lowercase() || b.is_ascii_digit(),
    |b| b.is_ascii_lowercase() || b.is_ascii_digit() || matches!(b, b'-' | b'_' | b'.'),
    "lower-case letters, digits, '-', '_' and '.'"
);
name!(
    /// The name of an environment: `production`, `test`.
    EnvironmentName, "name of an environment",
    |b| b.is_ascii_lowercase(),
    |b| b.is_ascii_lowercase() || b.is_ascii_digit() || matches!(b, b'-' | b'_' | b'.'),
    "lower-case letters, digits, '-', '_' and '.'"
);
name!(
    /// The name of a plugin.
    PluginName, "plugin name",
    |b| b.is_ascii_lowercase(),
    |b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-',
    "lower-case letters, digits and '-'"
);
name!(
    /// The role of an endpoint, in the words of RFC 8414 where it has one: `token`, `revocation`, `accounts`.
    RoleName, "role",
    |b| b.is_ascii_lowercase(),
    |b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_' || b == b'-',
    "lower-case letters, digits, '_' and '-'"
);
name!(
    /// The name of a setting or of a parameter.
    SettingName, "setting",
    |b| b.is_ascii_lowercase(),
    |b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_',
    "lower-case letters, digits and '_'"
);
name!(
    /// The name of a part of a grant or of a declared secret.
    SecretName, "secret name",
    |b| b.is_ascii_lowercase(),
    |b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_',
    "lower-case letters, digits and '_'"
);
name!(
    /// The name of a form field, a JSON member or a query parameter.
    MemberName, "member name",
    |b| b.is_ascii_alphanumeric() || b == b'_',
    |b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'.' | b':'),
    "ASCII letters, digits, '_', '-', '.' and ':'"
);

/// One scope (RFC 6749 section 3.3): printable ASCII without space, quotation mark and backslash.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Scope(String);

impl Scope {
    /// Parses one scope.
    pub fn parse(text: &str) -> std::result::Result<Self, NameProblem> {
        let legal = (1..=256).contains(&text.len())
            && text
                .bytes()
                .all(|b| matches!(b, 0x21 | 0x23..=0x5B | 0x5D..=0x7E));
        if legal {
            Ok(Self(text.to_owned()))
        } else {
            Err(NameProblem {
                what: "scope",
                text: Shown::new(text).to_string(),
                alphabet: "printable ASCII without space, '\"' and '\\'",
            })
        }
    }

    /// The scope.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl TryFrom<String> for Scope {
    type Error = NameProblem;

    fn try_from(text: String) -> std::result::Result<Self, NameProblem> {
        Self::parse(&text)
    }
}

impl From<Scope> for String {
    fn from(scope: Scope) -> Self {
        scope.0
    }
}

/// A text that is not a legal name.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("\"{text}\" is not a {what}: 1 to {NAME_CHARS} characters, {alphabet}")]
pub struct NameProblem {
    what: &'static str,
    text: String,
    alphabet: &'static str,
}

impl NameProblem {
    /// As a mistake of the person who typed it.
    #[must_use]
    pub fn by_user(self) -> Error {
        Error::user("usage.name", self.to_string())
    }

    /// As a mistake of the plugin.
    #[must_use]
    pub fn by_plugin(self) -> Error {
        Error::plugin("plugin.name", self.to_string())
    }
}

/// A pointer to a member of a JSON document (RFC 6901), other than the whole document.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Pointer(String);

impl Pointer {
    /// Parses a pointer: tokens each begun by `/`, `~` only as `~0` or `~1`.
    pub fn parse(text: &str) -> std::result::Result<Self, NameProblem> {
        let escapes = text
            .split('~')
            .skip(1)
            .all(|rest| rest.starts_with(['0', '1']));
        let legal = text.starts_with('/')
            && text.len() <= 4 * NAME_CHARS
            && escapes
            && text.bytes().all(|b| matches!(b, 0x21..=0x7E));
        if legal {
            Ok(Self(text.to_owned()))
        } else {
            Err(NameProblem {
                what: "JSON pointer",
                text: Shown::new(text).to_string(),
                alphabet: "as RFC 6901 says, in printable ASCII",
            })
        }
    }

    /// The pointer as written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Its reference tokens, unescaped.
    pub fn tokens(&self) -> impl Iterator<Item = String> + '_ {
        self.0
            .split('/')
            .skip(1)
            .map(|token| token.replace("~1", "/").replace("~0", "~"))
    }
}

impl fmt::Display for Pointer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for Pointer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl TryFrom<String> for Pointer {
    type Error = NameProblem;

    fn try_from(text: String) -> std::result::Result<Self, NameProblem> {
        Self::parse(&text)
    }
}

impl From<Pointer> for String {
    fn from(pointer: Pointer) -> Self {
        pointer.0
    }
}

/// Whether a header may carry a provider's token. Those that steer the connection, the proxy or the browser never may (law 2).
pub fn token_header(name: &str) -> Result<&str> {
    let lower = name.to_ascii_lowercase();
    let token = (1..=NAME_CHARS).contains(&name.len())
        && name
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'));
    let reserved = [
        "authorization",
        "cookie",
        "set-cookie",
        "host",
        "forwarded",
        "dpop",
        "content-length",
        "content-type",
        "content-encoding",
        "transfer-encoding",
        "connection",
        "upgrade",
        "te",
        "trailer",
        "keep-alive",
        "expect",
        "accept",
        "accept-encoding",
        "user-agent",
        "origin",
        "referer",
        "via",
        "range",
    ];
    let prefix = [
        "proxy-",
        "x-forwarded-",
        "sec-",
        "access-control-",
        "x-real-ip",
        "x-http-method",
    ];
    if token && !reserved.contains(&lower.as_str()) && !prefix.iter().any(|p| lower.starts_with(p))
    {
        Ok(name)
    } else {
        Err(Error::plugin(
            "plugin.token_header",
            format!("the header \"{}\" may not carry a token", Shown::new(name)),
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tenant_names_cannot_leave_their_directory() {
        for bad in [
            "",
            ".",
            "..",
            "a/b",
            "../x",
            "A",
            "a b",
            "é",
            &"a".repeat(NAME_CHARS + 1),
        ] {
            assert!(TenantName::parse(bad).is_err(), "{bad}");
        }
        assert!(TenantName::parse("corp-1.eu_west").is_ok());
    }

    #[test]
    fn pointers_follow_rfc_6901() {
        let pointer = Pointer::parse("/a~1b/0/m~0n").unwrap();
        assert_eq!(pointer.tokens().collect::<Vec<_>>(), ["a/b", "0", "m~n"]);
        for bad in ["", "a", "/a~", "/a~2", "/\u{e9}", "/a b"] {
            assert!(Pointer::parse(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn headers_that_steer_the_connection_carry_no_token() {
        assert!(token_header("x-amz-sso_bearer_token").is_ok());
        for bad in [
            "Cookie",
            "HOST",
            "Forwarded",
            "Proxy-Authorization",
            "DPoP",
            "X-Forwarded-For",
            "content-length",
            "a b",
            "a:",
            "",
            "é",
        ] {
            assert!(token_header(bad).is_err(), "{bad}");
        }
    }
}
