//! A process that does not see the marks by which a container is known, for tests that run in one and show what a desktop is like.
//! Linux; in a container, as root.

use std::fs;
use std::path::Path;
use std::process::Command;

/// The files by which a container is known. None of them is in a folder that a program needs.
const MARKS: [&str; 3] = ["/.dockerenv", "/run/.containerenv", "/run/.toolboxenv"];

/// Builds at `$0` a root like this one, but for its dotfiles and `/run`, and goes on in there.
const ROOT: &str = r#"
for entry in /*; do
    if [ -L "$entry" ]; then
        cp -P "$entry" "$0$entry" || exit 1
    elif [ -d "$entry" ]; then
        mkdir "$0$entry" || exit 1
        [ "$entry" = /run ] || mount --rbind "$entry" "$0$entry" || exit 1
    fi
done
exec /usr/sbin/chroot "$0" "$@"
"#;

/// The same command, where none of these files is seen. `folder` does not exist yet, and is of use once.
///
/// # Panics
/// If there is no place for it.
#[must_use]
pub fn unmarked(command: Command, folder: &Path) -> Command {
    if !MARKS.iter().any(|mark| Path::new(mark).exists()) {
        return command;
    }
    fs::create_dir(folder).expect("a folder");
    let mut outside = Command::new("unshare");
    outside.args(["--mount", "sh", "-c", ROOT]).arg(folder);
    outside
        .arg(command.get_program())
        .args(command.get_args())
        .env_clear();
    for (name, value) in command.get_envs() {
        outside.envs(value.map(|value| (name, value)));
    }
    outside
}
