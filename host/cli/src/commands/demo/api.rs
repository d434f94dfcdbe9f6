//! The caller whose API call all of this is for: one GET with a token, to the practice provider on this machine.

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use vestibule_app::broker::release::Released;
use vestibule_core::{Error, Result};
use zeroize::Zeroizing;

/// Bytes of an answer: far more than a greeting.
const ANSWER_BYTES: u64 = 64 << 10;

/// An answer.
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) body: String,
}

/// The part of a credential that calls an API.
const TOKEN: &str = "access_token";

/// Calls an `http://ADDRESS/…` URL with a token behind `header`, for example `Authorization: Bearer `.
pub(super) async fn call(url: &str, header: &str, token: &Released) -> Result<Answer> {
    let broken = |problem: std::io::Error| {
        Error::network(
            "demo.api",
            format!("the practice API does not answer: {problem}"),
        )
    };
    let (address, path) = url
        .strip_prefix("http://")
        .and_then(|rest| rest.split_once('/'))
        .unwrap_or_default();
    let mut request = Zeroizing::new(Vec::with_capacity(ANSWER_BYTES as usize));
    request.extend_from_slice(
        format!("GET /{path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n{header}")
            .as_bytes(),
    );
    token.write_part(TOKEN, &mut *request).map_err(broken)?;
    request.extend_from_slice(b"\r\n\r\n");

    let mut connection = TcpStream::connect(address).await.map_err(broken)?;
    connection.write_all(&request).await.map_err(broken)?;
    let mut answer = Vec::new();
    connection
        .take(ANSWER_BYTES)
        .read_to_end(&mut answer)
        .await
        .map_err(broken)?;
    parse(&String::from_utf8_lossy(&answer))
        .ok_or_else(|| Error::provider("demo.api", "the practice API does not speak HTTP"))
}

fn parse(answer: &str) -> Option<Answer> {
    let status = answer.strip_prefix("HTTP/1.1 ")?.get(..3)?.parse().ok()?;
    let (_, body) = answer.split_once("\r\n\r\n")?;
    Some(Answer {
        status,
        body: body.to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn status_and_body_are_told_apart() {
        let answer = parse("HTTP/1.1 401 Unauthorized\r\nContent-Length: 2\r\n\r\n{}").unwrap();
        assert_eq!((answer.status, answer.body.as_str()), (401, "{}"));
        assert!(parse("SSH-2.0-OpenSSH").is_none());
    }
}
