//! What the tests share.

use std::path::{Path, PathBuf};

use vestibule_core::plugin::{Flow, Plugin};
use vestibule_core::record::Method;
use vestibule_core::start::{Purpose, Start};
use vestibule_core::step::Step;
use vestibule_core::{Blame, Error, Result};
use vestibule_engine::{Admitted, LoadedPlugin, Sandbox, SandboxOptions};
use vestibule_guests::{Guest, program};

/// A sandbox with a cache of its own.
pub(crate) struct Bench {
    folder: tempfile::TempDir,
}

impl Bench {
    pub(crate) fn new() -> Self {
        Self {
            folder: tempfile::tempdir().unwrap(),
        }
    }

    pub(crate) fn cache(&self) -> PathBuf {
        self.folder.path().join("cache")
    }

    pub(crate) fn options(&self) -> SandboxOptions {
        SandboxOptions {
            compiler: Some(program::compiler()),
            ..SandboxOptions::new(self.cache())
        }
    }

    pub(crate) fn sandbox(&self) -> Sandbox {
        Sandbox::open(self.options()).unwrap()
    }

    /// A sandbox that has no compiler, so that what it loads comes from the cache.
    pub(crate) fn without_compiler(&self) -> Sandbox {
        let nowhere = self.folder.path().join("no-such-program");
        let options = SandboxOptions {
            compiler: Some(nowhere),
            ..SandboxOptions::new(self.cache())
        };
        Sandbox::open(options).unwrap()
    }

    pub(crate) fn load(&self, guest: &Guest) -> LoadedPlugin {
        self.sandbox().load(&admitted(guest)).unwrap()
    }
}

pub(crate) fn admitted(guest: &Guest) -> Admitted {
    Admitted::new(guest.component()).unwrap()
}

/// The cache's only entry.
pub(crate) fn entry(cache: &Path) -> PathBuf {
    let mut entries = std::fs::read_dir(cache)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| {
            path.extension()
                .is_some_and(|extension| extension == "code")
        });
    let entry = entries.next().expect("an entry");
    assert!(entries.next().is_none(), "one entry");
    entry
}

pub(crate) fn start() -> Start {
    Start {
        purpose: Purpose::SignIn { login_hint: None },
        settings: Vec::new(),
        method: Method::Browser,
        scopes: Vec::new(),
        registered: false,
    }
}

pub(crate) fn begin(plugin: &LoadedPlugin) -> Result<(Box<dyn Flow>, Step)> {
    let mut flow = plugin.start_flow()?;
    let step = flow.begin(&vestibule_guests::cleared(start()))?;
    Ok((flow, step))
}

/// The error of something that must not succeed.
pub(crate) fn refused<T>(result: Result<T>) -> Error {
    match result {
        Ok(_) => panic!("this must not succeed"),
        Err(error) => error,
    }
}

pub(crate) fn assert_plugins_fault<T>(result: Result<T>, code: &str, says: &str) {
    let error = refused(result);
    assert_eq!(error.code(), code, "{error}");
    assert_eq!(error.blame(), Blame::Plugin, "{error}");
    assert!(error.message().contains(says), "{error}");
}
