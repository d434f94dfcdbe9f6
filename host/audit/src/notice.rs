//! Whether something that is about to be recorded would be unusual.
//!
//! What is usual was learnt from the log up to a record that is known, and is kept. So only what was added since is read, however long
//! the log is. If what was kept is missing or not genuine, all of the log is read once more.

use std::ops::ControlFlow;

use vestibule_core::Result;
use vestibule_core::limits::WATCH_BYTES;

use crate::detect::{self, Habits, Seen, Unusual};
use crate::entry::Entry;
use crate::folder::Durability;
use crate::log::Log;
use crate::tail::{self, End};

/// So many records behind, what was learnt is kept.
const KEEP_AFTER: u64 = 16;

impl Log<'_> {
    /// What every rule would say of this entry, if it were recorded with this time. Nothing is recorded, and nothing counted.
    ///
    /// # Errors
    /// Those of [`Self::append`], and if the log cannot be read.
    pub fn unusual(&self, now: u64, entry: &Entry) -> Result<Vec<Unusual>> {
        let _lock = self.folder.lock()?;
        let End { head, key, .. } = tail::find(self.folder, self.keys)?;
        let seen = Seen::new(now, entry);
        let mut unusual = head.pace.clone().see(&seen);
        let kept = Habits::load(self.folder, &key)?;
        let from = kept.learnt.seq;
        let mut habits = match self.learn(kept) {
            // What was kept is of another log.
            Err(problem) if problem.code() == "audit.another_log" => {
                self.learn(Habits::default())?
            }
            learnt => learnt?,
        };
        if habits.learnt.seq >= from.saturating_add(KEEP_AFTER) || habits.learnt.seq < from {
            let text = habits.write(&key)?;
            if (text.len() as u64) < WATCH_BYTES {
                // It can be learnt again.
                let _ = self
                    .folder
                    .replace(detect::FILE, text.as_bytes(), Durability::Quick);
            }
        }
        unusual.extend(habits.see(head.last.seq, &seen));
        Ok(unusual)
    }

    /// What the rules of time would say of it, which are in the head of the log.
    ///
    /// # Errors
    /// Those of [`Self::append`].
    pub fn unusual_now(&self, now: u64, entry: &Entry) -> Result<Vec<Unusual>> {
        let _lock = self.folder.lock()?;
        let mut head = tail::find(self.folder, self.keys)?.head;
        Ok(head.pace.see(&Seen::new(now, entry)))
    }

    /// Goes on to the end of the log.
    fn learn(&self, mut habits: Habits) -> Result<Habits> {
        let from = habits.learnt.clone();
        let range = self.read_behind(&from, &mut |_, record| {
            let seen = Seen::new(record.time, &record.entry);
            // That was told when it happened, or is by `audit alerts`.
            let _ = habits.see(record.seq, &seen);
            ControlFlow::Continue(())
        })?;
        habits.learnt = range.to;
        Ok(habits)
    }
}
