//! RFC 8628 in the dialect of its text: forms in, snake_case out.

use crate::encoding::{Fields, single, to_form};
use crate::flow::device::{self, Poll};
use crate::members::Members;
use crate::provider::client_auth;
use crate::provider::grant::{self, Occasion};
use crate::provider::token::invalid_grant;
use crate::stage::{Client, Scene};
use crate::twist::DeviceTwist;
use crate::wire::Response;

/// §3.1.
pub(super) fn start(scene: &Scene<'_>) -> Response {
    let client = match client_auth::authenticate(scene) {
        Ok(client) => client,
        Err(response) => return response,
    };
    let form = scene.form();
    let Ok(scope) = single(&form, "scope") else {
        return Response::oauth_error(400, "invalid_request", "scope is repeated");
    };
    let started = device::start(scene, &client.id, scope.unwrap_or("openid"));
    let page = scene.url("/device");
    let complete = format!(
        "{page}?{}",
        to_form([("user_code", started.user_code.as_str())])
    );
    let mut members = Members::new()
        .with("device_code", started.device_code.as_str())
        .with("user_code", started.user_code)
        .with("verification_uri", page.as_str())
        .with("verification_uri_complete", complete)
        .with("expires_in", device::TTL)
        .with("interval", started.interval);
    for twist in scene.device_twists() {
        match twist {
            DeviceTwist::Without(member) => members.remove(member),
            DeviceTwist::DeviceCodeIsUserCode => {
                members.set("user_code", started.device_code.as_str());
            }
            DeviceTwist::DeviceCodeInAddress => {
                let query = to_form([("code", started.device_code.as_str())]);
                members.set("verification_uri_complete", format!("{page}?{query}"));
            }
        }
    }
    Response::json(200, &members)
}

/// §3.4 and §3.5.
pub(super) fn redeem(scene: &Scene<'_>, client: &Client, form: &Fields) -> Response {
    let Ok(Some(code)) = single(form, "device_code") else {
        return Response::oauth_error(400, "invalid_request", "device_code is needed, once");
    };
    let refuse = |error, description| Response::oauth_error(400, error, description);
    match device::poll(scene, &client.id, code) {
        Poll::Pending => refuse("authorization_pending", "nobody has decided yet"),
        Poll::SlowDown => refuse("slow_down", "the interval grows by five seconds"),
        Poll::Denied => refuse("access_denied", "the person said no"),
        Poll::Expired => refuse("expired_token", "the device code has expired"),
        Poll::Unknown => invalid_grant(),
        Poll::Granted(family) => grant::issue(scene, &family, &family.scope, Occasion::First),
    }
}
