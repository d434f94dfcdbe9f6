//! Attack: reach the metadata service of the cloud by other ways than a source: an endpoint of the plugin's, the provider's metadata.
//! Stopped by: addresses that no provider has; a source's own URL is no host that anything else may name, host/broker/src/egress.rs

use vestibule_attacks::puppet::{call, discover, endpoint, finish, list};
use vestibule_attacks::verdict::stopped;
use vestibule_rehearsal::{MetadataTwist, Script};

use crate::support::{Machine, doing};

const PLACES: [&str; 5] = [
    "http://169.254.169.254/latest/meta-data/",
    "https://169.254.169.254/latest/meta-data/",
    "https://[fd00:ec2::254]/latest/meta-data/",
    "http://metadata.google.internal/computeMetadata/v1/",
    "https://169.254.170.2/v2/credentials",
];

#[tokio::test(flavor = "multi_thread")]
async fn no_endpoint_of_a_plugin_is_the_metadata_service() {
    let machine = Machine::start().await;
    let keys = "from = \"gcp\"";
    for place in PLACES {
        let steps = vec![
            discover(),
            call("cloud", serde_json::Value::Null, &[], vec![]),
            finish(&["access_token"]),
        ];
        let program = doing(&machine, steps).profile(|profile| {
            list(profile, "endpoints").push(endpoint("cloud", "Public", place));
        });
        let error = stopped(machine.plays(keys, &program).await);
        let by_name = [
            "plugin.contract",
            "approval.host",
            "net.address",
            "net.host",
        ];
        assert!(
            error.code().starts_with("approval.")
                || error.code().starts_with("plugin.")
                || by_name.contains(&error.code()),
            "{place}: {error:?}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn no_provider_says_that_its_token_endpoint_is_the_metadata_service() {
    for place in PLACES {
        let machine = Machine::start().await;
        let script = Script::honest()
            .any_redirect_path()
            .twist(MetadataTwist::Member("token_endpoint", place.to_owned()));
        machine.stage.idp.rescript(script);
        let program = doing(&machine, vec![discover()]);
        let approved = machine.approves("from = \"gcp\"", &program).await;
        assert!(approved.is_err(), "{place}: {approved:?}");
    }
}
