//! One connection: one request, one answer (RFC 9112 section 9.6).

use std::convert::Infallible;
use std::future::ready;
use std::io::Cursor;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Request, Response, StatusCode};
use hyper_util::rt::{TokioIo, TokioTimer};
use socket2::SockRef;
use tokio::io::{AsyncReadExt, join, sink};
use tokio::net::TcpStream;
use tokio::time::timeout;
use vestibule_core::limits::{
    LISTENER_HEAD_BYTES, LISTENER_LINGER, LISTENER_READ_TIME, RESULT_PAGE_WAIT,
};

use super::attempt::Offer;
use super::gate::{Door, Gate};
use super::server::Shared;
use crate::page::{Page, bare, moved};

/// Serves one request. Errors are the client's own, and nobody's business.
pub(super) async fn serve(stream: TcpStream, shared: Arc<Shared>) {
    // Whatever ends this connection early must not keep the port busy afterwards, see `let_the_client_close`.
    let _ = stream.set_zero_linger();
    let shows_outcome = AtomicBool::new(false);
    let service = service_fn(|request| answer(request, &shared, &shows_outcome));
    let connection = protocol()
        .serve_connection(TokioIo::new(stream), service)
        .without_shutdown();
    // The head has its own time limit. This one is for the page that waits, and for clients that do not read.
    let served = timeout(LISTENER_READ_TIME + RESULT_PAGE_WAIT, connection).await;
    if let Ok(Ok(parts)) = served {
        let_the_client_close(parts.io.into_inner()).await;
        if shows_outcome.load(Ordering::Relaxed) {
            shared.note_page_read();
        }
    }
}

/// HTTP as it is spoken here.
pub(super) fn protocol() -> http1::Builder {
    let mut protocol = http1::Builder::new();
    protocol
        .timer(TokioTimer::new())
        .header_read_timeout(LISTENER_READ_TIME)
        .max_buf_size(LISTENER_HEAD_BYTES)
        .keep_alive(false);
    protocol
}

async fn answer(
    request: Request<Incoming>,
    shared: &Shared,
    shows_outcome: &AtomicBool,
) -> Result<Response<Full<Bytes>>, Infallible> {
    let refusal = match shared.gate.open(&request) {
        Door::Callback(query) => match shared.attempt.offer(query) {
            Offer::Taken => return Ok(moved(shared.gate.done())),
            Offer::AlreadyUsed => Page::AlreadyUsed.response(),
            Offer::NotExpected => Page::NotExpected.response(),
        },
        Door::Done if shared.attempt.is_over() => {
            let page = shared.attempt.outcome().await.page();
            shows_outcome.store(true, Ordering::Relaxed);
            return Ok(page.response());
        }
        Door::Done => bare(StatusCode::NOT_FOUND),
        Door::Closed(status) => bare(status),
    };
    shared.throttle.pause().await;
    Ok(refusal)
}

/// The query that a client's bytes bring to the redirect URI, if they get that far.
pub(super) async fn query_of(bytes: &[u8], gate: &Gate) -> Option<String> {
    let found = Mutex::new(None);
    let service = service_fn(|request: Request<Incoming>| {
        if let Door::Callback(query) = gate.open(&request) {
            *found.lock().unwrap_or_else(PoisonError::into_inner) = Some(query.to_owned());
        }
        ready(Ok::<_, Infallible>(bare(StatusCode::NOT_FOUND)))
    });
    let stream = join(Cursor::new(bytes.to_vec()), sink());
    // How it ends is the client's business.
    let _ = protocol()
        .serve_connection(TokioIo::new(stream), service)
        .await;
    found.into_inner().unwrap_or_else(PoisonError::into_inner)
}

/// Whoever closes a connection first keeps its port busy for a minute (RFC 9293 section 3.6.1), and a socket that does not share
/// its address could not be bound again meanwhile. So the client closes first, as clients do when they are told that the
/// connection ends; one that does not is reset.
async fn let_the_client_close(mut stream: TcpStream) {
    let closed = timeout(LISTENER_LINGER, async {
        let mut ignored = [0_u8; 512];
        while stream.read(&mut ignored).await.is_ok_and(|read| read > 0) {}
    });
    if closed.await.is_ok() {
        let _ = SockRef::from(&stream).set_linger(None);
    }
}
