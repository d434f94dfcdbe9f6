//! The records of the audit log: each event has the fields that apply to it, and says in them what happened (law 8).

use std::collections::BTreeMap;

use vestibule_app::{AuditEvent as E, Entry, Outcome, TokenQuery};
use vestibule_rehearsal::{IdTokenTwist, Rehearsal, Script, Visitor};

use crate::house::House;
use crate::{identity_center, oidc};

/// What every record of a tenant has.
const TENANT: &[&str] = &["tenant", "issuer", "device", "outcome"];
const PLUGIN: &[&str] = &["plugin", "plugin_version", "plugin_digest"];
/// What is known of a grant.
const GRANT: &[&str] = &["client", "method", "session", "scopes_granted", "token_ids"];
/// What an ID token has said.
const PERSON: &[&str] = &["subject", "audience", "acr", "auth_time"];

const FORCED: TokenQuery = TokenQuery {
    audience: None,
    account: None,
    refresh: true,
    derived_for: Vec::new(),
};

fn last(house: &House) -> BTreeMap<&'static str, Entry> {
    let mut last = BTreeMap::new();
    let visit = &mut |record: vestibule_app::Record| {
        assert!(record.time > 1_000_000_000);
        last.insert(record.entry.event.as_str(), record.entry);
    };
    assert_eq!(house.vestibule.audit_records(visit).unwrap(), 0);
    assert!(house.vestibule.verify_audit().unwrap().is_good());
    last
}

#[track_caller]
fn has(entry: &Entry, groups: &[&[&str]]) {
    let written = serde_json::to_value(entry).unwrap();
    for field in groups.concat() {
        assert!(
            written.get(field).is_some(),
            "{field} is missing: {written:#}"
        );
    }
}

#[tokio::test]
async fn each_event_of_a_grant_has_all_that_is_known_of_it() {
    let acr = IdTokenTwist::Claim("acr", "urn:example:strong");
    let script = || Script::honest().any_redirect_path().twist(acr);
    let idp = Rehearsal::start(script()).await.unwrap();
    let house = House::new(&idp, Visitor::approve("ada"));
    house.install("oidc");
    let name = house.tenant("practice", &oidc::tenant_file(&idp)).await;
    house.sign_in(&name).await.unwrap();
    let _ = house.vestibule.token(&name, &FORCED).await.unwrap();
    idp.rescript(script().twist(IdTokenTwist::ForeignKey));
    assert!(house.vestibule.token(&name, &FORCED).await.is_err());
    house.vestibule.sign_out(&name, None).await.unwrap();

    let last = last(&house);
    let of = |event: E| &last[event.as_str()];
    has(of(E::Policy), &[TENANT, PLUGIN, &["client", "change"]]);
    has(
        of(E::Issuance),
        &[TENANT, PLUGIN, GRANT, PERSON, &["scopes_asked", "sent"]],
    );
    has(
        of(E::Refresh),
        &[TENANT, PLUGIN, GRANT, PERSON, &["scopes_asked", "sent"]],
    );
    has(of(E::Release), &[TENANT, PLUGIN, GRANT, PERSON]);
    has(
        of(E::Refusal),
        &[
            TENANT,
            PLUGIN,
            PERSON,
            &["session", "method", "reason", "during", "sent"],
        ],
    );
    has(
        of(E::Revocation),
        &[
            TENANT,
            PLUGIN,
            GRANT,
            PERSON,
            &["revoked", "not_revoked", "sent"],
        ],
    );

    let issued = of(E::Issuance);
    let sessions =
        [E::Refresh, E::Release, E::Refusal, E::Revocation].map(|event| &of(event).session);
    assert!(sessions.iter().all(|session| **session == issued.session));
    assert_eq!(issued.acr.as_deref(), Some("urn:example:strong"));
    assert_eq!(
        issued.audience.as_deref(),
        Some(&[Script::CLIENT_ID.to_owned()][..])
    );
    assert_eq!(issued.issuer, Some(idp.issuer()));
    assert_eq!(
        of(E::Refusal).reason.as_ref().unwrap().code,
        "id_token.signature"
    );
    assert_eq!(of(E::Refusal).outcome, Outcome::Refused);
    assert_eq!(of(E::Revocation).outcome, Outcome::Done);
    assert_eq!(of(E::Revocation).revoked.as_ref().unwrap().len(), 2);
}

#[tokio::test]
async fn a_derived_credential_is_of_the_session_that_it_hangs_on() {
    let idp = Rehearsal::start_identity_center(Script::honest())
        .await
        .unwrap();
    let house = House::new(&idp, Visitor::approve("ada"));
    house.install("aws-identity-center");
    let name = house
        .tenant("aws", &identity_center::tenant_file(&idp))
        .await;
    house.sign_in(&name).await.unwrap();
    let query = identity_center::keys_for_first();
    // Derived once, and handed out twice.
    for _ in 0..2 {
        let _ = house.vestibule.token(&name, &query).await.unwrap();
    }
    let last = last(&house);
    let derived = &last["derive"];
    has(
        derived,
        &[
            TENANT,
            PLUGIN,
            &[
                "method",
                "session",
                "token_ids",
                "derived_for",
                "client",
                "sent",
            ],
        ],
    );
    assert_eq!(derived.session, last["issuance"].session);
    // What is handed out is the keys, and they are those that were derived.
    let released = &last["release"].token_ids;
    assert_eq!(released.len(), 3);
    for (name, id) in released {
        assert_eq!(derived.token_ids.get(name), Some(id), "{name}");
    }
    // Nobody was asked: the second one lay there.
    assert!(last["release"].sent.is_empty());
}
