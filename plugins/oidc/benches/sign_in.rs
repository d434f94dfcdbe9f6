//! One sign-in of this plugin without the sandbox, by the test kit's script: what `host/engine/benches/sign_in.rs` is to be compared
//! with. The script writes a transcript besides, so that the sandbox is not flattered.
#![allow(missing_docs, reason = "a benchmark")]

use criterion::{Criterion, criterion_group, criterion_main};
use oidc::Oidc;
use vestibule_plugin::testing::{Reply, Script};

fn sign_in(c: &mut Criterion) {
    c.bench_function("sign-in: the same flow natively", |b| {
        b.iter(|| {
            let run = Script::<Oidc>::new()
                .setting("issuer", "https://idp.example")
                .setting("client_id", "cli")
                .discovered(["authorization", "token", "revocation", "userinfo"])
                .authorized()
                .tokens(Reply::with_tokens(["refresh_token", "id_token"]))
                .sign_in();
            assert!(run.transcript().contains("finish"));
        });
    });
}

criterion_group!(benches, sign_in);
criterion_main!(benches);
