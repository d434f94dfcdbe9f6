//! RFC 9112 §3 to §6: a request as received, bounded before it is kept.

use std::io;

use tokio::io::{AsyncRead, AsyncReadExt as _};

use crate::encoding::{Fields, parse_form};

/// Request line and headers together. A PAR-less authorization URL of the largest kind stays far below.
const HEAD_LIMIT: usize = 64 * 1024;
/// Token requests are a few kilobytes; assertions and claims can make them tens.
const BODY_LIMIT: usize = 1024 * 1024;

#[derive(Clone, Debug, Default)]
pub(crate) struct Request {
    pub(crate) method: String,
    /// As sent: path and query, or the absolute form.
    pub(crate) target: String,
    pub(crate) headers: Fields,
    pub(crate) body: Vec<u8>,
}

impl Request {
    pub(crate) fn path(&self) -> &str {
        self.target
            .split_once('?')
            .map_or(self.target.as_str(), |(path, _)| path)
    }

    pub(crate) fn query(&self) -> Fields {
        self.target
            .split_once('?')
            .map(|(_, query)| parse_form(query.as_bytes()))
            .unwrap_or_default()
    }

    /// The first header of that name, whatever its case.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .find(|(key, _)| key.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.as_str())
    }

    /// Media type without its parameters, in lower case.
    pub(crate) fn media_type(&self) -> String {
        let full = self.header("content-type").unwrap_or_default();
        full.split(';')
            .next()
            .unwrap_or_default()
            .trim()
            .to_ascii_lowercase()
    }

    /// The body's fields: of a form, or the top-level members of a JSON object (strings bare, the rest as JSON).
    pub(crate) fn fields(&self) -> Fields {
        match self.media_type().as_str() {
            "application/x-www-form-urlencoded" => parse_form(&self.body),
            "application/json" => json_fields(&self.body),
            _ => Fields::new(),
        }
    }

    /// The token of `Authorization: Bearer` (RFC 6750 §2.1). The scheme's case does not matter.
    pub(crate) fn bearer(&self) -> Option<&str> {
        let (scheme, token) = self.header("authorization")?.split_once(' ')?;
        scheme.eq_ignore_ascii_case("bearer").then_some(token)
    }
}

fn json_fields(body: &[u8]) -> Fields {
    let Ok(serde_json::Value::Object(members)) = serde_json::from_slice(body) else {
        return Fields::new();
    };
    let text = |value: serde_json::Value| {
        value
            .as_str()
            .map_or_else(|| value.to_string(), str::to_owned)
    };
    members
        .into_iter()
        .map(|(name, value)| (name, text(value)))
        .collect()
}

/// What is left on a connection between two requests.
#[derive(Default)]
pub(crate) struct Buffer(Vec<u8>);

impl Buffer {
    /// The next request, or `None` when the client has closed between requests.
    ///
    /// # Errors
    /// The connection broke, or what came is not a request of bounded size with an announced length.
    pub(crate) async fn next<R: AsyncRead + Unpin>(
        &mut self,
        from: &mut R,
    ) -> io::Result<Option<Request>> {
        let head_end = loop {
            if let Some(at) = self.0.windows(4).position(|window| window == b"\r\n\r\n") {
                break at;
            }
            if self.0.len() > HEAD_LIMIT {
                return Err(malformed("header section too long"));
            }
            if from.read_buf(&mut self.0).await? == 0 {
                return if self.0.is_empty() {
                    Ok(None)
                } else {
                    Err(malformed("cut short"))
                };
            }
        };

        let rest = self.0.split_off(head_end + 4);
        let head = std::mem::replace(&mut self.0, rest);
        let mut request = parse_head(&head)?;

        if request.header("transfer-encoding").is_some() {
            return Err(malformed("only announced lengths are read"));
        }
        let length = match request.header("content-length") {
            None => 0,
            Some(text) => text
                .parse::<usize>()
                .map_err(|_| malformed("bad content-length"))?,
        };
        if length > BODY_LIMIT {
            return Err(malformed("body too long"));
        }
        while self.0.len() < length {
            if from.read_buf(&mut self.0).await? == 0 {
                return Err(malformed("body cut short"));
            }
        }
        let rest = self.0.split_off(length);
        request.body = std::mem::replace(&mut self.0, rest);
        Ok(Some(request))
    }
}

fn parse_head(head: &[u8]) -> io::Result<Request> {
    let text = std::str::from_utf8(head).map_err(|_| malformed("header section is not UTF-8"))?;
    let mut lines = text.trim_end_matches("\r\n").split("\r\n");
    let mut words = lines.next().unwrap_or_default().split(' ');
    let (Some(method), Some(target), Some("HTTP/1.1" | "HTTP/1.0"), None) =
        (words.next(), words.next(), words.next(), words.next())
    else {
        return Err(malformed("bad request line"));
    };
    let headers = lines
        .map(|line| {
            let (name, value) = line
                .split_once(':')
                .ok_or_else(|| malformed("bad header"))?;
            Ok((name.to_owned(), value.trim().to_owned()))
        })
        .collect::<io::Result<Fields>>()?;
    Ok(Request {
        method: method.to_owned(),
        target: target.to_owned(),
        headers,
        body: Vec::new(),
    })
}

fn malformed(why: &'static str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, why)
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn read_all(mut bytes: &[u8]) -> io::Result<Vec<Request>> {
        let (mut buffer, mut all) = (Buffer::default(), Vec::new());
        while let Some(request) = buffer.next(&mut bytes).await? {
            all.push(request);
        }
        Ok(all)
    }

    #[tokio::test]
    async fn two_requests_on_one_connection_are_told_apart() {
        let wire = b"POST /token?a=b HTTP/1.1\r\nHost: h\r\nContent-Type: application/x-www-form-urlencoded\r\ncontent-length: 3\r\n\r\nx=1GET / HTTP/1.1\r\n\r\n";
        let all = read_all(wire).await.unwrap();
        assert_eq!(all.len(), 2);
        assert_eq!(all[0].path(), "/token");
        assert_eq!(all[0].query(), [("a".to_owned(), "b".to_owned())]);
        assert_eq!(all[0].fields(), [("x".to_owned(), "1".to_owned())]);
        assert_eq!(all[1].method, "GET");
    }

    #[tokio::test]
    async fn what_is_cut_short_or_has_no_length_is_refused() {
        for wire in [
            &b"GET / HTTP/1.1\r\nHost"[..],
            b"POST / HTTP/1.1\r\nContent-Length: 9\r\n\r\nx",
            b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n",
            b"GET / HTTP/3\r\n\r\n",
        ] {
            assert!(
                read_all(wire).await.is_err(),
                "{}",
                String::from_utf8_lossy(wire)
            );
        }
    }
}
