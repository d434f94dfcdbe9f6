//! Runs one test of this binary again, in another process with other rights, limits or surroundings.

use std::path::Path;
use std::process::{Command, Output};

const INSIDE: &str = "VESTIBULE_STORE_TEST_INSIDE";

/// Whether this is the process that `run` started, and the argument it gave.
pub(crate) fn inside() -> Option<String> {
    std::env::var(INSIDE).ok()
}

/// The command that runs `test` of `binary` with `argument`, behind the words of `wrapper`.
fn command(wrapper: &[&str], binary: &Path, test: &str, argument: &str) -> Command {
    let mut words: Vec<String> = wrapper.iter().map(|word| (*word).to_owned()).collect();
    words.extend(
        [
            binary.to_str().unwrap(),
            "--exact",
            test,
            "--nocapture",
            "--test-threads=1",
        ]
        .map(str::to_owned),
    );
    let mut command = Command::new(&words[0]);
    command.args(&words[1..]).env(INSIDE, argument);
    command
}

/// Runs `test` again and demands that it ran and passed.
pub(crate) fn run(wrapper: &[&str], test: &str, argument: &str) {
    run_binary(wrapper, &std::env::current_exe().unwrap(), test, argument);
}

/// The same with a copy of this binary, for a user who cannot reach the place where it was built.
pub(crate) fn run_binary(wrapper: &[&str], binary: &Path, test: &str, argument: &str) {
    let output = command(wrapper, binary, test, argument)
        .output()
        .unwrap_or_else(|error| panic!("{wrapper:?} is needed for this test: {error}"));
    assert_passed(&output);
}

fn assert_passed(output: &Output) {
    let text = format!(
        "{}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
    assert!(output.status.success(), "{text}");
    assert!(text.contains("1 passed"), "nothing ran: {text}");
}
