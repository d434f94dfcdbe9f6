//! Where there are no Unix owners and modes, files inherit the access list of the user's profile. Untested.

use cap_std::fs::{Dir, DirBuilder, File, OpenOptions};

use crate::trouble::Trouble;

pub(super) fn private_dir(_: &mut DirBuilder) {}

pub(super) fn private_file(_: &mut OpenOptions) {}

pub(crate) fn check_dir(_: &Dir, _: &str) -> Result<(), Trouble> {
    Ok(())
}

pub(super) fn check_file(_: &File, _: &str) -> Result<(), Trouble> {
    Ok(())
}

/// Names are durable with the file on NTFS; there is no call for it.
pub(crate) fn sync_dir(_: &Dir, _: &str) -> Result<(), Trouble> {
    Ok(())
}

/// An open file cannot be replaced there.
pub(crate) fn same_file(_: &std::fs::File, _: &Dir, _: &str) -> bool {
    true
}
