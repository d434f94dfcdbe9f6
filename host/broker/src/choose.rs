//! A question for the person (UI-01, UI-04): a choice among options, never free text.

use vestibule_core::event::Question;
use vestibule_core::reply::Reply;
use vestibule_core::step::Choice;
use vestibule_core::{Error, Result, Shown};

use crate::broker::Broker;

pub(crate) fn perform(broker: &Broker<'_>, choice: &Choice) -> Result<Reply> {
    let around = &broker.around;
    if !around.person.is_present() {
        return Err(Error::user(
            "choice.nobody",
            format!(
                "there is a choice to make ({}), and nobody to ask",
                Shown::new(&choice.what)
            ),
        )
        .hint("name it on the command line: --for NAME=VALUE"));
    }
    let options: Vec<String> = choice
        .options
        .iter()
        .map(|option| option.label.clone())
        .collect();
    let question = Question {
        plugin: around.plugin,
        tenant: around.tenant.as_str(),
        what: &choice.what,
        options: &options,
    };
    let index = around.person.choose(&question)?;
    let chosen = choice
        .options
        .get(index)
        .ok_or_else(|| Error::host("choice.index", "the answer is none of the options"))?;
    Ok(Reply::Chosen(chosen.id.clone()))
}
