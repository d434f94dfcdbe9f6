//! A machine with one user: directories, configuration, plugins, tenants, and the programs that were built.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::json;
use tempfile::TempDir;
use vestibule_store::{
    KernelKeyring, KeyStoreId, KeyStores, Places as StorePlaces, StateDir, Store,
};

use crate::errand::{Browser, Decision, Errand};
use crate::kept;
use crate::process::{Outcome, Running};

/// The machine. What it kept goes with it, its key in the kernel's keyring too.
pub struct Machine {
    home: TempDir,
    person: PathBuf,
}

impl Machine {
    /// A machine on which nothing is set up, but for the key store: there is no desktop, so it is the kernel's. `person` is the
    /// helper program.
    ///
    /// # Panics
    /// If there is no place for it.
    #[must_use]
    pub fn new(person: &str) -> Self {
        let machine = Self {
            home: tempfile::tempdir().expect("a directory"),
            person: person.into(),
        };
        machine.configure("");
        machine
    }

    /// Its home directory.
    #[must_use]
    pub fn home(&self) -> &Path {
        self.home.path()
    }

    /// Where it keeps grants.
    #[must_use]
    pub fn state(&self) -> PathBuf {
        self.home().join("state")
    }

    /// Seats a person at the browser, in place of the one before.
    #[must_use]
    pub fn seat(&self, browser: Browser, decision: Decision) -> Errand {
        let errand = Errand {
            browser,
            decision,
            report: self.home().join("report.json"),
        };
        errand.forget();
        let command: Vec<String> = std::iter::once(self.person.display().to_string())
            .chain(errand.arguments())
            .collect();
        self.configure(&format!("[browser]\ncommand = {}\n", json!(command)));
        errand
    }

    /// Installs a plugin that `cargo xtask plugins` has built.
    ///
    /// # Panics
    /// If it cannot be installed.
    pub fn install(&self, plugin: &str) {
        let file = self::plugin(plugin);
        let _ = self
            .run(&["plugin", "install", &file.display().to_string()])
            .succeeded();
    }

    /// Writes a tenant's file and approves it.
    ///
    /// # Panics
    /// If it is not approved.
    pub fn tenant(&self, name: &str, text: &str) {
        let file = self.tenant_file(name);
        fs::create_dir_all(file.parent().expect("it has a folder")).expect("a folder");
        fs::write(file, text).expect("a file");
        let _ = self.run(&["tenant", "approve", name, "--yes"]).succeeded();
    }

    /// Where a tenant's file is.
    #[must_use]
    pub fn tenant_file(&self, name: &str) -> PathBuf {
        self.home().join(format!("config/tenants.d/{name}.toml"))
    }

    /// Where an installed plugin is.
    #[must_use]
    pub fn plugin_file(&self, name: &str) -> PathBuf {
        self.home().join(format!("data/plugins/{name}.wasm"))
    }

    /// `vestibule` with these arguments, to the end.
    #[must_use]
    pub fn run(&self, arguments: &[&str]) -> Outcome {
        self.start(arguments).finish()
    }

    /// `vestibule` with these arguments, under way.
    #[must_use]
    pub fn start(&self, arguments: &[&str]) -> Running {
        Running::start(&mut self.command(arguments))
    }

    /// `vestibule` with these arguments on this machine, not yet started: for whoever starts it in another way.
    #[must_use]
    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(program("vestibule"));
        command.args(arguments);
        self.at_home(&mut command);
        command
    }

    /// The same, with the process changed before it starts: variables, another working directory.
    #[must_use]
    pub fn start_with(&self, arguments: &[&str], change: impl FnOnce(&mut Command)) -> Running {
        let mut command = Command::new(program("vestibule"));
        command.args(arguments);
        change(self.at_home(&mut command));
        Running::start(&mut command)
    }

    /// `vestibule` with these arguments at a terminal of its own, where `answer` is typed once `question` stands there.
    ///
    /// # Panics
    /// If it is never asked.
    #[must_use]
    pub fn at_a_terminal(&self, arguments: &[&str], question: &str, answer: &str) -> Outcome {
        self.at_a_terminal_before("", arguments, question, answer)
    }

    /// The same, where the shell goes on with `then` at the same terminal, whatever became of the program.
    ///
    /// # Panics
    /// If it is never asked.
    #[must_use]
    pub fn at_a_terminal_before(
        &self,
        then: &str,
        arguments: &[&str],
        question: &str,
        answer: &str,
    ) -> Outcome {
        self.start_at_a_terminal(then, arguments)
            .answer(question, answer)
    }

    /// `vestibule` with these arguments at a terminal of its own, under way; the shell goes on with `then`, if there is any.
    #[must_use]
    pub fn start_at_a_terminal(&self, then: &str, arguments: &[&str]) -> Running {
        // No argument of a test has a quotation mark.
        let words = arguments.iter().map(|word| format!("'{word}'"));
        let line: Vec<String> = std::iter::once(format!("'{}'", program("vestibule").display()))
            .chain(words)
            .collect();
        let line = match then {
            "" => line.join(" "),
            // A shell that an interrupt ends goes on with nothing.
            then => format!("trap : INT; {}; {then}", line.join(" ")),
        };
        let mut command = Command::new("script");
        command
            .args(["--quiet", "--return", "--flush", "--command"])
            .arg(line)
            .arg(self.home().join("typescript"));
        Running::start_with_input(self.at_home(&mut command))
    }

    /// `vestibule` with these arguments, under way at a terminal of this size that draws Unicode. What it says is on standard output.
    #[must_use]
    pub fn on_a_screen(&self, arguments: &[&str], columns: u16, rows: u16) -> Running {
        Running::start_with_input(&mut self.screen(arguments, columns, rows))
    }

    /// The same, not yet started: for whoever changes what is around it.
    #[must_use]
    pub fn screen(&self, arguments: &[&str], columns: u16, rows: u16) -> Command {
        let words = arguments.iter().map(|word| format!("'{word}'"));
        let program = format!("'{}'", program("vestibule").display());
        let line: Vec<String> = std::iter::once(program).chain(words).collect();
        let mut command = Command::new("script");
        command
            .args(["--quiet", "--return", "--flush", "--command"])
            .arg(format!(
                "stty cols {columns} rows {rows}; {}",
                line.join(" ")
            ))
            .arg(self.home().join("typescript"));
        let screen = [("TERM", "xterm"), ("LANG", "C.UTF-8"), ("NO_COLOR", "1")];
        self.at_home(&mut command).envs(screen);
        command
    }

    /// `vestibule` with these arguments, and this on its standard input. It has no terminal: it runs in a session of its own.
    #[must_use]
    pub fn with_input(&self, arguments: &[&str], input: &str) -> Outcome {
        // Names that a careless program might take for a yes.
        let careless = [("VESTIBULE_YES", "1"), ("VESTIBULE_ASSUME_YES", "1")];
        Running::start_with_input(self.without_terminal(arguments).envs(careless)).write(input)
    }

    /// `vestibule` with these arguments in a session of its own, which has no terminal; not yet started.
    #[must_use]
    pub fn without_terminal(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new("setsid");
        command
            .arg("--wait")
            .arg(program("vestibule"))
            .args(arguments);
        self.at_home(&mut command);
        command
    }

    fn at_home<'a>(&self, command: &'a mut Command) -> &'a mut Command {
        command
            .env_clear()
            .env("PATH", "/usr/bin:/bin")
            .env("HOME", self.home())
            .current_dir(self.home());
        for name in ["config", "data", "state", "cache"] {
            let variable = format!("VESTIBULE_{}_DIR", name.to_uppercase());
            command.env(variable, self.home().join(name));
        }
        command
    }

    /// Puts a desktop's program for opening links on the path, which sends this person, and gives the path.
    ///
    /// # Panics
    /// If it cannot be written.
    #[must_use]
    pub fn desktop(&self, browser: Browser, decision: Decision) -> (Errand, String) {
        let errand = Errand {
            browser,
            decision,
            report: self.home().join("report.json"),
        };
        errand.forget();
        let folder = self.home().join("bin");
        fs::create_dir_all(&folder).expect("a folder");
        let words: Vec<String> = std::iter::once(self.person.display().to_string())
            .chain(errand.arguments())
            .map(|word| format!("'{word}'"))
            .collect();
        let opener = folder.join("xdg-open");
        let text = format!("#!/bin/sh\nexec {} \"$1\"\n", words.join(" "));
        fs::write(&opener, text).expect("a file");
        fs::set_permissions(&opener, fs::Permissions::from_mode(0o755)).expect("its mode");
        (errand, format!("{}:/usr/bin:/bin", folder.display()))
    }

    /// Sets a program as the browser that is none.
    pub fn without_browser(&self) {
        self.configure("[browser]\ncommand = [\"/does/not/exist\"]\n");
    }

    /// Every file that it keeps, with its content.
    #[must_use]
    pub fn kept(&self) -> Vec<(PathBuf, Vec<u8>)> {
        kept::files(&self.state())
    }

    /// The files of stored grants, registrations and keys.
    #[must_use]
    pub fn sealed(&self) -> Vec<PathBuf> {
        kept::sealed(&self.state().join("grants"))
    }

    fn configure(&self, more: &str) {
        let folder = self.home().join("config");
        fs::create_dir_all(&folder).expect("a folder");
        let text = format!("{more}[keystore]\nuse_only = \"kernel-keyring\"\n");
        fs::write(folder.join("config.toml"), text).expect("a file");
    }
}

impl Drop for Machine {
    fn drop(&mut self) {
        if !self.state().exists() {
            return;
        }
        let places = StorePlaces {
            vestibule_state_dir: Some(self.state()),
            ..StorePlaces::default()
        };
        let key_stores = KeyStores::from_list(vec![std::sync::Arc::new(KernelKeyring)]);
        let store = StateDir::open(&places).and_then(|state| Store::open(state, key_stores, 0));
        if let Ok(store) = store {
            let _ = store.forget_key(KeyStoreId::KernelKeyring);
        }
    }
}

/// The component of a plugin, as `cargo xtask plugins` has built it.
///
/// # Panics
/// If it was not built.
#[must_use]
pub fn plugin(name: &str) -> PathBuf {
    let target = programs().parent().map(Path::to_owned);
    let file = target
        .unwrap_or_default()
        .join(format!("plugins/{name}.wasm"));
    assert!(
        file.exists(),
        "{} is missing: cargo xtask plugins",
        file.display()
    );
    file
}

/// A program that was built beside the tests.
#[must_use]
pub fn program(name: &str) -> PathBuf {
    programs().join(format!("{name}{}", std::env::consts::EXE_SUFFIX))
}

/// The folder of a profile in cargo's target folder: the running test lies in `deps` there.
fn programs() -> PathBuf {
    let test = std::env::current_exe().expect("a test has a file");
    test.ancestors()
        .nth(2)
        .expect("a test lies in deps")
        .to_owned()
}
