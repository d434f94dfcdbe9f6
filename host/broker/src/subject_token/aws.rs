//! Amazon Web Services: STS makes a JWT for an audience (`GetWebIdentityToken`), which any token service can verify by the account's issuer.
//! It is asked with the keys of the instance's role, which its metadata service hands out (IMDSv2 alone), and which end here.
//!
//! The instance identity document and its signature are no assertion for anybody: they name no audience and never end. A signed
//! `GetCallerIdentity` is one for Google Cloud and Vault alone, who both take this token as well.

use vestibule_core::tenant::workload::{AwsAlgorithm, SourceEndpoint};
use vestibule_core::{ProviderUrl, Result, Secret, limits};

use super::service::{Service, word};
use super::{Asked, Fetched};
use crate::http::{Body, Exchange, Method, Request};
use crate::json::Document;

mod signature;

use signature::{Keys, sign};

/// STS as it is asked for a token.
pub(super) struct Sts<'a> {
    pub(super) region: &'a str,
    pub(super) algorithm: AwsAlgorithm,
    pub(super) endpoint: Option<&'a SourceEndpoint>,
}

/// How long the metadata service's own token is good: two more requests are made with it.
const SESSION_SECONDS: &str = "60";

const NO_SERVICE: &str = "the instance must allow its metadata service (IMDSv2)";

const NO_ROLE: &str = "attach an instance profile with a role to the instance";

const DISABLED: &str =
    "the role needs sts:GetWebIdentityToken, and the account outbound web identity federation";

pub(super) async fn fetch(asked: &Asked<'_>, sts: Sts<'_>) -> Result<Fetched> {
    let keys = keys(asked, sts.endpoint).await?;
    let service = sts.service(asked)?;
    let seconds = limits::ASKED_ASSERTION_SECONDS.to_string();
    let body = Body::form([
        ("Action", "GetWebIdentityToken"),
        ("Version", "2011-06-15"),
        ("Audience.member.1", asked.source.audience.as_str()),
        ("DurationSeconds", &seconds),
        ("SigningAlgorithm", sts.algorithm.as_str()),
    ]);
    let request = sign(&service.url, body, &keys, sts.region, asked.now)
        .map_err(|problem| asked.illegal(&problem))?;
    let exchange = service.send(asked, request).await?;
    if !exchange.is_success() {
        return Err(asked.refused_by_service(&exchange, DISABLED));
    }
    let token = element(&exchange, "WebIdentityToken");
    let token = token.ok_or_else(|| asked.nonsense("no token (WebIdentityToken)"))?;
    Ok(Fetched::fresh(token))
}

impl Sts<'_> {
    fn service(&self, asked: &Asked<'_>) -> Result<Service> {
        if let Some(endpoint) = self.endpoint {
            return Service::at(asked, endpoint, "/");
        }
        // The regions of China have a domain of their own.
        let end = if self.region.starts_with("cn-") {
            ".cn"
        } else {
            ""
        };
        let url = ProviderUrl::parse(&format!("https://sts.{}.amazonaws.com{end}/", self.region));
        let url = url.map_err(|problem| asked.config(format!("the URL of STS {problem}")))?;
        Ok(Service::ordinary(asked, url))
    }
}

/// The keys of the instance's role. The metadata service answers nobody who has not put a token there first.
async fn keys(asked: &Asked<'_>, endpoint: Option<&SourceEndpoint>) -> Result<Keys> {
    let service = Service::metadata(asked, endpoint, "/latest/api/token")?;
    let request = Request::new(Method::Put, &service.url)
        .accept("*/*")
        .and_then(|request| request.header("X-aws-ec2-metadata-token-ttl-seconds", SESSION_SECONDS))
        .map_err(|problem| asked.illegal(&problem))?;
    let exchange = service.send(asked, request).await?;
    if !exchange.is_success() {
        return Err(asked.refused_by_service(&exchange, NO_SERVICE));
    }
    let session = word(&exchange).ok_or_else(|| asked.nonsense("something other than a token"))?;

    const ROLES: &str = "/latest/meta-data/iam/security-credentials/";
    let roles = get(asked, endpoint, ROLES, &session).await?;
    let role = word(&roles).filter(|role| is_role(role.expose()));
    let role = role.ok_or_else(|| asked.nonsense("no role").hint(NO_ROLE))?;
    let path = format!("{ROLES}{}", role.expose());
    let credentials = get(asked, endpoint, &path, &session).await?;
    let document = Document::parse(credentials.body())
        .map_err(|_| asked.nonsense("something other than JSON"))?;
    let member = |name: &str| {
        let text = document.text(name).ok().flatten();
        let text = text.filter(|text| !text.is_empty());
        text.map(|text| Secret::new(text.to_owned()))
            .ok_or_else(|| asked.nonsense("no keys").hint(NO_ROLE))
    };
    Ok(Keys {
        id: member("/AccessKeyId")?,
        secret: member("/SecretAccessKey")?,
        session: member("/Token")?,
    })
}

async fn get(
    asked: &Asked<'_>,
    endpoint: Option<&SourceEndpoint>,
    path: &str,
    session: &Secret,
) -> Result<Exchange> {
    let service = Service::metadata(asked, endpoint, path)?;
    let request = Request::new(Method::Get, &service.url)
        .accept("*/*")
        .and_then(|request| request.secret_header("X-aws-ec2-metadata-token", session))
        .map_err(|problem| asked.illegal(&problem))?;
    let exchange = service.send(asked, request).await?;
    if exchange.is_success() {
        Ok(exchange)
    } else {
        Err(asked.refused_by_service(&exchange, NO_ROLE))
    }
}

/// The name of a role becomes a part of a path.
fn is_role(name: &str) -> bool {
    name.len() <= limits::NAME_CHARS
        && !name.starts_with('.')
        && name
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"+=,.@_-".contains(&byte))
}

/// The text of the only element of this name: a token, in which nothing is escaped. This is all of XML that is read.
fn element(exchange: &Exchange, name: &str) -> Option<Secret> {
    let text = std::str::from_utf8(exchange.body()).ok()?;
    let (begin, end) = (format!("<{name}>"), format!("</{name}>"));
    let (_, rest) = text.split_once(&begin)?;
    let (found, rest) = rest.split_once(&end)?;
    let is_token = !found.is_empty()
        && found
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"-_.=".contains(&byte));
    (is_token && !rest.contains(&begin)).then(|| Secret::new(found.to_owned()))
}
