//! A user's directories, and the program run in them.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::Arc;

use tempfile::TempDir;
use vestibule_app::broker::browser::SystemBrowser;
use vestibule_app::config::Config;
use vestibule_app::{KeyStoreId, Outside, Places, Vestibule};

/// A home with nothing in it.
pub(crate) struct Home(TempDir);

impl Home {
    pub(crate) fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    pub(crate) fn path(&self) -> &Path {
        self.0.path()
    }

    /// Puts a file there, with its folders.
    pub(crate) fn write(&self, file: &str, text: &str) -> PathBuf {
        let path = self.path().join(file);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, text).unwrap();
        path
    }

    /// A command line with nothing in its environment but this home, and no terminal: a session of its own has none.
    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        self.command_of(Path::new(env!("CARGO_BIN_EXE_vestibule")), arguments)
    }

    /// The same, with a copy of the program.
    pub(crate) fn command_of(&self, program: &Path, arguments: &[&str]) -> Command {
        let mut command = Command::new("setsid");
        command.arg("--wait").arg(program).args(arguments);
        command
            .env_clear()
            .env("HOME", self.path())
            .env("PATH", "/usr/bin:/bin")
            .current_dir(self.path())
            .stdin(Stdio::null());
        command
    }

    pub(crate) fn run(&self, arguments: &[&str]) -> Outcome {
        Outcome(self.command(arguments).output().unwrap())
    }
}

/// The audit log has a key in the kernel's keyring, which keeps it as long as the machine runs.
impl Drop for Home {
    fn drop(&mut self) {
        let state = self.path().join(".local/state/vestibule");
        if !state.exists() {
            return;
        }
        let places = Places {
            state,
            ..Places::below(self.path())
        };
        let outside = Outside::unattended(Arc::new(SystemBrowser::new([])));
        let vestibule = Vestibule::new(places, Config::default(), outside);
        let _ = vestibule.forget_key(KeyStoreId::KernelKeyring);
    }
}

/// What came of it.
pub(crate) struct Outcome(pub(crate) Output);

impl Outcome {
    pub(crate) fn code(&self) -> i32 {
        self.0.status.code().unwrap()
    }

    pub(crate) fn stdout(&self) -> &str {
        std::str::from_utf8(&self.0.stdout).unwrap()
    }

    pub(crate) fn stderr(&self) -> &str {
        std::str::from_utf8(&self.0.stderr).unwrap()
    }
}
