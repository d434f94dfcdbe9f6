//! The state directory: where it is, and that it is private before anything in it is touched (LOC-02).

use std::path::{Path, PathBuf};

use cap_std::fs::Dir;
use vestibule_core::{Error, Result};

use crate::trouble::Trouble;

#[cfg(unix)]
#[path = "state_dir/unix.rs"]
mod platform;
#[cfg(not(unix))]
#[path = "state_dir/elsewhere.rs"]
mod platform;

/// What the environment says about places. The caller reads it; this crate does not.
#[derive(Clone, Debug, Default)]
pub struct Places {
    /// `$HOME`
    pub home: Option<PathBuf>,
    /// `$XDG_STATE_HOME` (XDG Base Directory Specification 0.8). Ignored if relative, as that document demands.
    pub xdg_state_home: Option<PathBuf>,
    /// `$VESTIBULE_STATE_DIR`: the directory itself, for tests and for several installations of one user.
    pub vestibule_state_dir: Option<PathBuf>,
}

impl Places {
    /// Where the state directory is.
    pub fn state_dir(&self) -> Result<PathBuf> {
        if let Some(named) = set(self.vestibule_state_dir.as_ref()) {
            return if named.is_absolute() {
                Ok(named.to_path_buf())
            } else {
                Err(Error::config(
                    "store.place",
                    "VESTIBULE_STATE_DIR is not an absolute path",
                ))
            };
        }
        let base = match set(self.xdg_state_home.as_ref()).filter(|path| path.is_absolute()) {
            Some(base) => base.to_path_buf(),
            None => set(self.home.as_ref())
                .filter(|path| path.is_absolute())
                .ok_or_else(|| {
                    Error::config(
                        "store.place",
                        "there is no place for stored sign-ins: HOME is not set",
                    )
                })?
                .join(".local/state"),
        };
        Ok(base.join("vestibule"))
    }
}

/// An empty variable is as good as none (XDG Base Directory Specification).
fn set(path: Option<&PathBuf>) -> Option<&Path> {
    path.map(PathBuf::as_path)
        .filter(|path| !path.as_os_str().is_empty())
}

/// A directory that belongs to this user alone. Everything in it is reached from here, never through a path again, so that
/// nothing that happens to the way to it afterwards matters.
#[derive(Debug)]
pub struct StateDir {
    dir: Dir,
}

impl StateDir {
    /// Opens the state directory; creates it, and what is missing on the way to it, private in one step.
    ///
    /// Refuses a directory that belongs to another user, is open to others or is a symbolic link, and a way to it that another
    /// user could bend.
    pub fn open(places: &Places) -> Result<Self> {
        let path = places.state_dir()?;
        Ok(Self {
            dir: platform::open(&path)?,
        })
    }

    pub(crate) fn into_dir(self) -> Dir {
        self.dir
    }
}

/// The refusal of a place on the way.
fn not_private(path: &Path, problem: &'static str) -> Trouble {
    Trouble::NotPrivate {
        what: format!(
            "\"{}\"",
            vestibule_core::Shown::new(&path.to_string_lossy())
        ),
        problem,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn places(home: &str, xdg: &str, own: &str) -> Places {
        Places {
            home: Some(home.into()),
            xdg_state_home: Some(xdg.into()),
            vestibule_state_dir: Some(own.into()),
        }
    }

    #[test]
    fn the_place_follows_the_base_directory_specification() {
        for (home, xdg, own, expected) in [
            ("/h", "/x", "/own", "/own"),
            ("/h", "/x", "", "/x/vestibule"),
            ("/h", "", "", "/h/.local/state/vestibule"),
            ("/h", "relative", "", "/h/.local/state/vestibule"),
        ] {
            assert_eq!(
                places(home, xdg, own).state_dir().unwrap(),
                Path::new(expected)
            );
        }
    }

    #[test]
    fn there_is_no_place_without_an_absolute_path() {
        assert!(places("", "", "").state_dir().is_err());
        assert!(places("h", "", "").state_dir().is_err());
        assert!(places("/h", "/x", "own").state_dir().is_err());
    }
}
