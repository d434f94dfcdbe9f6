//! The browser's last page (RFC 9700 section 4.3.1).
//!
//! The response moves the browser to an address without the code, and the page there waits until it is known how the sign-in
//! ended: a page that congratulates before the token request is made would lie as often as that fails.

use std::sync::Arc;

use tokio::task::JoinHandle;
use tokio::time::timeout;
use vestibule_core::limits::{RESULT_PAGE_GRACE, RESULT_PAGE_WAIT};

use super::server::{Server, Shared};
use crate::page::Page;

/// How a sign-in ended, as far as the person in front of the browser is concerned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// There is a grant.
    SignedIn,
    /// The person, or the provider on their behalf, said no.
    Denied,
    /// Something else went wrong.
    Failed,
    /// It takes longer than a browser should wait. The terminal will say.
    Unknown,
}

impl Outcome {
    pub(super) const fn page(self) -> Page {
        match self {
            Self::SignedIn => Page::SignedIn,
            Self::Denied => Page::Denied,
            Self::Failed => Page::Failed,
            Self::Unknown => Page::Received,
        }
    }
}

/// The browser that waits for its last page. The port stays open until it has it: for
/// [`RESULT_PAGE_WAIT`](vestibule_core::limits::RESULT_PAGE_WAIT) at most. Dropping the handle closes the port without a page.
#[derive(Debug)]
pub struct PageHandle {
    shared: Arc<Shared>,
    server: JoinHandle<()>,
}

impl PageHandle {
    pub(super) fn new(server: Server) -> Self {
        let shared = server.shared();
        Self {
            shared,
            server: tokio::spawn(serve_for_a_while(server)),
        }
    }

    /// Tells the browser how it ended, waits until it has the page, but no longer than
    /// [`RESULT_PAGE_GRACE`](vestibule_core::limits::RESULT_PAGE_GRACE), and closes the port. The caller need not wait for it
    /// before it prints.
    pub async fn finish(mut self, outcome: Outcome) {
        self.shared.attempt.conclude(outcome);
        let _ = timeout(RESULT_PAGE_GRACE, self.shared.page_was_read()).await;
        self.server.abort();
        let _ = (&mut self.server).await;
    }
}

impl Drop for PageHandle {
    fn drop(&mut self) {
        self.server.abort();
    }
}

async fn serve_for_a_while(mut server: Server) {
    let shared = server.shared();
    let undecided = timeout(RESULT_PAGE_WAIT, async {
        tokio::select! {
            never = server.run() => match never {},
            _ = shared.attempt.outcome() => {}
        }
    });
    if undecided.await.is_err() {
        shared.attempt.conclude(Outcome::Unknown);
    }
    let _ = timeout(RESULT_PAGE_GRACE, server.run()).await;
}
