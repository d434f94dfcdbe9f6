//! Attack: pile up secrets, so that the host holds, and searches for, more than it can.
//! Stopped by: a bound on what a flow holds at a time (host/broker/src/vault.rs).

use serde_json::{Map, Value, json};
use vestibule_attacks::puppet::{API, call, list, reference};
use vestibule_attacks::verdict::caught;
use vestibule_attacks::{Program, Stage};
use vestibule_core::Blame;
use vestibule_core::limits::FLOW_SECRETS;
use vestibule_rehearsal::{Fault, Role, Script};

const EACH_TIME: usize = 40;

/// Reads so many secrets of its own out of each reply of the API, and asks it so often.
fn hoarder(stage: &Stage, times: usize) -> Program {
    let step = call(API, reference("access_token"), &[], vec![]);
    Program::honest(&stage.idp)
        .profile(|profile| {
            for number in 0..EACH_TIME {
                list(profile, "secrets").push(json!({
                    "name": format!("hoard_{number}"),
                    "kind": "Opaque",
                    "born_role": API,
                    "born_pointer": format!("/hoard/h{number}"),
                    "goes": [],
                }));
            }
        })
        .after_tokens(vec![step; times])
}

// proves: RES-04
#[tokio::test(flavor = "multi_thread")]
async fn a_flow_holds_so_many_secrets_and_no_more_and_gives_them_back_with_its_end() {
    let hoard: Map<String, Value> = (0..EACH_TIME)
        .map(|number| {
            (
                format!("h{number}"),
                json!(format!("hoarded-secret-{number:03}")),
            )
        })
        .collect();
    let script = Script::honest().fault(
        Role::Api,
        Fault::Member("hoard", Value::Object(hoard).to_string()),
    );
    let stage = Stage::with(script).await;
    // Within the bound it may, as often as it likes: what one flow held is not counted in the next.
    let within = FLOW_SECRETS / EACH_TIME - 1;
    for _ in 0..3 {
        stage.play(&hoarder(&stage, within)).await.unwrap();
    }
    let (asked, sealed) = (stage.idp.count(Role::Api), stage.sealed());
    let error = caught(stage.play(&hoarder(&stage, 24)).await);
    assert_eq!(error.code(), "plugin.secrets", "{error:?}");
    assert_eq!(error.blame(), Blame::Plugin);
    let asked = usize::try_from(stage.idp.count(Role::Api) - asked).unwrap();
    assert!(
        asked * EACH_TIME <= FLOW_SECRETS + EACH_TIME,
        "{asked} times"
    );
    assert_eq!(stage.sealed(), sealed, "something was kept");
    stage.play(&hoarder(&stage, within)).await.unwrap();
}
