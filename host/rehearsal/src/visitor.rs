//! A person at a browser, played: opens the provider's page, chooses, and is sent back to the client. Only for this provider's own pages.

use std::fmt;
use std::io;
use std::net::SocketAddr;

use url::Url;

use crate::encoding::to_form;
use crate::flow::redirect::loopback;
use crate::page::unescape;
use crate::wire::client::{Reply, exchange};

/// Pages and redirects of one visit. An honest one has three.
const HOPS: usize = 10;

/// Somebody who will look at a page and decide.
#[derive(Clone, Debug)]
pub struct Visitor {
    intent: Intent,
}

#[derive(Clone, Debug)]
enum Intent {
    Approve { account: String },
    Deny,
    WalkAway,
}

/// How a visit ended.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Visit {
    /// Every URL that was requested, in order: the page, the form's action, the client's callback.
    pub urls: Vec<String>,
    /// The last status.
    pub status: u16,
    /// The last page.
    pub body: String,
    /// Whether a form was filled in and sent.
    pub answered: bool,
}

/// Why a visit could not be made.
#[derive(Debug)]
#[non_exhaustive]
pub enum VisitError {
    /// Not an http URL on a loopback literal: the visitor goes nowhere else.
    NotLoopback(String),
    /// Nothing answered there, or not HTTP.
    Unreachable(String, io::Error),
    /// It was sent on and on.
    TooManyHops,
}

impl fmt::Display for VisitError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotLoopback(_) => {
                f.write_str("the page is not on this computer's loopback address over http")
            }
            Self::Unreachable(host, why) => write!(f, "{host} did not answer: {why}"),
            Self::TooManyHops => f.write_str("the pages lead on without end"),
        }
    }
}

impl std::error::Error for VisitError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Unreachable(_, why) => Some(why),
            Self::NotLoopback(_) | Self::TooManyHops => None,
        }
    }
}

impl Visitor {
    /// Signs in as that person (see [`crate::PEOPLE`]) and approves.
    #[must_use]
    pub fn approve(account: &str) -> Self {
        Self {
            intent: Intent::Approve {
                account: account.to_owned(),
            },
        }
    }

    /// Looks at the page and denies.
    #[must_use]
    pub fn deny() -> Self {
        Self {
            intent: Intent::Deny,
        }
    }

    /// Looks at the page and never answers.
    #[must_use]
    pub fn walk_away() -> Self {
        Self {
            intent: Intent::WalkAway,
        }
    }

    /// Opens the URL, an authorization URL or a device verification page, and goes on to the end. Redirects are followed by hand; the one that
    /// leads to the client's callback is followed too, and its answer is the last page.
    ///
    /// # Errors
    /// The way leads off this machine, nobody answers, or it has no end.
    pub async fn visit(&self, url: &str) -> Result<Visit, VisitError> {
        let mut visit = Visit {
            urls: Vec::new(),
            status: 0,
            body: String::new(),
            answered: false,
        };
        let mut next = (place(url)?, None::<String>);
        for _ in 0..HOPS {
            let (here, form) = &next;
            let reply = request(here, form.as_deref()).await?;
            visit.urls.push(here.to_string());
            visit.status = reply.status;
            next = if let Some(location) = reply
                .header("location")
                .filter(|_| (300..400).contains(&reply.status))
            {
                (resolve(here, location)?, None)
            } else if let Some((action, body)) =
                self.fill_in(&reply.body).filter(|_| !visit.answered)
            {
                visit.answered = true;
                (resolve(here, &action)?, Some(body))
            } else {
                visit.body = reply.body;
                return Ok(visit);
            };
        }
        Err(VisitError::TooManyHops)
    }

    /// Opens a device verification page, types the code that a device shows, and goes on to the end (RFC 8628 §3.3).
    ///
    /// # Errors
    /// As for [`Self::visit`].
    pub async fn enter(&self, url: &str, user_code: &str) -> Result<Visit, VisitError> {
        // The page's own form asks for the code by GET.
        let asking = place(url)?;
        request(&asking, None).await?;
        let typed = to_form([("user_code", user_code)]);
        self.visit(&format!("{asking}?{typed}")).await
    }

    /// Where the form goes and what it says, if there is one to answer and the will to.
    fn fill_in(&self, html: &str) -> Option<(String, String)> {
        let form = html
            .split_once("<form method=\"post\"")?
            .1
            .split_once("</form>")?
            .0;
        let (account, decision) = match &self.intent {
            Intent::Approve { account } => (Some(account.as_str()), "approve"),
            Intent::Deny => (None, "deny"),
            Intent::WalkAway => return None,
        };
        let hidden: Vec<(String, String)> = form
            .split('<')
            .filter(|tag| tag.starts_with("input type=\"hidden\""))
            .filter_map(|tag| Some((attribute(tag, "name")?, attribute(tag, "value")?)))
            .collect();
        let fields = hidden
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()))
            .chain(account.map(|account| ("account", account)))
            .chain([("decision", decision)]);
        Some((attribute(form, "action")?, to_form(fields)))
    }
}

fn attribute(tag: &str, name: &str) -> Option<String> {
    let value = tag.split_once(&format!(" {name}=\""))?.1.split_once('"')?.0;
    Some(unescape(value))
}

fn place(url: &str) -> Result<Url, VisitError> {
    loopback(url).ok_or_else(|| VisitError::NotLoopback(url.to_owned()))
}

fn resolve(here: &Url, location: &str) -> Result<Url, VisitError> {
    let mut next = here
        .join(location)
        .map_err(|_| VisitError::NotLoopback(location.to_owned()))?;
    // A browser keeps the fragment to itself (RFC 9110 §4.2.5).
    next.set_fragment(None);
    place(next.as_str())
}

async fn request(url: &Url, form: Option<&str>) -> Result<Reply, VisitError> {
    let host = authority(url);
    let address: SocketAddr = host
        .parse()
        .map_err(|_| VisitError::NotLoopback(host.clone()))?;
    let target = &url[url::Position::BeforePath..url::Position::AfterQuery];
    let text = match form {
        None => format!("GET {target} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n"),
        Some(body) => format!(
            "POST {target} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\
             Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\n\r\n{body}",
            body.len()
        ),
    };
    exchange(address, text.as_bytes())
        .await
        .map_err(|why| VisitError::Unreachable(host, why))
}

fn authority(url: &Url) -> String {
    format!(
        "{}:{}",
        url.host_str().unwrap_or_default(),
        url.port_or_known_default().unwrap_or(80)
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_redirect_may_have_a_fragment_and_may_not_lead_away() {
        let here = place("http://127.0.0.1:1/cb").unwrap();
        let next = resolve(&here, "/cb/done#").unwrap();
        assert_eq!(next.as_str(), "http://127.0.0.1:1/cb/done");
        assert!(resolve(&here, "//idp.example/").is_err());
    }

    #[tokio::test]
    async fn the_visitor_does_not_leave_this_machine() {
        for url in [
            "https://127.0.0.1/",
            "http://idp.example/",
            "file:///etc/passwd",
            "http://localhost:1/",
        ] {
            let error = Visitor::approve("ada").visit(url).await.unwrap_err();
            assert!(matches!(error, VisitError::NotLoopback(_)), "{url}");
        }
    }
}
