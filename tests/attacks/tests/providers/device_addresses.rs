//! Attack: the address at which a device code is entered is not the issuer's, so that the person signs in at a copy of its page.
//! Stopped by: an address is of a host that was approved for the issuer, or nothing is shown, host/broker/src/device/verification_uri.rs

use serde_json::json;
use vestibule_attacks::verdict::unusable;
use vestibule_attacks::{Program, Stage};
use vestibule_core::Blame;
use vestibule_rehearsal::{DeviceTwist, Fault, Role, Script};

// proves: DEV-10
#[tokio::test(flavor = "multi_thread")]
async fn an_address_elsewhere_shows_nothing() {
    let stage = Stage::honest().await;
    let name = stage
        .approve_file(
            "corp",
            &Program::by_device(&stage.idp).tenant_file(vestibule_attacks::stage::BY_DEVICE),
        )
        .await
        .unwrap();
    let own = stage.idp.issuer();
    let host = stage.idp.address().to_string();
    let port = stage.idp.address().port();
    let addresses = [
        "https://evil.example/device".to_owned(),
        format!("https://{host}.evil.example/device"),
        "http://evil.example/device".to_owned(),
        "http://127.0.0.1:9/device".to_owned(),
        "http://127.0.0.2/device".to_owned(),
        format!("http://localhost:{port}/device"),
        format!("https://{host}/device"),
        format!("http://{host}@evil.example/device"),
        format!("http://ada@{host}/device"),
        format!("http://127.1:{port}/device"),
        format!("http://2130706433:{port}/device"),
        format!("http://\u{ff11}27.0.0.1:{port}/device"),
        "https://\u{456}dp.example/device".to_owned(),
        "https://xn--dp-fmc.example/device".to_owned(),
        format!("{own}/dev\u{202e}ice"),
        format!("{own}/\u{1b}]8;;https://evil.example\u{7}device"),
        format!("{own}\\@evil.example/device"),
        "javascript:alert(1)".to_owned(),
        "file:///etc/passwd".to_owned(),
        "/device".to_owned(),
        String::new(),
    ];
    for address in addresses {
        for member in ["verification_uri", "verification_uri_complete"] {
            // An empty one is as good as none, and the complete one may be missing.
            if address.is_empty() && member == "verification_uri_complete" {
                continue;
            }
            let fault = Fault::Member(member, json!(address).to_string());
            // Alone, so that its host is all that can be wrong with it.
            let script = match member {
                "verification_uri" => {
                    Script::honest().twist(DeviceTwist::Without("verification_uri_complete"))
                }
                _ => Script::honest(),
            };
            let script = script.any_redirect_path();
            stage
                .idp
                .rescript(script.fault(Role::DeviceAuthorization, fault));
            let error = unusable(stage.sign_in_by_device(&name).await);
            assert_eq!(error.blame(), Blame::Provider, "{address:?}");
            let code = if address.is_empty() {
                "device.reply"
            } else {
                "device.verification_uri"
            };
            assert_eq!(error.code(), code, "{member} {address:?}: {error:?}");
            assert!(
                !error
                    .message()
                    .chars()
                    .any(vestibule_core::text::is_harmful)
            );
        }
    }
    assert!(stage.tape.prompts().is_empty());
    assert_eq!(
        (
            stage.idp.count(Role::Token),
            stage.idp.count(Role::Verification)
        ),
        (0, 0)
    );
    stage.kept_nothing();
    stage.told_nothing();
}
