//! Honest descriptions for tests: a conforming OpenID provider, and one of the shape of AWS IAM Identity Center.

use std::collections::BTreeMap;

use vestibule_core::approval::Permissions;
use vestibule_core::description::{
    Client, ClientAuthentication, Column, DeclaredCell, DeclaredPlacement, Dialect, Encoding,
    Endpoint, EndpointClass, HttpMethod, IdentitySource, Parameter, Profile, Readable, ScalarKind,
    ScopeForm, SecretDeclaration, Server, Shape, TimeUnit,
};
use vestibule_core::record::Method;
use vestibule_core::tenant::Tenant;
use vestibule_core::{
    Error, Issuer, MemberName, Pointer, ProviderUrl, Result, RoleName, Scope, SecretKind,
    SecretName, SettingName, TenantName,
};

use crate::approval::Discovered;

pub(crate) fn role(text: &str) -> RoleName {
    RoleName::parse(text).unwrap()
}

pub(crate) fn pointer(text: &str) -> Pointer {
    Pointer::parse(text).unwrap()
}

pub(crate) fn member(text: &str) -> MemberName {
    MemberName::parse(text).unwrap()
}

pub(crate) fn secret_name(text: &str) -> SecretName {
    SecretName::parse(text).unwrap()
}

pub(crate) fn scope(text: &str) -> Scope {
    Scope::parse(text).unwrap()
}

pub(crate) fn url(text: &str) -> ProviderUrl {
    ProviderUrl::parse(text).unwrap()
}

pub(crate) fn setting(text: &str) -> SettingName {
    SettingName::parse(text).unwrap()
}

pub(crate) fn cell(to: &str, name: &str) -> DeclaredCell {
    DeclaredCell {
        role: role(to),
        placement: DeclaredPlacement::Member(member(name)),
    }
}

/// A tenant with these tables.
pub(crate) fn tenant(tables: &str) -> Tenant {
    let name = TenantName::parse("t").unwrap();
    Tenant::parse(&name, &format!("plugin = \"p\"\n{tables}")).unwrap()
}

pub(crate) fn dialect() -> Dialect {
    Dialect {
        encoding: Encoding::Form,
        renames: Vec::new(),
        scope_form: ScopeForm::Joined(' '),
        error_code: pointer("/error"),
        error_description: pointer("/error_description"),
        outcomes: Vec::new(),
    }
}

pub(crate) fn endpoint(name: &str, class: EndpointClass, at: Option<&str>) -> Endpoint {
    Endpoint {
        role: role(name),
        class,
        url: at.map(url),
        method: HttpMethod::Post,
        token_header: None,
        dialect: dialect(),
    }
}

pub(crate) fn text(name: &str, at: &str) -> Readable {
    Readable {
        role: role(name),
        pointer: pointer(at),
        shape: Shape::One(text_kind()),
    }
}

pub(crate) fn text_kind() -> ScalarKind {
    ScalarKind::Text {
        pattern: r"[\w.@-]+".to_owned(),
        max_chars: 64,
    }
}

/// A conforming provider: everything from the metadata.
pub(crate) fn oidc() -> Profile {
    Profile {
        server: Server::Discovered(Issuer::parse("https://idp.example").unwrap()),
        client: Client::Configured {
            client_id: "cli".to_owned(),
            authentication: ClientAuthentication::None,
        },
        methods: vec![Method::Browser],
        scopes: vec![scope("openid"), scope("email")],
        endpoints: Vec::new(),
        readable: vec![text("id_token", "/email")],
        secrets: Vec::new(),
        identity: IdentitySource::Oidc,
        derivation: Vec::new(),
        hosts: Vec::new(),
    }
}

/// Its validated metadata.
pub(crate) fn metadata() -> Discovered {
    let endpoints = [
        ("authorization", "authorize"),
        ("token", "token"),
        ("userinfo", "userinfo"),
        ("revocation", "revoke"),
        ("registration", "register"),
        ("pushed_authorization_request", "par"),
    ];
    let endpoints =
        endpoints.map(|(name, path)| (role(name), url(&format!("https://idp.example/{path}"))));
    Discovered {
        endpoints: BTreeMap::from(endpoints),
        jwks_uri: Some(url("https://idp.example/jwks")),
    }
}

/// JSON in camelCase, its own registration, no ID token, a token in its own header, and keys as the final credential.
pub(crate) fn identity_center() -> Profile {
    let json = |renames: &[(&str, &str)]| Dialect {
        encoding: Encoding::Json,
        renames: renames
            .iter()
            .map(|(from, to)| (member(from), member(to)))
            .collect(),
        ..dialect()
    };
    let names = [
        ("client_id", "clientId"),
        ("client_secret", "clientSecret"),
        ("grant_type", "grantType"),
        ("code_verifier", "codeVerifier"),
        ("redirect_uri", "redirectUri"),
        ("refresh_token", "refreshToken"),
        ("access_token", "accessToken"),
        ("expires_in", "expiresIn"),
        ("token_type", "tokenType"),
        ("device_code", "deviceCode"),
    ];
    let at_oidc = |name: &str, class, path: &str, dialect| Endpoint {
        dialect,
        ..endpoint(
            name,
            class,
            Some(&format!("https://oidc.center.example/{path}")),
        )
    };
    let at_portal = |name: &str, class, path: &str, method| Endpoint {
        method,
        token_header: Some("x-amz-sso_bearer_token".to_owned()),
        dialect: json(&[]),
        ..endpoint(
            name,
            class,
            Some(&format!("https://portal.center.example/{path}")),
        )
    };
    let mut authorization = at_oidc(
        "authorization",
        EndpointClass::Authorization,
        "authorize",
        dialect(),
    );
    authorization.method = HttpMethod::Get;
    authorization.dialect.renames = vec![(member("scope"), member("scopes"))];
    let column = |at: &str, kind| Column {
        pointer: pointer(at),
        kind,
    };
    let rows = |name: &str, at: &str, columns: Vec<Column>| Readable {
        role: role(name),
        pointer: pointer(at),
        shape: Shape::Rows(columns),
    };
    let secret = |name: &str, kind, from: &str, at: &str| SecretDeclaration {
        name: secret_name(name),
        kind,
        born_role: role(from),
        born_pointer: pointer(at),
        goes: Vec::new(),
    };
    Profile {
        server: Server::Fixed(Issuer::parse("https://center.example/start").unwrap()),
        client: Client::Registered {
            client_id: pointer("/clientId"),
            client_secret: Some(secret_name("client_secret")),
            expires_at: Some((pointer("/clientSecretExpiresAt"), TimeUnit::Seconds)),
        },
        methods: vec![Method::Browser, Method::Device],
        scopes: vec![scope("sso:account:access")],
        endpoints: vec![
            authorization,
            at_oidc("token", EndpointClass::Token, "token", json(&names)),
            at_oidc(
                "registration",
                EndpointClass::Registration,
                "client/register",
                json(&[]),
            ),
            at_oidc(
                "device_authorization",
                EndpointClass::Device,
                "device_authorization",
                json(&names),
            ),
            at_portal(
                "revocation",
                EndpointClass::Revocation,
                "logout",
                HttpMethod::Post,
            ),
            at_portal(
                "accounts",
                EndpointClass::Resource,
                "assignment/accounts",
                HttpMethod::Get,
            ),
            at_portal(
                "roles",
                EndpointClass::Resource,
                "assignment/roles",
                HttpMethod::Get,
            ),
            at_portal(
                "credentials",
                EndpointClass::Resource,
                "federation/credentials",
                HttpMethod::Get,
            ),
        ],
        readable: vec![
            rows(
                "accounts",
                "/accountList",
                vec![
                    column(
                        "/accountId",
                        ScalarKind::Text {
                            pattern: "[0-9]{12}".to_owned(),
                            max_chars: 12,
                        },
                    ),
                    column("/accountName", text_kind()),
                ],
            ),
            text("accounts", "/nextToken"),
            rows("roles", "/roleList", vec![column("/roleName", text_kind())]),
            Readable {
                role: role("credentials"),
                pointer: pointer("/roleCredentials/expiration"),
                shape: Shape::One(ScalarKind::Integer),
            },
        ],
        secrets: vec![
            secret(
                "client_secret",
                SecretKind::ClientSecret,
                "registration",
                "/clientSecret",
            ),
            secret(
                "access_key_id",
                SecretKind::CloudKey,
                "credentials",
                "/roleCredentials/accessKeyId",
            ),
            secret(
                "secret_access_key",
                SecretKind::CloudKey,
                "credentials",
                "/roleCredentials/secretAccessKey",
            ),
            secret(
                "session_token",
                SecretKind::CloudKey,
                "credentials",
                "/roleCredentials/sessionToken",
            ),
        ],
        identity: IdentitySource::Unknown,
        derivation: vec![
            Parameter {
                name: setting("account"),
                summary: "the account".to_owned(),
            },
            Parameter {
                name: setting("role"),
                summary: "the role".to_owned(),
            },
        ],
        hosts: Vec::new(),
    }
}

/// What may be approved, under a tenant that allows that nobody knows who signed in.
pub(crate) fn approve(profile: &Profile) -> Result<Permissions> {
    let tenant = tenant("[policy]\nallow_unknown_identity = true\n");
    let found = matches!(profile.server, Server::Discovered(_)).then(metadata);
    crate::permissions(profile, &[], found.as_ref(), &tenant)
}

/// Why a changed description may not be approved.
pub(crate) fn refusal(mut profile: Profile, change: fn(&mut Profile)) -> Error {
    change(&mut profile);
    approve(&profile).unwrap_err()
}
