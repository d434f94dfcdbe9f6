//! What the second barrier costs: replies of 1 KB to 1 MB, searched for 1 to 100 live secrets. Most replies are of a few hundred bytes,
//! and a sign-in has about eight secrets.
#![allow(
    missing_docs,
    clippy::unwrap_used,
    reason = "a benchmark that cannot be set up has nothing to say"
)]

use std::hint::black_box;

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use vestibule_broker::barrier::Search;
use vestibule_core::Secret;

/// Texts as portals list them, in one piece: letters, digits and punctuation, and runs that could be hexadecimal or base64.
fn reply(bytes: usize) -> String {
    let line = "ada@example.test Ada Lovelace (123456789012) role/ReadOnlyAccess 4f2a9c0de1b87365 c2lnbi1pbi1wYWdl; ";
    line.chars().cycle().take(bytes).collect()
}

/// Secrets as long as tokens are, no two alike.
fn secrets(count: usize) -> Vec<Secret> {
    (0..count)
        .map(|number| Secret::new(format!("eyJhbGciOiJFUzI1NiJ9.{number:0>400}.x{number}")))
        .collect()
}

fn barrier(c: &mut Criterion) {
    let mut group = c.benchmark_group("second barrier");
    for bytes in [1 << 10, 10 << 10, 100 << 10, 1 << 20] {
        let text = reply(bytes);
        group.throughput(Throughput::Bytes(bytes as u64));
        for count in [1, 10, 100] {
            let secrets = secrets(count);
            let id = BenchmarkId::new(format!("{count} secrets"), format!("{} KB", bytes >> 10));
            group.bench_with_input(id, &text, |b, text| {
                b.iter(|| Search::of(secrets.iter()).finds_in(black_box(text)));
            });
        }
    }
    group.finish();
}

criterion_group!(benches, barrier);
criterion_main!(benches);
