//! Faults that any endpoint can have, on the level of HTTP, JSON and text.

use std::time::Duration;

use crate::record::SecretKind;

/// What goes wrong at an endpoint, whatever it would have answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    /// This status with an empty body: 202 or 400 at revocation, 500 anywhere (REV-02).
    Status(u16),
    /// 503 with `Retry-After` in seconds; nothing is done (REV-02).
    Unavailable {
        /// Seconds.
        retry_after: u32,
    },
    /// A redirect to elsewhere: 301, 302, 303, 307, 308 (NET-02).
    Redirect {
        /// The status.
        status: u16,
        /// The `Location`.
        to: String,
    },
    /// The honest answer, whose body then never ends (NET-06).
    EndlessBody,
    /// The honest answer, which announces more bytes than it has (NET-06).
    FalseLength,
    /// The honest answer in a body of 10 MB, blanks in front (NET-06).
    LongBody,
    /// The honest answer with 100,000 headers (NET-06).
    ManyHeaders,
    /// The honest answer with one header of 1 MB (NET-06).
    HugeHeader,
    /// The honest answer with two different `Content-Length`s (NET-11).
    TwoLengths,
    /// The honest answer with a folded header (NET-11).
    FoldedHeader,
    /// The honest answer with `Set-Cookie` (NET-10).
    SetCookie,
    /// A gzip stream that inflates to 64 MB, whether or not compression was asked for (NET-07).
    GzipBomb,
    /// The honest answer, a byte at a time with this pause between (NET-08).
    Trickle(Duration),
    /// The request is carried out and never answered; the connection stays open (NET-08).
    Stall,
    /// The request is carried out and the connection closed without an answer (TOK-08, NET-08).
    Drop,
    /// 100,000 nested arrays (NET-09).
    DeepJson,
    /// A JSON string of 10 MB (NET-09).
    HugeString,
    /// A NUL in a JSON string, as `\u0000` (NET-09).
    NulInJson,
    /// Half of a surrogate pair in a JSON string (NET-09).
    LoneSurrogate,
    /// JSON that stops in the middle (NET-09).
    TruncatedJson,
    /// 400 with an empty body (PLUG-08).
    EmptyError,
    /// 400 whose `error` is an object (PLUG-08).
    ErrorObject,
    /// 400 with HTML and script in `error_description` (PLUG-08, LOOP-10).
    HtmlError,
    /// 400 with escape codes and bidirectional controls in `error_description` (UI-02, UI-03).
    TerminalEscapes,
    /// 200 with an OAuth error in the body, as some providers do (PLUG-08).
    ErrorInOk,
    /// The honest answer, plus every field and credential of the request and the answer in members nobody declared (PLUG-06, PLUG-07).
    EchoInMembers,
    /// The honest answer, plus the same in headers, `Location` and `Set-Cookie` among them (PLUG-06, NET-11).
    EchoInHeaders,
    /// 400 with the request's fields and credentials in the error's text (PLUG-08).
    EchoInError,
    /// The honest answer with this member, whatever it was before; the value is written as it stands (TOK-05, TOK-06, NET-09).
    Member(&'static str, String),
    /// The honest answer with this member, which repeats the latest secret of a kind (PLUG-07).
    Reflect {
        /// The member.
        member: &'static str,
        /// The kind of secret.
        kind: SecretKind,
        /// How it is written.
        form: Form,
    },
    /// 400 with this `error` and `error_description` (PLUG-08).
    Refusal {
        /// `error`.
        error: String,
        /// `error_description`.
        description: String,
    },
    /// The honest answer with this line in its head, written as it stands (NET-11).
    HeadLine(String),
    /// 401 with this `WWW-Authenticate` (DISC-01).
    Challenge(String),
}

/// How a secret is written down.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// As it is.
    Plain,
    /// Every byte percent-encoded.
    Percent,
    /// Base64 with padding (RFC 4648 §4).
    Base64,
    /// Base64url without padding (RFC 4648 §5).
    Base64Url,
    /// Hexadecimal, lower case.
    Hex,
    /// Every character as `\uXXXX`, escaped once more, so that it is still an escape when JSON was read.
    JsonEscaped,
    /// In the middle of other words.
    Within,
    /// Only so many of its first characters.
    First(usize),
}

impl Form {
    /// Each form of a whole secret once.
    pub const WHOLE: &'static [Self] = &[
        Self::Plain,
        Self::Percent,
        Self::Base64,
        Self::Base64Url,
        Self::Hex,
        Self::JsonEscaped,
        Self::Within,
    ];
}

impl Fault {
    /// Every fault once, with an example where one takes a value.
    #[must_use]
    pub fn all() -> Vec<Self> {
        use Fault as F;
        vec![
            F::Status(500),
            F::Unavailable { retry_after: 2 },
            F::Redirect {
                status: 307,
                to: "http://127.0.0.1:9/stolen".to_owned(),
            },
            F::EndlessBody,
            F::FalseLength,
            F::LongBody,
            F::ManyHeaders,
            F::HugeHeader,
            F::TwoLengths,
            F::FoldedHeader,
            F::SetCookie,
            F::GzipBomb,
            F::Trickle(Duration::from_millis(5)),
            F::Stall,
            F::Drop,
            F::DeepJson,
            F::HugeString,
            F::NulInJson,
            F::LoneSurrogate,
            F::TruncatedJson,
            F::EmptyError,
            F::ErrorObject,
            F::HtmlError,
            F::TerminalEscapes,
            F::ErrorInOk,
            F::EchoInMembers,
            F::EchoInHeaders,
            F::EchoInError,
            F::Member("expires_in", "-1.5e3".to_owned()),
            F::Reflect {
                member: "token_type",
                kind: SecretKind::Code,
                form: Form::Hex,
            },
            F::Refusal {
                error: "hello-plugin".to_owned(),
                description: "a\r\nb".to_owned(),
            },
            F::HeadLine("no colon in it".to_owned()),
            F::Challenge("Bearer realm=\"https://mallory.example\"".to_owned()),
        ]
    }
}
