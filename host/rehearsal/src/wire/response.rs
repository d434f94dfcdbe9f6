//! RFC 9112 §6: a response as it will be written, including those that no library would write.

use std::io;
use std::time::Duration;

use tokio::io::{AsyncWrite, AsyncWriteExt as _};

use crate::encoding::Fields;
use crate::members::Members;

/// One write of an endless body.
const CHUNK: usize = 16 * 1024;

#[derive(Clone, Debug)]
pub(crate) enum Body {
    /// Sent with its length; the connection stays open.
    Whole(Vec<u8>),
    /// Sent with another length than it has, then closed.
    FalseLength(Vec<u8>, usize),
    /// Sent without a length, one byte after another with a pause between.
    Trickled(Vec<u8>, Duration),
    /// A beginning, then blanks for as long as the client reads.
    Endless(Vec<u8>),
    /// Nothing at all: the connection closes without a status line.
    Dropped,
    /// Nothing at all, and the connection stays open until the provider stops or the client leaves.
    Stalled,
}

#[derive(Clone, Debug)]
pub(crate) struct Response {
    pub(crate) status: u16,
    pub(crate) headers: Fields,
    /// Further lines of the head, which need not be headers.
    pub(crate) further_lines: Vec<String>,
    pub(crate) body: Body,
}

impl Response {
    pub(crate) fn new(status: u16, media_type: &str, body: impl Into<Vec<u8>>) -> Self {
        let headers = vec![("Content-Type".to_owned(), media_type.to_owned())];
        Self {
            status,
            headers,
            further_lines: Vec::new(),
            body: Body::Whole(body.into()),
        }
    }

    /// A JSON answer; never to be cached (RFC 6749 §5.1).
    pub(crate) fn json(status: u16, members: &Members) -> Self {
        Self::json_text(status, members.render())
    }

    pub(crate) fn json_text(status: u16, text: impl Into<Vec<u8>>) -> Self {
        Self::new(status, "application/json", text).header("Cache-Control", "no-store")
    }

    /// RFC 6749 §5.2.
    pub(crate) fn oauth_error(status: u16, error: &str, description: &str) -> Self {
        Self::json(
            status,
            &Members::new()
                .with("error", error)
                .with("error_description", description),
        )
    }

    pub(crate) fn empty(status: u16) -> Self {
        Self {
            status,
            headers: Fields::new(),
            further_lines: Vec::new(),
            body: Body::Whole(Vec::new()),
        }
    }

    /// See Other: after a form POST the browser must come back with GET (RFC 9700 §4.12).
    pub(crate) fn see_other(location: &str) -> Self {
        Self::empty(303)
            .header("Location", location)
            .header("Cache-Control", "no-store")
    }

    #[must_use]
    pub(crate) fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    /// The body as far as it is text of known length.
    pub(crate) fn bytes(&self) -> &[u8] {
        match &self.body {
            Body::Whole(bytes)
            | Body::FalseLength(bytes, _)
            | Body::Trickled(bytes, _)
            | Body::Endless(bytes) => bytes,
            Body::Dropped | Body::Stalled => &[],
        }
    }

    /// Writes the response; `true` if another request may follow on this connection.
    ///
    /// # Errors
    /// The client is gone.
    pub(crate) async fn write<W: AsyncWrite + Unpin>(&self, to: &mut W) -> io::Result<bool> {
        match &self.body {
            Body::Dropped => return Ok(false),
            Body::Stalled => std::future::pending().await,
            Body::Whole(bytes) => {
                to.write_all(&self.head(Some(bytes.len()))).await?;
                to.write_all(bytes).await?;
            }
            Body::FalseLength(bytes, length) => {
                to.write_all(&self.head(Some(*length))).await?;
                to.write_all(bytes).await?;
            }
            Body::Trickled(bytes, pause) => {
                to.write_all(&self.head(None)).await?;
                for byte in bytes {
                    to.write_all(&[*byte]).await?;
                    to.flush().await?;
                    tokio::time::sleep(*pause).await;
                }
            }
            Body::Endless(bytes) => {
                to.write_all(&self.head(None)).await?;
                to.write_all(bytes).await?;
                loop {
                    to.write_all(&[b' '; CHUNK]).await?;
                }
            }
        }
        to.flush().await?;
        Ok(matches!(self.body, Body::Whole(_)))
    }

    fn head(&self, length: Option<usize>) -> Vec<u8> {
        let mut head = format!("HTTP/1.1 {} {}\r\n", self.status, reason(self.status));
        for (name, value) in &self.headers {
            head.push_str(&format!("{name}: {value}\r\n"));
        }
        for line in &self.further_lines {
            head.push_str(&format!("{line}\r\n"));
        }
        match length {
            Some(length) => head.push_str(&format!("Content-Length: {length}\r\n\r\n")),
            None => head.push_str("Connection: close\r\n\r\n"),
        }
        head.into_bytes()
    }
}

fn reason(status: u16) -> &'static str {
    match status {
        200 => "OK",
        201 => "Created",
        303 => "See Other",
        400 => "Bad Request",
        401 => "Unauthorized",
        403 => "Forbidden",
        404 => "Not Found",
        405 => "Method Not Allowed",
        500 => "Internal Server Error",
        503 => "Service Unavailable",
        _ => "Other",
    }
}
