//! What every command starts from: the environment, the printer, and from these the library.

use std::ffi::OsString;
use std::path::Path;
use std::sync::Arc;

use vestibule_app::broker::browser::{Browser, BrowserUrl, CommandBrowser, Opening, SystemBrowser};
use vestibule_app::config::Config;
use vestibule_app::{LocalBrowser, Outside, Vestibule, tenants};
use vestibule_core::event::Observer;
use vestibule_core::{Error, Result, TenantName};

use crate::environment::Environment;
use crate::printer::Printer;
use crate::talker::Talker;
use crate::terminal::Terminal;

/// One run of the program.
#[derive(Clone, Debug)]
pub struct Session {
    /// What the environment says.
    pub environment: Environment,
    /// What prints.
    pub printer: Printer,
}

/// Whether a browser is opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Opens {
    /// The configured one, or the system's.
    Browser,
    /// None: the address is printed, and that is all. Also for commands that never need one, which then do not look for it.
    Nothing,
}

impl Session {
    /// A run.
    #[must_use]
    pub fn new(environment: Environment, printer: Printer) -> Self {
        Self {
            environment,
            printer,
        }
    }

    /// The library, watched by a talker.
    ///
    /// # Errors
    /// If the configuration file has something that may not be.
    pub fn vestibule(&self, opens: Opens) -> Result<Vestibule> {
        self.watched(opens, Arc::new(Talker::new(self.printer, opens)))
    }

    /// The library, watched by somebody else.
    ///
    /// # Errors
    /// If the configuration file has something that may not be.
    pub fn watched(&self, opens: Opens, observer: Arc<dyn Observer>) -> Result<Vestibule> {
        let config = Config::read(&self.environment.places)?;
        let outside = Outside {
            person: Arc::new(Terminal),
            observer,
            bus: self.environment.bus.clone(),
            local_browser: local_browser(&config, opens),
            ..Outside::unattended(browser(&config, opens)?)
        };
        Ok(Vestibule::new(
            self.environment.places.clone(),
            config,
            outside,
        ))
    }

    /// The tenant that was named, or the only one that there is.
    ///
    /// # Errors
    /// If none was named, and there is none or more than one.
    pub fn tenant(&self, named: Option<TenantName>) -> Result<TenantName> {
        if let Some(name) = named {
            return Ok(name);
        }
        let mut names = tenants::list(&self.environment.places)?;
        match (names.pop(), names.is_empty()) {
            (Some(only), true) => Ok(only),
            (None, _) => Err(Error::config("tenant.none", "there is no tenant yet")
                .hint("run: vestibule tenant add NAME --plugin PLUGIN --set KEY=VALUE")),
            (Some(_), false) => Err(Error::user(
                "tenant.which",
                "there are several tenants, and none was named",
            )
            .hint("see them: vestibule tenant list")),
        }
    }
}

/// The browser that the configuration names, or the system's.
///
/// # Errors
/// If the configured command cannot be one.
pub fn browser(config: &Config, opens: Opens) -> Result<Arc<dyn Browser>> {
    match (opens, config.browser.command.as_deref()) {
        (Opens::Nothing, _) => Ok(Arc::new(NoBrowser)),
        (Opens::Browser, None) => Ok(Arc::new(SystemBrowser::new(Environment::all()))),
        (Opens::Browser, Some([])) => Err(Error::config(
            "config.browser",
            "browser.command in config.toml is empty",
        )),
        (Opens::Browser, Some([program, arguments @ ..])) => {
            let arguments = arguments.iter().map(OsString::from).collect();
            Ok(Arc::new(CommandBrowser::new(
                Path::new(program),
                arguments,
                Environment::all(),
            )?))
        }
    }
}

/// Whether a browser that is started here could be used by the person, as far as the program knows: what was asked for, the
/// configuration, and the environment.
fn local_browser(config: &Config, opens: Opens) -> LocalBrowser {
    let (usable, evidence) = match (opens, config.browser.command.is_some()) {
        (Opens::Nothing, _) => (false, "--no-browser was given"),
        (Opens::Browser, true) => (true, "config.toml names one"),
        (Opens::Browser, false) => match Environment::screen() {
            Some(evidence) => (true, evidence),
            None => (false, "no display is set, and BROWSER names none"),
        },
    };
    LocalBrowser {
        usable,
        evidence: evidence.to_owned(),
    }
}

/// Opens nothing: whoever reads the address opens it.
struct NoBrowser;

impl Browser for NoBrowser {
    fn open<'a>(&'a self, _url: &'a BrowserUrl) -> Opening<'a> {
        Box::pin(std::future::ready(Ok(())))
    }
}
