//! Google Compute Engine: "Verify VM identity", identity tokens of the metadata server.

use super::{House, is_forwarded, one};
use crate::wire::{Request, Response};

pub(super) const PATH: &str = "/computeMetadata/";

/// The service accounts that the instance has.
const ACCOUNTS: [&str; 2] = ["default", "ci@practice.iam.gserviceaccount.com"];

pub(super) fn answer(house: &House, request: &Request) -> Response {
    let named = |response: Response| {
        if house.is_nameless() {
            response
        } else {
            response.header("Metadata-Flavor", "Google")
        }
    };
    if request.header("metadata-flavor") != Some("Google") || is_forwarded(request) {
        return Response::new(403, "text/html", "Missing Metadata-Flavor:Google header.");
    }
    if request.method != "GET" {
        return named(Response::empty(405));
    }
    let account = request
        .path()
        .strip_prefix("/computeMetadata/v1/instance/service-accounts/")
        .and_then(|rest| rest.strip_suffix("/identity"));
    if account.is_none_or(|account| !ACCOUNTS.contains(&account)) {
        return named(Response::empty(404));
    }
    let query = request.query();
    let format = one(&query, "format");
    let Some(audience) = one(&query, "audience") else {
        return named(Response::new(
            400,
            "text/html",
            "non-empty audience parameter required",
        ));
    };
    if format.is_some_and(|format| !["standard", "full"].contains(&format.as_str())) {
        return named(Response::empty(400));
    }
    named(house.give(&audience, |token| Response::new(200, "text/html", token)))
}
