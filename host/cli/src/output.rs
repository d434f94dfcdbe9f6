//! The formats in which a credential is handed out, one file each.

mod aws;
mod env;
mod header;
mod json;
mod raw;

use clap::ValueEnum;
use vestibule_app::broker::release::Released;
use vestibule_core::{Error, Result};
use zeroize::Zeroizing;

/// A format.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// The token and a line break; for a credential of one part
    #[default]
    Raw,
    /// Names, values and expiry as JSON
    Json,
    /// An Authorization header for curl -H @-
    Header,
    /// NAME='VALUE' lines that a shell can evaluate
    Env,
    /// The document of AWS credential_process
    Aws,
}

/// A finished document. Erased when dropped.
pub type Document = Zeroizing<Vec<u8>>;

/// Bytes set aside for a document, so that it does not move and leave copies behind while it grows.
const ROOM: usize = 64 << 10;

impl Format {
    /// Writes a credential. Complete, or an error and nothing.
    ///
    /// # Errors
    /// If the credential does not have what the format needs.
    pub fn document(self, released: &Released) -> Result<Document> {
        let mut document = Zeroizing::new(Vec::with_capacity(ROOM));
        match self {
            Self::Raw => raw::write(released, &mut document),
            Self::Json => json::write(released, &mut document),
            Self::Header => header::write(released, &mut document),
            Self::Env => env::write(released, &mut document),
            Self::Aws => aws::write(released, &mut document),
        }?;
        document.push(b'\n');
        Ok(document)
    }
}

/// The name of the only part; formats for one value take no other credential.
fn only_part(released: &Released) -> Result<&str> {
    let mut names = released.names();
    match (names.next(), names.next()) {
        (Some(only), None) => Ok(only),
        _ => {
            let names: Vec<&str> = released.names().collect();
            Err(Error::user(
                "token.parts",
                format!("this credential has several parts: {}", names.join(", ")),
            )
            .hint("choose a format that takes them all: --format json"))
        }
    }
}

/// One part, as it is.
fn put_part(released: &Released, name: &str, document: &mut Document) -> Result<()> {
    released
        .write_part(name, &mut **document)
        .map_err(|_| lacks(name))
}

/// One part as a JSON string.
fn put_json(released: &Released, name: &str, document: &mut Document) -> Result<()> {
    let mut value = Zeroizing::new(Vec::with_capacity(ROOM));
    put_part(released, name, &mut value)?;
    let text = std::str::from_utf8(&value).map_err(|_| lacks(name))?;
    serde_json::to_writer(&mut **document, text).map_err(|_| lacks(name))
}

fn lacks(name: &str) -> Error {
    Error::user(
        "token.format",
        format!(
            "this credential has no {}, which the format needs",
            name.replace('_', " ")
        ),
    )
    .hint("choose another format: --format json")
}

#[cfg(test)]
mod tests {
    use vestibule_core::record::{Facts, Label, Method, Part, Primary, Record, RecordKind};
    use vestibule_core::{Secret, SecretKind, SecretName, TenantName};

    use super::*;

    const EXPIRES_AT: u64 = 1_900_000_000;

    fn released(primary: Primary, parts: &[(&str, SecretKind, &str)]) -> Released {
        let part = |(name, kind, value): &(&str, SecretKind, &str)| Part {
            name: SecretName::parse(name).unwrap(),
            kind: *kind,
            secret: Secret::new((*value).to_owned()),
        };
        let label = Label {
            kind: RecordKind::Grant,
            tenant: TenantName::parse("t").unwrap(),
            issuer: "https://idp.example".into(),
            environment: String::new(),
            client_id: "cli".into(),
            subject: "ada".into(),
            derived_for: String::new(),
            namespace: vestibule_core::record::Namespace::Person,
        };
        let facts = Facts {
            primary,
            method: Method::Browser,
            account: None,
            scopes: Vec::new(),
            signed_in_at: 0,
            renewed_at: 0,
            expires_at: EXPIRES_AT,
            ends_at: EXPIRES_AT,
            plugin: String::new(),
            approval: String::new(),
            id_token: None,
            judged_by: None,
            client_id: None,
            actor: None,
        };
        Released::from_record(Record {
            label,
            facts,
            parts: parts.iter().map(part).collect(),
        })
        .unwrap()
    }

    fn token(value: &str) -> Released {
        released(
            Primary::Oauth,
            &[
                ("access_token", SecretKind::AccessToken, value),
                ("refresh_token", SecretKind::RefreshToken, "never"),
            ],
        )
    }

    fn keys() -> Released {
        let parts = [
            ("access_key_id", "AKIA"),
            ("secret_access_key", "it's \"s3cret\""),
            ("session_token", "sess/+="),
        ];
        released(
            Primary::CloudKeys,
            &parts.map(|(name, value)| (name, SecretKind::CloudKey, value)),
        )
    }

    fn text(format: Format, released: &Released) -> String {
        String::from_utf8(format.document(released).unwrap().to_vec()).unwrap()
    }

    #[test]
    fn a_token_is_written_alone_and_never_with_its_refresh_token() {
        assert_eq!(text(Format::Raw, &token("tok")), "tok\n");
        assert_eq!(
            text(Format::Header, &token("tok")),
            "Authorization: Bearer tok\n"
        );
        assert_eq!(
            text(Format::Json, &token("tok")),
            "{\"access_token\":\"tok\",\"expires_at\":\"2030-03-17T17:46:40Z\"}\n"
        );
        assert_eq!(text(Format::Env, &token("tok")), "ACCESS_TOKEN='tok'\n");
    }

    #[test]
    fn aws_gets_version_one_all_three_parts_and_an_expiration() {
        let document: serde_json::Value =
            serde_json::from_str(&text(Format::Aws, &keys())).unwrap();
        let expected = serde_json::json!({
            "Version": 1, "AccessKeyId": "AKIA", "SecretAccessKey": "it's \"s3cret\"", "SessionToken": "sess/+=", "Expiration": "2030-03-17T17:46:40Z",
        });
        assert_eq!(document, expected);
    }

    #[test]
    fn a_shell_reads_back_what_was_written() {
        let lines = text(Format::Env, &keys());
        assert!(
            lines.contains("AWS_SECRET_ACCESS_KEY='it'\\''s \"s3cret\"'\n"),
            "{lines}"
        );
        assert!(lines.contains("AWS_SESSION_TOKEN='sess/+='\n"), "{lines}");
    }

    #[test]
    fn a_format_that_lacks_a_part_writes_nothing() {
        assert_eq!(
            Format::Aws.document(&token("tok")).unwrap_err().code(),
            "token.format"
        );
        assert_eq!(
            Format::Raw.document(&keys()).unwrap_err().code(),
            "token.parts"
        );
        assert_eq!(
            Format::Header.document(&keys()).unwrap_err().code(),
            "token.parts"
        );
    }
}
