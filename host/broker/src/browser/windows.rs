//! Windows. Written against its documentation; not yet run there.

use std::path::Path;

use super::environment::Environment;
use super::launch::Launcher;

/// The URL handler of the shell's library, which hands the URL to the person's browser without `cmd`, whose metacharacters (`&`,
/// `^`, `%`) no quoting tames. By its full path, since the folder of the moment would otherwise be searched first.
pub(super) fn launchers(environment: &Environment) -> Vec<Launcher> {
    let system_root = ["SystemRoot", "SYSTEMROOT"]
        .iter()
        .find_map(|name| environment.get(name));
    system_root
        .map(|root| {
            Launcher::new(
                Path::new(root).join("System32").join("rundll32.exe"),
                vec!["url.dll,FileProtocolHandler".into()],
            )
        })
        .into_iter()
        .collect()
}
