//! The settings of a tenant: one definition is both the schema that a person fills in and the struct that the plugin reads.

mod kinds;

use crate::wit::{self, SettingField, SettingKind, SettingPresence, SettingProblem, SettingValue};

pub use kinds::{ClientAuthenticationMethod, Issuer, OptionalSecret, RequiredSecret, Url};

/// What [`settings!`](crate::settings!) makes.
pub trait Settings: Sized + 'static {
    /// The schema.
    fn schema() -> Vec<SettingField>;

    /// The settings, if all of them can be read. What is wrong with the others is noted in `given`.
    #[doc(hidden)]
    fn read(given: &mut Given<'_>) -> Option<Self>;
}

/// A type that a setting can have.
///
/// Implement it for a type that exists only if its text is legal; the message of an `Err` is shown to the person who
/// writes the tenant file.
pub trait SettingType: Sized {
    /// What values the host lets through.
    fn kind() -> SettingKind;

    /// The setting, from a value of that kind.
    ///
    /// # Errors
    ///
    /// What is wrong with the value, in one line.
    fn from_value(value: SettingValue) -> Result<Self, String>;

    /// Whether the setting must be given.
    #[must_use]
    fn presence() -> SettingPresence {
        SettingPresence::Required
    }

    /// The setting of this name, if it is not given.
    ///
    /// # Errors
    ///
    /// By default: that it must be given.
    fn absent(name: &str) -> Result<Self, String> {
        let _ = name;
        Err("is required".to_owned())
    }
}

/// An optional setting.
impl<T: SettingType> SettingType for Option<T> {
    fn kind() -> SettingKind {
        T::kind()
    }

    fn from_value(value: SettingValue) -> Result<Self, String> {
        T::from_value(value).map(Some)
    }

    fn presence() -> SettingPresence {
        SettingPresence::Optional
    }

    fn absent(_: &str) -> Result<Self, String> {
        Ok(None)
    }
}

/// Makes a struct of settings, and the schema that the host checks them against.
///
/// Doc comments become the summaries. `Option` makes a setting optional; `= value` gives it a default.
///
/// ```
/// vestibule_plugin::settings! {
///     /// One provider.
///     pub struct Config {
///         /// The provider's issuer identifier.
///         issuer: vestibule_plugin::settings::Issuer,
///         /// The client_id that the provider knows us by.
///         client_id: String,
///         /// How many accounts to ask for at once.
///         page_size: i64 = 100,
///     }
/// }
/// ```
#[macro_export]
macro_rules! settings {
    (
        $(#[$meta:meta])*
        $visibility:vis struct $settings:ident {
            $( $(#[doc = $summary:literal])+ $field:ident: $type:ty $(= $default:literal)? ),+ $(,)?
        }
    ) => {
        $(#[$meta])*
        $visibility struct $settings {
            $( $(#[doc = $summary])+ pub $field: $type, )+
        }

        impl $crate::settings::Settings for $settings {
            fn schema() -> Vec<$crate::wit::SettingField> {
                #[allow(unused_mut, unused_assignments, reason = "only settings with a default assign it")]
                let schema = vec![ $({
                    let mut default = None;
                    $( default = Some($crate::settings::default_value($default)); )?
                    $crate::settings::field::<$type>(stringify!($field), concat!($($summary),+), default)
                },)+ ];
                schema
            }

            fn read(given: &mut $crate::settings::Given<'_>) -> Option<Self> {
                // All of them before the first `?`: the person learns of every problem at once.
                $( let $field = given.take::<$type>(stringify!($field)); )+
                Some(Self { $( $field: $field?, )+ })
            }
        }
    };
}

/// Reads settings, or says everything that is wrong with them.
pub(crate) fn read<S: Settings>(settings: &[wit::Setting]) -> Result<S, Vec<SettingProblem>> {
    let mut given = Given {
        settings,
        problems: Vec::new(),
    };
    match S::read(&mut given) {
        Some(settings) if given.problems.is_empty() => Ok(settings),
        _ => Err(given.problems),
    }
}

/// The settings that were given, while they are read.
#[doc(hidden)]
pub struct Given<'a> {
    settings: &'a [wit::Setting],
    problems: Vec<SettingProblem>,
}

impl Given<'_> {
    /// The setting of this name.
    pub fn take<T: SettingType>(&mut self, name: &str) -> Option<T> {
        let given = self.settings.iter().find(|setting| setting.name == name);
        let read = given.map_or_else(
            || T::absent(name),
            |setting| T::from_value(setting.value.clone()),
        );
        read.map_err(|message| {
            self.problems.push(SettingProblem {
                name: name.to_owned(),
                message,
            })
        })
        .ok()
    }
}

/// One entry of the schema.
#[doc(hidden)]
#[must_use]
pub fn field<T: SettingType>(
    name: &str,
    summary: &str,
    default: Option<SettingValue>,
) -> SettingField {
    SettingField {
        name: name.to_owned(),
        summary: summary.trim().to_owned(),
        kind: T::kind(),
        presence: default.map_or_else(T::presence, SettingPresence::DefaultsTo),
    }
}

/// The value of a default.
#[doc(hidden)]
pub fn default_value(value: impl kinds::Default) -> SettingValue {
    value.into_value()
}

#[cfg(test)]
mod tests;
