//! `cargo xtask attacks`: the table of attacks, from the first lines of the files that make them.

use std::fmt::Write as _;
use std::path::Path;

use anyhow::{Context, Result, bail};

use crate::requirements::{self, Source};
use crate::workspace::Workspace;

/// The page that has the table, for those who read and do not build.
const PAGE: &str = "host/ATTACKS.md";

#[derive(clap::Args)]
pub(crate) struct Args {
    /// Write the page, after an attack was added or changed
    #[arg(long)]
    write: bool,
}

/// Where the attacks are: hostile plugins, hostile providers, hostile local pages and processes, what is left in memory, and what is done
/// to a workload's assertions.
const FOLDERS: [&str; 5] = ["plugins", "providers", "local", "memory", "assertions"];

/// Files that hold no attack: the root of a test target, its helpers, and what attacks are compared with.
const NO_ATTACKS: [&str; 9] = [
    "main.rs",
    "support.rs",
    "honest.rs",
    // Who takes what is exported.
    "collector.rs",
    // How the memory of the program is looked into.
    "house.rs",
    "live.rs",
    "memory.rs",
    "wanted.rs",
    "watched.rs",
];

/// One attack.
struct Attack {
    /// `plugins/a_guessed_reference.rs`
    file: String,
    attack: String,
    stopped_by: String,
    requirements: Vec<String>,
}

/// Prints the table, or writes the page.
pub(crate) fn run(workspace: &Workspace, args: &Args) -> Result<()> {
    let attacks = collect(workspace)?;
    if args.write {
        return std::fs::write(workspace.path(PAGE), page(&attacks))
            .with_context(|| format!("could not write {PAGE}"));
    }
    print!("{}", table(&attacks));
    Ok(())
}

/// Fails if an attack does not say what it tries and what stops it, if the page says something else than the attacks do, or if
/// SECURITY.md names a test that is not there.
pub(crate) fn check(workspace: &Workspace) -> Result<()> {
    let attacks = collect(workspace)?;
    eprintln!("    {} attacks", attacks.len());
    let written = std::fs::read_to_string(workspace.path(PAGE)).unwrap_or_default();
    if written != page(&attacks) {
        bail!("{PAGE} is not what the attacks say; run: cargo xtask attacks --write");
    }
    let sources = requirements::sources(workspace)?;
    let page = workspace.path("host/SECURITY.md");
    let text = std::fs::read_to_string(&page).context("could not read host/SECURITY.md")?;
    let missing: Vec<&str> = named_tests(&text)
        .filter(|named| !is_there(named, &sources))
        .collect();
    if !missing.is_empty() {
        bail!(
            "host/SECURITY.md names tests that are not there:\n  {}",
            missing.join("\n  ")
        );
    }
    Ok(())
}

fn collect(workspace: &Workspace) -> Result<Vec<Attack>> {
    let sources = requirements::sources(workspace)?;
    let claims = requirements::by_test(&sources);
    let mut attacks = Vec::new();
    for source in &sources {
        let Some(file) = source.path.strip_prefix("tests/attacks/tests/") else {
            continue;
        };
        let folder = file.split('/').next().unwrap_or_default();
        let name = Path::new(file).file_name().unwrap_or_default();
        if !FOLDERS.contains(&folder) || NO_ATTACKS.iter().any(|other| name == *other) {
            continue;
        }
        let line = |prefix: &str| {
            said(&source.text, prefix)
                .with_context(|| format!("{} has no line `{prefix} …`", source.path))
        };
        let of_file = claims
            .iter()
            .filter(|(test, _)| test.starts_with(&format!("{}::", source.path)));
        let mut requirements: Vec<String> = of_file.map(|(_, id)| id.clone()).collect();
        requirements.sort();
        requirements.dedup();
        attacks.push(Attack {
            file: file.to_owned(),
            attack: line("//! Attack:")?,
            stopped_by: line("//! Stopped by:")?,
            requirements,
        });
    }
    Ok(attacks)
}

/// What stands behind this beginning, and on the lines that go on with it.
fn said(text: &str, prefix: &str) -> Option<String> {
    let mut lines = text.lines().skip_while(|line| !line.starts_with(prefix));
    let first = lines.next()?.strip_prefix(prefix)?.trim();
    let more = lines.map_while(|line| {
        let more = line.strip_prefix("//! ")?;
        (!more.starts_with("Attack:") && !more.starts_with("Stopped by:")).then_some(more.trim())
    });
    let all: Vec<&str> = std::iter::once(first).chain(more).collect();
    Some(all.join(" "))
}

fn page(attacks: &[Attack]) -> String {
    format!(
        "# Attacks\n\n\
         What each file below `tests/attacks/tests/` tries, what stops it, and which requirements that proves. Made by\n\
         `cargo xtask attacks --write` from the files themselves; what it all comes to is in [SECURITY.md](SECURITY.md).\n\n{}",
        table(attacks)
    )
}

fn table(attacks: &[Attack]) -> String {
    let mut table = String::from("| attack | what stops it | file | proves |\n|---|---|---|---|\n");
    for Attack {
        file,
        attack,
        stopped_by,
        requirements,
    } in attacks
    {
        let _infallible = writeln!(
            table,
            "| {attack} | {stopped_by} | {file} | {} |",
            requirements.join(", ")
        );
    }
    let _infallible = writeln!(table, "\n{} attacks", attacks.len());
    table
}

/// The tests that a page names, as `path/of/file.rs::name`.
fn named_tests(page: &str) -> impl Iterator<Item = &str> {
    page.split('`')
        .filter(|code| code.contains(".rs::") && !code.contains(char::is_whitespace))
}

/// Paths are relative to `host/` without `src/`, or to the repository.
fn is_there(named: &str, sources: &[Source]) -> bool {
    let Some((file, test)) = named.split_once("::") else {
        return false;
    };
    let path = if file.starts_with("tests/") {
        file.to_owned()
    } else {
        format!("host/{file}")
    };
    sources
        .iter()
        .any(|source| source.path == path && source.text.contains(&format!("fn {test}(")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_said_goes_on_until_something_else_is() {
        let text =
            "//! Attack: take\n//! it.\n//! Stopped by: a\n//! lock.\n//!\n//! More.\nuse x;\n";
        assert_eq!(said(text, "//! Attack:").unwrap(), "take it.");
        assert_eq!(said(text, "//! Stopped by:").unwrap(), "a lock.");
        assert_eq!(said("use x;", "//! Attack:"), None);
    }

    #[test]
    fn tests_are_found_by_file_and_name() {
        let sources = [Source {
            path: "host/core/src/x.rs".to_owned(),
            text: "#[test]\nfn it_holds() {}\n".to_owned(),
        }];
        let page =
            "| `core/src/x.rs`: words | `core/src/x.rs::it_holds`, `core/src/x.rs::it_does_not` |";
        let named: Vec<&str> = named_tests(page).collect();
        assert_eq!(
            named,
            ["core/src/x.rs::it_holds", "core/src/x.rs::it_does_not"]
        );
        assert!(is_there(named[0], &sources));
        assert!(!is_there(named[1], &sources));
        assert!(!is_there("core/src/y.rs::it_holds", &sources));
    }

    #[test]
    fn the_table_has_a_line_for_each_attack() {
        let table = table(&[Attack {
            file: "plugins/x.rs".to_owned(),
            attack: "tries".to_owned(),
            stopped_by: "a wall".to_owned(),
            requirements: vec!["PLUG-01".to_owned(), "PLUG-11".to_owned()],
        }]);
        assert!(
            table.contains("| tries | a wall | plugins/x.rs | PLUG-01, PLUG-11 |"),
            "{table}"
        );
        assert!(table.contains("1 attacks"));
    }
}
