//! The files of the log: the current one, and the numbered ones that it became when it was full.

use std::io::Read as _;

use vestibule_core::Result;

use crate::broken;
use crate::folder::Folder;

/// The file that records are added to.
pub(crate) const CURRENT: &str = "log.jsonl";

/// The name of the file of this number.
pub(crate) fn numbered(number: u64) -> String {
    format!("log-{number:06}.jsonl")
}

/// The numbers of the full files, in order.
pub(crate) fn numbers(folder: &dyn Folder) -> Result<Vec<u64>> {
    let mut numbers: Vec<u64> = folder
        .names()?
        .iter()
        .filter_map(|name| {
            let number: u64 = name
                .strip_prefix("log-")?
                .strip_suffix(".jsonl")?
                .parse()
                .ok()?;
            (*name == numbered(number)).then_some(number)
        })
        .collect();
    numbers.sort_unstable();
    Ok(numbers)
}

/// The content of a file of at most so many bytes; none if it is not there. A larger one is cut.
pub(crate) fn read(folder: &dyn Folder, name: &str, limit: u64) -> Result<Option<Vec<u8>>> {
    let Some(file) = folder.open(name)? else {
        return Ok(None);
    };
    let length = file.metadata().map_or(0, |facts| facts.len()).min(limit);
    let mut bytes = Vec::with_capacity(usize::try_from(length).unwrap_or_default() + 1);
    file.take(limit)
        .read_to_end(&mut bytes)
        .map_err(|problem| broken("read", name, &problem))?;
    Ok(Some(bytes))
}
