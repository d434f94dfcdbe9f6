//! `cargo run -p vestibule-fuzz --example seeds FOLDER`: the seeds of every target, as files for libFuzzer, in `FOLDER/TARGET`.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::disallowed_methods
)]

#[path = "../tests/replay/seeds.rs"]
mod seeds;

use std::path::Path;

fn main() {
    let folder = std::env::args_os().nth(1).expect("a folder is named");
    for target in vestibule_fuzz::TARGETS {
        let folder = Path::new(&folder).join(target.name);
        std::fs::create_dir_all(&folder).expect("a folder can be made");
        for (number, seed) in seeds::of(target.name).iter().enumerate() {
            let file = folder.join(format!("seed-{number}"));
            std::fs::write(file, seed).expect("a seed can be written");
        }
    }
}
