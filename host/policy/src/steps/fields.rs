//! Fields of a body (RFC 6749 appendix B): lists are JSON's alone, none comes twice, and there are not more than any provider takes.

use vestibule_core::description::Encoding;
use vestibule_core::limits::DESCRIPTION_ENTRIES;
use vestibule_core::step::{Field, FieldValue, HostValue, HttpExchange, Step};

use super::Refusal;
use super::flow::Flow;

pub(super) fn judge(flow: &Flow<'_>, step: &Step) -> Result<(), Refusal> {
    match step {
        Step::Device(request) => check(flow, "device_authorization", &request.extra),
        Step::Request(request) => {
            let role = request.role.as_str();
            match &request.exchange {
                HttpExchange::Grant(grant) => check(flow, role, &grant.extra),
                HttpExchange::Registration(fields) => check(flow, role, fields),
                HttpExchange::Call(call) => {
                    if call.query.len() > DESCRIPTION_ENTRIES {
                        return Err(Refusal::plugin(format!(
                            "the plugin calls \"{role}\" with {} parameters",
                            call.query.len()
                        )));
                    }
                    check(flow, role, &call.body)
                }
                HttpExchange::Revocation(_)
                | HttpExchange::Introspection(_)
                | HttpExchange::Userinfo(_) => Ok(()),
            }
        }
        Step::Discover
        | Step::Authorize(_)
        | Step::SubjectToken(_)
        | Step::Choose(_)
        | Step::Finish(_)
        | Step::Fail(_) => Ok(()),
    }
}

fn check(flow: &Flow<'_>, role: &str, fields: &[Field]) -> Result<(), Refusal> {
    let no = |what: String| {
        Err(Refusal::plugin(format!(
            "the plugin sends to \"{role}\" {what}"
        )))
    };
    if fields.len() > DESCRIPTION_ENTRIES {
        return no(format!("{} fields", fields.len()));
    }
    let is_form = flow
        .permissions
        .endpoints
        .get(role)
        .is_none_or(|endpoint| endpoint.dialect.encoding == Encoding::Form);
    for (at, field) in fields.iter().enumerate() {
        let is_list = match &field.value {
            FieldValue::Texts(texts) if texts.len() > DESCRIPTION_ENTRIES => {
                return no(format!("{} texts in \"{}\"", texts.len(), field.name));
            }
            FieldValue::Texts(_) | FieldValue::Host(HostValue::RedirectUris) => true,
            FieldValue::Text(_)
            | FieldValue::Integer(_)
            | FieldValue::Boolean(_)
            | FieldValue::Secret(_)
            | FieldValue::Host(HostValue::RedirectUri | HostValue::Scopes) => false,
        };
        if is_list && is_form {
            return no(format!(
                "a list in \"{}\", which only a JSON body can hold",
                field.name
            ));
        }
        if fields
            .iter()
            .skip(at + 1)
            .any(|other| other.name == field.name)
        {
            return no(format!("the field \"{}\" twice", field.name));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use vestibule_core::step::GrantType;

    use crate::steps::testing::{
        Case, SECRET, authorize, call, field, granted, register, sign_in, texted,
    };

    use super::*;

    #[test]
    fn lists_stand_in_json_only_and_nothing_comes_twice() {
        let case = Case::oidc(sign_in());
        let list = || FieldValue::Texts(vec!["x".to_owned()]);
        let with = |fields: Vec<Field>| {
            vec![
                authorize(),
                granted(GrantType::AuthorizationCode(SECRET), &[], fields),
            ]
        };
        case.denies("fields", with(vec![field("a", list())]));
        case.denies(
            "fields",
            with(vec![field("a", FieldValue::Host(HostValue::RedirectUris))]),
        );
        let center = Case::identity_center(sign_in());
        center.allows(vec![register(vec![field("a", list())])]);
        center.denies(
            "fields",
            vec![register(vec![texted("a", "x"), texted("a", "y")])],
        );
    }

    #[test]
    fn fields_texts_and_parameters_are_at_most_so_many() {
        let center = Case::identity_center(sign_in());
        let fields = |count| (0..count).map(|n| texted(&format!("f{n}"), "x")).collect();
        center.allows(vec![register(fields(DESCRIPTION_ENTRIES))]);
        center.denies("fields", vec![register(fields(DESCRIPTION_ENTRIES + 1))]);

        let texts = |count| field("a", FieldValue::Texts(vec![String::new(); count]));
        center.allows(vec![register(vec![texts(DESCRIPTION_ENTRIES)])]);
        center.denies(
            "fields",
            vec![register(vec![texts(DESCRIPTION_ENTRIES + 1)])],
        );

        let names: Vec<_> = (0..=DESCRIPTION_ENTRIES).map(|n| format!("f{n}")).collect();
        let query: Vec<_> = names.iter().map(|name| (name.as_str(), "x")).collect();
        let called = |query| vec![call("accounts", Some(SECRET), query, Vec::new())];
        center.allows(called(&query[1..]));
        center.denies("fields", called(&query));
    }
}
