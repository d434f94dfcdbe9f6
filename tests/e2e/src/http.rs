//! HTTP by hand (RFC 9112), to loopback: a client that shares no code with the one under test.

use std::io::{self, Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use serde_json::Value;
use url::{Position, Url};

/// No server on this machine needs longer.
const LIMIT: Duration = Duration::from_secs(20);

/// What a server answered.
#[derive(Clone, Debug)]
pub struct Answer {
    /// The status code.
    pub status: u16,
    /// The head, as sent.
    pub head: String,
    /// The body, as sent.
    pub body: String,
}

impl Answer {
    /// The body as JSON.
    #[must_use]
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or(Value::Null)
    }

    fn is_complete(&self) -> bool {
        let length = self.head.lines().find_map(|line| {
            let (name, value) = line.split_once(':')?;
            let value = value.trim().parse::<usize>().ok()?;
            name.eq_ignore_ascii_case("content-length").then_some(value)
        });
        length.is_some_and(|length| self.body.len() >= length)
    }
}

/// `GET` with these headers.
///
/// # Errors
/// If nobody answers.
pub fn get(url: &str, headers: &[(&str, &str)]) -> io::Result<Answer> {
    exchange("GET", url, headers, "")
}

/// `POST` of form fields, already encoded.
///
/// # Errors
/// If nobody answers.
pub fn post(url: &str, headers: &[(&str, &str)], form: &str) -> io::Result<Answer> {
    let mut headers = headers.to_vec();
    headers.push(("Content-Type", "application/x-www-form-urlencoded"));
    exchange("POST", url, &headers, form)
}

fn exchange(method: &str, url: &str, headers: &[(&str, &str)], body: &str) -> io::Result<Answer> {
    let url = Url::parse(url).map_err(|_| io::Error::other("no URL"))?;
    let authority = &url[Position::BeforeHost..Position::AfterPort];
    let target = &url[Position::BeforePath..Position::AfterQuery];
    let mut stream = TcpStream::connect(authority)?;
    stream.set_read_timeout(Some(LIMIT))?;
    let mut request =
        format!("{method} {target} HTTP/1.1\r\nHost: {authority}\r\nConnection: close\r\n");
    for (name, value) in headers {
        request.push_str(&format!("{name}: {value}\r\n"));
    }
    request.push_str(&format!("Content-Length: {}\r\n\r\n{body}", body.len()));
    stream.write_all(request.as_bytes())?;
    let mut bytes = Vec::new();
    let mut part = [0; 4096];
    // The client may have to close first: what says how long it is, is not waited for any longer.
    while !parse(&bytes).is_some_and(|answer| answer.is_complete()) {
        match stream.read(&mut part)? {
            0 => break,
            read => bytes.extend_from_slice(&part[..read]),
        }
    }
    parse(&bytes).ok_or_else(|| io::Error::other("no HTTP"))
}

fn parse(bytes: &[u8]) -> Option<Answer> {
    let text = String::from_utf8_lossy(bytes);
    let (head, body) = text.split_once("\r\n\r\n")?;
    let status = head.split(' ').nth(1)?.parse().ok()?;
    Some(Answer {
        status,
        head: head.to_owned(),
        body: body.to_owned(),
    })
}
