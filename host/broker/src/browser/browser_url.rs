//! The only thing that is ever passed to a browser (LOOP-13).

use std::fmt;

use vestibule_core::{Error, ProviderUrl, Result};
use zeroize::Zeroizing;

/// A URL that this program built for the browser: https, or http to a loopback address; printable ASCII without quotes. It has a
/// `state` in it, so that it is shown to the person who signs in and to nobody else.
pub struct BrowserUrl(Zeroizing<String>);

impl BrowserUrl {
    /// Takes the finished text of a URL, and checks it once more as text, since launchers do not parse it as a URL.
    pub(crate) fn parse(text: String) -> Result<Self> {
        let text = Zeroizing::new(text);
        let (Some(scheme), true) = (
            ["https://", "http://"]
                .into_iter()
                .find(|scheme| text.starts_with(scheme)),
            text.bytes().all(is_plain),
        ) else {
            return Err(refused());
        };
        if text.len() == scheme.len() {
            return Err(refused());
        }
        Ok(Self(text))
    }

    /// The URL for the person to open by hand, and for the browser.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<&ProviderUrl> for BrowserUrl {
    type Error = Error;

    /// For a page of the provider that is shown without parameters, such as the verification URI of RFC 8628.
    fn try_from(url: &ProviderUrl) -> Result<Self> {
        Self::parse(url.as_str().to_owned())
    }
}

impl fmt::Debug for BrowserUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[redacted url]")
    }
}

/// A character that means nothing to any launcher's argument parser. RFC 3986 has no others that are plain ASCII.
const fn is_plain(byte: u8) -> bool {
    byte.is_ascii_graphic()
        && !matches!(
            byte,
            b'"' | b'<' | b'>' | b'\\' | b'^' | b'`' | b'{' | b'|' | b'}'
        )
}

fn refused() -> Error {
    Error::provider(
        "browser.url",
        "the provider's URL is not one that can be opened in a browser",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_plain_web_urls_exist() {
        for text in [
            "",
            "-x",
            "--app=https://idp.example/",
            "file:///etc/passwd",
            "javascript:alert(1)",
            "ms-settings://x",
            "HTTPS://idp.example/",
            " https://idp.example/",
            "https://",
            "https://idp.example/\n",
            "https://idp.example/\"x",
            "https://idp.example/^x",
            "https://idp.example/ä",
        ] {
            assert!(BrowserUrl::parse(text.to_owned()).is_err(), "{text}");
        }
        assert!(BrowserUrl::parse("https://idp.example/a?b=$(c)&d='e'%5E".to_owned()).is_ok());
    }
}
