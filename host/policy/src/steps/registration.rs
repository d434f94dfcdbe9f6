//! The client's metadata (RFC 7591 section 2): a plugin describes the client, and the host says where its answers go and what it may
//! ask for. A redirect URI of the plugin's choice would make the client somebody else's.

use vestibule_core::step::{Field, FieldValue, HostValue, HttpExchange, Step};

use crate::words::{folded, names_a_secret};

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
