//! The rules for steps: what a plugin asks for, judged before anything is done. Budgets and order span one flow.

mod audience;
mod audiences;
mod budget;
mod choices;
mod exchange;
mod extra_fields;
mod fields;
mod finish;
mod flow;
mod order;
mod purpose;
mod registration;
mod resources;
mod role_class;
mod scopes;
mod sent;
mod subject_token;
mod text;

#[cfg(test)]
mod testing;
#[cfg(test)]
mod tests;

use vestibule_core::allowed::{Denied, Rulebook};
use vestibule_core::approval::Permissions;
use vestibule_core::start::Start;
use vestibule_core::step::Step;
use vestibule_core::tenant::Tenant;

use flow::Flow;

pub use audience::check_audience;

use crate::refresh_token::ClientType;

/// The rulebook of one flow. The first refusal ends the flow: nothing is allowed after it.
pub struct StepRules<'a> {
    flow: Flow<'a>,
}

impl<'a> StepRules<'a> {
    /// For a flow that starts so, within what was approved.
    #[must_use]
    pub fn new(permissions: &'a Permissions, tenant: &'a Tenant, start: &Start) -> Self {
        Self {
            flow: Flow::new(permissions, tenant, start),
        }
    }

    /// For a client of this type. One of which nothing is said proves nothing.
    #[must_use]
    pub fn for_client(mut self, client: ClientType) -> Self {
        self.flow.client = client;
        self
    }
}

impl Rulebook for StepRules<'_> {
    fn judge(&mut self, step: &Step) -> Result<(), Denied> {
        let verdict = RULES.iter().try_for_each(|rule| {
            (rule.judge)(&self.flow, step).map_err(|refusal| refusal.of(rule.name))
        });
        match verdict {
            Ok(()) => self.flow.record(step),
            Err(_) => self.flow.end(),
        }
        verdict
    }
}

/// A rule: pure, over what has happened and what is asked for.
struct Rule {
    name: &'static str,
    judge: fn(&Flow<'_>, &Step) -> Result<(), Refusal>,
}

/// All rules, cheapest first.
const RULES: &[Rule] = &[
    Rule {
        name: "order",
        judge: order::judge,
    },
    Rule {
        name: "budget",
        judge: budget::judge,
    },
    Rule {
        name: "text",
        judge: text::judge,
    },
    Rule {
        name: "purpose",
        judge: purpose::judge,
    },
    Rule {
        name: "role_class",
        judge: role_class::judge,
    },
    Rule {
        name: "scopes",
        judge: scopes::judge,
    },
    Rule {
        name: "extra_fields",
        judge: extra_fields::judge,
    },
    Rule {
        name: "fields",
        judge: fields::judge,
    },
    Rule {
        name: "registration",
        judge: registration::judge,
    },
    Rule {
        name: "resources",
        judge: resources::judge,
    },
    Rule {
        name: "exchange",
        judge: exchange::judge,
    },
    Rule {
        name: "audience",
        judge: audience::judge,
    },
    Rule {
        name: "audiences",
        judge: audiences::judge,
    },
    Rule {
        name: "subject_token",
        judge: subject_token::judge,
    },
    Rule {
        name: "choices",
        judge: choices::judge,
    },
    Rule {
        name: "finish",
        judge: finish::judge,
    },
];

/// Why a rule says no.
struct Refusal {
    reason: String,
    fix: Option<String>,
    plugins_fault: bool,
}

impl Refusal {
    /// The plugin asked for what no line could allow.
    fn plugin(reason: impl Into<String>) -> Self {
        Self {
            reason: reason.into(),
            fix: None,
            plugins_fault: true,
        }
    }

    /// Nobody did wrong: it is not possible here.
    fn policy(reason: impl Into<String>) -> Self {
        Self {
            reason: reason.into(),
            fix: None,
            plugins_fault: false,
        }
    }

    /// This line would allow it.
    fn unless(mut self, line: String) -> Self {
        self.fix = Some(line);
        self
    }

    fn of(self, rule: &'static str) -> Denied {
        Denied {
            rule,
            reason: self.reason,
            fix: self.fix,
            plugins_fault: self.plugins_fault,
        }
    }
}
