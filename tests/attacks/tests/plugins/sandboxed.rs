//! Hostile components: the same judges, with the real sandbox in between.

use vestibule_attacks::Stage;
use vestibule_core::limits::{FLOW_REQUESTS, FLOW_STEPS};
use vestibule_engine::{Admitted, LoadedPlugin, Sandbox, SandboxOptions};
use vestibule_guests::{Guest, behaviour, program};

use crate::blamed;

struct House {
    sandbox: Sandbox,
    _cache: tempfile::TempDir,
}

impl House {
    fn new() -> Self {
        let cache = tempfile::tempdir().unwrap();
        let mut options = SandboxOptions::new(cache.path().join("compiled"));
        options.compiler = Some(program::compiler());
        Self {
            sandbox: Sandbox::open(options).unwrap(),
            _cache: cache,
        }
    }

    fn load(&self, guest: &Guest) -> LoadedPlugin {
        self.sandbox
            .load(&Admitted::new(guest.component()).unwrap())
            .unwrap()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_component_that_declares_itself_done_signs_nobody_in() {
    let (stage, house) = (Stage::new().await, House::new());
    let guest = Guest::honest().begin(behaviour::FINISH);
    blamed(stage.play(&house.load(&guest)).await);
    let late = Guest::honest();
    blamed(stage.play(&house.load(&late)).await);
    assert_eq!(stage.visits(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_component_that_never_ends_its_flow_is_ended_within_the_budget() {
    let (stage, house) = (Stage::new().await, House::new());
    let guest = Guest::honest().resume(behaviour::DISCOVER);
    let before = stage.idp.requests().len();
    blamed(stage.play(&house.load(&guest)).await);
    let asked = stage.idp.requests().len() - before;
    assert!(
        asked <= FLOW_REQUESTS.min(FLOW_STEPS) as usize,
        "{asked} requests"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_component_that_traps_or_hangs_in_the_middle_ends_its_own_flow_alone() {
    let (stage, house) = (Stage::new().await, House::new());
    for end in [behaviour::TRAP, behaviour::LOOP] {
        let guest = Guest::honest().resume(end);
        blamed(stage.play(&house.load(&guest)).await);
    }
    // The host is whole: the next flow goes its way.
    let ended = stage
        .play(&vestibule_attacks::Hostile::after_sign_in(vec![]))
        .await;
    assert_eq!(stage.visits(), 1);
    drop(ended);
}
