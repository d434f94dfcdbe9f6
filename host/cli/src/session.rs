//! What every command starts from: the environment, the printer, and from these the library.

use std::ffi::OsString;
use std::path::Path;
use std::sync::{Arc, OnceLock};

use vestibule_app::broker::browser::{Browser, BrowserUrl, CommandBrowser, Opening, SystemBrowser};
use vestibule_app::config::Config;
use vestibule_app::outside::lazily;
use vestibule_app::probe::Reach;
use vestibule_app::{Outside, Probe, Vestibule, tenants};
use vestibule_core::event::Observer;
use vestibule_core::{Error, Result, TenantName};

use crate::environment::{Environment, OfThisProcess};
use crate::printer::Printer;
use crate::surroundings;
use crate::talker::Talker;
use crate::terminal::Terminal;

/// One run of the program.
#[derive(Clone, Debug)]
pub struct Session {
    /// What the environment says.
    pub environment: Environment,
    /// What prints.
    pub printer: Printer,
    seen: Arc<OnceLock<Probe>>,
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
            seen: Arc::default(),
        }
    }

    /// What this machine is like, looked at once.
    #[must_use]
    pub fn probe(&self, config: &Config) -> Probe {
        self.seen
            .get_or_init(|| surroundings::probe(config))
            .clone()
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
        let opens = match opens {
            Opens::Browser => opens_at(&self.probe(&config)),
            Opens::Nothing => opens,
        };
        let (session, own) = (self.clone(), config.clone());
        let outside = Outside {
            person: Arc::new(Terminal),
            observer,
            bus: self.environment.bus.clone(),
            variables: Arc::new(OfThisProcess),
            probe: lazily(move || session.probe(&own)),
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

/// A screen at the other end of the session is none to start a browser on: there the address is enough.
fn opens_at(probe: &Probe) -> Opens {
    match probe.reach {
        Reach::Forwarded => Opens::Nothing,
        Reach::Here | Reach::ForwardedByEditor | Reach::Not => Opens::Browser,
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

/// Opens nothing: whoever reads the address opens it.
struct NoBrowser;

impl Browser for NoBrowser {
    fn open<'a>(&'a self, _url: &'a BrowserUrl) -> Opening<'a> {
        Box::pin(std::future::ready(Ok(())))
    }
}
