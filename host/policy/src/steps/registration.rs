//! The client's metadata (RFC 7591 section 2): a plugin describes the client, and the host says where its answers go and what it may
//! ask for. A redirect URI of the plugin's choice would make the client somebody else's.

use vestibule_core::step::{Field, FieldValue, HostValue, HttpExchange, Step};

use vestibule_core::words::{folded, names_a_secret};

use super::Refusal;
use super::flow::Flow;

pub(super) fn judge(flow: &Flow<'_>, step: &Step) -> Result<(), Refusal> {
    let Step::Request(request) = step else {
        return Ok(());
    };
    let HttpExchange::Registration(fields) = &request.exchange else {
        return Ok(());
    };
    let dialect = flow
        .permissions
        .endpoints
        .get(&request.role)
        .map(|endpoint| &endpoint.dialect);
    for field in fields {
        // What the provider calls by another name is judged by the standard one.
        let standard = dialect.and_then(|dialect| {
            dialect
                .renames
                .iter()
                .find(|(_, to)| folded(to.as_str()) == folded(field.name.as_str()))
        });
        let name = standard.map_or(field.name.as_str(), |(from, _)| from.as_str());
        check(flow, field, &folded(name))?;
    }
    Ok(())
}

fn check(flow: &Flow<'_>, field: &Field, name: &str) -> Result<(), Refusal> {
    let no = |what: &str| {
        Err(Refusal::plugin(format!(
            "the plugin registers the client with \"{}\": {what}",
            field.name
        )))
    };
    if matches!(field.value, FieldValue::Secret(_)) {
        return no("a registration carries no secret");
    }
    if name.contains("redirect") || name.contains("callback") {
        return match field.value {
            FieldValue::Host(HostValue::RedirectUri | HostValue::RedirectUris) => Ok(()),
            FieldValue::Host(HostValue::Scopes)
            | FieldValue::Text(_)
            | FieldValue::Texts(_)
            | FieldValue::Integer(_)
            | FieldValue::Boolean(_)
            | FieldValue::Secret(_) => no("where answers go is the host's to say"),
        };
    }
    if matches!(name, "scope" | "scopes") {
        return match &field.value {
            FieldValue::Host(HostValue::Scopes) => Ok(()),
            FieldValue::Texts(texts) if texts.iter().all(|text| has(flow, text)) => Ok(()),
            FieldValue::Text(text) if text.split(' ').all(|text| has(flow, text)) => Ok(()),
            FieldValue::Text(_)
            | FieldValue::Texts(_)
            | FieldValue::Integer(_)
            | FieldValue::Boolean(_)
            | FieldValue::Secret(_)
            | FieldValue::Host(HostValue::RedirectUri | HostValue::RedirectUris) => {
                no("it names scopes that this flow does not have")
            }
        };
    }
    // Keys, statements and ids that somebody else holds, and names under which a secret would travel.
    let foreign = [
        "jwks",
        "jwksuri",
        "softwarestatement",
        "clientid",
        "initiateloginuri",
        "sectoridentifieruri",
    ]
    .contains(&name)
        || name.contains("requesturi")
        || name.contains("logouturi")
        || name != "tokenendpointauthmethod" && names_a_secret(name);
    if foreign {
        return no("only the host sets that");
    }
    Ok(())
}

fn has(flow: &Flow<'_>, text: &str) -> bool {
    flow.scopes.iter().any(|scope| scope.as_str() == text)
}

#[cfg(test)]
mod tests {

    use crate::steps::testing::{Case, SECRET, field, register, sign_in, texted};
    use crate::testing::member;

    use super::*;

    #[test]
    fn a_registration_sends_answers_nowhere_else() {
        let center = Case::identity_center(sign_in());
        let evil = || FieldValue::Texts(vec!["https://evil.example/".to_owned()]);
        for bad in [
            field("redirectUris", evil()),
            field("redirect_uris", evil()),
            field(
                "Redirect-URI",
                FieldValue::Text("https://evil.example/".to_owned()),
            ),
            field("callbackUrls", evil()),
            field("redirectUris", FieldValue::Host(HostValue::Scopes)),
            field("scopes", FieldValue::Texts(vec!["admin".to_owned()])),
            field(
                "scope",
                FieldValue::Text("sso:account:access admin".to_owned()),
            ),
            field("scope", FieldValue::Integer(1)),
            texted("jwks_uri", "https://evil.example/"),
            texted("software_statement", "x"),
            texted("clientId", "x"),
            texted("request_uris", "x"),
            texted("backchannel_logout_uri", "x"),
            texted("clientSecret", "x"),
            field("mine", FieldValue::Secret(SECRET)),
        ] {
            assert!(
                center
                    .denies("registration", vec![register(vec![bad])])
                    .plugins_fault
            );
        }
        for good in [
            field("redirectUris", FieldValue::Host(HostValue::RedirectUris)),
            field("redirect_uri", FieldValue::Host(HostValue::RedirectUri)),
            field("scopes", FieldValue::Host(HostValue::Scopes)),
            field(
                "scopes",
                FieldValue::Texts(vec!["sso:account:access".to_owned()]),
            ),
            texted("scope", "sso:account:access"),
            texted("token_endpoint_auth_method", "none"),
            texted("clientName", "vestibule"),
        ] {
            center.allows(vec![register(vec![good])]);
        }
        let mut renamed = Case::identity_center(sign_in());
        for endpoint in renamed.permissions.endpoints.values_mut() {
            endpoint.dialect.renames = vec![(member("redirect_uris"), member("answers"))];
        }
        renamed.denies(
            "registration",
            vec![register(vec![field("answers", evil())])],
        );
    }
}
