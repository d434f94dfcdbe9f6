//! Where files have no mode, the directory's place in the user's profile decides who can write to it.

use cap_std::fs::{DirBuilder, Metadata, OpenOptions};

pub(super) fn is_private(_metadata: &Metadata) -> bool {
    true
}

pub(super) fn private_dir() -> DirBuilder {
    DirBuilder::new()
}

pub(super) fn only_ours(_options: &mut OpenOptions) {}

pub(super) fn never_wait(_options: &mut OpenOptions) {}
