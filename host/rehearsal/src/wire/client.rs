//! One request, one response, one connection: what the visitor needs of HTTP (RFC 9112), and no more.

use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::encoding::Fields;

/// Pages of the practice provider and result pages of a listener are a few kilobytes.
const LIMIT: u64 = 1024 * 1024;
/// For the whole exchange, in real time.
const DEADLINE: Duration = Duration::from_secs(30);

pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) headers: Fields,
    pub(crate) body: String,
}

impl Reply {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .find(|(key, _)| key.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.as_str())
    }
}

/// Sends a request and reads the answer to its end: as long as it says that it is, or else until the server closes. A listener may
/// leave it to its client to close first, as a browser does.
///
/// # Errors
/// Nothing listens there, the deadline passed, or what came is not HTTP.
pub(crate) async fn exchange(to: SocketAddr, request: &[u8]) -> io::Result<Reply> {
    let reply = async {
        let mut stream = TcpStream::connect(to).await?;
        stream.write_all(request).await?;
        let mut stream = stream.take(LIMIT);
        let mut answer = Vec::new();
        while !is_complete(&answer) && stream.read_buf(&mut answer).await? > 0 {}
        parse(&answer)
            .ok_or_else(|| io::Error::new(io::ErrorKind::InvalidData, "the answer is not HTTP"))
    };
    tokio::time::timeout(DEADLINE, reply)
        .await
        .map_err(|_| io::Error::from(io::ErrorKind::TimedOut))?
}

/// Whether all of an answer is there that says how long it is (RFC 9112 section 6.2).
fn is_complete(answer: &[u8]) -> bool {
    parse(answer).is_some_and(|reply| {
        let length = reply.header("content-length");
        let length = length.and_then(|length| length.parse::<usize>().ok());
        length.is_some_and(|length| reply.body.len() >= length)
    })
}

fn parse(answer: &[u8]) -> Option<Reply> {
    let text = String::from_utf8_lossy(answer);
    let (head, body) = text.split_once("\r\n\r\n")?;
    let mut lines = head.split("\r\n");
    let status = lines
        .next()?
        .strip_prefix("HTTP/1.")?
        .split(' ')
        .nth(1)?
        .parse()
        .ok()?;
    let headers = lines
        .filter_map(|line| line.split_once(':'))
        .map(|(name, value)| (name.trim().to_owned(), value.trim().to_owned()))
        .collect();
    Some(Reply {
        status,
        headers,
        body: body.to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_taken_apart() {
        let reply = parse(b"HTTP/1.1 303 See Other\r\nLocation: /x\r\n\r\nhello").unwrap();
        assert_eq!(
            (reply.status, reply.header("location"), reply.body.as_str()),
            (303, Some("/x"), "hello")
        );
        assert!(parse(b"SSH-2.0-x\r\n\r\n").is_none());
    }

    #[test]
    fn an_answer_ends_where_it_says() {
        let answer = b"HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhello";
        assert!(is_complete(answer));
        assert!(!is_complete(&answer[..answer.len() - 1]));
        assert!(!is_complete(b"HTTP/1.1 200 OK\r\n\r\nhello"));
    }
}
