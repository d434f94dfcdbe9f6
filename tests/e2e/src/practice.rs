//! The practice provider, with a runtime of its own, for tests that wait for processes.

use std::ops::Deref;

use tokio::runtime::Runtime;
use vestibule_rehearsal::{Rehearsal, Script};

/// A running practice provider. Ends with the test.
pub struct Practice {
    idp: Rehearsal,
    _runtime: Runtime,
}

impl Practice {
    /// An OpenID provider that follows this script.
    ///
    /// # Panics
    /// If it cannot be started.
    #[must_use]
    pub fn openid(script: Script) -> Self {
        let runtime = runtime();
        let idp = runtime.block_on(Rehearsal::start(script.any_redirect_path()));
        Self {
            idp: idp.expect("it starts"),
            _runtime: runtime,
        }
    }

    /// One of the shape of AWS IAM Identity Center.
    ///
    /// # Panics
    /// If it cannot be started.
    #[must_use]
    pub fn identity_center(script: Script) -> Self {
        let runtime = runtime();
        let idp = runtime.block_on(Rehearsal::start_identity_center(script));
        Self {
            idp: idp.expect("it starts"),
            _runtime: runtime,
        }
    }
}

impl Deref for Practice {
    type Target = Rehearsal;

    fn deref(&self) -> &Rehearsal {
        &self.idp
    }
}

fn runtime() -> Runtime {
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build()
        .expect("a runtime")
}
