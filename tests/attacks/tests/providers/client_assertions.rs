//! Attack: take the assertion by which a client authenticates, and use it at another provider, later, or for another client.
//! Stopped by: each is for one issuer, one request and two minutes, and its key never leaves, host/broker/src/client_assertion.rs

use std::collections::HashSet;
use std::fs::Permissions;
use std::os::unix::fs::PermissionsExt as _;
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};
use vestibule_app::AuditEvent;
use vestibule_attacks::puppet::{
    authorize, discover, finish, redeem, reference, refresh, request, revoke,
};
use vestibule_attacks::verdict::stopped;
use vestibule_attacks::{Program, Stage};
use vestibule_core::limits::CLIENT_ASSERTION_SECONDS;
use vestibule_core::{Blame, SecretKind, TenantName};
use vestibule_e2e::{encodings, http};
use vestibule_rehearsal::{
    MetadataTwist, Rehearsal, Role, Script, Seen, Signer, SigningAlgorithm, Visitor,
};

fn key(algorithm: SigningAlgorithm) -> Arc<Signer> {
    Arc::new(Signer::generate(algorithm).unwrap())
}

fn script(key: &Arc<Signer>) -> Script {
    Script::honest().any_redirect_path().client_key(key)
}

/// The lines of a tenant file whose client signs with this key.
const SETTINGS: &str = "token_endpoint_auth_method = \"private_key_jwt\"";

fn secrets(stage: &Stage, key: &Signer) -> String {
    let file = stage.puts("client-key.pem", &key.private_pem().unwrap());
    format!("client_key = {{ file = {} }}", json!(file))
}

async fn conforming(stage: &Stage, key: &Signer, settings: &str, policy: &str) -> TenantName {
    stage.install_conforming();
    let settings = format!("{SETTINGS}\n{settings}");
    let file = stage.client_file(&settings, &secrets(stage, key), policy, &[]);
    stage.approve_file("corp", &file).await.unwrap()
}

/// Header and claims of the assertion of a request.
fn assertion(seen: &Seen) -> (Value, Value) {
    let text = seen.field("client_assertion").expect("it has one");
    let parts: Vec<Value> = text
        .split('.')
        .take(2)
        .map(|part| serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).unwrap()).unwrap())
        .collect();
    (parts[0].clone(), parts[1].clone())
}

/// Every request in which a client authenticates.
fn authenticated(idp: &Rehearsal) -> Vec<Seen> {
    let with = |seen: &Seen| seen.field("client_assertion").is_some();
    idp.requests().into_iter().filter(with).collect()
}

/// Each is what it must be, and none comes twice.
#[track_caller]
fn are_all_fresh_and_for_the_issuer(idp: &Rehearsal, algorithm: &str) {
    let mut known = HashSet::new();
    for seen in authenticated(idp) {
        let (header, claims) = assertion(&seen);
        assert_eq!(
            header["typ"], "client-authentication+jwt",
            "{:?}",
            seen.role
        );
        assert_eq!(header["alg"], algorithm);
        assert_eq!(
            claims["aud"],
            json!(idp.issuer()),
            "one text, and no URL of an endpoint"
        );
        assert_eq!(claims["iss"], Script::CLIENT_ID);
        assert_eq!(claims["sub"], Script::CLIENT_ID);
        let lasts = claims["exp"].as_u64().unwrap() - claims["iat"].as_u64().unwrap();
        assert_eq!(lasts, CLIENT_ASSERTION_SECONDS);
        assert!(known.insert(claims["jti"].as_str().unwrap().to_owned()));
        assert!(seen.header("authorization").is_none());
        assert_eq!(
            seen.answered.map(|status| status / 100),
            Some(2),
            "{:?}",
            seen.role
        );
    }
}

/// Nothing of the key has entered a guest, was shown, or is in the log; nor was it sent. Only its file has it.
#[track_caller]
fn the_key_stayed_here(stage: &Stage, key: &Signer) {
    let pem = key.private_pem().unwrap();
    let body: String = pem.lines().filter(|line| !line.contains("KEY")).collect();
    let texts = [stage.tape.entered(), stage.tape.shown(), stage.log_files()].concat();
    for form in encodings::of(&body) {
        assert!(!texts.iter().any(|text| text.contains(&form)));
        for seen in stage.idp.requests() {
            assert!(!String::from_utf8_lossy(&seen.body).contains(&form));
        }
    }
    for line in pem.lines() {
        assert!(!texts.iter().any(|text| text.contains(line)), "{line}");
    }
    let placed = stage.tape.placed();
    assert!(
        placed
            .iter()
            .all(|(kind, ..)| *kind != SecretKind::ClientKey)
    );
    assert!(
        placed
            .iter()
            .any(|(kind, ..)| *kind == SecretKind::ClientAssertion)
    );
    stage.told_nothing();
}

// proves: CAUTH-01, CAUTH-02
#[tokio::test(flavor = "multi_thread")]
async fn wherever_a_client_authenticates_its_assertion_is_for_the_issuer_alone() {
    for (algorithm, name) in [
        (SigningAlgorithm::Es256, "ES256"),
        (SigningAlgorithm::EdDsa, "EdDSA"),
        (SigningAlgorithm::Rs256, "RS256"),
    ] {
        let key = key(algorithm);
        let stage = Stage::with(script(&key)).await;
        let policy =
            "scopes = [\"openid\", \"offline_access\"]\nmethods = [\"browser\", \"device\"]";
        let tenant = conforming(&stage, &key, "", policy).await;
        stage.sign_in(&tenant).await.unwrap();
        let _ = stage.refresh(&tenant).await.unwrap();
        let out = stage.vestibule.sign_out(&tenant, None).await.unwrap();
        assert!(out.unconfirmed.is_empty(), "{out:?}");
        stage.enters_code_at(12, Visitor::approve("ada"));
        stage.sign_in_by_device(&tenant).await.unwrap();
        let roles: HashSet<Role> = authenticated(&stage.idp)
            .iter()
            .map(|seen| seen.role)
            .collect();
        for role in [
            Role::PushedAuthorization,
            Role::Token,
            Role::Revocation,
            Role::DeviceAuthorization,
        ] {
            assert!(roles.contains(&role), "{role:?} at {name}");
        }
        let pending: Vec<Seen> = stage
            .idp
            .requests_to(Role::Token)
            .into_iter()
            .filter(|seen| seen.answered == Some(400))
            .collect();
        assert!(!pending.is_empty(), "it was asked more than once");
        let mut jtis = HashSet::new();
        for seen in &pending {
            let (_, claims) = assertion(seen);
            assert!(
                jtis.insert(claims["jti"].to_string()),
                "each question has its own"
            );
        }
        the_key_stayed_here(&stage, &key);
    }
}

// proves: CAUTH-01, CAUTH-02
#[tokio::test(flavor = "multi_thread")]
async fn a_plugin_of_any_kind_has_it_signed_and_introspection_too() {
    let key = key(SigningAlgorithm::Es256);
    let stage = Stage::with(script(&key)).await;
    let introspect = request(
        "introspection",
        json!({"Introspection": reference("access_token")}),
    );
    let program = Program::honest(&stage.idp)
        .profile(|profile| {
            profile["client"]["Configured"]["authentication"] =
                json!({"PrivateKeyJwt": "client_secret"});
        })
        .steps(
            "sign-in",
            vec![
                discover(),
                authorize(),
                redeem("code"),
                introspect,
                finish(&["access_token", "refresh_token"]),
            ],
        )
        .steps(
            "refresh",
            vec![
                discover(),
                refresh("refresh_token"),
                finish(&["access_token", "refresh_token"]),
            ],
        )
        .steps("revoke", vec![discover(), revoke("refresh_token")]);
    let file = stage.puts("client-key.pem", &key.private_pem().unwrap());
    let more = format!("[secrets]\nclient_secret = {{ file = {} }}\n", json!(file));
    let tenant = stage
        .approve_file("puppets", &program.tenant_file(&more))
        .await
        .unwrap();
    stage.sign_in(&tenant).await.unwrap();
    let _ = stage.refresh(&tenant).await.unwrap();
    let out = stage.vestibule.sign_out(&tenant, None).await.unwrap();
    assert!(out.unconfirmed.is_empty(), "{out:?}");
    are_all_fresh_and_for_the_issuer(&stage.idp, "ES256");
    let roles: HashSet<Role> = authenticated(&stage.idp)
        .iter()
        .map(|seen| seen.role)
        .collect();
    for role in [
        Role::PushedAuthorization,
        Role::Token,
        Role::Introspection,
        Role::Revocation,
    ] {
        assert!(roles.contains(&role), "{role:?}");
    }
    the_key_stayed_here(&stage, &key);
}

fn replayed(at: &Rehearsal, seen: &Seen) -> u16 {
    let pairs = seen
        .fields
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()));
    let form = url::form_urlencoded::Serializer::new(String::new())
        .extend_pairs(pairs)
        .finish();
    let token = format!("{}/token", at.issuer());
    http::post(&token, &[], &form).unwrap().status
}

// proves: CAUTH-01
#[tokio::test(flavor = "multi_thread")]
async fn what_a_hostile_provider_was_sent_is_good_nowhere_else_and_not_a_second_time() {
    let key = key(SigningAlgorithm::Es256);
    let honest = Rehearsal::start(script(&key)).await.unwrap();
    let policy = "methods = [\"workload\"]\nscopes = [\"api:read\"]";
    let workload = "workload = \"client_credentials\"";
    // One that plays along, and keeps what it gets.
    let stage = Stage::with(script(&key)).await;
    let tenant = conforming(&stage, &key, workload, policy).await;
    stage.sign_in(&tenant).await.unwrap();
    let captured = stage.idp.requests_to(Role::Token).pop().unwrap();
    assert_eq!(replayed(&honest, &captured), 401);
    assert_eq!(replayed(&stage.idp, &captured), 401, "it was used");

    // One that writes the other's endpoint into its metadata. On another host it is not even approved; where the operator has allowed
    // the host, what arrives there is for somebody else.
    let token = format!("{}/token", honest.issuer());
    let copies = MetadataTwist::Member("token_endpoint", token);
    let stage = Stage::with(script(&key).twist(copies)).await;
    stage.install_conforming();
    let settings = |more: &str| format!("{SETTINGS}\n{workload}\n{more}");
    let file = stage.client_file(&settings(""), &secrets(&stage, &key), policy, &[]);
    let error = stopped(stage.approve_file("evil", &file).await);
    assert_eq!(error.blame(), Blame::Provider, "{error:?}");
    let seen_before = honest.count(Role::Token);
    let hosts = format!("endpoint_hosts = [\"{}\"]", honest.address());
    let file = stage.client_file(&settings(&hosts), &secrets(&stage, &key), policy, &[]);
    match stage.approve_file("allowed", &file).await {
        Err(error) => assert!(
            matches!(
                error.blame(),
                Blame::Provider | Blame::Plugin | Blame::Config
            ),
            "{error:?}"
        ),
        Ok(tenant) => {
            let _ = stopped(stage.sign_in(&tenant).await);
            let arrived = honest.requests_to(Role::Token).pop().unwrap();
            assert_eq!(arrived.answered, Some(401));
            let (_, claims) = assertion(&arrived);
            assert_eq!(claims["aud"], json!(stage.idp.issuer()));
        }
    }
    let granted = honest.requests_to(Role::Token);
    let granted = granted.iter().filter(|seen| seen.answered == Some(200));
    assert_eq!(granted.count(), 0, "{seen_before}");
}

// proves: CAUTH-01
#[tokio::test(flavor = "multi_thread")]
async fn a_provider_that_wants_its_token_endpoint_takes_a_line_that_is_told_and_recorded() {
    let key = key(SigningAlgorithm::Es256);
    let old = || script(&key).wants_token_endpoint_as_audience();
    let policy = "methods = [\"workload\"]\nscopes = [\"api:read\"]";
    let workload = "workload = \"client_credentials\"";
    let stage = Stage::with(old()).await;
    let tenant = conforming(&stage, &key, workload, policy).await;
    let error = stopped(stage.sign_in(&tenant).await);
    assert_eq!(
        (error.blame(), error.code()),
        (Blame::Provider, "provider.refused")
    );

    let stage = Stage::with(old()).await;
    let line = "client_assertion_audience = \"token_endpoint\"";
    let tenant = conforming(&stage, &key, workload, &format!("{policy}\n{line}")).await;
    stage.sign_in(&tenant).await.unwrap();
    let seen = stage.idp.requests_to(Role::Token).pop().unwrap();
    let (_, claims) = assertion(&seen);
    assert_eq!(
        claims["aud"],
        json!(format!("{}/token", stage.idp.issuer()))
    );
    let named = |text: &String| text.contains("policy.client_assertion_audience");
    assert!(stage.tape.shown().iter().any(named));
    let entry = stage.last(AuditEvent::Issuance);
    assert!(entry.exceptions.unwrap().iter().any(named));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_that_others_can_read_signs_nothing() {
    let key = key(SigningAlgorithm::Es256);
    let stage = Stage::with(script(&key)).await;
    let tenant = conforming(&stage, &key, "", "").await;
    let file = stage.root().join("client-key.pem");
    std::fs::set_permissions(&file, Permissions::from_mode(0o644)).unwrap();
    let error = stopped(stage.sign_in(&tenant).await);
    assert_eq!(
        (error.blame(), error.code()),
        (Blame::Config, "tenant.secret_file")
    );
    std::fs::set_permissions(&file, Permissions::from_mode(0o600)).unwrap();
    std::fs::write(
        &file,
        "-----BEGIN EC PRIVATE KEY-----\nhunter2\n-----END EC PRIVATE KEY-----\n",
    )
    .unwrap();
    let error = stopped(stage.sign_in(&tenant).await);
    assert_eq!(
        (error.blame(), error.code()),
        (Blame::Config, "client_key.format")
    );
    assert!(!format!("{error:?}").contains("hunter2"));
    assert_eq!(authenticated(&stage.idp).len(), 0);
    stage.kept_nothing();
}
