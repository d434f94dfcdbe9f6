//! Who meets the provider: a person with a real browser if there can be one, else a visitor who is played.

use std::sync::Arc;

use vestibule_app::Probe;
use vestibule_app::broker::browser::{Browser, BrowserUrl, Opening};
use vestibule_app::config::Config;
use vestibule_core::Result;
use vestibule_rehearsal::Visitor;

use super::narrator::Narrator;
use crate::session::{self, Opens};

/// Who.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Audience {
    /// A person, whose browser is opened.
    Person,
    /// A person, who opens the address.
    PersonByHand,
    /// Nobody: a visitor is played.
    Visitor,
}

/// Who the visitor signs in as.
pub(super) const VISITOR: &str = "ada";

impl Audience {
    pub(super) fn of(no_browser: bool, headless: bool, probe: &Probe) -> Self {
        match (no_browser, headless || !probe.has_local_browser()) {
            (true, _) => Self::PersonByHand,
            (false, true) => Self::Visitor,
            (false, false) => Self::Person,
        }
    }

    pub(super) fn sentence(self) -> &'static str {
        match self {
            Self::Person => {
                "Your browser will open: choose who you are, and approve. Nobody asks for a password."
            }
            Self::PersonByHand => {
                "Open the addresses below in a browser on this machine: choose who you are, and approve. Nobody asks for a password."
            }
            Self::Visitor => {
                "There is no browser here (or --headless was given): ada, who is played, looks at the provider's pages and approves."
            }
        }
    }

    /// The browser that fits, the configured one included.
    pub(super) fn browser(self, config: &Config, narrator: &Narrator) -> Result<Arc<dyn Browser>> {
        match self {
            Self::Person => Ok(Arc::new(OrVisitor(
                session::browser(config, Opens::Browser)?,
                narrator.clone(),
            ))),
            Self::PersonByHand => session::browser(config, Opens::Nothing),
            Self::Visitor => Ok(Arc::new(Played)),
        }
    }
}

/// The visitor as a browser.
struct Played;

impl Browser for Played {
    fn open<'a>(&'a self, url: &'a BrowserUrl) -> Opening<'a> {
        let url = url.as_str().to_owned();
        Box::pin(async move {
            // The visit ends with the sign-in, whose own deadline and errors tell more than those of a visitor could.
            tokio::spawn(async move { Visitor::approve(VISITOR).visit(&url).await });
            Ok(())
        })
    }
}

/// A browser, and the visitor where it will not start.
struct OrVisitor(Arc<dyn Browser>, Narrator);

impl Browser for OrVisitor {
    fn open<'a>(&'a self, url: &'a BrowserUrl) -> Opening<'a> {
        Box::pin(async move {
            match self.0.open(url).await {
                Ok(()) => Ok(()),
                Err(_) => {
                    self.1.understudy();
                    Played.open(url).await
                }
            }
        })
    }
}
