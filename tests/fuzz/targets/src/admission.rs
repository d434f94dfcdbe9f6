//! Components, as somebody might install them.

use vestibule_core::Blame;
use vestibule_engine::{Admitted, PluginDigest};

/// What is admitted is these bytes, under their digest; what is not is the plugin's fault.
pub fn run(bytes: &[u8]) -> bool {
    match Admitted::new(bytes.to_vec()) {
        Ok(admitted) => {
            assert_eq!(admitted.component(), bytes);
            assert_eq!(admitted.digest(), PluginDigest::of(bytes));
            true
        }
        Err(error) => {
            assert_eq!(error.blame(), Blame::Plugin);
            assert!(error.message().len() < 100_000);
            false
        }
    }
}
