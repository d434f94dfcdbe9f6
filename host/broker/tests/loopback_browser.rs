//! The hand-over to the browser, with programs that write down what they are given (RFC 8252 section 8.12).
#![cfg(unix)]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::disallowed_methods
)]

use std::ffi::OsString;
use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};

use tempfile::TempDir;
use vestibule_broker::authorization_url::{AuthorizationRequest, ExtraParameters};
use vestibule_broker::browser::{Browser, BrowserUrl, CommandBrowser, SystemBrowser};
use vestibule_broker::pkce::Verifier;
use vestibule_core::{ProviderUrl, Secret};

/// A desktop: a home in which the recorder writes, and a folder of programs.
struct Desktop {
    home: TempDir,
}

impl Desktop {
    fn new() -> Self {
        let home = TempDir::new().unwrap();
        fs::create_dir(home.path().join("bin")).unwrap();
        Self { home }
    }

    fn with_program(self, name: &str) -> Self {
        self.linking(name, &recorder())
    }

    fn linking(self, name: &str, program: &Path) -> Self {
        symlink(program, self.home.path().join("bin").join(name)).unwrap();
        self
    }

    fn environment(&self, more: &[(&str, &str)]) -> Vec<(OsString, OsString)> {
        let home = self.home.path().display();
        let path = format!("bin:{home}/bin:/usr/bin:/bin");
        let mut variables = vec![
            ("HOME".into(), self.home.path().into()),
            ("PATH".into(), path.into()),
        ];
        variables.extend(more.iter().map(|(name, value)| (name.into(), value.into())));
        variables
    }

    /// The arguments of the last program, if one ran.
    fn arguments(&self) -> Option<Vec<String>> {
        let text = fs::read_to_string(self.home.path().join("arguments")).ok()?;
        let mut lines = text.lines().map(str::to_owned);
        let count: usize = lines.next()?.parse().ok()?;
        let arguments: Vec<_> = lines.collect();
        assert_eq!(arguments.len(), count, "{text}");
        Some(arguments)
    }

    fn inherited(&self) -> String {
        fs::read_to_string(self.home.path().join("environment")).unwrap()
    }
}

fn recorder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/loopback_support/recorder.sh")
}

/// What the host makes of an authorization endpoint, or nothing if it refuses.
fn url_for(endpoint: &str) -> Option<BrowserUrl> {
    let endpoint = ProviderUrl::parse(endpoint).ok()?;
    AuthorizationRequest {
        client_id: "client$(id)'\"&^",
        redirect_uri: "http://127.0.0.1:1/oauth/x",
        scope: "openid",
        state: &Secret::new("s".to_owned()),
        nonce: None,
        challenge: &Verifier::fresh().unwrap().challenge(),
        prompt: None,
        max_age: None,
        acr_values: None,
        claims: None,
        login_hint: None,
        dpop_jkt: None,
        resources: &[],
        extra: &ExtraParameters::none(),
        renames: &[],
    }
    .url(&endpoint)
    .ok()
}

// proves: LOOP-13
#[tokio::test]
async fn a_browser_gets_one_unmodified_url_or_nothing_is_started() {
    let desktop = Desktop::new().with_program("xdg-open");
    let trap = desktop.home.path().join("trap");
    let trap_text = trap.display();
    let refused = [
        "file:///etc/passwd".to_owned(),
        "javascript:alert(1)".to_owned(),
        "-x".to_owned(),
        "--new-window=https://idp.example/".to_owned(),
        "data:text/html,x".to_owned(),
        "ms-msdt:x".to_owned(),
        "http://idp.example/".to_owned(),
        "https://idp.example/\nx".to_owned(),
        "https://idp.example/\u{1b}x".to_owned(),
        "https://idp.example/a b".to_owned(),
        "https://idp.example/\\x".to_owned(),
    ];
    for endpoint in refused {
        assert!(url_for(&endpoint).is_none(), "{endpoint}");
    }

    let system = SystemBrowser::new(desktop.environment(&[("DISPLAY", ":0")]));
    let command = CommandBrowser::new(&recorder(), Vec::new(), desktop.environment(&[])).unwrap();
    let browsers: [&dyn Browser; 2] = [&system, &command];
    let dangerous = [
        format!("https://idp.example/$(touch${{IFS}}{trap_text})"),
        format!("https://idp.example/;touch${{IFS}}{trap_text};"),
        format!("https://idp.example/`touch${{IFS}}{trap_text}`"),
        format!("https://idp.example/a?x=$(touch${{IFS}}{trap_text})"),
        format!("https://idp.example/a?x=1&touch${{IFS}}{trap_text}&"),
        format!("https://idp.example/a?x=|touch${{IFS}}{trap_text}"),
        "https://idp.example/'a'?b='c'".to_owned(),
        "https://idp.example/\"a\"?b=\"c\"".to_owned(),
        "https://idp.example/a?b=^&c=%PATH%25".to_owned(),
        "https://idp.example/%s?b=%s".to_owned(),
        "https://idp.example/*?b=*".to_owned(),
    ];
    let mut opened = 0;
    for endpoint in dangerous {
        let Some(url) = url_for(&endpoint) else {
            continue;
        };
        for browser in browsers {
            browser.open(&url).await.unwrap();
            assert_eq!(desktop.arguments(), Some(vec![url.as_str().to_owned()]));
            assert!(url.as_str().starts_with("https://idp.example/"));
            fs::remove_file(desktop.home.path().join("arguments")).unwrap();
            opened += 1;
        }
    }
    assert!(opened >= 10, "only {opened} were opened");
    assert!(!trap.exists());
}

#[tokio::test]
async fn a_browser_inherits_the_screen_and_no_secret() {
    let desktop = Desktop::new().with_program("xdg-open");
    let environment = desktop.environment(&[
        ("WAYLAND_DISPLAY", "wayland-0"),
        ("XDG_RUNTIME_DIR", "/run/user/1"),
        ("VESTIBULE_CLIENT_SECRET", "marker"),
        ("AWS_SECRET_ACCESS_KEY", "marker"),
        ("GITHUB_TOKEN", "marker"),
        ("https_proxy", "http://user:marker@proxy.example"),
        ("LD_PRELOAD", "marker"),
        ("BROWSER", "marker %s"),
    ]);
    let url = url_for("https://idp.example/").unwrap();
    SystemBrowser::new(environment).open(&url).await.unwrap();
    let inherited = desktop.inherited();
    assert!(!inherited.contains("marker"), "{inherited}");
    assert!(inherited.contains("WAYLAND_DISPLAY=wayland-0"));
    assert!(inherited.contains("XDG_RUNTIME_DIR=/run/user/1"));
}

#[tokio::test]
async fn the_variable_browser_names_programs_and_no_commands() {
    let url = url_for("https://idp.example/").unwrap();
    for (value, starts) in [
        ("chosen", true),
        ("missing:chosen", true),
        ("chosen --flag %s", false),
        ("./bin/chosen", false),
        ("-chosen", false),
        ("bin/chosen", false),
        ("sh -c chosen", false),
        ("", false),
    ] {
        let desktop = Desktop::new().with_program("chosen");
        // No screen: what is left is what the person chose.
        let browser = SystemBrowser::new(desktop.environment(&[("BROWSER", value)]));
        assert_eq!(browser.open(&url).await.is_ok(), starts, "{value}");
        assert_eq!(desktop.arguments().is_some(), starts, "{value}");
    }
    let absolute = recorder().display().to_string();
    let desktop = Desktop::new();
    let browser = SystemBrowser::new(desktop.environment(&[("BROWSER", &absolute)]));
    assert!(browser.open(&url).await.is_ok());
    assert_eq!(desktop.arguments().unwrap(), [url.as_str()]);
}

#[tokio::test]
async fn a_launcher_that_fails_gives_way_to_the_next_and_the_last_failure_is_told() {
    let url = url_for("https://idp.example/").unwrap();
    let fails = Path::new("/bin/false");
    let desktop = Desktop::new()
        .linking("first", fails)
        .with_program("second");
    let browser = SystemBrowser::new(desktop.environment(&[("BROWSER", "first:second")]));
    assert!(browser.open(&url).await.is_ok());
    assert!(desktop.arguments().is_some());

    for browser in [
        CommandBrowser::new(fails, Vec::new(), desktop.environment(&[])),
        CommandBrowser::new(Path::new("/does/not/exist"), Vec::new(), []),
    ] {
        let error = browser.unwrap().open(&url).await.unwrap_err();
        assert_eq!(error.code(), "browser.not_started");
    }
    let no_screen = SystemBrowser::new(Desktop::new().with_program("xdg-open").environment(&[]));
    assert!(no_screen.open(&url).await.is_err());
}

#[tokio::test]
async fn a_browser_that_stays_counts_as_started() {
    let url = url_for("https://idp.example/").unwrap();
    let script = "echo $$ >$HOME/pid; exec sleep 60";
    let desktop = Desktop::new();
    let browser = CommandBrowser::new(
        Path::new("/bin/sh"),
        vec!["-c".into(), script.into()],
        desktop.environment(&[]),
    );
    browser.unwrap().open(&url).await.unwrap();
    let pid = fs::read_to_string(desktop.home.path().join("pid")).unwrap();
    let ended = std::process::Command::new("kill").arg(pid.trim()).status();
    assert!(ended.unwrap().success(), "it was no longer there");
}

#[test]
fn an_operators_browser_has_an_absolute_path() {
    for program in ["chromium", "./chromium", "-c", ""] {
        assert!(CommandBrowser::new(Path::new(program), Vec::new(), []).is_err());
    }
}
