//! `StartDeviceAuthorization`.

use crate::encoding::{field, to_form};
use crate::flow::device;
use crate::identity_center::reply;
use crate::members::Members;
use crate::stage::Scene;
use crate::wire::Response;

pub(super) fn start(scene: &Scene<'_>) -> Response {
    let body = scene.form();
    let client = match reply::client(scene, &body) {
        Ok(client) => client,
        Err(response) => return response,
    };
    if field(&body, "startUrl").is_none() {
        return reply::invalid_request("startUrl is needed");
    }
    let started = device::start(scene, &client.id, "sso:account:access");
    let page = scene.url("/device");
    let complete = format!(
        "{page}?{}",
        to_form([("user_code", started.user_code.as_str())])
    );
    let members = Members::new()
        .with("deviceCode", started.device_code)
        .with("userCode", started.user_code)
        .with("verificationUri", page)
        .with("verificationUriComplete", complete)
        .with("expiresIn", device::TTL)
        .with("interval", started.interval);
    Response::json(200, &members)
}
