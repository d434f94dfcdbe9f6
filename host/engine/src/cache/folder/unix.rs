//! Owners and permissions where files have them.

use cap_std::fs::{DirBuilder, DirBuilderExt, Metadata, MetadataExt, OpenOptions, OpenOptionsExt};
use rustix::fs::OFlags;
use rustix::process::geteuid;

const GROUP_AND_OTHERS_WRITE: u32 = 0o022;

/// Ours, and written by nobody else.
pub(super) fn is_private(metadata: &Metadata) -> bool {
    metadata.uid() == geteuid().as_raw() && metadata.mode() & GROUP_AND_OTHERS_WRITE == 0
}

pub(super) fn private_dir() -> DirBuilder {
    let mut builder = DirBuilder::new();
    builder.mode(0o700);
    builder
}

pub(super) fn only_ours(options: &mut OpenOptions) {
    options.mode(0o600);
}

/// Opening a named pipe would wait for a writer.
pub(super) fn never_wait(options: &mut OpenOptions) {
    options.custom_flags(OFlags::NONBLOCK.bits().cast_signed());
}
