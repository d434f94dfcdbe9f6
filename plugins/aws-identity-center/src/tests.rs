mod description;
mod keys;
mod signing_in;

use vestibule_plugin::testing::Script;

use super::*;

fn script() -> Script<AwsIdentityCenter> {
    Script::new()
        .setting("start_url", "https://d-1234567890.awsapps.com/start")
        .setting("region", "eu-west-1")
}
