//! What is compiled was admitted, with its bytes. A file of its own: the compiler looks at private fields last.

use vestibule_engine::{Admitted, PluginDigest};

fn unread(digest: PluginDigest) -> Admitted {
    Admitted {
        component: Box::default(),
        digest,
    }
}

fn main() {}
