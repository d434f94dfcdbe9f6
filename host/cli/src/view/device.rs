//! A device code as a person reads it (RFC 8628 section 3.3; DEV-09, DEV-11): who asks for what, code and plain address always, a
//! warning, and for a camera the same address once more. No plugin has a word in it.

use std::time::Duration;

use qrcode::{EcLevel, QrCode};
use serde::Serialize;
use vestibule_core::event::DevicePrompt;
use vestibule_core::{Scope, Shown};

use super::{time, wrap};
use crate::environment::Canvas;

/// What somebody who is tricked has to have read.
const WARNING: &str = "Go on only if you started this sign-in yourself, here and just now. Never pass the code on, and \
    never enter one that somebody sent you: whoever waits for it is then signed in as you.";

/// The prompt.
#[must_use]
pub fn prompt(prompt: &DevicePrompt<'_>, canvas: Canvas) -> String {
    let mut lines = vec![
        "To sign in, enter this code on another device:".to_owned(),
        String::new(),
        format!("  code     {}", Shown::whole(prompt.user_code)),
        format!("  at       {}", Shown::whole(prompt.verification_uri)),
        String::new(),
        format!("  tenant   {}", Shown::whole(prompt.tenant)),
        format!("  issuer   {}", Shown::whole(prompt.issuer)),
        format!(
            "  plugin   {} {}",
            Shown::whole(prompt.plugin),
            Shown::whole(prompt.plugin_digest)
        ),
        format!("  access   {}", access(prompt.access)),
        format!(
            "  expires  in {}",
            time::span(0, prompt.expires_in.as_secs())
        ),
        String::new(),
    ];
    lines.extend(wrap(WARNING, 0));
    if let Some(picture) = picture(prompt, canvas) {
        lines.push(String::new());
        lines.push(
            "Or point a camera at this, and compare the code on the page with the one above:"
                .to_owned(),
        );
        lines.push(String::new());
        lines.extend(picture);
    }
    lines.push(String::new());
    lines.join("\n")
}

/// The prompt for programs.
#[must_use]
pub fn document<'a>(prompt: &'a DevicePrompt<'a>) -> impl Serialize + 'a {
    Document {
        device: Device {
            tenant: prompt.tenant,
            issuer: prompt.issuer,
            plugin: prompt.plugin,
            plugin_digest: prompt.plugin_digest,
            access: prompt.access.iter().map(Scope::as_str).collect(),
            user_code: prompt.user_code,
            verification_uri: prompt.verification_uri,
            verification_uri_complete: prompt.verification_uri_complete,
            expires_in: prompt.expires_in.as_secs(),
            warning: WARNING,
        },
    }
}

/// What is said while nobody has entered the code yet.
#[must_use]
pub fn waiting(left: Duration) -> String {
    // A second that has begun is still there.
    let left = left.as_millis().div_ceil(1000);
    let (minutes, seconds) = (left / 60, left % 60);
    format!("Waiting for the code to be entered, {minutes}:{seconds:02} left. Ctrl-C ends it.")
}

fn access(scopes: &[Scope]) -> String {
    if scopes.is_empty() {
        return "what the provider gives this client: no scope is asked for".to_owned();
    }
    let scopes: Vec<&str> = scopes.iter().map(Scope::as_str).collect();
    Shown::whole(&scopes.join(" ")).to_string()
}

#[derive(Serialize)]
struct Document<'a> {
    device: Device<'a>,
}

#[derive(Serialize)]
struct Device<'a> {
    tenant: &'a str,
    issuer: &'a str,
    plugin: &'a str,
    plugin_digest: &'a str,
    access: Vec<&'a str>,
    user_code: &'a str,
    verification_uri: &'a str,
    verification_uri_complete: Option<&'a str>,
    expires_in: u64,
    warning: &'a str,
}

/// Modules around a QR code that stay light (ISO/IEC 18004 section 9.1).
const QUIET: usize = 4;

/// The address as a QR code, with the code in it if there is such a one; nothing where there is no room for it.
fn picture(prompt: &DevicePrompt<'_>, canvas: Canvas) -> Option<Vec<String>> {
    let (columns, rows) = canvas.size?;
    let address = prompt
        .verification_uri_complete
        .unwrap_or(prompt.verification_uri);
    let modules = Modules::of(address)?;
    let lines = if canvas.unicode {
        modules.in_half_blocks()
    } else {
        modules.in_ascii()
    };
    let fits = lines.len() < rows && lines.iter().all(|line| line.chars().count() < columns);
    fits.then_some(lines)
}

/// A QR code. Light is what is drawn: most terminals are dark, and those that are not make a negative, which cameras read as well. No
/// colour is needed.
struct Modules {
    light: Vec<Vec<bool>>,
}

impl Modules {
    fn of(text: &str) -> Option<Self> {
        let code = QrCode::with_error_correction_level(text, EcLevel::L).ok()?;
        let width = code.width();
        let mut light = vec![vec![true; width + 2 * QUIET]; width + 2 * QUIET];
        for (place, color) in code.to_colors().into_iter().enumerate() {
            let row = light.get_mut(QUIET + place / width)?;
            *row.get_mut(QUIET + place % width)? = color == qrcode::Color::Light;
        }
        Some(Self { light })
    }

    /// Two rows a line, which makes modules square.
    fn in_half_blocks(&self) -> Vec<String> {
        let line = |rows: &[Vec<bool>]| {
            let (upper, lower) = (rows.first(), rows.get(1));
            let upper = upper.into_iter().flatten();
            // Below an odd last row nothing is drawn.
            let lower = lower.into_iter().flatten().chain(std::iter::repeat(&false));
            let blocks = upper.zip(lower).map(|cell| match cell {
                (true, true) => '█',
                (true, false) => '▀',
                (false, true) => '▄',
                (false, false) => ' ',
            });
            blocks.collect()
        };
        self.light.chunks(2).map(line).collect()
    }

    /// Two characters a module, which makes it nearly square.
    fn in_ascii(&self) -> Vec<String> {
        let line = |row: &Vec<bool>| {
            row.iter()
                .map(|light| if *light { "##" } else { "  " })
                .collect()
        };
        self.light.iter().map(line).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scopes() -> Vec<Scope> {
        ["openid", "profile"]
            .map(|scope| Scope::parse(scope).unwrap())
            .into()
    }

    fn example(access: &[Scope]) -> DevicePrompt<'_> {
        DevicePrompt {
            tenant: "work",
            issuer: "https://idp.example",
            plugin: "oidc",
            plugin_digest: "sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
            access,
            verification_uri: "https://idp.example/device",
            verification_uri_complete: Some("https://idp.example/device?user_code=WDJB-MJHT"),
            user_code: "WDJB-MJHT",
            expires_in: Duration::from_secs(570),
        }
    }

    const PLAIN: Canvas = Canvas {
        size: None,
        unicode: true,
    };

    // proves: DEV-11
    #[test]
    fn the_prompt_says_who_asks_for_what_and_warns() {
        insta::assert_snapshot!(prompt(&example(&scopes()), PLAIN), @r"
        To sign in, enter this code on another device:

          code     WDJB-MJHT
          at       https://idp.example/device

          tenant   work
          issuer   https://idp.example
          plugin   oidc sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08
          access   openid profile
          expires  in 9 minutes

        Go on only if you started this sign-in yourself, here and just now. Never
        pass the code on, and never enter one that somebody sent you: whoever waits
        for it is then signed in as you.
        ");
    }

    // proves: DEV-09
    #[test]
    fn code_and_plain_address_are_there_whatever_else_is_offered() {
        let scopes = scopes();
        let (with, mut without) = (example(&scopes), example(&scopes));
        without.verification_uri_complete = None;
        for canvas in [
            PLAIN,
            Canvas {
                size: Some((200, 100)),
                unicode: true,
            },
            Canvas {
                size: Some((200, 100)),
                unicode: false,
            },
            Canvas {
                size: Some((40, 100)),
                unicode: true,
            },
            Canvas {
                size: Some((200, 10)),
                unicode: true,
            },
        ] {
            for offered in [&with, &without] {
                let text = prompt(offered, canvas);
                assert!(text.contains("  code     WDJB-MJHT\n"), "{text}");
                assert!(
                    text.contains("  at       https://idp.example/device\n"),
                    "{text}"
                );
                assert!(!text.contains('\u{1b}'));
            }
        }
    }

    #[test]
    fn a_picture_is_drawn_where_there_is_room_for_it() {
        let scopes = scopes();
        let drawn = |columns, rows, unicode| {
            let canvas = Canvas {
                size: Some((columns, rows)),
                unicode,
            };
            prompt(&example(&scopes), canvas)
        };
        let wide = drawn(80, 40, true);
        assert!(wide.contains('█') && wide.contains("camera"), "{wide}");
        assert!(!drawn(30, 40, true).contains("camera"));
        assert!(!drawn(80, 12, true).contains("camera"));
        let ascii = drawn(120, 60, false);
        assert!(ascii.contains("####") && ascii.is_ascii(), "{ascii}");
        assert!(!drawn(60, 60, false).contains("camera"));
    }

    #[test]
    fn the_picture_has_the_modules_of_the_code() {
        let modules = Modules::of("https://idp.example/device").unwrap();
        let size = modules.light.len();
        assert!(modules.light.iter().all(|row| row.len() == size));
        // The corner of a finder pattern: seven dark modules in a row, a light one after them.
        let row = &modules.light[QUIET];
        assert!(row[..QUIET].iter().all(|light| *light));
        assert!(row[QUIET..QUIET + 7].iter().all(|light| !light));
        assert!(row[QUIET + 7]);
        let blocks = modules.in_half_blocks();
        for (number, line) in blocks.iter().enumerate() {
            for (column, block) in line.chars().enumerate() {
                let light = |row: usize| modules.light.get(row).is_some_and(|row| row[column]);
                let expected = (light(2 * number), light(2 * number + 1));
                let found = (matches!(block, '█' | '▀'), matches!(block, '█' | '▄'));
                assert_eq!(found, expected);
            }
        }
    }

    #[test]
    fn programs_get_the_same() {
        let scopes = scopes();
        let document = serde_json::to_value(document(&example(&scopes))).unwrap();
        let device = &document["device"];
        assert_eq!(device["user_code"], "WDJB-MJHT");
        assert_eq!(device["verification_uri"], "https://idp.example/device");
        assert_eq!(device["access"], serde_json::json!(["openid", "profile"]));
        assert_eq!(device["expires_in"], 570);
        assert!(
            device["warning"]
                .as_str()
                .unwrap()
                .contains("Never pass the code on")
        );
    }

    #[test]
    fn the_time_that_is_left_reads_like_a_clock() {
        let text = waiting(Duration::from_secs(565));
        assert!(text.contains("9:25 left"), "{text}");
        assert!(waiting(Duration::from_secs(9)).contains("0:09 left"));
        assert!(waiting(Duration::from_millis(59_001)).contains("1:00 left"));
    }
}
