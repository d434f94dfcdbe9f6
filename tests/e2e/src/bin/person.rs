//! Stands in for the browser in the configuration of `vestibule`: `person BROWSER DECISION REPORT URL`.

use std::process::ExitCode;

use vestibule_e2e::{Errand, person};

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let Some((errand, url)) = Errand::parse(&arguments) else {
        return ExitCode::FAILURE;
    };
    match person::go(&errand, &url) {
        Ok(()) => ExitCode::SUCCESS,
        Err(_) => ExitCode::FAILURE,
    }
}
