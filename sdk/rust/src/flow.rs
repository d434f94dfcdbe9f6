//! From straight-line code to steps: one flow is one future, and each of its awaits is one step.
//!
//! The future is polled twice for each step. The first poll leaves the step in a mailbox of one slot and returns
//! `Pending`; the host does what the step says, puts the reply into the same slot, and the second poll takes it out.
//! Nothing ever has to be woken, so the waker does nothing.

use std::cell::RefCell;
use std::future::Future;
use std::mem;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};

use crate::error::{Error, Result};
use crate::wit::{Failure, OutcomeOfFlow, Reply, Step};

/// A flow that has begun.
pub struct Flow {
    mailbox: Mailbox,
    course: Course,
}

enum Course {
    Running(Pin<Box<dyn Future<Output = Result<OutcomeOfFlow>>>>),
    Ended,
}

impl Flow {
    /// A flow that will do what `course` does with its mailbox. It does nothing before [`Flow::begin`].
    pub(crate) fn new<F>(course: impl FnOnce(Mailbox) -> F) -> Self
    where
        F: Future<Output = Result<OutcomeOfFlow>> + 'static,
    {
        let mailbox = Mailbox::default();
        let course = Course::Running(Box::pin(course(mailbox.clone())));
        Self { mailbox, course }
    }

    /// The first step.
    #[must_use]
    pub fn begin(&mut self) -> Step {
        let Course::Running(future) = &mut self.course else {
            return fail("the flow has ended, and there is a reply for it");
        };
        match future
            .as_mut()
            .poll(&mut Context::from_waker(Waker::noop()))
        {
            Poll::Pending => match self.mailbox.take_step() {
                Some(step) => step,
                None => self.end(Err(Error::misuse(
                    "a flow waits for something that is no step",
                ))),
            },
            Poll::Ready(outcome) => self.end(outcome),
        }
    }

    /// The step after this reply.
    #[must_use]
    pub fn resume(&mut self, reply: Reply) -> Step {
        self.mailbox.answer(reply);
        self.begin()
    }

    fn end(&mut self, outcome: Result<OutcomeOfFlow>) -> Step {
        self.course = Course::Ended;
        outcome.map_or_else(|error| fail(error.to_string()), Step::Finish)
    }
}

/// The step that ends a flow badly.
pub(crate) fn fail(message: impl Into<String>) -> Step {
    Step::Fail(Failure {
        message: message.into(),
    })
}

/// What passes between a flow and the host: a step or its reply, never both.
#[derive(Clone, Default)]
pub(crate) struct Mailbox(Rc<RefCell<Slot>>);

#[derive(Default)]
enum Slot {
    #[default]
    Empty,
    Asked(Step),
    Waiting,
    Answered(Reply),
}

impl Mailbox {
    /// Does one step: the host sees it when this is awaited.
    pub(crate) fn ask(&self, step: Step) -> impl Future<Output = Result<Reply>> + use<> {
        Asking {
            mailbox: self.clone(),
            step: Some(step),
        }
    }

    fn take_step(&self) -> Option<Step> {
        let mut slot = self.0.borrow_mut();
        match mem::replace(&mut *slot, Slot::Waiting) {
            Slot::Asked(step) => Some(step),
            other @ (Slot::Empty | Slot::Waiting | Slot::Answered(_)) => {
                *slot = other;
                None
            }
        }
    }

    fn answer(&self, reply: Reply) {
        *self.0.borrow_mut() = Slot::Answered(reply);
    }
}

struct Asking {
    mailbox: Mailbox,
    /// The step, until it lies in the mailbox.
    step: Option<Step>,
}

impl Future for Asking {
    type Output = Result<Reply>;

    fn poll(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Self::Output> {
        let step = self.step.take();
        let mut slot = self.mailbox.0.borrow_mut();
        match (step, mem::take(&mut *slot)) {
            (Some(step), Slot::Empty) => {
                *slot = Slot::Asked(step);
                Poll::Pending
            }
            (None, Slot::Answered(reply)) => Poll::Ready(Ok(reply)),
            // Polled by something else than the host's reply: still waiting.
            (None, other) => {
                *slot = other;
                Poll::Pending
            }
            (Some(_), other) => {
                *slot = other;
                Poll::Ready(Err(Error::misuse("a flow asks for two steps at once")))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wit::Metadata;

    fn discovered() -> Reply {
        Reply::Discovered(Metadata { roles: Vec::new() })
    }

    fn message(step: Step) -> String {
        let Step::Fail(failure) = step else {
            panic!("{step:?}");
        };
        failure.message
    }

    #[test]
    fn each_await_is_one_step_and_gets_the_reply_to_it() {
        let mut flow = Flow::new(|mailbox| async move {
            let first = mailbox.ask(Step::Discover).await?;
            let second = mailbox.ask(fail("not really")).await?;
            assert_eq!((first, second), (discovered(), Reply::Chosen("b".into())));
            Ok(OutcomeOfFlow::Done)
        });
        assert_eq!(flow.begin(), Step::Discover);
        assert_eq!(flow.resume(discovered()), fail("not really"));
        assert_eq!(
            flow.resume(Reply::Chosen("b".into())),
            Step::Finish(OutcomeOfFlow::Done)
        );
    }

    #[test]
    fn two_steps_at_once_are_a_defect_of_the_plugin() {
        let mut flow = Flow::new(|mailbox| async move {
            let mut first = Box::pin(mailbox.ask(Step::Discover));
            let mut context = Context::from_waker(Waker::noop());
            assert!(first.as_mut().poll(&mut context).is_pending());
            mailbox.ask(Step::Discover).await?;
            Ok(OutcomeOfFlow::Done)
        });
        assert_eq!(
            message(flow.begin()),
            "this plugin has a defect: a flow asks for two steps at once"
        );
    }

    #[test]
    fn waiting_for_anything_but_a_step_fails_instead_of_hanging() {
        let mut flow = Flow::new(|_| std::future::pending());
        assert!(message(flow.begin()).contains("no step"));
    }

    #[test]
    fn a_reply_after_the_end_fails() {
        let mut flow = Flow::new(|_| async { Ok(OutcomeOfFlow::Done) });
        assert_eq!(flow.begin(), Step::Finish(OutcomeOfFlow::Done));
        assert!(message(flow.resume(discovered())).contains("has ended"));
    }

    #[test]
    fn an_error_becomes_a_failure_with_its_message() {
        let mut flow = Flow::new(|_| async { Err(Error::impossible("there is no such account")) });
        assert_eq!(message(flow.begin()), "there is no such account");
    }
}
