//! A guest that plays what its tenant file says: a description, and for each purpose a list of steps, all of it JSON in the shape of
//! the contract. What no SDK would let a plugin do, it does; and it passes on whatever it has got to know.
//!
//! In a step, these objects stand for what the guest has learnt:
//! - `{"$ref": "code"}` is the reference of that name: `code`, `access_token`, …, or the name of a declared secret;
//! - `{"$half": "code"}` is the same with its lower half changed, which is as good a guess as a guest can make;
//! - `{"$told": null}` is what has entered this instance of late, as one text that is well within all bounds;
//! - `{"$flows": null}` is the number of flows that this instance has seen, as text;
//! - `{"$long": 5000}` is a text of so many characters, `{"$options": 5000}` a list of so many options.
//!
//! A broken bar is left out of every text: what has one inside, the guest knows and its settings do not show.
//!
//! Another release of it is made by writing into its bytes what that one asks for besides (`release.rs`).
//!
//! In place of a step, `"Trap"` and `"Loop"` do what they say.

mod bindings;
mod program;
mod release;

use std::cell::{Cell, RefCell};

use bindings::exports::vestibule::idp::provider::Guest;
use bindings::exports::vestibule::idp::types::{
    Description, Failure, Reply, Setting, SettingField, SettingKind, SettingPresence, SettingValue,
    Start, Step,
};

use crate::program::{Memory, Program};

struct Puppet;

thread_local! {
    /// What a guest that keeps globals would know: all that ever entered this instance.
    static STATE: RefCell<Option<(Program, Memory)>> = const { RefCell::new(None) };

    /// Whether this instance has described itself before.
    static DESCRIBED: Cell<bool> = const { Cell::new(false) };
}

impl Guest for Puppet {
    fn describe(settings: Vec<Setting>) -> Description {
        let again = DESCRIBED.replace(true);
        let program = Program::read(&settings);
        let said = |own: fn(&Program) -> &Option<String>| {
            program.as_ref().ok().and_then(|p| own(p).clone())
        };
        let version = said(|program| &program.version);
        let summary = said(|program| &program.summary);
        Description {
            name: "puppet".to_owned(),
            version: version.unwrap_or_else(|| env!("CARGO_PKG_VERSION").to_owned()),
            summary: summary.unwrap_or_else(|| env!("CARGO_PKG_DESCRIPTION").to_owned()),
            settings: schema(),
            profile: match program {
                Ok(program) => program.profile(again),
                Err(problem) => Err(program::as_setting_problem(problem)),
            },
        }
    }

    fn begin(start: Start) -> Step {
        let program = match Program::read(&start.settings) {
            Ok(program) => program,
            Err(problem) => return fail(&problem),
        };
        STATE.with_borrow_mut(|state| {
            let (_, mut memory) = state.take().unwrap_or_default();
            memory.begins(&start);
            let (program, memory) = state.insert((program, memory));
            program.next(memory)
        })
    }

    fn resume(reply: Reply) -> Step {
        STATE.with_borrow_mut(|state| {
            let Some((program, memory)) = state else {
                return fail("no flow has begun");
            };
            memory.learns(&reply);
            program.next(memory)
        })
    }
}

/// The program comes in pieces, since a text of a tenant file has a bound. A client secret may be kept for it.
fn schema() -> Vec<SettingField> {
    let field = |name: &str, kind| SettingField {
        name: name.to_owned(),
        summary: "for tests".to_owned(),
        kind,
        presence: SettingPresence::Optional,
    };
    vec![
        field("program", SettingKind::Texts),
        field("client_secret", SettingKind::Secret),
        field("published_secret", SettingKind::PublicClientSecret),
    ]
}

fn fail(message: &str) -> Step {
    Step::Fail(Failure {
        message: format!("puppet: {message}"),
    })
}

/// The texts of the setting `program`, joined.
fn program_text(settings: &[Setting]) -> String {
    settings
        .iter()
        .filter(|setting| setting.name == "program")
        .map(|setting| match &setting.value {
            SettingValue::Texts(texts) => texts.concat(),
            SettingValue::Text(_) | SettingValue::Integer(_) | SettingValue::Boolean(_) => {
                String::new()
            }
        })
        .collect()
}

#[expect(
    unsafe_code,
    reason = "generated: the component model's calling convention"
)]
const _: () = {
    bindings::export!(Puppet with_types_in bindings);
};
