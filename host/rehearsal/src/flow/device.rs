//! RFC 8628: a device shows a code, a person types it elsewhere, the device polls.

use crate::encoding::field;
use crate::ledger::{Device, Family, Verdict};
use crate::page::{self, Hidden};
use crate::people::person;
use crate::record::SecretKind;
use crate::stage::Scene;
use crate::wire::Response;

/// Lifetime of a device code, in seconds.
pub(crate) const TTL: u64 = 600;
/// RFC 8628 §3.5: `slow_down` adds five seconds, for good.
const SLOW_DOWN: u64 = 5;

/// A started device flow, to be put into the dialect of the provider.
pub(crate) struct Started {
    pub(crate) device_code: String,
    pub(crate) user_code: String,
    pub(crate) interval: u64,
}

/// What a poll finds.
pub(crate) enum Poll {
    Pending,
    SlowDown,
    Denied,
    Expired,
    /// No such code for this client, or it has been redeemed.
    Unknown,
    Granted(Family),
}

/// §3.1 and §3.2.
pub(crate) fn start(scene: &Scene<'_>, client_id: &str, scope: &str) -> Started {
    let device_code = scene.mint(SecretKind::DeviceCode, "rh_dc_");
    let user_code = scene.stage.mint.user_code();
    let interval = scene.script.poll_interval.as_secs();
    let device = Device {
        client_id: client_id.to_owned(),
        user_code: user_code.clone(),
        scope: scope.to_owned(),
        expires: scene.now() + TTL,
        interval,
        last_poll: None,
        verdict: Verdict::Pending,
    };
    scene.ledger().devices.insert(device_code.clone(), device);
    Started {
        device_code,
        user_code,
        interval,
    }
}

/// §3.4 and §3.5.
pub(crate) fn poll(scene: &Scene<'_>, client_id: &str, device_code: &str) -> Poll {
    let now = scene.now();
    let mut ledger = scene.ledger();
    let Some(device) = ledger
        .devices
        .get_mut(device_code)
        .filter(|device| device.client_id == client_id)
    else {
        return Poll::Unknown;
    };
    if now >= device.expires {
        return Poll::Expired;
    }
    let hasty = device
        .last_poll
        .is_some_and(|last| now < last + device.interval);
    device.last_poll = Some(now);
    match device.verdict {
        Verdict::Redeemed => Poll::Unknown,
        Verdict::Denied => Poll::Denied,
        _ if hasty => {
            device.interval += SLOW_DOWN;
            Poll::SlowDown
        }
        Verdict::Pending => Poll::Pending,
        Verdict::Approved { person, at } => {
            device.verdict = Verdict::Redeemed;
            let family = Family {
                id: scene.stage.mint.token("family_"),
                client_id: client_id.to_owned(),
                person,
                scope: device.scope.clone(),
                nonce: None,
                auth_time: at,
                acr: None,
                revoked: false,
            };
            ledger.families.insert(family.id.clone(), family.clone());
            Poll::Granted(family)
        }
    }
}

/// §3.3: the page, and the form behind it.
pub(crate) fn verification(scene: &Scene<'_>) -> Response {
    if scene.request.method == "POST" {
        return decide(scene);
    }
    let query = scene.request.query();
    let Some(typed) = field(&query, "user_code") else {
        return page::ask_user_code(&scene.url("/device"));
    };
    let mut ledger = scene.ledger();
    match pending(&mut ledger.devices, typed, scene.now()) {
        None => page::message(
            404,
            "No such code",
            "Check the code on your device and try again.",
        ),
        Some(device) => {
            let hidden = Hidden {
                name: "user_code",
                value: &device.user_code,
            };
            page::consent(
                &scene.url("/device"),
                &hidden,
                &device.client_id,
                &device.scope,
            )
        }
    }
}

fn decide(scene: &Scene<'_>) -> Response {
    let form = scene.form();
    let now = scene.now();
    let mut ledger = scene.ledger();
    let Some(device) = pending(
        &mut ledger.devices,
        field(&form, "user_code").unwrap_or_default(),
        now,
    ) else {
        return page::message(
            404,
            "No such code",
            "Check the code on your device and try again.",
        );
    };
    match (
        field(&form, "decision"),
        field(&form, "account").and_then(person),
    ) {
        (Some("approve"), Some(person)) => {
            device.verdict = Verdict::Approved { person, at: now };
            page::message(200, "The device is connected", "You can close this page.")
        }
        (Some("approve"), None) => page::message(
            400,
            "Nobody of that name",
            "Choose one of the people shown.",
        ),
        _ => {
            device.verdict = Verdict::Denied;
            page::message(
                200,
                "Denied",
                "The device gets nothing. You can close this page.",
            )
        }
    }
}

/// §6.1: case and punctuation that people add or leave out do not matter.
fn pending<'a>(
    devices: &'a mut crate::bounded::Bounded<Device>,
    typed: &str,
    now: u64,
) -> Option<&'a mut Device> {
    let plain = |code: &str| {
        code.chars()
            .filter(char::is_ascii_alphabetic)
            .collect::<String>()
            .to_ascii_uppercase()
    };
    let wanted = plain(typed);
    devices.values_mut().find(|device| {
        plain(&device.user_code) == wanted
            && now < device.expires
            && matches!(device.verdict, Verdict::Pending)
    })
}
