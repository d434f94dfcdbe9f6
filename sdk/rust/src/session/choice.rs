//! Questions for the person. The host draws them, and knows whether there is a person.

use std::future::IntoFuture;

use super::{Asked, Session, unexpected};
use crate::error::Result;
use crate::wit::{self, ChoiceOption, Reply, Step};

/// A question with its possible answers.
#[must_use = "it is asked when awaited"]
pub struct Choice<'a> {
    session: &'a Session,
    choice: wit::Choice,
}

impl Session {
    /// Lets the person choose `what`, said in a word or two: `account`, `role`.
    pub fn choose(&self, what: &str) -> Choice<'_> {
        Choice {
            session: self,
            choice: wit::Choice {
                what: what.to_owned(),
                options: Vec::new(),
            },
        }
    }
}

impl Choice<'_> {
    /// A possible answer: the text that the flow gets, and the one that the person reads.
    pub fn option(mut self, id: impl Into<String>, label: impl Into<String>) -> Self {
        self.choice.options.push(ChoiceOption {
            id: id.into(),
            label: label.into(),
        });
        self
    }
}

impl<'a> IntoFuture for Choice<'a> {
    /// The id of the option.
    type Output = Result<String>;
    type IntoFuture = Asked<'a, String>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(async move {
            let reply = self
                .session
                .ask("choose", Step::Choose(self.choice))
                .await?;
            let Reply::Chosen(id) = reply else {
                return Err(unexpected("choose", &reply));
            };
            Ok(id)
        })
    }
}
