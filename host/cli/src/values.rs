//! Values on the command line, parsed once.

use std::time::Duration;

use vestibule_core::limits::FLOW_TIME;
use vestibule_core::name::NameProblem;
use vestibule_core::record::Method;
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
        _ => Err(Error::user("usage.method", "write browser or device")),
    }
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
