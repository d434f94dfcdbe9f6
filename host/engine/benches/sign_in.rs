//! All that the sandbox does in one sign-in: the real OpenID plugin from the cache, described, started, and resumed to its end, with
//! replies as the broker gives them. `plugins/oidc/benches/sign_in.rs` drives the same flow without the sandbox.
#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::panic,
    clippy::disallowed_methods,
    reason = "a benchmark that cannot be set up has nothing to say"
)]

use std::path::Path;

use criterion::{Criterion, criterion_group, criterion_main};
use vestibule_core::plugin::Plugin;
use vestibule_core::record::Method;
use vestibule_core::reply::{Reply, Tokens};
use vestibule_core::setting::{Setting, SettingValue};
use vestibule_core::start::{Purpose, Start};
use vestibule_core::step::Step;
use vestibule_core::{Cleared, Reference, RoleName, Scope, SettingName};
use vestibule_engine::{Admitted, PluginDigest, Sandbox, SandboxOptions};
use vestibule_guests::{cleared, program};

fn sign_in(c: &mut Criterion) {
    let folder = tempfile::tempdir().unwrap();
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target/plugins/oidc.wasm");
    let bytes = std::fs::read(&file)
        .unwrap_or_else(|_| panic!("{} is missing: cargo xtask plugins", file.display()));
    let sandbox = Sandbox::open(SandboxOptions {
        compiler: Some(program::compiler()),
        ..SandboxOptions::new(folder.path().join("cache"))
    })
    .unwrap();
    let digest = PluginDigest::of(&bytes);
    let loaded = sandbox.load(&Admitted::new(bytes).unwrap()).unwrap();
    let start = cleared(start());
    let replies: Vec<_> = replies().into_iter().map(cleared).collect();

    c.bench_function("sign-in: the guest's calls alone", |b| {
        b.iter(|| drive(&loaded, &start, &replies));
    });
    c.bench_function("sign-in: load, describe twice, the guest's calls", |b| {
        b.iter(|| {
            let loaded = sandbox.load_cached(digest).unwrap();
            loaded.describe(&[]).unwrap();
            loaded.describe(&start.get().settings).unwrap();
            drive(&loaded, &start, &replies);
        });
    });
}

/// From a fresh instance to the step `finish`.
fn drive(plugin: &dyn Plugin, start: &Cleared<Start>, replies: &[Cleared<Reply>]) {
    let mut flow = plugin.start_flow().unwrap();
    let mut step = flow.begin(start).unwrap();
    for reply in replies {
        step = flow.resume(reply).unwrap();
    }
    assert!(matches!(step, Step::Finish(_)), "{step:?}");
}

fn start() -> Start {
    let setting = |name: &str, value: &str| Setting {
        name: SettingName::parse(name).unwrap(),
        value: SettingValue::Text(value.to_owned()),
    };
    Start {
        purpose: Purpose::SignIn { login_hint: None },
        settings: vec![
            setting("issuer", "https://idp.example"),
            setting("client_id", "cli"),
            setting("token_endpoint_auth_method", "none"),
        ],
        method: Method::Browser,
        scopes: vec![Scope::parse("openid").unwrap()],
        registered: true,
    }
}

fn replies() -> Vec<Reply> {
    let role = |name: &str| RoleName::parse(name).unwrap();
    let reference = |low| Reference { high: 1, low };
    vec![
        Reply::Discovered(vec![
            role("authorization"),
            role("token"),
            role("revocation"),
            role("userinfo"),
        ]),
        Reply::Authorized(reference(1)),
        Reply::Tokens(Tokens {
            access_token: reference(2),
            refresh_token: Some(reference(3)),
            id_token: Some(reference(4)),
            expires_in: 300,
            scopes: vec![Scope::parse("openid").unwrap()],
            members: Vec::new(),
            secrets: Vec::new(),
        }),
    ]
}

criterion_group!(benches, sign_in);
criterion_main!(benches);
