//! Secrets that are recognised wherever they turn up.

use base64::prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD, Engine as _};
use proptest::prelude::*;

/// What a marker is issued as.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum Kind {
    Code,
    Access,
    Refresh,
    /// A secret of the provider's own, which the description declares: it goes to the API, as the member `handle`.
    Handle,
    /// A part of a cloud credential: it goes nowhere.
    Key,
}

pub(crate) const KINDS: [Kind; 5] = [
    Kind::Code,
    Kind::Access,
    Kind::Refresh,
    Kind::Handle,
    Kind::Key,
];

/// The values of one run. The second run has others, which are longer.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Values {
    First,
    Second,
}

impl Kind {
    /// The secret itself. Its characters are those that a token may have and that encodings change.
    pub(crate) fn value(self, values: Values) -> String {
        let name = match self {
            Self::Code => "code",
            Self::Access => "access",
            Self::Refresh => "refresh",
            Self::Handle => "handle",
            Self::Key => "key",
        };
        match values {
            Values::First => format!("Mk~{name}/+=1.q7Zx9-Lw"),
            Values::Second => format!("Other~{name}+/=2._kP4v-Nb8RtY0"),
        }
    }
}

/// How a provider writes a secret into a text.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Encoding {
    Plain,
    Percent,
    PercentLower,
    PercentTwice,
    Base64,
    Base64Url,
    Hex,
    HexUpper,
    JsonEscaped,
}

const ENCODINGS: [Encoding; 9] = [
    Encoding::Plain,
    Encoding::Percent,
    Encoding::PercentLower,
    Encoding::PercentTwice,
    Encoding::Base64,
    Encoding::Base64Url,
    Encoding::Hex,
    Encoding::HexUpper,
    Encoding::JsonEscaped,
];

impl Encoding {
    pub(crate) fn of(self, text: &str) -> String {
        let each = |format: fn(u8) -> String| text.bytes().map(format).collect::<String>();
        match self {
            Self::Plain => text.to_owned(),
            Self::Percent => each(|byte| format!("%{byte:02X}")),
            Self::PercentLower => each(|byte| format!("%{byte:02x}")),
            Self::PercentTwice => each(|byte| format!("%25{byte:02X}")),
            Self::Base64 => BASE64_STANDARD.encode(text),
            Self::Base64Url => BASE64_URL_SAFE_NO_PAD.encode(text),
            Self::Hex => each(|byte| format!("{byte:02x}")),
            Self::HexUpper => each(|byte| format!("{byte:02X}")),
            Self::JsonEscaped => each(|byte| format!("\\u{byte:04x}")),
        }
    }
}

/// Mostly those that are live from the start in most flows.
pub(crate) fn any_kind() -> impl Strategy<Value = Kind> {
    prop_oneof![
        4 => Just(Kind::Access),
        4 => Just(Kind::Refresh),
        1 => Just(Kind::Code),
        1 => Just(Kind::Handle),
        1 => Just(Kind::Key),
    ]
}

/// Every form in which a secret could be in a text: as tests everywhere look for it, and as the providers here write it.
pub(crate) fn forms(secret: &str) -> Vec<String> {
    let written = ENCODINGS.iter().map(|encoding| encoding.of(secret));
    vestibule_e2e::encodings::of(secret)
        .into_iter()
        .chain(written)
        .collect()
}

pub(crate) fn any_encoding() -> impl Strategy<Value = Encoding> {
    prop::sample::select(ENCODINGS.to_vec())
}
