//! The visitor, and the page that a person would see.

use vestibule_rehearsal::{Rehearsal, Role, Script, VisitError, Visitor};

use crate::kit::{Callback, SCOPE, STATE, authorization_url, come_back, get, values};

#[tokio::test]
async fn a_visitor_who_denies_sends_the_client_an_error() {
    let idp = Rehearsal::start(Script::honest()).await.unwrap();
    let callback = Callback::listen().await;
    let url = authorization_url(&idp, &callback.uri(), SCOPE);
    let (visit, fields) = come_back(&Visitor::deny(), &url, &callback).await;
    assert_eq!(values(&fields, "error"), ["access_denied"]);
    assert_eq!(values(&fields, "state"), [STATE]);
    assert_eq!(values(&fields, "iss"), [idp.issuer()]);
    assert!(values(&fields, "code").is_empty());
    assert_eq!(
        (visit.status, visit.body.as_str(), visit.answered),
        (200, "thanks", true)
    );
}

#[tokio::test]
async fn a_visitor_who_walks_away_has_seen_the_page_and_said_nothing() {
    let idp = Rehearsal::start(Script::honest()).await.unwrap();
    let url = authorization_url(&idp, "http://127.0.0.1:9/callback", SCOPE);
    let visit = Visitor::walk_away().visit(&url).await.unwrap();
    assert!(!visit.answered && visit.body.contains("Approve"));
    assert_eq!(visit.urls, [url]);
    assert_eq!(idp.count(Role::Consent), 0);
}

#[tokio::test]
async fn a_closed_callback_is_reported() {
    let idp = Rehearsal::start(Script::honest()).await.unwrap();
    let closed = Callback::listen().await.uri();
    let url = authorization_url(&idp, &closed, SCOPE);
    let error = Visitor::approve("ada").visit(&url).await.unwrap_err();
    assert!(matches!(error, VisitError::Unreachable(..)), "{error}");
}

#[tokio::test]
async fn a_ticket_is_good_once() {
    let idp = Rehearsal::start(Script::honest()).await.unwrap();
    let callback = Callback::listen().await;
    let url = authorization_url(&idp, &callback.uri(), SCOPE);
    come_back(&Visitor::approve("ada"), &url, &callback).await;
    let first = &idp.requests_to(Role::Consent)[0];
    let ticket = first.field("ticket").unwrap();
    let fields = [
        ("ticket", ticket),
        ("account", "ada"),
        ("decision", "approve"),
    ];
    assert_eq!(
        crate::kit::post(&format!("{}/consent", idp.issuer()), &fields)
            .await
            .status,
        400
    );
}

#[tokio::test]
async fn the_page_runs_no_script_and_names_its_language() {
    let idp = Rehearsal::start(Script::honest()).await.unwrap();
    let page = get(&authorization_url(
        &idp,
        "http://127.0.0.1:9/callback",
        SCOPE,
    ))
    .await;
    let policy = page.headers["content-security-policy"].to_str().unwrap();
    assert!(
        policy.contains("default-src 'none'") && !policy.contains("script-src"),
        "{policy}"
    );
    assert!(
        page.text.contains("<html lang=\"en\">")
            && page.text.contains("<legend>")
            && !page.text.contains("<script")
    );
    assert_eq!(page.headers["referrer-policy"], "no-referrer");
}
