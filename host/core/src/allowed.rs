//! The proof that policy was asked.

use crate::error::Error;
use crate::step::Step;

/// A step that policy allowed. The broker performs nothing else, and there is no other way to make one than to ask a rulebook:
/// a step that skips policy does not compile.
#[derive(Debug)]
pub struct Allowed<T>(T);

impl Allowed<Step> {
    /// Asks the rulebook.
    pub fn by(rulebook: &mut dyn Rulebook, step: Step) -> Result<Self, Denied> {
        rulebook.judge(&step)?;
        Ok(Self(step))
    }
}

impl<T> Allowed<T> {
    /// What was allowed.
    #[must_use]
    pub fn into_inner(self) -> T {
        self.0
    }
}

/// Something that judges steps. It may keep count, so that budgets span a flow.
pub trait Rulebook {
    /// Judges one step.
    fn judge(&mut self, step: &Step) -> Result<(), Denied>;
}

/// A refusal by policy: which rule, why, and the line of the tenant file that would allow it, if one could.
#[derive(Debug, PartialEq, Eq)]
pub struct Denied {
    /// The name of the rule.
    pub rule: &'static str,
    /// What it refused, in one sentence.
    pub reason: String,
    /// The exact line that would allow it, with its table: `policy.methods = ["browser", "device"]`.
    pub fix: Option<String>,
    /// Whether the plugin asked for what no line could allow.
    pub plugins_fault: bool,
}

impl From<Denied> for Error {
    fn from(denied: Denied) -> Self {
        let message = format!("{} (rule: {})", denied.reason, denied.rule);
        let error = if denied.plugins_fault {
            Self::plugin("policy.denied", message)
        } else {
            Self::policy("policy.denied", message)
        };
        match denied.fix {
            Some(line) => error.hint(format!(
                "this line of the tenant file would allow it: {line}"
            )),
            None => error,
        }
    }
}
