//! What the log says of itself.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// Something about the log itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "what", rename_all = "kebab-case")]
pub enum Note {
    /// The log begins here.
    Began,
    /// An unfinished line was taken away: a process was killed while it wrote.
    Repaired {
        /// Its bytes.
        bytes: u64,
    },
    /// Records that were never made durable are gone: the machine stopped, or somebody cut them off.
    Lost {
        /// The first of them.
        from: u64,
        /// The last.
        to: u64,
    },
    /// The key of the records before is gone, or nobody held one. What was there is sealed with the new one, as it was found.
    KeyChanged {
        /// The id of the key before.
        before: String,
        /// The code of each file that was there, by its name.
        sealed: BTreeMap<String, String>,
    },
    /// The oldest records were removed, since the log has reached its limit.
    Pruned {
        /// The last of them.
        to: u64,
    },
}
