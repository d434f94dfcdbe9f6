//! Linux and other systems with the freedesktop tools.

use std::ffi::OsStr;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use super::environment::Environment;
use super::launch::Launcher;

/// What opens a link, by how well it knows the person's choice. WSL's comes first: it is there only where it is meant.
const TOOLS: &[(&str, &[&str])] = &[
    ("wslview", &[]),
    ("xdg-open", &[]),
    ("gio", &["open"]),
    ("sensible-browser", &[]),
    ("x-www-browser", &[]),
    ("gnome-www-browser", &[]),
];

/// `$BROWSER` first, then the tools of the desktop. Without a screen these would end up in a text browser that nobody sees, so that
/// there they are not tried.
pub(super) fn launchers(environment: &Environment) -> Vec<Launcher> {
    let mut found = chosen_by_the_person(environment);
    if ["DISPLAY", "WAYLAND_DISPLAY", "WSL_DISTRO_NAME"]
        .iter()
        .any(|name| environment.get(name).is_some())
    {
        found.extend(TOOLS.iter().filter_map(|(name, arguments)| {
            let arguments = arguments.iter().map(Into::into).collect();
            Some(Launcher::new(find(name, environment)?, arguments))
        }));
    }
    found
}

/// `$BROWSER`: programs, separated by colons. Each is a bare name or an absolute path. An entry with arguments or `%s` is a piece of
/// shell in all but name, and is left out.
fn chosen_by_the_person(environment: &Environment) -> Vec<Launcher> {
    let Some(value) = environment.get("BROWSER").and_then(OsStr::to_str) else {
        return Vec::new();
    };
    value
        .split(':')
        .filter(|entry| {
            entry
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || b"/._+-".contains(&byte))
        })
        .filter_map(|entry| find(entry, environment))
        .map(|program| Launcher::new(program, Vec::new()))
        .collect()
}

/// The absolute path of a program. Relative entries of `$PATH` mean whatever folder one happens to be in, and are skipped.
fn find(program: &str, environment: &Environment) -> Option<PathBuf> {
    if program.starts_with('/') {
        return Some(PathBuf::from(program)).filter(|path| is_executable(path));
    }
    if program.is_empty() || program.starts_with('-') || program.contains('/') {
        return None;
    }
    std::env::split_paths(environment.get("PATH")?)
        .filter(|folder| folder.is_absolute())
        .map(|folder| folder.join(program))
        .find(|path| is_executable(path))
}

fn is_executable(path: &Path) -> bool {
    path.metadata()
        .is_ok_and(|file| file.is_file() && file.permissions().mode() & 0o111 != 0)
}
