//! Roles and their classes (PLUG-04): a request goes to a role of the pinned table, and is of the kind that the role's class takes.

use vestibule_core::Shown;
use vestibule_core::description::{EndpointClass, HttpMethod};
use vestibule_core::step::{HttpExchange, Request, Step};

use super::Refusal;
use super::flow::Flow;

pub(super) fn judge(flow: &Flow<'_>, step: &Step) -> Result<(), Refusal> {
    match step {
        Step::Authorize(_) => needs(flow, "authorization"),
        Step::Device(_) => needs(flow, "device_authorization").and_then(|()| needs(flow, "token")),
        Step::Request(request) => request_fits(flow, request),
        Step::Discover
        | Step::SubjectToken(_)
        | Step::Choose(_)
        | Step::Finish(_)
        | Step::Fail(_) => Ok(()),
    }
}

fn needs(flow: &Flow<'_>, role: &str) -> Result<(), Refusal> {
    if flow.permissions.endpoints.contains_key(role) {
        return Ok(());
    }
    Err(not_approved(role))
}

fn not_approved(role: &str) -> Refusal {
    Refusal::plugin(format!(
        "the endpoint role \"{}\" was not approved for this tenant",
        Shown::new(role)
    ))
}

fn request_fits(flow: &Flow<'_>, request: &Request) -> Result<(), Refusal> {
    let role = request.role.as_str();
    let Some(endpoint) = flow.permissions.endpoints.get(role) else {
        return Err(not_approved(role));
    };
    let class = endpoint.class;
    let call = match &request.exchange {
        HttpExchange::Grant(_) => return is(role, class, EndpointClass::Token),
        HttpExchange::Registration(_) => return is(role, class, EndpointClass::Registration),
        HttpExchange::Revocation(_) => return is(role, class, EndpointClass::Revocation),
        HttpExchange::Introspection(_) => return is(role, class, EndpointClass::Introspection),
        HttpExchange::Userinfo(_) => return is(role, class, EndpointClass::Userinfo),
        HttpExchange::Call(call) => call,
    };
    let no = |what: &str| {
        Err(Refusal::plugin(format!(
            "the plugin calls \"{role}\" {what}"
        )))
    };
    match (class, &call.token) {
        (EndpointClass::Resource, None) => no("without the token that a resource endpoint takes"),
        (EndpointClass::Public, Some(_)) => no("with a token, and a public endpoint takes none"),
        (EndpointClass::Resource, Some(_)) | (EndpointClass::Public, None) => {
            if endpoint.method == HttpMethod::Get && !call.body.is_empty() {
                return no("with a body, and it is read with GET");
            }
            Ok(())
        }
        (
            EndpointClass::Authorization
            | EndpointClass::Token
            | EndpointClass::Device
            | EndpointClass::Registration
            | EndpointClass::Revocation
            | EndpointClass::Introspection
            | EndpointClass::Userinfo,
            _,
        ) => no(&format!(
            "with a request of its own, and only the host writes those of class {}",
            class.as_str()
        )),
    }
}

fn is(role: &str, class: EndpointClass, wanted: EndpointClass) -> Result<(), Refusal> {
    if class == wanted {
        return Ok(());
    }
    Err(Refusal::plugin(format!(
        "the plugin sends a request of class {} to \"{role}\", whose class is {}",
        wanted.as_str(),
        class.as_str()
    )))
}

#[cfg(test)]
mod tests {
    use vestibule_core::record::Method;
    use vestibule_core::start::Purpose;
    use vestibule_core::step::{GrantType, TokenGrant};

    use crate::steps::testing::{
        Case, SECRET, authorize, call, device, request, sign_in, stored, texted,
    };
    use crate::testing::{approve, identity_center};

    use super::*;

    #[test]
    fn a_request_is_of_the_class_of_its_role() {
        let case = Case::oidc(sign_in());
        case.denies(
            "role_class",
            vec![request("nowhere", HttpExchange::Userinfo(SECRET))],
        );
        case.denies(
            "role_class",
            vec![request(
                "introspection",
                HttpExchange::Introspection(SECRET),
            )],
        );
        case.denies(
            "role_class",
            vec![request("token", HttpExchange::Userinfo(SECRET))],
        );
        case.denies(
            "role_class",
            vec![request("revocation", HttpExchange::Introspection(SECRET))],
        );
        let code = || {
            HttpExchange::Grant(TokenGrant {
                grant_type: GrantType::AuthorizationCode(SECRET),
                scopes: Vec::new(),
                extra: Vec::new(),
            })
        };
        case.denies("role_class", vec![authorize(), request("userinfo", code())]);
        for standard in [
            "authorization",
            "token",
            "userinfo",
            "revocation",
            "pushed_authorization_request",
        ] {
            for token in [None, Some(SECRET)] {
                case.denies("role_class", vec![call(standard, token, &[], Vec::new())]);
            }
        }
        let revoke = Case::oidc(Purpose::Revoke(stored()));
        revoke.denies(
            "role_class",
            vec![request("token", HttpExchange::Revocation(SECRET))],
        );

        let mut profile = identity_center();
        profile.endpoints.push(crate::testing::endpoint(
            "news",
            EndpointClass::Public,
            Some("https://news.example/"),
        ));
        let center = Case::new(approve(&profile).unwrap(), sign_in()).registered();
        center.allows(vec![call("news", None, &[], vec![texted("a", "b")])]);
        center.denies(
            "role_class",
            vec![call("news", Some(SECRET), &[], Vec::new())],
        );
        center.denies("role_class", vec![call("accounts", None, &[], Vec::new())]);
        center.denies(
            "role_class",
            vec![call("accounts", Some(SECRET), &[], vec![texted("a", "b")])],
        );
        let first = Case::identity_center(sign_in());
        first.denies(
            "role_class",
            vec![request("accounts", HttpExchange::Registration(Vec::new()))],
        );
    }

    #[test]
    fn a_missing_endpoint_is_missing_for_every_step() {
        let mut case = Case::identity_center(sign_in()).registered();
        case.permissions.endpoints.remove("authorization");
        case.permissions.endpoints.remove("device_authorization");
        case.denies("role_class", vec![authorize()]);
        case.by(Method::Device)
            .denies("role_class", vec![device(Vec::new())]);
    }
}
