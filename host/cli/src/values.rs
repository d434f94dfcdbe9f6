//! Values on the command line, parsed once.

use std::time::Duration;
use vestibule_app::probe::Example;

use jiff::Timestamp;
use vestibule_core::limits::FLOW_TIME;
use vestibule_core::name::NameProblem;
use vestibule_core::record::Method;
use vestibule_core::tenant::Span;
use vestibule_core::{Error, PluginName, SettingName, TenantName};

/// A tenant's name.
///
/// # Errors
/// If it is none; says what a name is.
pub fn tenant(text: &str) -> Result<TenantName, Error> {
    TenantName::parse(text).map_err(NameProblem::by_user)
}

/// A plugin's name.
///
/// # Errors
/// If it is none; says what a name is.
pub fn plugin(text: &str) -> Result<PluginName, Error> {
    PluginName::parse(text).map_err(NameProblem::by_user)
}

/// The name of a setting.
///
/// # Errors
/// If it is none; says what a name is.
pub fn setting(text: &str) -> Result<SettingName, Error> {
    SettingName::parse(text).map_err(NameProblem::by_user)
}

/// `NAME=VALUE`.
///
/// # Errors
/// If there is no `=`, or no name before it.
pub fn pair(text: &str) -> Result<(SettingName, String), Error> {
    let (name, value) = text
        .split_once('=')
        .ok_or_else(|| Error::user("usage.pair", "write it as NAME=VALUE"))?;
    Ok((
        SettingName::parse(name).map_err(NameProblem::by_user)?,
        value.to_owned(),
    ))
}

/// A way in which a person signs in.
///
/// # Errors
/// If it is none.
pub fn method(text: &str) -> Result<Method, Error> {
    match text {
        "browser" => Ok(Method::Browser),
        "device" => Ok(Method::Device),
        "workload" => Ok(Method::Workload),
        _ => Err(Error::user(
            "usage.method",
            "write browser, device or workload",
        )),
    }
}

/// Parses a kind of machine.
///
/// # Errors
/// If it is none.
pub fn machine(text: &str) -> Result<Example, Error> {
    Example::ALL
        .into_iter()
        .find(|example| example.as_str() == text)
        .ok_or_else(|| Error::user("usage.machine", "write laptop, ssh, container or ci"))
}

/// A point in time that somebody named: itself, or how long ago.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Since {
    /// In Unix seconds.
    At(u64),
    /// So many seconds ago.
    Ago(u64),
}

impl Since {
    /// In Unix seconds.
    #[must_use]
    pub fn at(self, now: u64) -> u64 {
        match self {
            Self::At(at) => at,
            Self::Ago(span) => now.saturating_sub(span),
        }
    }
}

/// A date, a point in time as RFC 3339 has it, or a span of time ago.
///
/// # Errors
/// If it is none of these.
pub fn since(text: &str) -> Result<Since, Error> {
    if let Ok(span) = Span::try_from(text.to_owned()) {
        return Ok(Since::Ago(span.as_secs()));
    }
    // A date begins at midnight in UTC, as the times of the log are in UTC.
    let at = text
        .parse::<Timestamp>()
        .or_else(|_| format!("{text}T00:00:00Z").parse());
    at.ok()
        .and_then(|at| u64::try_from(at.as_second()).ok())
        .map(Since::At)
        .ok_or_else(|| {
            Error::user(
                "usage.since",
                "write it as 2026-11-28, 2026-11-28T12:00:00Z, or 90m, 12h, 7d",
            )
        })
}

/// A number of seconds in which a sign-in must be done. It can shorten the host's own limit, never lengthen it.
///
/// # Errors
/// If it is no number, zero, or more than the limit.
pub fn seconds(text: &str) -> Result<Duration, Error> {
    let limit = FLOW_TIME.as_secs();
    match text.parse() {
        Ok(seconds) if (1..=limit).contains(&seconds) => Ok(Duration::from_secs(seconds)),
        _ => Err(Error::user(
            "usage.seconds",
            format!("write a number of seconds from 1 to {limit}"),
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_a_date_a_point_or_a_span() {
        for (text, at) in [
            ("1970-01-02", 86_400),
            ("1970-01-01T00:01:00Z", 60),
            ("90m", 10_000 - 5_400),
            ("30d", 0),
        ] {
            assert_eq!(since(text).unwrap().at(10_000), at, "{text}");
        }
        for bad in ["", "yesterday", "1969-01-01", "-7d", "1970-13-01"] {
            assert_eq!(since(bad).unwrap_err().code(), "usage.since", "{bad}");
        }
    }
}
