//! What the browser shows when it comes back (RFC 6749 section 3.1.2.5): fixed texts of this program, and nothing that was sent.
//!
//! The pages have no script and load nothing. Their one style sheet is named by its hash, so that even a page that somehow held
//! foreign markup could not be styled into a false one.

use std::sync::LazyLock;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http_body_util::Full;
use hyper::header::{self, HeaderName, HeaderValue};
use hyper::{Response, StatusCode};

use crate::hash;

const FRAME: &str = include_str!("page/result.html");
const STYLE: &str = include_str!("page/result.css");

/// A page. Each is a fixed text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Page {
    /// The whole sign-in succeeded.
    SignedIn,
    /// The person, or the provider on their behalf, said no.
    Denied,
    /// Something went wrong after the browser's part.
    Failed,
    /// The answer arrived; how it ended is not known yet.
    Received,
    /// The answer had arrived before.
    AlreadyUsed,
    /// An answer that belongs to no sign-in that waits here.
    NotExpected,
}

impl Page {
    #[cfg(test)]
    const ALL: [Self; 6] = [
        Self::SignedIn,
        Self::Denied,
        Self::Failed,
        Self::Received,
        Self::AlreadyUsed,
        Self::NotExpected,
    ];

    const fn status(self) -> StatusCode {
        match self {
            Self::SignedIn | Self::Denied | Self::Failed | Self::Received => StatusCode::OK,
            Self::AlreadyUsed => StatusCode::GONE,
            Self::NotExpected => StatusCode::BAD_REQUEST,
        }
    }

    const fn words(self) -> Words {
        match self {
            Self::SignedIn => Words {
                mood: "good",
                heading: "You are signed in",
                text: "Vestibule has what it needs.",
                next: "You can close this tab and go back to the terminal.",
            },
            Self::Denied => Words {
                mood: "bad",
                heading: "Sign-in was refused",
                text: "Your provider did not give access.",
                next: "You can close this tab. The terminal says what was refused.",
            },
            Self::Failed => Words {
                mood: "bad",
                heading: "Sign-in did not work",
                text: "Vestibule could not complete it.",
                next: "You can close this tab. The terminal says what went wrong and what to do.",
            },
            Self::Received => Words {
                mood: "calm",
                heading: "Back to the terminal",
                text: "Vestibule has received your provider's answer.",
                next: "You can close this tab. The terminal says how it ended.",
            },
            Self::AlreadyUsed => Words {
                mood: "calm",
                heading: "This link was already used",
                text: "Each answer counts once, and this one has arrived before.",
                next: "You can close this tab. The terminal says how it ended.",
            },
            Self::NotExpected => Words {
                mood: "bad",
                heading: "Nothing here waits for this",
                text: "This answer does not belong to the sign-in that is under way, so it was ignored.",
                next: "You can close this tab and finish in the one that opened last.",
            },
        }
    }

    fn html(self) -> String {
        let words = self.words();
        FRAME
            .replace("{mood}", words.mood)
            .replace("{heading}", words.heading)
            .replace("{text}", words.text)
            .replace("{next}", words.next)
            .replace("{style}", STYLE)
    }

    /// The page as a response.
    pub(crate) fn response(self) -> Response<Full<Bytes>> {
        let mut response = bare(self.status());
        response.headers_mut().insert(
            header::CONTENT_TYPE,
            HeaderValue::from_static("text/html; charset=utf-8"),
        );
        *response.body_mut() = Full::new(Bytes::from(self.html()));
        response
    }
}

struct Words {
    mood: &'static str,
    heading: &'static str,
    text: &'static str,
    next: &'static str,
}

/// A response without a body. It has the headers of all others: not to be kept, framed, guessed at or told to a third party.
/// There are none that let a web page read it.
pub(crate) fn bare(status: StatusCode) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::new(Bytes::new()));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    for (name, value) in [
        (header::CACHE_CONTROL, "no-store"),
        (header::REFERRER_POLICY, "no-referrer"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (
            HeaderName::from_static("cross-origin-opener-policy"),
            "same-origin",
        ),
        (
            HeaderName::from_static("cross-origin-resource-policy"),
            "same-origin",
        ),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    headers.insert(header::CONTENT_SECURITY_POLICY, POLICY.clone());
    response
}

/// Moves the browser to an address that says nothing (RFC 9700 section 4.3.1). The empty fragment takes the place of one that the
/// provider may have sent, which browsers would otherwise carry along.
pub(crate) fn moved(path: &str) -> Response<Full<Bytes>> {
    let Ok(location) = HeaderValue::from_str(&format!("{path}#")) else {
        return bare(StatusCode::INTERNAL_SERVER_ERROR);
    };
    let mut response = bare(StatusCode::SEE_OTHER);
    response.headers_mut().insert(header::LOCATION, location);
    response
}

static POLICY: LazyLock<HeaderValue> = LazyLock::new(|| {
    let hash = STANDARD.encode(hash::sha256(STYLE));
    let policy = format!(
        "default-src 'none'; style-src 'sha256-{hash}'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
    );
    HeaderValue::from_str(&policy).unwrap_or(HeaderValue::from_static("default-src 'none'"))
});

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_page_is_complete_small_and_loads_nothing() {
        for page in Page::ALL {
            let html = page.html();
            assert!(html.len() < 4_096, "{page:?} has {} bytes", html.len());
            for part in [
                "<!doctype html>",
                "<html lang=\"en\"",
                "<title>",
                "<main",
                "<h1>",
                "name=\"viewport\"",
                "prefers-color-scheme: dark",
                "close this tab",
            ] {
                assert!(html.contains(part), "{page:?} lacks {part}");
            }
            for foreign in [
                "<script",
                "javascript:",
                "http:",
                "https:",
                "src=",
                "href=",
                "url(",
                "@import",
                "style=\"",
            ] {
                assert!(!html.contains(foreign), "{page:?} has {foreign}");
            }
            for placeholder in ["{mood}", "{heading}", "{text}", "{next}", "{style}"] {
                assert!(!html.contains(placeholder), "{page:?} has {placeholder}");
            }
        }
    }

    #[test]
    fn the_policy_allows_the_style_sheet_as_it_stands_in_the_page_and_nothing_else() {
        let html = Page::SignedIn.html();
        let (_, rest) = html.split_once("<style>").unwrap();
        let (style, _) = rest.split_once("</style>").unwrap();
        let hash = STANDARD.encode(hash::sha256(style));
        assert_eq!(
            POLICY.to_str().unwrap(),
            format!(
                "default-src 'none'; style-src 'sha256-{hash}'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
            )
        );
    }

    /// WCAG 2 asks for a contrast of 4.5 between text and ground.
    #[test]
    fn text_has_contrast_in_light_and_in_dark() {
        let (light, dark) = STYLE.split_once("prefers-color-scheme: dark").unwrap();
        for (theme, sheet) in [("light", light), ("dark", dark)] {
            for text in ["--ink", "--soft", "--good", "--bad", "--calm"] {
                let ratio = contrast(colour(sheet, text), colour(sheet, "--card"));
                assert!(ratio >= 4.5, "{theme} {text}: {ratio}");
            }
        }
    }

    fn colour(sheet: &str, name: &str) -> [f64; 3] {
        let (_, rest) = sheet.split_once(&format!("{name}: #")).unwrap();
        [0, 2, 4].map(|at| f64::from(u8::from_str_radix(&rest[at..at + 2], 16).unwrap()) / 255.0)
    }

    fn contrast(one: [f64; 3], other: [f64; 3]) -> f64 {
        let [one, other] = [one, other].map(|[red, green, blue]| {
            let linear = |part: f64| match part {
                low if low <= 0.040_45 => low / 12.92,
                high => ((high + 0.055) / 1.055).powf(2.4),
            };
            0.2126 * linear(red) + 0.7152 * linear(green) + 0.0722 * linear(blue)
        });
        (one.max(other) + 0.05) / (one.min(other) + 0.05)
    }
}
