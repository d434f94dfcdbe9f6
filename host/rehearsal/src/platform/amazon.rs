//! Amazon: the instance metadata service, version 2 alone, and `GetWebIdentityToken` of STS, whose requests are signed (Signature Version 4).

use aws_lc_rs::hmac::{HMAC_SHA256, Key, sign};

use super::{House, is_forwarded, one};
use crate::encoding::sha256;
use crate::members::Members;
use crate::mint::Mint;
use crate::wire::{Request, Response};

pub(super) const METADATA: &str = "/latest/";

const ROLE: &str = "practice-role";
const REGION: &str = "eu-central-1";

/// The keys of the instance's role.
pub(super) struct Role {
    id: String,
    pub(super) secret: String,
    pub(super) session: String,
}

impl Role {
    pub(super) fn new(mint: &Mint) -> Self {
        Self {
            id: "ASIAPRACTICE".to_owned(),
            secret: mint.token("aws_"),
            session: mint.token("ses_"),
        }
    }
}

pub(super) fn metadata(house: &House, request: &Request) -> Response {
    if is_forwarded(request) {
        return Response::empty(403);
    }
    let path = request.path();
    if path == "/latest/api/token" {
        if request.method != "PUT" {
            return Response::empty(405);
        }
        let seconds = request.header("x-aws-ec2-metadata-token-ttl-seconds");
        let seconds = seconds.and_then(|text| text.parse::<u32>().ok());
        if !seconds.is_some_and(|seconds| (1..=21_600).contains(&seconds)) {
            return Response::empty(400);
        }
        let session = house.mint.token("imds_");
        let mut state = house.state();
        state.sessions.push(session.clone());
        state.given.push(session.clone());
        return Response::new(200, "text/plain", session);
    }
    if request.method != "GET" {
        return Response::empty(405);
    }
    let shown = request.header("x-aws-ec2-metadata-token");
    if !shown.is_some_and(|shown| house.state().sessions.iter().any(|one| one == shown)) {
        return Response::empty(401);
    }
    match path.strip_prefix("/latest/meta-data/iam/security-credentials/") {
        Some("") => Response::new(200, "text/plain", ROLE),
        Some(ROLE) => {
            let members = Members::new()
                .with("Code", "Success")
                .with("Type", "AWS-HMAC")
                .with("AccessKeyId", house.role.id.as_str())
                .with("SecretAccessKey", house.role.secret.as_str())
                .with("Token", house.role.session.as_str());
            Response::new(200, "text/plain", members.render())
        }
        _ => Response::empty(404),
    }
}

pub(super) fn sts(house: &House, request: &Request) -> Response {
    let refused = |status, code: &str| {
        let text = format!(
            "<ErrorResponse><Error><Type>Sender</Type><Code>{code}</Code></Error></ErrorResponse>"
        );
        Response::new(status, "text/xml", text)
    };
    if request.method != "POST" {
        return refused(400, "MissingAction");
    }
    if !is_signed(house, request) {
        return refused(403, "SignatureDoesNotMatch");
    }
    let form = request.fields();
    if one(&form, "Action").as_deref() != Some("GetWebIdentityToken")
        || one(&form, "Version").as_deref() != Some("2011-06-15")
    {
        return refused(400, "InvalidAction");
    }
    let seconds = one(&form, "DurationSeconds").map(|text| text.parse::<u32>());
    if seconds.is_some_and(|seconds| !seconds.is_ok_and(|seconds| (60..=3_600).contains(&seconds)))
    {
        return refused(400, "ValidationError");
    }
    let algorithm = one(&form, "SigningAlgorithm");
    if !algorithm.is_some_and(|algorithm| ["RS256", "ES384"].contains(&algorithm.as_str())) {
        return refused(400, "ValidationError");
    }
    let Some(audience) = one(&form, "Audience.member.1") else {
        return refused(400, "ValidationError");
    };
    house.give(&audience, |token| {
        let text = format!(
            "<GetWebIdentityTokenResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\">\n  <GetWebIdentityTokenResult>\n    <WebIdentityToken>{token}</WebIdentityToken>\n    <Expiration>2031-01-01T00:00:00Z</Expiration>\n  </GetWebIdentityTokenResult>\n  <ResponseMetadata>\n    <RequestId>1</RequestId>\n  </ResponseMetadata>\n</GetWebIdentityTokenResponse>"
        );
        Response::new(200, "text/xml", text)
    })
}

/// Signature Version 4, as the service computes it of what it got.
fn is_signed(house: &House, request: &Request) -> bool {
    let parts = request
        .header("authorization")
        .and_then(|value| value.strip_prefix("AWS4-HMAC-SHA256 "));
    let Some(parts) = parts else { return false };
    let part = |name: &str| {
        let mut found = parts.split(", ").filter_map(|part| part.strip_prefix(name));
        found.next()
    };
    let (Some(credential), Some(names), Some(signature)) = (
        part("Credential="),
        part("SignedHeaders="),
        part("Signature="),
    ) else {
        return false;
    };
    let Some(time) = request.header("x-amz-date") else {
        return false;
    };
    let day = time.get(..8).unwrap_or_default();
    let scope = format!("{day}/{REGION}/sts/aws4_request");
    if credential != format!("{}/{scope}", house.role.id)
        || request.header("x-amz-security-token") != Some(&house.role.session)
    {
        return false;
    }
    // What must be signed: the host, every X-Amz header, the type of the body.
    for needed in ["host", "x-amz-date", "x-amz-security-token", "content-type"] {
        if !names.split(';').any(|name| name == needed) {
            return false;
        }
    }
    let mut headers = String::new();
    for name in names.split(';') {
        let Some(value) = request.header(name) else {
            return false;
        };
        headers.push_str(&format!("{name}:{}\n", value.trim()));
    }
    let canonical = format!(
        "POST\n{}\n\n{headers}\n{names}\n{}",
        request.path(),
        hex(&sha256(&request.body))
    );
    let to_sign = format!(
        "AWS4-HMAC-SHA256\n{time}\n{scope}\n{}",
        hex(&sha256(canonical))
    );
    let mut key = format!("AWS4{}", house.role.secret).into_bytes();
    for text in [day, REGION, "sts", "aws4_request"] {
        key = mac(&key, text);
    }
    hex(&mac(&key, &to_sign)) == signature
}

fn mac(key: &[u8], text: &str) -> Vec<u8> {
    sign(&Key::new(HMAC_SHA256, key), text.as_bytes())
        .as_ref()
        .to_vec()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
