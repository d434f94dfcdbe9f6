//! What the sandbox adds to a sign-in: loading from the cache, an instance with its first answer, and a further call.
#![allow(
    missing_docs,
    clippy::unwrap_used,
    reason = "a benchmark that cannot be set up has nothing to say"
)]

use std::hint::black_box;

use criterion::{BatchSize, Criterion, criterion_group, criterion_main};
use vestibule_core::plugin::{Flow, Plugin};
use vestibule_core::record::Method;
use vestibule_core::reply::Reply;
use vestibule_core::start::{Purpose, Start};
use vestibule_engine::{Admitted, Sandbox, SandboxOptions};
use vestibule_guests::{Guest, behaviour, bomb, cleared, program};

fn sandbox(c: &mut Criterion) {
    let folder = tempfile::tempdir().unwrap();
    let options = || SandboxOptions {
        compiler: Some(program::compiler()),
        ..SandboxOptions::new(folder.path().join("cache"))
    };
    let sandbox = Sandbox::open(options()).unwrap();
    let talkative = Guest::honest().resume(behaviour::DISCOVER).component();
    let plugin = Admitted::new(talkative).unwrap();
    let loaded = sandbox.load(&plugin).unwrap();
    // As large, compiled, as a Rust guest.
    let larger = Admitted::new(bomb::functions(40, 50)).unwrap();
    sandbox.load(&larger).unwrap();

    c.bench_function("open the sandbox", |b| {
        b.iter(|| Sandbox::open(options()).unwrap());
    });
    c.bench_function("admit", |b| {
        b.iter_batched(
            || larger.component().to_vec(),
            |bytes| Admitted::new(bytes).unwrap(),
            BatchSize::SmallInput,
        );
    });
    c.bench_function("load from the cache, small", |b| {
        b.iter(|| sandbox.load_cached(black_box(plugin.digest())).unwrap());
    });
    c.bench_function("load from the cache, as large as a Rust guest", |b| {
        b.iter(|| sandbox.load_cached(black_box(larger.digest())).unwrap());
    });
    c.bench_function("instantiate, describe, drop", |b| {
        b.iter(|| loaded.describe(&[]).unwrap());
    });
    c.bench_function("resume", |b| {
        let begin = || {
            let mut flow = loaded.start_flow().unwrap();
            flow.begin(&cleared(start())).unwrap();
            flow
        };
        let reply = cleared(Reply::Chosen(String::from("one")));
        b.iter_batched_ref(
            begin,
            |flow: &mut Box<dyn Flow>| flow.resume(&reply).unwrap(),
            BatchSize::SmallInput,
        );
    });
}

fn start() -> Start {
    Start {
        purpose: Purpose::SignIn { login_hint: None },
        settings: Vec::new(),
        method: Method::Browser,
        scopes: Vec::new(),
        registered: false,
    }
}

criterion_group!(benches, sandbox);
criterion_main!(benches);
