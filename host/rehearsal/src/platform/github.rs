//! GitHub Actions: "OpenID Connect reference", requesting a token with the job's own.

use super::{House, one};
use crate::members::Members;
use crate::wire::{Request, Response};

pub(super) const PATH: &str = "/actions/idtoken";

pub(super) fn answer(house: &House, request: &Request) -> Response {
    if request.method != "GET" {
        return Response::empty(405);
    }
    if request.bearer() != Some(&house.request_token) {
        return Response::empty(401);
    }
    let query = request.query();
    if one(&query, "api-version").as_deref() != Some("2.0") {
        return Response::empty(400);
    }
    let Some(audience) = one(&query, "audience") else {
        return Response::empty(400);
    };
    house.give(&audience, |token| {
        let members = Members::new().with("count", 1_u64).with("value", token);
        Response::new(200, "application/json; charset=utf-8", members.render())
    })
}
