//! The pages that a person sees: plain HTML, no script, light and dark, usable with a keyboard and a screen reader alone.

use crate::encoding::{base64_standard, sha256};
use crate::people::PEOPLE;
use crate::wire::Response;

const STYLE: &str = "\
:root{color-scheme:light dark}\
body{font:1.0625rem/1.5 system-ui,sans-serif;max-width:34rem;margin:3rem auto;padding:0 1rem}\
h1{font-size:1.4rem}fieldset{border:1px solid;border-radius:.5rem;margin:1rem 0;padding:.75rem 1rem}\
label{display:block;padding:.25rem 0}\
button,input[type=text]{font:inherit;padding:.5rem 1.25rem;border:1px solid;border-radius:.5rem;margin-right:.75rem}\
code{overflow-wrap:anywhere}";

/// A hidden field of a form.
pub(crate) struct Hidden<'a> {
    pub(crate) name: &'a str,
    pub(crate) value: &'a str,
}

/// Asks who signs in and whether the client may have what it asks for.
pub(crate) fn consent(action: &str, hidden: &Hidden<'_>, client: &str, scope: &str) -> Response {
    let scopes: String = scope
        .split_whitespace()
        .map(|scope| format!("<li><code>{}</code></li>", escape(scope)))
        .collect();
    let people: String = PEOPLE
        .iter()
        .enumerate()
        .map(|(index, person)| {
            let checked = if index == 0 { " checked" } else { "" };
            format!(
                "<label><input type=\"radio\" name=\"account\" value=\"{}\"{checked}> {} ({})</label>",
                escape(person.login),
                escape(person.name),
                escape(person.email)
            )
        })
        .collect();
    let body = format!(
        "<h1>Sign in at the practice provider</h1>\
         <p>The program <code>{client}</code> on this computer asks for access. Go on only if you started it.</p>\
         <form method=\"post\" action=\"{action}\">\
         <input type=\"hidden\" name=\"{name}\" value=\"{value}\">\
         <fieldset><legend>Who are you?</legend>{people}</fieldset>\
         <fieldset><legend>What it asks for</legend><ul>{scopes}</ul></fieldset>\
         <button name=\"decision\" value=\"approve\">Approve</button>\
         <button name=\"decision\" value=\"deny\">Deny</button>\
         </form>",
        client = escape(client),
        action = escape(action),
        name = escape(hidden.name),
        value = escape(hidden.value),
    );
    page(200, "Sign in", &body)
}

/// Asks for the code that the device shows.
pub(crate) fn ask_user_code(action: &str) -> Response {
    let body = format!(
        "<h1>Connect a device</h1><form method=\"get\" action=\"{}\">\
         <p><label>The code on your device <input type=\"text\" name=\"user_code\" autocomplete=\"off\" required></label></p>\
         <button>Continue</button></form>",
        escape(action)
    );
    page(200, "Connect a device", &body)
}

/// Says how it stands.
pub(crate) fn message(status: u16, title: &str, text: &str) -> Response {
    page(
        status,
        title,
        &format!("<h1>{}</h1><p>{}</p>", escape(title), escape(text)),
    )
}

fn page(status: u16, title: &str, body: &str) -> Response {
    let html = format!(
        "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\
         <title>{} - practice provider</title><style>{STYLE}</style></head><body><main>{body}</main></body></html>",
        escape(title)
    );
    // Browsers hold `form-action` against the redirect that follows a form too, so loopback callbacks must be named.
    let policy = format!(
        "default-src 'none'; style-src 'sha256-{}'; base-uri 'none'; frame-ancestors 'none'; \
         form-action 'self' http://127.0.0.1:* http://[::1]:* http://localhost:*",
        base64_standard(sha256(STYLE))
    );
    Response::new(status, "text/html; charset=utf-8", html)
        .header("Content-Security-Policy", &policy)
        .header("Cache-Control", "no-store")
        .header("Referrer-Policy", "no-referrer")
        .header("X-Content-Type-Options", "nosniff")
}

/// Text for an element or a quoted attribute.
pub(crate) fn escape(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
        .replace('\'', "&#39;")
}

/// The reverse, for the visitor.
pub(crate) fn unescape(text: &str) -> String {
    text.replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&quot;", "\"")
        .replace("&#39;", "'")
        .replace("&amp;", "&")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_client_sends_cannot_become_markup() {
        let hidden = Hidden {
            name: "ticket",
            value: "\"><script>",
        };
        let response = consent(
            "/consent",
            &hidden,
            "<script>alert(1)</script>",
            "openid <b>",
        );
        let html = String::from_utf8_lossy(response.bytes()).into_owned();
        assert!(!html.contains("<script"), "{html}");
        assert!(!html.contains("<b>"), "{html}");
    }

    #[test]
    fn escaping_has_an_inverse() {
        let text = "<a href=\"x\">&amp;'</a>";
        assert_eq!(unescape(&escape(text)), text);
    }
}
