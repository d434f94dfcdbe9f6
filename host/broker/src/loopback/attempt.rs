//! The one response of an attempt (RFC 9700 section 4.2.4): accepted once, whoever asks again and however fast.

use std::mem;
use std::sync::{Mutex, MutexGuard, PoisonError};

use tokio::sync::{oneshot, watch};
use vestibule_core::Result;

use super::page_handle::Outcome;
use crate::authorization_response::{AuthorizationResponse, Expectation, Ignored, Reading, read};

/// What the attempt's owner is told, once.
pub(super) type Answer = Result<AuthorizationResponse>;

/// An attempt. Its secrets are erased with the response that uses them.
#[derive(Debug)]
pub(super) struct Attempt {
    phase: Mutex<Phase>,
    outcome: watch::Sender<Option<Outcome>>,
}

#[derive(Debug)]
enum Phase {
    Waiting {
        expectation: Expectation,
        answer: oneshot::Sender<Answer>,
        last_ignored: Option<Ignored>,
    },
    Over,
}

/// What a response came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Offer {
    /// It was the one.
    Taken,
    /// One was taken before.
    AlreadyUsed,
    /// It is not from the provider that was asked, and changes nothing.
    NotExpected,
}

impl Attempt {
    pub(super) fn new(expectation: Expectation) -> (Self, oneshot::Receiver<Answer>) {
        let (answer, receiver) = oneshot::channel();
        let attempt = Self {
            phase: Mutex::new(Phase::Waiting {
                expectation,
                answer,
                last_ignored: None,
            }),
            outcome: watch::Sender::new(None),
        };
        (attempt, receiver)
    }

    /// Looks at a response. The lock makes the first good one the only one.
    pub(super) fn offer(&self, query: &str) -> Offer {
        let mut phase = self.phase();
        let Phase::Waiting {
            expectation,
            last_ignored,
            ..
        } = &mut *phase
        else {
            return Offer::AlreadyUsed;
        };
        let result = match read(query, expectation) {
            Reading::Accepted(response) => Ok(response),
            Reading::Ended(error) => Err(error),
            Reading::Ignored(why) => {
                *last_ignored = Some(why);
                return Offer::NotExpected;
            }
        };
        if let Phase::Waiting { answer, .. } = mem::replace(&mut *phase, Phase::Over) {
            // The owner can have gone away meanwhile; then nobody gets the code.
            let _ = answer.send(result);
        }
        Offer::Taken
    }

    /// Ends an attempt that nobody answered, and says why the last response was not an answer.
    pub(super) fn expire(&self) -> Option<Ignored> {
        match mem::replace(&mut *self.phase(), Phase::Over) {
            Phase::Waiting { last_ignored, .. } => last_ignored,
            Phase::Over => None,
        }
    }

    /// Whether a response was taken, so that there is a page to show.
    pub(super) fn is_over(&self) -> bool {
        matches!(*self.phase(), Phase::Over)
    }

    /// Says how it ended. The first word counts.
    pub(super) fn conclude(&self, outcome: Outcome) {
        self.outcome.send_if_modified(|told| {
            let first = told.is_none();
            told.get_or_insert(outcome);
            first
        });
    }

    /// Waits until it is known how it ended.
    pub(super) async fn outcome(&self) -> Outcome {
        let mut told = self.outcome.subscribe();
        // The sender lives as long as `self`, so that this cannot fail.
        let outcome = told.wait_for(Option::is_some).await;
        outcome
            .ok()
            .and_then(|outcome| *outcome)
            .unwrap_or(Outcome::Unknown)
    }

    fn phase(&self) -> MutexGuard<'_, Phase> {
        self.phase.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
