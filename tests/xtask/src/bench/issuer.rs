//! Just enough of an issuer (RFC 8414, RFC 6749 section 6) to hand oidc-agent a token that it then keeps.
//!
//! Nothing of it is measured: `oidc-token` asks the agent, which holds a valid token and asks nobody.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::thread;

use anyhow::Result;
use serde_json::{Value, json};

/// Listens on loopback as long as this process lives.
pub(crate) struct Issuer {
    address: SocketAddr,
}

impl Issuer {
    pub(crate) fn start() -> Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", 0))?;
        let address = listener.local_addr()?;
        let url = format!("http://{address}");
        thread::spawn(move || {
            for connection in listener.incoming().flatten() {
                // A client that goes away in the middle says so itself.
                let _gone = answer(&connection, &url);
            }
        });
        Ok(Self { address })
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address)
    }
}

fn answer(mut connection: &TcpStream, issuer: &str) -> Result<()> {
    let mut reader = BufReader::new(connection);
    let mut request = String::new();
    reader.read_line(&mut request)?;
    let mut length = 0;
    loop {
        let mut header = String::new();
        reader.read_line(&mut header)?;
        if header.trim().is_empty() {
            break;
        }
        if let Some((name, value)) = header.split_once(':')
            && name.eq_ignore_ascii_case("content-length")
        {
            length = value.trim().parse()?;
        }
    }
    std::io::copy(&mut reader.take(length), &mut std::io::sink())?;

    let body = if request.starts_with("POST") {
        tokens()
    } else {
        metadata(issuer)
    }
    .to_string();
    write!(
        connection,
        "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
        body.len()
    )?;
    Ok(())
}

fn metadata(issuer: &str) -> Value {
    json!({
        "issuer": issuer,
        "authorization_endpoint": format!("{issuer}/authorize"),
        "token_endpoint": format!("{issuer}/token"),
        "response_types_supported": ["code"],
        "grant_types_supported": ["authorization_code", "refresh_token"],
        "scopes_supported": ["openid", "offline_access"],
    })
}

/// As long as tokens are in practice.
fn tokens() -> Value {
    json!({
        "access_token": "x".repeat(900),
        "token_type": "Bearer",
        "expires_in": 86_400,
        "refresh_token": "y".repeat(64),
        "scope": "openid offline_access",
    })
}
