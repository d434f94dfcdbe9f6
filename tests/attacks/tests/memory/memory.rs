//! All that is in the memory of a process (proc(5): `maps`, `pagemap`, `mem`), and the search in it.

use std::fs::{self, File};
use std::os::unix::fs::FileExt as _;

use aho_corasick::AhoCorasick;
use nix::unistd::Pid;

/// Bytes of a page. Linux on the machines that are tested has no other.
const PAGE: u64 = 4096;

/// An entry of `pagemap`: the page is in memory, or it was swapped out.
const PRESENT: u64 = 0b11 << 62;

/// What the kernel shows of its own, and no process can write: the clock's data, and a page of old. They cannot be read from outside.
const OF_THE_KERNEL: [&str; 3] = ["[vvar]", "[vvar_vclock]", "[vsyscall]"];

/// Pages that follow each other, of one mapping.
struct Stretch {
    mapping: String,
    start: u64,
    bytes: Vec<u8>,
    /// Whether the process could ever have put anything there.
    writable: bool,
}

/// The pages of a process: whatever it ever touched and has not given back, code and data, in use or freed, readable to itself or not.
/// Pages that it never touched are none.
pub(crate) struct Memory(Vec<Stretch>);

impl Memory {
    /// Reads it. The process should stand still, or wait.
    pub(crate) fn of(id: Pid) -> Self {
        let file = |name: &str| {
            let path = format!("/proc/{id}/{name}");
            File::open(&path).unwrap_or_else(|why| panic!("{path} cannot be opened: {why}"))
        };
        let maps = fs::read_to_string(format!("/proc/{id}/maps")).unwrap();
        let (pagemap, mem) = (file("pagemap"), file("mem"));
        let mut stretches = Vec::new();
        for line in maps.lines() {
            let (range, _) = line.split_once(' ').unwrap();
            let (start, end) = range.split_once('-').unwrap();
            let [start, end] = [start, end].map(|text| u64::from_str_radix(text, 16).unwrap());
            if OF_THE_KERNEL.iter().any(|name| line.ends_with(name)) {
                continue;
            }
            let mut entries = vec![0; usize::try_from((end - start) / PAGE * 8).unwrap()];
            pagemap
                .read_exact_at(&mut entries, start / PAGE * 8)
                .unwrap();
            let present: Vec<bool> = entries
                .chunks_exact(8)
                .map(|entry| u64::from_le_bytes(entry.try_into().unwrap()) & PRESENT != 0)
                .collect();
            let mut at = 0;
            for run in present.chunk_by(|one, next| one == next) {
                let from = start + at as u64 * PAGE;
                at += run.len();
                if !run[0] {
                    continue;
                }
                let mut bytes = vec![0; run.len() * usize::try_from(PAGE).unwrap()];
                mem.read_exact_at(&mut bytes, from)
                    .unwrap_or_else(|why| panic!("{line} cannot be read at {from:x}: {why}"));
                stretches.push(Stretch {
                    mapping: line.to_owned(),
                    start: from,
                    bytes,
                    writable: line.contains(" rw"),
                });
            }
        }
        assert!(
            stretches
                .iter()
                .any(|stretch| stretch.mapping.ends_with("[stack]")),
            "nothing was read: {maps}"
        );
        Self(stretches)
    }

    /// The same with these whole texts blotted out, wherever they stand.
    pub(crate) fn without(mut self, texts: &[&str]) -> Self {
        let search = AhoCorasick::new(texts).unwrap();
        for stretch in &mut self.0 {
            let hits: Vec<_> = search.find_iter(&stretch.bytes).collect();
            for hit in hits {
                stretch.bytes[hit.range()].fill(0);
            }
        }
        self
    }

    /// Where any of these stands: which, and in what mapping.
    pub(crate) fn places(&self, needles: &[(String, Vec<u8>)]) -> Vec<String> {
        let search = AhoCorasick::new(needles.iter().map(|(_, bytes)| bytes)).unwrap();
        let mut found = Vec::new();
        for Stretch {
            mapping,
            start,
            bytes,
            ..
        } in &self.0
        {
            for hit in search.find_overlapping_iter(bytes) {
                let (name, _) = &needles[hit.pattern().as_usize()];
                let around =
                    &bytes[hit.start().saturating_sub(48)..(hit.end() + 16).min(bytes.len())];
                let address = start + hit.start() as u64;
                let within = mapping.split_whitespace().last().unwrap_or_default();
                let said = format!(
                    "{name} at {address:x} in {within}: {}",
                    around.escape_ascii()
                );
                found.push(said);
            }
        }
        found
    }

    /// The first text of so many characters of base64url, in memory that the program wrote, of which this is true.
    pub(crate) fn find_base64url(
        &self,
        length: usize,
        is_it: impl Fn(&str) -> bool,
    ) -> Option<String> {
        let belongs = |byte: &u8| byte.is_ascii_alphanumeric() || b"-_".contains(byte);
        self.0
            .iter()
            .filter(|stretch| stretch.writable)
            .flat_map(|stretch| stretch.bytes.split(|byte| !belongs(byte)))
            .flat_map(|run| run.windows(length))
            .filter_map(|window| std::str::from_utf8(window).ok())
            .find(|text| is_it(text))
            .map(str::to_owned)
    }
}
