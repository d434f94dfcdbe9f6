//! Where things are on this machine: the XDG base directories, each replaceable by one variable of our own.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use vestibule_core::{Error, Result};

/// The directories of one user. Nothing is opened or created yet, and the working directory never counts (POL-08).
#[derive(Clone, Debug)]
pub struct Places {
    /// The user's configuration, then the system's: `config.toml` and `tenants.d/`. The system's alone has `policy.toml`.
    pub config: Vec<PathBuf>,
    /// The user's plugins, then the system's: `plugins/`.
    pub data: Vec<PathBuf>,
    /// What this machine keeps: sealed grants, approvals, locks.
    pub state: PathBuf,
    /// What can be made again: compiled plugins.
    pub cache: PathBuf,
}

impl Places {
    /// Works the directories out from the environment, which the caller reads.
    ///
    /// # Errors
    /// If neither our own variables nor `HOME` say where a directory would be. Relative paths are refused.
    pub fn from_environment(variable: &dyn Fn(&str) -> Option<OsString>) -> Result<Self> {
        let directory = |own: &str, xdg: &str, below_home: &str| -> Result<PathBuf> {
            if let Some(path) = variable(own).filter(|value| !value.is_empty()) {
                return absolute(own, path.into());
            }
            // The XDG specification has relative values ignored.
            if let Some(path) = variable(xdg)
                .map(PathBuf::from)
                .filter(|path| path.is_absolute())
            {
                return Ok(path.join("vestibule"));
            }
            let home = variable("HOME")
                .map(PathBuf::from)
                .filter(|path| path.is_absolute());
            let home = home.ok_or_else(|| {
                Error::config(
                    "places.home",
                    "HOME is not set, so that there is no place for Vestibule's files",
                )
                .hint(format!("set {own} to an absolute path"))
            })?;
            Ok(home.join(below_home).join("vestibule"))
        };
        Ok(Self {
            config: vec![
                directory("VESTIBULE_CONFIG_DIR", "XDG_CONFIG_HOME", ".config")?,
                PathBuf::from("/etc/vestibule"),
            ],
            data: vec![
                directory("VESTIBULE_DATA_DIR", "XDG_DATA_HOME", ".local/share")?,
                PathBuf::from("/usr/local/share/vestibule"),
                PathBuf::from("/usr/share/vestibule"),
            ],
            state: directory("VESTIBULE_STATE_DIR", "XDG_STATE_HOME", ".local/state")?,
            cache: directory("VESTIBULE_CACHE_DIR", "XDG_CACHE_HOME", ".cache")?,
        })
    }

    /// All of it below one directory: for practice and tests.
    #[must_use]
    pub fn below(root: &Path) -> Self {
        Self {
            config: vec![root.join("config")],
            data: vec![root.join("data")],
            state: root.join("state"),
            cache: root.join("cache"),
        }
    }

    /// Where this user's configuration is written.
    #[must_use]
    pub fn user_config(&self) -> &Path {
        self.config.first().map_or(Path::new(""), PathBuf::as_path)
    }

    /// Where the system's configuration is, which holds for all users.
    pub(crate) fn system_config(&self) -> &[PathBuf] {
        self.config.get(1..).unwrap_or_default()
    }

    /// Where this user's plugins are installed.
    #[must_use]
    pub fn user_data(&self) -> &Path {
        self.data.first().map_or(Path::new(""), PathBuf::as_path)
    }
}

fn absolute(name: &str, path: PathBuf) -> Result<PathBuf> {
    if path.is_absolute() {
        Ok(path)
    } else {
        Err(Error::config(
            "places.relative",
            format!("{name} must be an absolute path"),
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn places(variables: &[(&str, &str)]) -> Result<Places> {
        Places::from_environment(&|name| {
            variables
                .iter()
                .find(|(n, _)| *n == name)
                .map(|(_, value)| value.into())
        })
    }

    #[test]
    fn xdg_directories_count_and_home_is_the_fallback() {
        let found = places(&[
            ("HOME", "/h"),
            ("XDG_CONFIG_HOME", "/c"),
            ("XDG_CACHE_HOME", "relative"),
        ])
        .unwrap();
        assert_eq!(found.user_config(), Path::new("/c/vestibule"));
        assert_eq!(found.cache, Path::new("/h/.cache/vestibule"));
        assert_eq!(found.state, Path::new("/h/.local/state/vestibule"));
    }

    #[test]
    fn our_own_variables_win_and_must_be_absolute() {
        assert_eq!(
            places(&[("HOME", "/h"), ("VESTIBULE_STATE_DIR", "/s")])
                .unwrap()
                .state,
            Path::new("/s")
        );
        assert_eq!(
            places(&[("HOME", "/h"), ("VESTIBULE_STATE_DIR", "s")])
                .unwrap_err()
                .code(),
            "places.relative"
        );
        assert_eq!(places(&[]).unwrap_err().code(), "places.home");
    }
}
