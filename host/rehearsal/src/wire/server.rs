//! The listener: loopback only, a bounded number of connections, all of them gone when it is stopped.

use std::future::Future;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio::task::{JoinHandle, JoinSet};

use crate::wire::request::Buffer;
use crate::wire::{Request, Response};

/// Connections served at once; more wait in the kernel's queue. Fits in the default limit of open files.
const CONNECTIONS: usize = 512;
/// How long a client may take to send a request, in real time. Long enough for a person who steps through a debugger.
const PATIENCE: Duration = Duration::from_secs(120);

/// What answers requests. One call a request, never blocking.
pub(crate) trait Answer: Send + Sync + 'static {
    /// `connection` numbers the TCP connections, so that reuse can be seen.
    fn answer(&self, request: Request, connection: u64) -> Response;
}

/// A running server. Dropping it closes the port and every connection.
pub(crate) struct Server {
    task: JoinHandle<()>,
}

impl Server {
    /// Binds a port that the system chooses on 127.0.0.1.
    ///
    /// # Errors
    /// There is no port to bind.
    pub(crate) async fn bind() -> io::Result<(TcpListener, SocketAddr)> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let address = listener.local_addr()?;
        Ok((listener, address))
    }

    pub(crate) fn run(listener: TcpListener, answer: Arc<dyn Answer>) -> Self {
        Self {
            task: tokio::spawn(accept(listener, answer)),
        }
    }

    /// Stops and waits until the port is closed.
    pub(crate) async fn stop(mut self) {
        self.task.abort();
        // The only outcome of an aborted task is that it was cancelled, or had just ended.
        let _cancelled = (&mut self.task).await;
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn accept(listener: TcpListener, answer: Arc<dyn Answer>) {
    let room = Arc::new(Semaphore::new(CONNECTIONS));
    let mut connections = JoinSet::new();
    let mut number = 0;
    loop {
        let Ok(permit) = Arc::clone(&room).acquire_owned().await else {
            return;
        };
        let Ok((stream, _)) = listener.accept().await else {
            // Out of file descriptors, most likely: let some connections end.
            tokio::time::sleep(Duration::from_millis(20)).await;
            continue;
        };
        number += 1;
        while connections.try_join_next().is_some() {}
        let answer = Arc::clone(&answer);
        connections.spawn(async move {
            // A client that misbehaves or leaves ends its own connection and nothing else.
            let _ended = converse(stream, number, answer.as_ref()).await;
            drop(permit);
        });
    }
}

async fn converse(mut stream: TcpStream, number: u64, answer: &dyn Answer) -> io::Result<()> {
    stream.set_nodelay(true)?;
    let mut buffer = Buffer::default();
    loop {
        let Ok(next) = tokio::time::timeout(PATIENCE, buffer.next(&mut stream)).await else {
            return Ok(());
        };
        let request = match next {
            Ok(Some(request)) => request,
            Ok(None) => return Ok(()),
            Err(_malformed) => {
                Response::empty(400).write(&mut stream).await?;
                return Ok(());
            }
        };
        let last = request
            .header("connection")
            .is_some_and(|value| value.eq_ignore_ascii_case("close"));
        let response = answer.answer(request, number);
        let (mut reading, mut writing) = stream.split();
        let open = unless_gone(&mut reading, response.write(&mut writing)).await?;
        if last || !open {
            return Ok(());
        }
    }
}

/// Writes, unless the client closes first: a stalled or trickled answer must not outlive its reader.
async fn unless_gone(
    reading: &mut tokio::net::tcp::ReadHalf<'_>,
    writing: impl Future<Output = io::Result<bool>>,
) -> io::Result<bool> {
    let mut writing = pin!(writing);
    let mut byte = [0; 1];
    tokio::select! {
        biased;
        written = &mut writing => written,
        peeked = reading.peek(&mut byte) => match peeked {
            Ok(0) | Err(_) => Ok(false),
            Ok(_pipelined) => writing.await,
        },
    }
}
