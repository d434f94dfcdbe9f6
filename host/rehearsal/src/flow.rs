//! What both shapes of provider share: the authorization request, the consent, the device flow. The dialects differ, the rules do not.

pub(crate) mod authorization;
pub(crate) mod callback;
pub(crate) mod device;
pub(crate) mod redirect;
pub(crate) mod tokens;
