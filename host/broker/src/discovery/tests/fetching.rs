//! Metadata and key sets as they are fetched.

use std::sync::{Arc, Mutex};

use tokio::io::AsyncWriteExt as _;

use super::*;
use crate::http::tests::Server;

/// A server's documents, as it would serve them for its own issuer.
fn served(server: &Server, path: &str) -> (Issuer, String) {
    let issuer = issuer(server.url(path).as_str());
    let document = with("issuer", issuer.as_str())
        .to_string()
        .replace("https://idp.test", &server.url("/").origin().to_string());
    (issuer, document)
}

fn reply(status: u16, content_type: &str, body: &str) -> String {
    format!(
        "HTTP/1.1 {status} X\r\ncontent-type: {content_type}\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}",
        body.len()
    )
}

fn requested(server: &Server) -> Vec<String> {
    server
        .requests()
        .iter()
        .map(|request| request.split(' ').nth(1).unwrap().to_owned())
        .collect()
}

// proves: DISC-03
#[tokio::test]
async fn metadata_is_asked_for_where_the_host_says_and_a_malformed_one_fails() {
    // OIDC's place first, RFC 8414's second, and no other.
    let nowhere = Server::replying(reply(404, "text/html", "no")).await;
    let (issuer, _) = served(&nowhere, "/tenant/one");
    assert_eq!(
        discover(&nowhere.client(), &issuer, 0)
            .await
            .unwrap_err()
            .code(),
        "discovery.missing"
    );
    assert_eq!(
        requested(&nowhere),
        [
            "/tenant/one/.well-known/openid-configuration",
            "/.well-known/oauth-authorization-server/tenant/one",
        ]
    );
    // A document that is its issuer's is believed, and kept as it came. The server's port is known only once it listens.
    let body = Arc::new(Mutex::new(String::new()));
    let scripted = Arc::clone(&body);
    let server = Server::start(move |mut socket| {
        let reply = scripted.lock().unwrap().clone();
        async move {
            let _ = socket.write_all(reply.as_bytes()).await;
        }
    })
    .await;
    let (issuer, document) = served(&server, "/tenant/one");
    let respond = |reply: String| *body.lock().unwrap() = reply;
    respond(reply(200, "application/json", &document));
    let (metadata, kept) = discover(&server.client(), &issuer, 7).await.unwrap();
    assert!(metadata.endpoint(Endpoint::Token).is_some());
    assert_eq!(
        (kept.form, kept.fetched, kept.text),
        (Form::OpenId, 7, document.clone().into_bytes())
    );
    assert_eq!(
        requested(&server),
        ["/tenant/one/.well-known/openid-configuration"]
    );

    let missing = document.replace("\"token_endpoint\"", "\"x\"");
    let wrong_type = document.replace("[\"code\"]", "\"code\"");
    let doubled = document.replacen('{', "{\"issuer\":\"x\",", 1);
    let deep = format!("{{\"a\":{}", "[".repeat(10_000));
    for (reply, expected) in [
        (reply(200, "text/html", &document), "discovery.format"),
        (reply(200, "application/json", "<html>"), "discovery.format"),
        (reply(200, "application/json", ""), "discovery.format"),
        (
            reply(200, "application/json", &document[..document.len() / 2]),
            "discovery.format",
        ),
        (
            reply(200, "application/json", &missing),
            "discovery.required",
        ),
        (
            reply(200, "application/json", &wrong_type),
            "discovery.format",
        ),
        (reply(200, "application/json", &doubled), "discovery.format"),
        (reply(200, "application/json", &deep), "discovery.format"),
        (
            reply(500, "application/json", &document),
            "discovery.status",
        ),
        (reply(204, "application/json", ""), "discovery.status"),
        (reply(302, "application/json", &document), "http.redirect"),
    ] {
        respond(reply.clone());
        let error = discover(&server.client(), &issuer, 0).await.unwrap_err();
        assert_eq!(
            (error.code(), error.blame()),
            (expected, vestibule_core::Blame::Provider),
            "{reply}"
        );
    }
}

#[tokio::test]
async fn a_key_set_is_fetched_from_the_pinned_place() {
    let server = Server::replying(reply(200, "application/jwk-set+json", r#"{"keys":[]}"#)).await;
    let (issuer, _) = served(&server, "/");
    let (keys, text) = crate::jwks::fetch(&server.client(), &issuer, &server.url("/jwks"))
        .await
        .unwrap();
    assert!(keys.is_empty());
    assert_eq!(text, br#"{"keys":[]}"#);
    assert_eq!(requested(&server), ["/jwks"]);
    for bad in [
        reply(500, "application/json", "{}"),
        reply(200, "text/html", r#"{"keys":[]}"#),
        reply(200, "application/json", "{}"),
    ] {
        let server = Server::replying(bad).await;
        let error = crate::jwks::fetch(&server.client(), &issuer, &server.url("/jwks"))
            .await
            .unwrap_err();
        assert_eq!(error.blame(), vestibule_core::Blame::Provider);
    }
}
