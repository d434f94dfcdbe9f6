//! The variables of a machine's environment, which a test sets.

use std::collections::BTreeMap;
use std::sync::Mutex;

use vestibule_app::broker::subject_token::Variables;
use vestibule_core::Secret;

/// The variables. Each that was asked for is remembered.
#[derive(Default)]
pub struct Environment {
    set: Mutex<BTreeMap<String, String>>,
    asked: Mutex<Vec<String>>,
}

impl Environment {
    /// Sets a variable.
    ///
    /// # Panics
    /// If another test's thread has.
    pub fn set(&self, name: &str, value: &str) {
        let mut set = self.set.lock().unwrap();
        set.insert(name.to_owned(), value.to_owned());
    }

    /// Sets several.
    pub fn set_all(&self, variables: &[(String, String)]) {
        for (name, value) in variables {
            self.set(name, value);
        }
    }

    /// The names that were asked for, in order.
    ///
    /// # Panics
    /// If another test's thread has.
    #[must_use]
    pub fn asked(&self) -> Vec<String> {
        self.asked.lock().unwrap().clone()
    }
}

impl Variables for Environment {
    fn read(&self, name: &str) -> Option<Secret> {
        self.asked.lock().unwrap().push(name.to_owned());
        self.set.lock().unwrap().get(name).cloned().map(Secret::new)
    }
}
