//! Random cases: what a provider answers, and what a plugin is and asks.

use proptest::option::weighted;
use proptest::prelude::{any, *};
use serde_json::{Map, Value, json};
use vestibule_attacks::puppet::{self, reference, secret, text};

use crate::marker::{Encoding, Kind, Values, any_encoding, any_kind};

/// One case.
#[derive(Clone, Debug)]
pub(crate) struct Case {
    pub(crate) purpose: Purpose,
    pub(crate) plugin: Plugin,
    pub(crate) steps: Vec<Value>,
    /// The answers of the token endpoint, of the API, and of everything else.
    pub(crate) answers: [Answer; 3],
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Purpose {
    SignIn,
    Refresh,
    Revoke,
    Derive,
}

/// What is particular about a plugin's description.
#[derive(Clone, Debug)]
pub(crate) struct Plugin {
    pub(crate) readable: Vec<(&'static str, &'static str, Shape)>,
    /// A member of the token reply that takes the place of a standard one.
    pub(crate) rename: Option<(&'static str, &'static str)>,
    pub(crate) json: bool,
    pub(crate) token_header: bool,
    /// Where the declared secret is born.
    pub(crate) born: &'static str,
}

#[derive(Clone, Copy, Debug)]
pub(crate) enum Shape {
    Text,
    Integer,
    Rows,
}

/// What an endpoint answers.
#[derive(Clone, Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) members: Vec<(&'static str, Written)>,
    pub(crate) headers: Vec<(&'static str, Vec<Piece>)>,
    pub(crate) redirect: Option<u16>,
}

/// A JSON value with secrets in it.
#[derive(Clone, Debug)]
pub(crate) enum Written {
    Text(Vec<Piece>),
    Number(i64),
    Flag(bool),
    Nothing,
    List(Vec<Written>),
    Object(Vec<(&'static str, Written)>),
}

/// A part of a text.
#[derive(Clone, Debug)]
pub(crate) enum Piece {
    Plain(&'static str),
    Marker(Kind, Encoding),
}

pub(crate) fn write(pieces: &[Piece], values: Values) -> String {
    pieces
        .iter()
        .map(|piece| match piece {
            Piece::Plain(text) => (*text).to_owned(),
            Piece::Marker(kind, encoding) => encoding.of(&kind.value(values)),
        })
        .collect()
}

impl Written {
    pub(crate) fn json(&self, values: Values) -> Value {
        match self {
            Self::Text(pieces) => write(pieces, values).into(),
            Self::Number(number) => (*number).into(),
            Self::Flag(flag) => (*flag).into(),
            Self::Nothing => Value::Null,
            Self::List(items) => items.iter().map(|item| item.json(values)).collect(),
            Self::Object(members) => object(members, values).into(),
        }
    }
}

pub(crate) fn object(members: &[(&'static str, Written)], values: Values) -> Map<String, Value> {
    members
        .iter()
        .map(|(name, value)| ((*name).to_owned(), value.json(values)))
        .collect()
}

/// Members by which providers say things, honest and otherwise.
const NAMES: [&str; 18] = [
    "note",
    "user",
    "list",
    "items",
    "id",
    "name",
    "debug",
    "echo",
    "token",
    "accessToken",
    "access_token_copy",
    "Refresh-Token",
    "nested",
    "data",
    "scope",
    "error",
    "error_description",
    "handle_copy",
];

/// What plugins ask to read: honest members, and some whose names say what they are.
const READABLE: [(&str, &str, Shape); 10] = [
    ("api", "/note", Shape::Text),
    ("api", "/user/name", Shape::Text),
    ("api", "/id", Shape::Integer),
    ("api", "/list", Shape::Rows),
    ("api", "/nested/0/note", Shape::Text),
    ("token", "/note", Shape::Text),
    ("token", "/data/name", Shape::Text),
    ("token", "/list", Shape::Rows),
    ("api", "/nested/0/refresh_token", Shape::Text),
    ("token", "/accessToken", Shape::Text),
];

/// A case in which nobody does anything.
pub(crate) fn plain() -> Case {
    let nothing = || Answer {
        status: 200,
        members: Vec::new(),
        headers: Vec::new(),
        redirect: None,
    };
    Case {
        purpose: Purpose::Refresh,
        plugin: Plugin {
            readable: Vec::new(),
            rename: None,
            json: false,
            token_header: false,
            born: "/handle",
        },
        steps: Vec::new(),
        answers: [nothing(), nothing(), nothing()],
    }
}

pub(crate) fn cases() -> impl Strategy<Value = Case> {
    let purpose = prop::sample::select(vec![
        Purpose::SignIn,
        Purpose::Refresh,
        Purpose::Refresh,
        Purpose::Derive,
        Purpose::Derive,
        Purpose::Revoke,
    ]);
    let steps = (
        weighted(0.9, Just(())),
        prop::collection::vec(step(), 0..6),
        weighted(0.6, Just(())),
    );
    let answers = [answer(), answer(), answer()];
    (purpose, plugin(), steps, answers).prop_map(
        |(purpose, plugin, (begins, more, ends), answers)| {
            // Most plugins begin and end as an honest one would, or they would not come far.
            let begins = begins.map(|()| beginning(purpose)).unwrap_or_default();
            let ends = ends.map(|()| end(purpose));
            Case {
                purpose,
                plugin,
                steps: begins.into_iter().chain(more).chain(ends).collect(),
                answers,
            }
        },
    )
}

fn beginning(purpose: Purpose) -> Vec<Value> {
    let api = || puppet::call("api", reference("access_token"), &[], Vec::new());
    match purpose {
        Purpose::SignIn => vec![authorize(), puppet::redeem("code")],
        Purpose::Refresh => vec![puppet::refresh("refresh_token")],
        Purpose::Derive => vec![api()],
        Purpose::Revoke => vec![puppet::revoke("refresh_token")],
    }
}

fn end(purpose: Purpose) -> Value {
    match purpose {
        Purpose::SignIn | Purpose::Refresh => puppet::finish(&["access_token", "refresh_token"]),
        Purpose::Derive => puppet::finish_as("Opaque", &[("handle", reference("handle"))]),
        Purpose::Revoke => json!({"Finish": "Done"}),
    }
}

fn authorize() -> Value {
    puppet::authorize_with(&["use"], &[])
}

fn plugin() -> impl Strategy<Value = Plugin> {
    let honest = READABLE.len() - 2;
    (
        prop::sample::subsequence(READABLE[..honest].to_vec(), 0..=honest),
        weighted(0.04, prop::sample::select(READABLE[honest..].to_vec())),
        weighted(
            0.2,
            prop::sample::select(vec![
                ("access_token", "accessToken"),
                ("access_token", "accessToken"),
                ("access_token", "accessToken"),
                ("refresh_token", "note"),
                ("access_token", "id"),
            ]),
        ),
        any::<bool>(),
        any::<bool>(),
        weighted(
            0.06,
            prop::sample::select(vec!["/note", "/user/name", "/access_token"]),
        ),
    )
        .prop_map(
            |(mut readable, greedy, rename, json, token_header, born)| Plugin {
                readable: {
                    readable.extend(greedy);
                    readable
                },
                rename,
                json,
                token_header,
                born: born.unwrap_or("/handle"),
            },
        )
}

fn answer() -> impl Strategy<Value = Answer> {
    let named = prop::sample::select(NAMES.to_vec());
    let others = prop::collection::vec((named, written()), 0..6);
    (
        prop::sample::select(vec![200, 200, 200, 200, 200, 200, 200, 201, 400, 401, 500]),
        (expected(), others),
        prop::collection::vec(
            (
                prop::sample::select(vec!["x-echo", "set-cookie", "www-authenticate", "link"]),
                pieces(0.5),
            ),
            0..2,
        ),
        weighted(0.03, prop::sample::select(vec![301, 302, 303, 307, 308])),
    )
        .prop_map(|(status, (expected, others), headers, redirect)| Answer {
            status,
            // What comes later has the word: an object keeps one member of a name.
            members: others.into_iter().chain(expected).collect(),
            headers,
            redirect,
        })
}

/// Members where plugins look for them, of the shapes that they expect. Some hold a secret: that is what the second barrier is for.
fn expected() -> impl Strategy<Value = Vec<(&'static str, Written)>> {
    let word = || pieces(0.06).prop_map(Written::Text);
    let number = || any::<i32>().prop_map(|number| Written::Number(number.into()));
    let row =
        (word(), number()).prop_map(|(name, id)| Written::Object(vec![("name", name), ("id", id)]));
    (
        weighted(0.6, word()),
        weighted(0.6, word()),
        weighted(0.6, number()),
        weighted(0.6, prop::collection::vec(row, 0..4)),
        weighted(0.4, word()),
        weighted(0.6, word()),
    )
        .prop_map(|(note, name, id, list, nested, data)| {
            let object = |name, value| Written::Object(vec![(name, value)]);
            let members = [
                note.map(|note| ("note", note)),
                name.map(|name| ("user", object("name", name))),
                id.map(|id| ("id", id)),
                list.map(|rows| ("list", Written::List(rows))),
                nested.map(|note| ("nested", Written::List(vec![object("note", note)]))),
                data.map(|name| ("data", object("name", name))),
            ];
            members.into_iter().flatten().collect()
        })
}

fn written() -> impl Strategy<Value = Written> {
    let leaf = prop_oneof![
        6 => pieces(0.2).prop_map(Written::Text),
        1 => any::<i32>().prop_map(|number| Written::Number(number.into())),
        1 => any::<bool>().prop_map(Written::Flag),
        1 => Just(Written::Nothing),
    ];
    leaf.prop_recursive(3, 12, 4, |inner| {
        let named = prop::sample::select(NAMES.to_vec());
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Written::List),
            prop::collection::vec((named, inner), 0..4).prop_map(Written::Object),
        ]
    })
}

/// A text of pieces, of which so many in one hold a secret.
fn pieces(secrets: f64) -> impl Strategy<Value = Vec<Piece>> {
    let plain = prop::sample::select(vec!["", "x", "ada", "a b", "%", "\\u00", "=&", "7", "AAAA"]);
    (
        plain.clone(),
        weighted(secrets, (any_kind(), any_encoding())),
        plain,
    )
        .prop_map(|(before, marker, after)| {
            let mut pieces = vec![Piece::Plain(before)];
            pieces.extend(marker.map(|(kind, encoding)| Piece::Marker(kind, encoding)));
            pieces.push(Piece::Plain(after));
            pieces
        })
}

/// A step, honest or not. What it refers to may not be there.
fn step() -> impl Strategy<Value = Value> {
    prop_oneof![
        1 => Just(puppet::discover()),
        1 => Just(authorize()),
        3 => known().prop_map(puppet::redeem),
        4 => known().prop_map(puppet::refresh),
        2 => known().prop_map(puppet::revoke),
        8 => call(),
        1 => Just(puppet::choose("which", &[("a", "one"), ("b", "two")])),
        1 => Just(puppet::fail(puppet::told())),
        2 => prop::collection::vec(known(), 0..3).prop_map(|parts| puppet::finish(&parts)),
        1 => prop::collection::vec((known(), known()), 0..3).prop_map(|parts| {
            let parts: Vec<(&str, Value)> =
                parts.iter().map(|(name, other)| (*name, reference(other))).collect();
            puppet::finish_as("CloudKeys", &parts)
        }),
    ]
}

/// A request of the plugin's own: to its API or elsewhere, with secrets in all sorts of places, or with all it knows.
fn call() -> impl Strategy<Value = Value> {
    let token = prop_oneof![
        6 => Just(reference("access_token")),
        2 => known().prop_map(reference),
        1 => Just(Value::Null),
        1 => Just(puppet::guess("access_token")),
    ];
    let field = prop_oneof![
        3 => Just(secret("handle", reference("handle"))),
        2 => (names(), known()).prop_map(|(name, known)| secret(name, reference(known))),
        2 => names().prop_map(|name| text(name, "words")),
        2 => names().prop_map(|name| text(name, puppet::told())),
    ];
    let query = prop_oneof![
        2 => Just(Vec::new()),
        1 => names().prop_map(|name| vec![(name, json!("words"))]),
        1 => names().prop_map(|name| vec![(name, puppet::told())]),
    ];
    let role = prop::sample::select(vec!["api", "api", "api", "public", "token", "nowhere"]);
    (role, token, query, prop::collection::vec(field, 0..3))
        .prop_map(|(role, token, query, body)| puppet::call(role, token, &query, body))
}

fn names() -> impl Strategy<Value = &'static str> {
    prop::sample::select(vec!["note", "q", "handle", "other", "access_token"])
}

fn known() -> impl Strategy<Value = &'static str> {
    prop::sample::select(vec![
        "code",
        "access_token",
        "access_token",
        "refresh_token",
        "refresh_token",
        "handle",
        "session_key",
        "nothing",
    ])
}
