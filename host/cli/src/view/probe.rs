//! What a machine is like for a sign-in, in words: for `login --explain` and `doctor`.

use vestibule_app::Probe;
use vestibule_app::probe::Evidence;

/// The conclusions, and beneath them what they stand on.
#[must_use]
pub fn lines(probe: &Probe) -> Vec<String> {
    let mut lines = vec![
        format!("  this runs {}", probe.place),
        format!("  a browser here {}", probe.browser),
        format!("  a browser of yours gets here {}", probe.reach),
        "  seen:".to_owned(),
    ];
    lines.extend(
        probe
            .evidence
            .iter()
            .map(|Evidence { seen, says }| format!("    {seen}: {says}")),
    );
    lines
}
