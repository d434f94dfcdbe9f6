use std::collections::BTreeMap;

use vestibule_core::approval::Permissions;
use vestibule_core::description::{Client, ClientAuthentication, IdentitySource};
use vestibule_core::matrix::Matrix;
use vestibule_core::{Pointer, RoleName, SecretKind, SecretName};

use super::*;

fn readable(pointer: &str, shape: Shape) -> Readable {
    Readable {
        role: RoleName::parse("accounts").unwrap(),
        pointer: Pointer::parse(pointer).unwrap(),
        shape,
    }
}

fn text() -> ScalarKind {
    ScalarKind::Text {
        pattern: "[a-z0-9-]+".into(),
        max_chars: 12,
    }
}

fn document(text: &str) -> Document {
    Document::parse(text.as_bytes()).unwrap()
}

fn read(json: &str, declared: Readable) -> Option<MemberValue> {
    members("accounts", &document(json), &[declared])
        .pop()
        .map(|member| member.value)
}

#[test]
fn what_was_not_declared_stays_out() {
    let json = r#"{"name":"ada","access_token":"t","nested":{"name":"eve"},"list":["x"]}"#;
    let found = members(
        "accounts",
        &document(json),
        &[readable("/name", Shape::One(text()))],
    );
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].value, MemberValue::One(Scalar::Text("ada".into())));
    assert!(
        members(
            "token",
            &document(json),
            &[readable("/name", Shape::One(text()))]
        )
        .is_empty(),
        "another role's members are not this one's"
    );
}

#[test]
fn a_member_of_another_shape_is_left_out() {
    let one = |kind| Shape::One(kind);
    for (json, shape) in [
        (r#"{"m":"UPPER"}"#, one(text())),
        (r#"{"m":"ok then"}"#, one(text())),
        (r#"{"m":"ok\nthen"}"#, one(text())),
        (r#"{"m":"much-too-long-for-it"}"#, one(text())),
        (r#"{"m":1}"#, one(text())),
        (r#"{"m":["a"]}"#, one(text())),
        (r#"{"m":{"a":1}}"#, one(text())),
        (r#"{"m":null}"#, one(text())),
        (r#"{"m":"1"}"#, one(ScalarKind::Integer)),
        (r#"{"m":1.5}"#, one(ScalarKind::Integer)),
        (r#"{"m":"true"}"#, one(ScalarKind::Boolean)),
        (r#"{"m":"b"}"#, one(ScalarKind::OneOf(vec!["a".into()]))),
        (
            r#"{"m":"a"}"#,
            one(ScalarKind::Text {
                pattern: "(".into(),
                max_chars: 9,
            }),
        ),
        (r#"{"m":"a"}"#, Shape::Rows(vec![])),
    ] {
        assert_eq!(read(json, readable("/m", shape)), None, "{json}");
    }
}

#[test]
fn of_a_list_of_objects_only_the_declared_columns_are_read() {
    let columns = vec![
        Column {
            pointer: Pointer::parse("/id").unwrap(),
            kind: text(),
        },
        Column {
            pointer: Pointer::parse("/n").unwrap(),
            kind: ScalarKind::Integer,
        },
    ];
    let json = r#"{"l":[{"id":"a","n":1,"secret":"s"},{"id":"NO","n":2.0},"stray",{}]}"#;
    let rows = read(json, readable("/l", Shape::Rows(columns))).unwrap();
    let text = |value: &str| Some(Scalar::Text(value.into()));
    let number = |value| Some(Scalar::Integer(value));
    assert_eq!(
        rows,
        MemberValue::Rows(vec![
            vec![text("a"), number(1)],
            vec![None, number(2)],
            vec![None, None],
            vec![None, None]
        ])
    );
}

#[test]
fn a_declared_secret_becomes_a_reference() {
    let permissions = Permissions {
        issuer: "https://idp.example".into(),
        discovered: false,
        client: Client::Configured {
            client_id: "cli".into(),
            authentication: ClientAuthentication::None,
        },
        methods: vec![],
        scopes: vec![],
        endpoints: BTreeMap::new(),
        supplied: Default::default(),
        jwks_uri: None,
        readable: vec![],
        secrets: vec![SecretDeclaration {
            name: SecretName::parse("session_token").unwrap(),
            kind: SecretKind::CloudKey,
            born_role: RoleName::parse("accounts").unwrap(),
            born_pointer: Pointer::parse("/keys/token").unwrap(),
            goes: vec![],
        }],
        identity: IdentitySource::Unknown,
        derivation: vec![],
        hosts: vec![],
    };
    let mut vault = Vault::new(Matrix::of(&permissions));
    let found = document(r#"{"keys":{"token":"value-of-the-key"}}"#);
    let kept = secrets("accounts", &found, &permissions.secrets, &mut vault).unwrap();
    assert_eq!(kept.len(), 1);
    assert_eq!(
        vault.kind_of(kept[0].reference).unwrap(),
        (SecretKind::CloudKey, "session_token")
    );
    assert_eq!(
        vault.take(kept[0].reference).unwrap().1.expose(),
        "value-of-the-key"
    );
    assert!(
        secrets("roles", &found, &permissions.secrets, &mut vault)
            .unwrap()
            .is_empty(),
        "born at one role only"
    );
}
