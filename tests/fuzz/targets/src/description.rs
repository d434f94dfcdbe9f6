//! What a plugin says of itself: parsed, and judged for approval.

use std::collections::BTreeMap;

use vestibule_core::approval::Permissions;
use vestibule_core::matrix::{Matrix, Placement};
use vestibule_core::tenant::Tenant;
use vestibule_core::{ProviderUrl, RoleName, SecretKind, TenantName};
use vestibule_engine::fuzzing::{self, lifted};
use vestibule_policy::{Discovered, permissions};

use crate::words::Words;

/// What is approved survives being stored, leads to https endpoints alone, sends a code to the token endpoint alone, and makes no
/// standard token and no declared secret readable.
pub fn run(bytes: &[u8]) -> bool {
    let text = String::from_utf8_lossy(bytes);
    let Ok(description) = fuzzing::description(lift(&text)) else {
        return false;
    };
    let Ok(profile) = description.profile else {
        return false;
    };
    let name = TenantName::parse("work").unwrap();
    let tenant = Tenant::parse(
        &name,
        "plugin = \"p\"\n[policy]\nallow_unknown_identity = true\n",
    )
    .unwrap();
    let mut accepted = false;
    for discovered in [None, Some(metadata())] {
        let approved = permissions(
            &profile,
            &description.settings,
            discovered.as_ref(),
            &tenant,
        );
        if let Ok(approved) = approved {
            check(&approved);
            accepted = true;
        }
    }
    accepted
}

fn check(approved: &Permissions) {
    let stored = serde_json::to_string(approved).expect("permissions can be stored");
    let read: Permissions = serde_json::from_str(&stored).expect("and read again");
    assert_eq!(read, *approved);
    assert!(approved.origins().is_ok());
    assert!(approved.issuer().is_ok());
    let matrix = Matrix::of(approved);
    for (role, endpoint) in &approved.endpoints {
        let url = endpoint.url().expect("an approved URL is one");
        assert!(!url.is_loopback_http(), "{role}");
        for member in ["code", "code_verifier"] {
            let cell = matrix.permits(
                SecretKind::AuthorizationCode,
                member,
                role.as_str(),
                endpoint.method,
                &Placement::Member(member.to_owned()),
            );
            assert!(
                cell.is_none() || endpoint.class.as_str() == "token",
                "{role}"
            );
        }
    }
    for readable in &approved.readable {
        let at = readable.pointer.as_str();
        for token in [
            "/access_token",
            "/refresh_token",
            "/id_token",
            "/client_secret",
        ] {
            assert_ne!(at, token, "{readable:?}");
        }
        for secret in &approved.secrets {
            let same = secret.born_role == readable.role && secret.born_pointer.as_str() == at;
            assert!(!same, "{readable:?}");
        }
    }
}

/// Metadata of an issuer that has everything.
fn metadata() -> Discovered {
    let roles = [
        "authorization",
        "token",
        "userinfo",
        "revocation",
        "registration",
    ];
    let url = |role: &str| ProviderUrl::parse(&format!("https://idp.example/{role}")).unwrap();
    Discovered {
        endpoints: BTreeMap::from(roles.map(|role| (RoleName::parse(role).unwrap(), url(role)))),
        jwks_uri: Some(url("keys")),
    }
}

fn lift(text: &str) -> lifted::Description {
    let mut profile = lifted::Profile {
        server: lifted::Server::Discovered(String::new()),
        client: lifted::Client::Configured(lifted::ConfiguredClient {
            client_id: "cli".to_owned(),
            authentication: lifted::ClientAuthentication::None,
        }),
        methods: lifted::Methods::empty(),
        scopes: Vec::new(),
        endpoints: Vec::new(),
        readable: Vec::new(),
        secrets: Vec::new(),
        identity: lifted::Identity::Oidc,
        derivation: Vec::new(),
        hosts: Vec::new(),
    };
    let mut settings = Vec::new();
    for line in text.lines() {
        let mut words = Words::of(line);
        match words.word() {
            "discovered" => profile.server = lifted::Server::Discovered(words.text()),
            "fixed" => profile.server = lifted::Server::Fixed(words.text()),
            "configured" => profile.client = configured(&mut words),
            "registered" => profile.client = registered(&mut words),
            "browser" => profile.methods |= lifted::Methods::BROWSER,
            "device" => profile.methods |= lifted::Methods::DEVICE,
            "workload" => profile.methods |= lifted::Methods::WORKLOAD,
            "scopes" => profile.scopes = words.list(),
            "endpoint" => profile.endpoints.push(endpoint(&mut words)),
            "rename" | "separator" | "errors" | "outcome" => {
                if let Some(last) = profile.endpoints.last_mut() {
                    dialect(line, &mut last.dialect);
                }
            }
            "readable" => profile.readable.push(readable(&mut words)),
            "column" => column(&mut words, &mut profile.readable),
            "secret" => profile.secrets.push(secret(&mut words)),
            "goes" => {
                if let Some(last) = profile.secrets.last_mut() {
                    last.goes.push(cell(&mut words));
                }
            }
            "account" => {
                profile.identity = lifted::Identity::Account((words.text(), words.text()));
            }
            "unknown" => profile.identity = lifted::Identity::Unknown,
            "derivation" => profile.derivation.push(lifted::Parameter {
                name: words.text(),
                summary: words.text(),
            }),
            "host" => profile.hosts.push(words.text()),
            "setting" => settings.push(setting(&mut words)),
            _ => {}
        }
    }
    lifted::Description {
        name: "guest".to_owned(),
        version: "0.1.0".to_owned(),
        summary: "A guest.".to_owned(),
        settings,
        profile: Ok(profile),
    }
}

fn configured(words: &mut Words<'_>) -> lifted::Client {
    let client_id = words.text();
    let authentication = match words.word() {
        "basic" => lifted::ClientAuthentication::ClientSecretBasic(words.text()),
        "post" => lifted::ClientAuthentication::ClientSecretPost(words.text()),
        _ => lifted::ClientAuthentication::None,
    };
    lifted::Client::Configured(lifted::ConfiguredClient {
        client_id,
        authentication,
    })
}

fn registered(words: &mut Words<'_>) -> lifted::Client {
    lifted::Client::Registered(lifted::RegisteredClient {
        client_id: words.text(),
        client_secret: words.maybe(),
        expires_at: words.maybe().map(|at| (at, lifted::TimeUnit::Seconds)),
    })
}

fn endpoint(words: &mut Words<'_>) -> lifted::Endpoint {
    lifted::Endpoint {
        role: words.text(),
        class: match words.word() {
            "authorization" => lifted::EndpointClass::Authorization,
            "token" => lifted::EndpointClass::Token,
            "device" => lifted::EndpointClass::Device,
            "registration" => lifted::EndpointClass::Registration,
            "revocation" => lifted::EndpointClass::Revocation,
            "introspection" => lifted::EndpointClass::Introspection,
            "userinfo" => lifted::EndpointClass::Userinfo,
            "resource" => lifted::EndpointClass::Resource,
            _ => lifted::EndpointClass::Public,
        },
        url: words.maybe(),
        method: match words.word() {
            "GET" => lifted::HttpMethod::Get,
            "DELETE" => lifted::HttpMethod::Delete,
            _ => lifted::HttpMethod::Post,
        },
        token_header: words.maybe(),
        dialect: lifted::Dialect {
            encoding: match words.word() {
                "json" => lifted::Encoding::Json,
                _ => lifted::Encoding::Form,
            },
            renames: Vec::new(),
            scope_form: lifted::ScopeForm::Joined(" ".to_owned()),
            error_code: "/error".to_owned(),
            error_description: "/error_description".to_owned(),
            outcomes: Vec::new(),
        },
    }
}

fn dialect(line: &str, dialect: &mut lifted::Dialect) {
    let mut words = Words::of(line);
    match words.word() {
        "rename" => dialect.renames.push((words.text(), words.text())),
        "separator" => {
            dialect.scope_form = match words.maybe() {
                Some(separator) => lifted::ScopeForm::Joined(separator),
                None => lifted::ScopeForm::Listed,
            };
        }
        "errors" => {
            dialect.error_code = words.text();
            dialect.error_description = words.text();
        }
        _ => dialect.outcomes.push(lifted::OutcomeRule {
            outcome: match words.word() {
                "pending" => lifted::Outcome::Pending,
                "slow-down" => lifted::Outcome::SlowDown,
                "denied" => lifted::Outcome::Denied,
                "expired" => lifted::Outcome::Expired,
                "invalid-grant" => lifted::Outcome::InvalidGrant,
                _ => lifted::Outcome::Other,
            },
            status: words.word().parse().ok(),
            code: words.maybe(),
            description: words.maybe(),
        }),
    }
}

fn readable(words: &mut Words<'_>) -> lifted::Readable {
    lifted::Readable {
        role: words.text(),
        pointer: words.text(),
        shape: match words.word() {
            "rows" => lifted::Shape::Rows(Vec::new()),
            kind => lifted::Shape::One(scalar(kind, words)),
        },
    }
}

fn column(words: &mut Words<'_>, readable: &mut [lifted::Readable]) {
    if let Some(lifted::Shape::Rows(columns)) = readable.last_mut().map(|last| &mut last.shape) {
        let pointer = words.text();
        let kind = words.word();
        columns.push(lifted::Column {
            pointer,
            kind: scalar(kind, words),
        });
    }
}

fn scalar(kind: &str, words: &mut Words<'_>) -> lifted::ScalarKind {
    match kind {
        "boolean" => lifted::ScalarKind::Boolean,
        "integer" => lifted::ScalarKind::Integer,
        "one-of" => lifted::ScalarKind::OneOf(words.list()),
        _ => {
            let max_chars = words.word().parse().unwrap_or(64);
            lifted::ScalarKind::Text((words.text(), max_chars))
        }
    }
}

fn secret(words: &mut Words<'_>) -> lifted::SecretDeclaration {
    lifted::SecretDeclaration {
        name: words.text(),
        kind: match words.word() {
            "client-secret" => lifted::SecretKind::ClientSecret,
            "cloud-key" => lifted::SecretKind::CloudKey,
            _ => lifted::SecretKind::Opaque,
        },
        born_role: words.text(),
        born_pointer: words.text(),
        goes: Vec::new(),
    }
}

fn cell(words: &mut Words<'_>) -> lifted::Cell {
    lifted::Cell {
        role: words.text(),
        placement: match words.maybe().as_deref() {
            None => lifted::Placement::Authorization,
            Some("client") => lifted::Placement::ClientAuthentication,
            Some(member) => lifted::Placement::Member(member.to_owned()),
        },
    }
}

fn setting(words: &mut Words<'_>) -> lifted::SettingField {
    lifted::SettingField {
        name: words.text(),
        summary: "A setting.".to_owned(),
        kind: match words.word() {
            "secret" => lifted::SettingKind::Secret,
            "public-client-secret" => lifted::SettingKind::PublicClientSecret,
            "issuer" => lifted::SettingKind::Issuer,
            _ => lifted::SettingKind::Text,
        },
        presence: lifted::SettingPresence::Optional,
    }
}
