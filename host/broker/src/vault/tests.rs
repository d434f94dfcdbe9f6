use std::collections::BTreeMap;

use vestibule_core::approval::{Permissions, PinnedEndpoint};
use vestibule_core::description::{
    Client, ClientAuthentication, DeclaredCell, DeclaredPlacement, Dialect, Encoding,
    EndpointClass, IdentitySource, ScopeForm, SecretDeclaration,
};
use vestibule_core::{MemberName, Pointer, RoleName, SecretName};

use super::*;

mod uses;

fn endpoint(
    class: EndpointClass,
    method: HttpMethod,
    token_header: Option<&str>,
) -> PinnedEndpoint {
    PinnedEndpoint {
        class,
        url: "https://idp.example/x".into(),
        method,
        token_header: token_header.map(Into::into),
        dialect: Dialect {
            encoding: Encoding::Form,
            renames: vec![],
            scope_form: ScopeForm::Joined(' '),
            error_code: Pointer::parse("/error").unwrap(),
            error_description: Pointer::parse("/error_description").unwrap(),
            outcomes: vec![],
        },
    }
}

/// Every class of endpoint, one resource with its own header, and one declared secret of each kind that a plugin can add.
pub(crate) fn permissions() -> Permissions {
    let rows = [
        (
            "authorization",
            EndpointClass::Authorization,
            HttpMethod::Get,
            None,
        ),
        (
            "pushed_authorization_request",
            EndpointClass::Authorization,
            HttpMethod::Post,
            None,
        ),
        ("token", EndpointClass::Token, HttpMethod::Post, None),
        (
            "device_authorization",
            EndpointClass::Device,
            HttpMethod::Post,
            None,
        ),
        (
            "registration",
            EndpointClass::Registration,
            HttpMethod::Post,
            None,
        ),
        (
            "revocation",
            EndpointClass::Revocation,
            HttpMethod::Post,
            None,
        ),
        (
            "introspection",
            EndpointClass::Introspection,
            HttpMethod::Post,
            None,
        ),
        ("userinfo", EndpointClass::Userinfo, HttpMethod::Get, None),
        (
            "accounts",
            EndpointClass::Resource,
            HttpMethod::Get,
            Some("x-token"),
        ),
        ("api", EndpointClass::Resource, HttpMethod::Post, None),
        ("motd", EndpointClass::Public, HttpMethod::Get, None),
    ];
    let name = |text: &str| SecretName::parse(text).unwrap();
    let role = |text: &str| RoleName::parse(text).unwrap();
    Permissions {
        issuer: "https://idp.example".into(),
        discovered: false,
        client: Client::Configured {
            client_id: "cli".into(),
            authentication: ClientAuthentication::None,
        },
        methods: vec![],
        scopes: vec![],
        endpoints: rows
            .into_iter()
            .map(|(r, class, method, header)| (role(r), endpoint(class, method, header)))
            .collect::<BTreeMap<_, _>>(),
        supplied: Default::default(),
        jwks_uri: None,
        readable: vec![],
        secrets: vec![
            SecretDeclaration {
                name: name("portal_key"),
                kind: SecretKind::Opaque,
                born_role: role("accounts"),
                born_pointer: Pointer::parse("/key").unwrap(),
                goes: vec![DeclaredCell {
                    role: role("api"),
                    placement: DeclaredPlacement::Member(MemberName::parse("key").unwrap()),
                }],
            },
            SecretDeclaration {
                name: name("session_token"),
                kind: SecretKind::CloudKey,
                born_role: role("accounts"),
                born_pointer: Pointer::parse("/t").unwrap(),
                goes: vec![],
            },
        ],
        identity: IdentitySource::Unknown,
        derivation: vec![],
        hosts: vec![],
    }
}

/// The design's table, written out by hand: kind or declared name, role, method, placement. Anything else is refused.
fn permitted() -> Vec<(&'static str, &'static str, HttpMethod, Placement)> {
    let member = |name: &str| Placement::Member(name.into());
    let parameter = |name: &str| Placement::AuthorizationParameter(name.into());
    use HttpMethod::{Get, Post};
    vec![
        ("code", "token", Post, member("code")),
        ("code_verifier", "token", Post, member("code_verifier")),
        ("state", "authorization", Get, parameter("state")),
        (
            "state",
            "pushed_authorization_request",
            Post,
            parameter("state"),
        ),
        ("nonce", "authorization", Get, parameter("nonce")),
        (
            "nonce",
            "pushed_authorization_request",
            Post,
            parameter("nonce"),
        ),
        ("device_code", "token", Post, member("device_code")),
        ("refresh_token", "token", Post, member("refresh_token")),
        ("refresh_token", "revocation", Post, member("token")),
        ("refresh_token", "introspection", Post, member("token")),
        ("access_token", "revocation", Post, member("token")),
        ("access_token", "introspection", Post, member("token")),
        ("access_token", "userinfo", Get, Placement::Authorization),
        (
            "access_token",
            "accounts",
            Get,
            Placement::TokenHeader("x-token".into()),
        ),
        ("access_token", "api", Post, Placement::Authorization),
        (
            "client_secret",
            "token",
            Post,
            Placement::ClientAuthentication,
        ),
        (
            "client_secret",
            "pushed_authorization_request",
            Post,
            Placement::ClientAuthentication,
        ),
        (
            "client_secret",
            "device_authorization",
            Post,
            Placement::ClientAuthentication,
        ),
        (
            "client_secret",
            "revocation",
            Post,
            Placement::ClientAuthentication,
        ),
        (
            "client_secret",
            "introspection",
            Post,
            Placement::ClientAuthentication,
        ),
        (
            "client_assertion",
            "token",
            Post,
            Placement::ClientAuthentication,
        ),
        (
            "client_assertion",
            "pushed_authorization_request",
            Post,
            Placement::ClientAuthentication,
        ),
        (
            "client_assertion",
            "device_authorization",
            Post,
            Placement::ClientAuthentication,
        ),
        (
            "client_assertion",
            "revocation",
            Post,
            Placement::ClientAuthentication,
        ),
        (
            "client_assertion",
            "introspection",
            Post,
            Placement::ClientAuthentication,
        ),
        ("access_token", "token", Post, member("subject_token")),
        ("access_token", "token", Post, member("actor_token")),
        ("subject_assertion", "token", Post, member("assertion")),
        ("subject_assertion", "token", Post, member("subject_token")),
        ("subject_assertion", "token", Post, member("actor_token")),
        ("portal_key", "api", Post, member("key")),
    ]
}

/// Every secret there can be: all standard kinds, and the declared ones under their names.
fn subjects() -> Vec<(SecretKind, &'static str)> {
    let standard = SecretKind::ALL
        .into_iter()
        .map(|kind| (kind, kind.as_str()));
    standard
        .chain([
            (SecretKind::Opaque, "portal_key"),
            (SecretKind::CloudKey, "session_token"),
        ])
        .collect()
}

/// Every place there can be: all roles (and one that is in no table), all methods, all placements that occur anywhere and some that do not.
fn places() -> Vec<(String, HttpMethod, Placement)> {
    let mut placements = vec![
        Placement::Authorization,
        Placement::TokenHeader("x-token".into()),
        Placement::TokenHeader("cookie".into()),
        Placement::ClientAuthentication,
    ];
    for name in [
        "code",
        "code_verifier",
        "state",
        "nonce",
        "device_code",
        "refresh_token",
        "access_token",
        "token",
        "assertion",
        "key",
        "scope",
        "client_secret",
        "client_assertion",
        "id_token",
        "subject_token",
        "actor_token",
        "x",
    ] {
        placements.push(Placement::Member(name.into()));
        placements.push(Placement::AuthorizationParameter(name.into()));
    }
    let roles: Vec<String> = permissions()
        .endpoints
        .keys()
        .map(ToString::to_string)
        .chain(["elsewhere".to_owned()])
        .collect();
    let mut places = Vec::new();
    for role in roles {
        for method in [HttpMethod::Get, HttpMethod::Post, HttpMethod::Delete] {
            for placement in &placements {
                places.push((role.clone(), method, placement.clone()));
            }
        }
    }
    places
}

// proves: PLUG-03
#[test]
fn each_secret_goes_into_its_own_cells_and_no_other() {
    let permitted = permitted();
    let mut tried = 0;
    let mut passed = Vec::new();
    for (kind, name) in subjects() {
        for (role, method, placement) in places() {
            let mut vault = Vault::new(Matrix::of(&permissions()));
            let reference = vault.keep(kind, name, Secret::new("value".into())).unwrap();
            let expected = permitted
                .iter()
                .any(|(n, r, m, p)| *n == name && *r == role && *m == method && *p == placement);
            let result = vault.place(
                reference,
                Place {
                    role: &role,
                    method,
                    placement: &placement,
                },
            );
            assert_eq!(
                result.is_ok(),
                expected,
                "{name} at {method:?} {role}, {placement}"
            );
            if expected {
                passed.push((name, role.clone(), placement.clone()));
            }
            tried += 1;
        }
    }
    assert_eq!(
        passed.len(),
        permitted.len(),
        "every row of the table was reached: {passed:?}"
    );
    assert!(tried > 10_000, "{tried}");
}

#[test]
fn the_printed_matrix_is_the_enforced_one() {
    let matrix = Matrix::of(&permissions());
    let mut printed: Vec<_> = matrix
        .rows()
        .map(|(name, _, cell)| {
            (
                name.to_owned(),
                cell.role.clone(),
                cell.method,
                cell.placement.clone(),
            )
        })
        .collect();
    let mut table: Vec<_> = permitted()
        .into_iter()
        .map(|(n, r, m, p)| (n.to_owned(), r.to_owned(), m, p))
        .collect();
    printed.sort();
    table.sort();
    assert_eq!(printed, table);
}

#[test]
fn a_guess_a_spent_one_and_a_wrong_kind_fail_the_same_way() {
    let mut vault = Vault::new(Matrix::of(&permissions()));
    let code = vault
        .keep(
            SecretKind::AuthorizationCode,
            "code",
            Secret::new("value".into()),
        )
        .unwrap();
    let placement = Placement::Member("code".into());
    let token = Place {
        role: "token",
        method: HttpMethod::Post,
        placement: &placement,
    };
    assert!(vault.place(code, token).is_ok());
    let spent = vault.place(code, token).unwrap_err();

    let refresh = vault
        .keep(
            SecretKind::RefreshToken,
            "refresh_token",
            Secret::new("value".into()),
        )
        .unwrap();
    let wrong_kind = vault.place(refresh, token).unwrap_err();

    let mut other = Vault::new(Matrix::of(&permissions()));
    let foreign = other
        .keep(
            SecretKind::AuthorizationCode,
            "code",
            Secret::new("value".into()),
        )
        .unwrap();
    let foreign = vault.place(foreign, token).unwrap_err();

    let guess = vault
        .place(Reference { high: 0, low: 1 }, token)
        .unwrap_err();
    let taken = vault.take(code).unwrap_err();
    for error in [&wrong_kind, &foreign, &guess, &taken] {
        assert_eq!(
            (error.code(), error.message(), error.next_step()),
            (spent.code(), spent.message(), spent.next_step())
        );
    }
}

#[test]
fn references_do_not_repeat() {
    let mut seen = std::collections::HashSet::new();
    // Over many flows, each as full as it may be.
    for _ in 0..100 {
        let mut vault = Vault::new(Matrix::of(&permissions()));
        let mut keep = || vault.keep(SecretKind::Opaque, "x", Secret::new(String::new()));
        for _ in 0..FLOW_SECRETS {
            assert!(seen.insert(keep().unwrap()));
        }
        assert_eq!(keep().unwrap_err().code(), "plugin.secrets");
    }
}

// proves: RESP-07
#[test]
fn what_was_erased_opens_nothing_and_is_still_caught_at_the_barrier() {
    use vestibule_core::Cleared;
    use vestibule_core::record::Method;
    use vestibule_core::start::{Purpose, Start};

    const VALUE: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
    let start = |hint: &str| Start {
        purpose: Purpose::SignIn {
            login_hint: Some(hint.to_owned()),
        },
        settings: vec![],
        method: Method::Browser,
        scopes: vec![],
        registered: true,
    };
    for erase in [
        |vault: &mut Vault, reference| vault.erase(reference),
        |vault: &mut Vault, reference| vault.withdraw(reference).map(drop),
    ] {
        let mut vault = Vault::new(Matrix::of(&permissions()));
        assert!(Cleared::by(&vault, start(VALUE)).is_ok());
        let secret = Secret::new(VALUE.to_owned());
        let reference = vault
            .keep(SecretKind::CodeVerifier, "code_verifier", secret)
            .unwrap();
        erase(&mut vault, reference).unwrap();
        assert!(vault.look(reference).is_err() && vault.kind_of(reference).is_err());
        assert!(erase(&mut vault, reference).is_err());
        let hex: String = VALUE.bytes().map(|byte| format!("{byte:02x}")).collect();
        for hint in [VALUE.to_owned(), format!("x{VALUE}y"), hex] {
            assert!(Cleared::by(&vault, start(&hint)).is_err(), "{hint}");
        }
        assert!(Cleared::by(&vault, start(&VALUE[1..])).is_ok());
    }
}
