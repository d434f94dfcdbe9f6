//! Points in time: RFC 3339 for programs, a span for people.

use jiff::Timestamp;

/// A point in Unix time as RFC 3339 has it, in UTC. One beyond the calendar is its end.
#[must_use]
pub fn rfc3339(at: u64) -> String {
    let at = i64::try_from(at)
        .ok()
        .and_then(|seconds| Timestamp::from_second(seconds).ok())
        .unwrap_or(Timestamp::MAX);
    Timestamp::from_second(at.as_second())
        .unwrap_or(at)
        .to_string()
}

/// From now until then, in the largest unit that fits: `5 minutes`. What is past is `no more`.
#[must_use]
pub fn span(now: u64, until: u64) -> String {
    let seconds = until.saturating_sub(now);
    let units = [
        ("day", 86_400),
        ("hour", 3600),
        ("minute", 60),
        ("second", 1),
    ];
    for (name, size) in units {
        // Two of a unit say more than one of the next: 90 minutes, not 1 hour.
        if seconds >= 2 * size || (seconds >= size && size == 1) {
            let count = seconds / size;
            return format!("{count} {name}{}", if count == 1 { "" } else { "s" });
        }
    }
    "no more".to_owned()
}

/// From then until now for a table, in the largest unit that fits: `5m`, `90m`, `8h`, `30d`.
#[must_use]
pub fn short(since: u64, now: u64) -> String {
    let seconds = now.saturating_sub(since);
    for (unit, size) in [("d", 86_400), ("h", 3600), ("m", 60)] {
        // As in a span.
        if seconds >= 2 * size || (seconds >= size && size == 60) {
            return format!("{}{unit}", seconds / size);
        }
    }
    "<1m".to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables_get_as_little_as_there_can_be() {
        for (seconds, text) in [
            (0, "<1m"),
            (59, "<1m"),
            (60, "1m"),
            (5400, "90m"),
            (8 * 3600, "8h"),
            (400 * 86_400, "400d"),
        ] {
            assert_eq!(short(100, 100 + seconds), text);
        }
        assert_eq!(short(100, 50), "<1m");
    }

    #[test]
    fn programs_get_rfc_3339_in_utc() {
        assert_eq!(rfc3339(0), "1970-01-01T00:00:00Z");
        assert_eq!(rfc3339(1_900_000_000), "2030-03-17T17:46:40Z");
        assert!(rfc3339(u64::MAX).starts_with("9999-"));
    }

    #[test]
    fn people_get_one_number_and_a_unit() {
        for (seconds, text) in [
            (0, "no more"),
            (1, "1 second"),
            (119, "119 seconds"),
            (5400, "90 minutes"),
            (8 * 3600, "8 hours"),
            (30 * 86_400, "30 days"),
        ] {
            assert_eq!(span(100, 100 + seconds), text);
        }
        assert_eq!(span(100, 50), "no more");
    }
}
