//! The practice provider, with a runtime of its own, for tests that wait for processes.

use std::ops::Deref;
use std::sync::Arc;

use tokio::runtime::Runtime;
use vestibule_rehearsal::{Clock, Platform, Rehearsal, Script, Signer};

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

/// The services of CI systems and clouds, with a runtime of their own.
pub struct PracticePlatform {
    platform: Platform,
    _runtime: Runtime,
}

impl PracticePlatform {
    /// One whose assertions this key signs.
    ///
    /// # Panics
    /// If it cannot be started.
    #[must_use]
    pub fn signing_with(signer: &Arc<Signer>) -> Self {
        let runtime = runtime();
        let platform = Platform::signing_with(Arc::clone(signer), Clock::new());
        let platform = runtime.block_on(platform).expect("it starts");
        Self {
            platform,
            _runtime: runtime,
        }
    }
}

impl Deref for PracticePlatform {
    type Target = Platform;

    fn deref(&self) -> &Platform {
        &self.platform
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
