//! Where a person can be.

use serde::{Deserialize, Serialize};

/// Where a person can be when somebody signs in (WKL-03).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Interactive {
    /// At the terminal of the command. Without one nobody is there, and no sign-in of a person begins.
    #[default]
    Terminal,
    /// At a window as well: of a desktop's program that runs the command without a terminal.
    Window,
}

impl Interactive {
    pub(super) fn is_default(&self) -> bool {
        *self == Self::default()
    }
}
