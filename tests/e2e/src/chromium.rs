//! Chromium without a screen, driven by the DevTools protocol over a pipe: <https://chromedevtools.github.io/devtools-protocol/>
//!
//! The pipe (`--remote-debugging-pipe`: file descriptor 3 in, 4 out, messages end with NUL) needs no port that another program could
//! reach, and the browser ends when it is closed.

use std::io::{self, BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::thread;
use std::time::{Duration, Instant};

use base64::Engine as _;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::wait::wait_for;

/// Names under which distributions install it.
const PROGRAMS: [&str; 3] = [
    "/usr/bin/chromium",
    "/usr/bin/chromium-browser",
    "/usr/bin/google-chrome",
];

/// The first, because tests run as root in containers; the resolver's rule keeps it on this machine.
const FLAGS: [&str; 12] = [
    "--no-sandbox",
    "--headless=new",
    "--remote-debugging-pipe",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--no-default-browser-check",
    "--password-store=basic",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
];

/// How long a browser that was told to close may take.
const CLOSING: Duration = Duration::from_secs(3);

/// Someone who wants to know what is requested.
type Watch = Box<dyn FnMut(&str)>;

/// A browser with one page.
pub struct Chromium {
    process: Child,
    to: ChildStdin,
    from: Receiver<Value>,
    session: String,
    calls: u64,
    requested: Vec<String>,
    watch: Option<Watch>,
    deadline: Instant,
    _profile: TempDir,
}

impl Chromium {
    /// Starts one with a profile of its own. Every call fails once `limit` is over.
    ///
    /// # Errors
    /// If there is none, or it does not answer.
    pub fn start(limit: Duration) -> io::Result<Self> {
        let program = PROGRAMS.iter().find(|program| Path::new(program).exists());
        let program =
            program.ok_or_else(|| io::Error::other("there is no Chromium: cargo xtask setup"))?;
        let profile = TempDir::new()?;
        // The shell puts our pipes where Chromium looks for them.
        let mut process = Command::new("/bin/sh")
            .args([
                "-c",
                r#"exec "$@" 3<&0 4>&1 </dev/null >/dev/null"#,
                "sh",
                program,
            ])
            .args(FLAGS)
            .arg(format!("--user-data-dir={}", profile.path().display()))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()?;
        let to = process.stdin.take().ok_or_else(closed)?;
        let from = listen(BufReader::new(process.stdout.take().ok_or_else(closed)?));
        let mut browser = Self {
            process,
            to,
            from,
            session: String::new(),
            calls: 0,
            requested: Vec::new(),
            watch: None,
            deadline: Instant::now() + limit,
            _profile: profile,
        };
        browser.attach()?;
        Ok(browser)
    }

    /// Calls `watch` with each URL as soon as it is known to be requested.
    pub fn watch(&mut self, watch: impl FnMut(&str) + 'static) {
        self.watch = Some(Box::new(watch));
    }

    /// Every URL that was requested so far, in order, redirects included.
    #[must_use]
    pub fn requested(&self) -> &[String] {
        &self.requested
    }

    /// Goes to a page. Does not wait for it.
    ///
    /// # Errors
    /// If the browser is gone or the time is up.
    pub fn open(&mut self, url: &str) -> io::Result<()> {
        self.call("Page.navigate", json!({ "url": url })).map(drop)
    }

    /// The value of an expression on the page; nothing while the page is being replaced.
    ///
    /// # Errors
    /// If the browser is gone or the time is up.
    pub fn evaluate(&mut self, expression: &str) -> io::Result<Option<Value>> {
        let parameters = json!({ "expression": expression, "returnByValue": true });
        let reply = self.call("Runtime.evaluate", parameters)?;
        let value = reply.pointer("/result/result/value").cloned();
        Ok(value.filter(|value| !value.is_null()))
    }

    /// Clicks the middle of the first element that the selector finds; whether there was one.
    ///
    /// # Errors
    /// If the browser is gone or the time is up.
    pub fn click(&mut self, selector: &str) -> io::Result<bool> {
        let place = format!(
            "(() => {{ const found = document.querySelector({}); if (!found) return null;
               found.scrollIntoView({{ block: 'center' }}); const box = found.getBoundingClientRect();
               return {{ x: box.x + box.width / 2, y: box.y + box.height / 2 }}; }})()",
            json!(selector)
        );
        let Some(place) = self.evaluate(&place)? else {
            return Ok(false);
        };
        for kind in ["mousePressed", "mouseReleased"] {
            let event = json!({ "type": kind, "x": place["x"], "y": place["y"], "button": "left", "clickCount": 1 });
            self.call("Input.dispatchMouseEvent", event)?;
        }
        Ok(true)
    }

    /// Types into the field that has the focus.
    ///
    /// # Errors
    /// If the browser is gone or the time is up.
    pub fn type_text(&mut self, text: &str) -> io::Result<()> {
        self.call("Input.insertText", json!({ "text": text }))
            .map(drop)
    }

    /// A picture of the page, as PNG.
    ///
    /// # Errors
    /// If the browser is gone or the time is up.
    pub fn picture(&mut self) -> io::Result<Vec<u8>> {
        let reply = self.call("Page.captureScreenshot", json!({ "format": "png" }))?;
        let data = reply.pointer("/result/data").and_then(Value::as_str);
        base64::engine::general_purpose::STANDARD
            .decode(data.unwrap_or_default())
            .map_err(io::Error::other)
    }

    /// Attaches to a page of its own and asks for news of the network.
    fn attach(&mut self) -> io::Result<()> {
        let target = self.call("Target.createTarget", json!({ "url": "about:blank" }))?;
        let target = target
            .pointer("/result/targetId")
            .cloned()
            .ok_or_else(closed)?;
        let parameters = json!({ "targetId": target, "flatten": true });
        let attached = self.call("Target.attachToTarget", parameters)?;
        let session = attached
            .pointer("/result/sessionId")
            .and_then(Value::as_str);
        session.ok_or_else(closed)?.clone_into(&mut self.session);
        self.call("Network.enable", json!({}))?;
        self.call("Page.enable", json!({})).map(drop)
    }

    fn call(&mut self, method: &str, parameters: Value) -> io::Result<Value> {
        self.calls += 1;
        let id = self.calls;
        let mut message = json!({ "id": id, "method": method, "params": parameters });
        if !self.session.is_empty() {
            message["sessionId"] = json!(self.session);
        }
        self.to.write_all(format!("{message}\0").as_bytes())?;
        loop {
            let message = self.next()?;
            if message["id"] == id {
                return Ok(message);
            }
            self.note(&message);
        }
    }

    fn next(&mut self) -> io::Result<Value> {
        let left = self.deadline.saturating_duration_since(Instant::now());
        self.from.recv_timeout(left).map_err(|why| match why {
            RecvTimeoutError::Timeout => io::Error::from(io::ErrorKind::TimedOut),
            RecvTimeoutError::Disconnected => closed(),
        })
    }

    fn note(&mut self, event: &Value) {
        if event["method"] != "Network.requestWillBeSent" {
            return;
        }
        if let Some(url) = event.pointer("/params/request/url").and_then(Value::as_str) {
            self.requested.push(url.to_owned());
            if let Some(watch) = &mut self.watch {
                watch(url);
            }
        }
    }
}

impl Drop for Chromium {
    fn drop(&mut self) {
        let close = json!({ "id": 0, "method": "Browser.close" });
        let _ = self.to.write_all(format!("{close}\0").as_bytes());
        if wait_for(CLOSING, || self.process.try_wait().ok().flatten()).is_none() {
            let _ = self.process.kill();
            let _ = self.process.wait();
        }
    }
}

/// Reads messages until the browser ends.
fn listen(mut from: impl BufRead + Send + 'static) -> Receiver<Value> {
    let (sender, receiver) = mpsc::channel();
    thread::spawn(move || {
        let mut message = Vec::new();
        while from
            .read_until(0, &mut message)
            .is_ok_and(|length| length > 0)
        {
            message.pop();
            let parsed = serde_json::from_slice(&message);
            message.clear();
            if parsed.is_ok_and(|value| sender.send(value).is_err()) {
                return;
            }
        }
    });
    receiver
}

fn closed() -> io::Error {
    io::Error::new(io::ErrorKind::BrokenPipe, "the browser has ended")
}
