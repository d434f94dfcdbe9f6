//! Accepting connections: a bounded number, and always room for one more (LOOP-12).

use std::collections::VecDeque;
use std::convert::Infallible;
use std::future::poll_fn;
use std::io;
use std::sync::Arc;
use std::task::{Context, Poll};

use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Notify;
use tokio::task::{AbortHandle, JoinSet, yield_now};
use tokio::time::sleep;
use vestibule_core::limits::{LISTENER_CONNECTIONS, LISTENER_REFUSAL_INTERVAL};
use vestibule_core::{Error, Result};

use super::attempt::Attempt;
use super::bind::Bound;
use super::connection;
use super::gate::Gate;
use super::throttle::Throttle;

/// What all connections of an attempt share.
#[derive(Debug)]
pub(super) struct Shared {
    pub(super) attempt: Attempt,
    pub(super) gate: Gate,
    pub(super) throttle: Throttle,
    page_read: Notify,
}

impl Shared {
    /// A browser has read its last page.
    pub(super) fn note_page_read(&self) {
        self.page_read.notify_one();
    }

    pub(super) async fn page_was_read(&self) {
        self.page_read.notified().await;
    }
}

/// The open port. Dropping it closes the port and all connections.
#[derive(Debug)]
pub(super) struct Server {
    sockets: Vec<TcpListener>,
    shared: Arc<Shared>,
    connections: JoinSet<()>,
    /// The same connections, oldest first.
    by_age: VecDeque<AbortHandle>,
}

impl Server {
    pub(super) fn new(bound: Bound, gate: Gate, attempt: Attempt) -> Result<Self> {
        let sockets: io::Result<_> = bound
            .into_sockets()
            .into_iter()
            .map(TcpListener::from_std)
            .collect();
        Ok(Self {
            sockets: sockets.map_err(|error| {
                Error::host(
                    "loopback.bind",
                    format!("the loopback port cannot be used: {error}"),
                )
            })?,
            shared: Arc::new(Shared {
                attempt,
                gate,
                throttle: Throttle::new(),
                page_read: Notify::new(),
            }),
            connections: JoinSet::new(),
            by_age: VecDeque::new(),
        })
    }

    pub(super) fn attempt(&self) -> &Attempt {
        &self.shared.attempt
    }

    pub(super) fn shared(&self) -> Arc<Shared> {
        Arc::clone(&self.shared)
    }

    /// Serves until it is dropped.
    pub(super) async fn run(&mut self) -> Infallible {
        loop {
            match poll_fn(|context| self.poll_accept(context)).await {
                Ok(stream) => self.serve(stream),
                // Out of file descriptors, or a client that left early. Either passes, and neither may end the attempt.
                Err(_) => sleep(LISTENER_REFUSAL_INTERVAL).await,
            }
            // Lets the new connection read before the next ones could push it out.
            yield_now().await;
        }
    }

    /// Closes the port and returns when nothing holds it any more.
    pub(super) async fn close(mut self) {
        self.sockets.clear();
        self.connections.shutdown().await;
    }

    fn poll_accept(&mut self, context: &mut Context<'_>) -> Poll<io::Result<TcpStream>> {
        // The socket that was served last goes to the end, so that a flood on one does not starve the other.
        for (at, socket) in self.sockets.iter().enumerate() {
            if let Poll::Ready(accepted) = socket.poll_accept(context) {
                self.sockets.rotate_left(at + 1);
                return Poll::Ready(accepted.map(|(stream, _)| stream));
            }
        }
        Poll::Pending
    }

    /// Above the limit the oldest connection goes. An honest one is answered within milliseconds and has nothing to fear.
    fn serve(&mut self, stream: TcpStream) {
        while self.connections.try_join_next().is_some() {}
        self.by_age.retain(|connection| !connection.is_finished());
        if self.by_age.len() >= LISTENER_CONNECTIONS
            && let Some(oldest) = self.by_age.pop_front()
        {
            oldest.abort();
        }
        let connection = connection::serve(stream, Arc::clone(&self.shared));
        self.by_age.push_back(self.connections.spawn(connection));
    }
}
