//! The state directory where there are no Unix owners and modes. Untested: nothing but memory is offered as a key store there.

use std::path::Path;

use cap_std::ambient_authority;
use cap_std::fs::Dir;

use super::not_private;
use crate::trouble::{self, Trouble};

/// Opens the directory. It inherits the access list of the user's profile.
pub(super) fn open(path: &Path) -> Result<Dir, Trouble> {
    let fail = |error| trouble::io("the state directory", "opened", &error);
    Dir::create_ambient_dir_all(path, ambient_authority()).map_err(fail)?;
    let parent = path
        .parent()
        .and_then(|parent| Some((parent, path.file_name()?)));
    let (parent, name) = parent.ok_or_else(|| not_private(path, "is a whole volume"))?;
    let parent = Dir::open_ambient_dir(parent, ambient_authority()).map_err(fail)?;
    cap_fs_ext::DirExt::open_dir_nofollow(&parent, name).map_err(fail)
}
