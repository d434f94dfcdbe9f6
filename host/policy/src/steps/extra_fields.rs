//! Further fields (RFC 6749 section 8.2, RESP-08): a plugin adds what the standards do not know. Names of the standards, in whatever
//! spelling, and this provider's names for them are the host's.

use vestibule_core::MemberName;
use vestibule_core::approval::Permissions;
use vestibule_core::limits::DESCRIPTION_ENTRIES;
use vestibule_core::step::{Field, FieldValue, GrantType, HttpExchange, Step};

use vestibule_core::words::{folded, is_reserved_for_authorization, is_standard, names_a_secret};

use super::Refusal;
use super::flow::Flow;

pub(super) fn judge(flow: &Flow<'_>, step: &Step) -> Result<(), Refusal> {
    match step {
        Step::Authorize(request) => {
            for (name, _) in &request.extra {
                // Percent-encoding is no part of a name, so that nothing is left to decode.
                if MemberName::parse(name).is_err() {
                    return Err(reserved(step, name));
                }
            }
            let names: Vec<_> = request
                .extra
                .iter()
                .map(|(name, _)| name.as_str())
                .collect();
            let roles = ["authorization", "pushed_authorization_request"];
            check(
                flow.permissions,
                step,
                &roles,
                &names,
                is_reserved_for_authorization,
            )
        }
        Step::Device(request) => check_fields(
            flow.permissions,
            step,
            "device_authorization",
            &request.extra,
            is_the_hosts,
        ),
        Step::Request(request) => match &request.exchange {
            HttpExchange::Grant(grant) => {
                // An audience is typed where RFC 8693 has one. Elsewhere it is a vendor's.
                let reserved = match grant.grant_type {
                    GrantType::TokenExchange(_) => is_the_hosts,
                    GrantType::AuthorizationCode(_)
                    | GrantType::RefreshToken(_)
                    | GrantType::ClientCredentials
                    | GrantType::JwtBearer(_) => is_the_hosts_but_audience,
                };
                check_fields(
                    flow.permissions,
                    step,
                    request.role.as_str(),
                    &grant.extra,
                    reserved,
                )
            }
            HttpExchange::Registration(_)
            | HttpExchange::Revocation(_)
            | HttpExchange::Introspection(_)
            | HttpExchange::Userinfo(_)
            | HttpExchange::Call(_) => Ok(()),
        },
        Step::Discover
        | Step::SubjectToken(_)
        | Step::Choose(_)
        | Step::Finish(_)
        | Step::Fail(_) => Ok(()),
    }
}

fn is_the_hosts(name: &str) -> bool {
    is_standard(name) || names_a_secret(name) || folded(name).is_empty()
}

fn is_the_hosts_but_audience(name: &str) -> bool {
    folded(name) != "audience" && is_the_hosts(name)
}

fn check_fields(
    permissions: &Permissions,
    step: &Step,
    role: &str,
    fields: &[Field],
    reserved: fn(&str) -> bool,
) -> Result<(), Refusal> {
    // Secrets have typed places in these requests; the matrix has no cell for a further one.
    if let Some(field) = fields
        .iter()
        .find(|field| matches!(field.value, FieldValue::Secret(_)))
    {
        return Err(Refusal::plugin(format!(
            "the plugin puts a secret into the further field \"{}\" of {}",
            field.name,
            step.as_str()
        )));
    }
    let names: Vec<_> = fields.iter().map(|field| field.name.as_str()).collect();
    check(permissions, step, &[role], &names, reserved)
}

fn check(
    permissions: &Permissions,
    step: &Step,
    roles: &[&str],
    names: &[&str],
    is_taken: fn(&str) -> bool,
) -> Result<(), Refusal> {
    if names.len() > DESCRIPTION_ENTRIES {
        return Err(Refusal::plugin(format!(
            "the plugin adds {} fields to {}",
            names.len(),
            step.as_str()
        )));
    }
    for (at, name) in names.iter().enumerate() {
        let pinned = roles
            .iter()
            .filter_map(|role| permissions.endpoints.get(*role));
        let mut renames = pinned.flat_map(|endpoint| &endpoint.dialect.renames);
        if is_taken(name) || renames.any(|(_, to)| folded(to.as_str()) == folded(name)) {
            return Err(reserved(step, name));
        }
        if names
            .iter()
            .skip(at + 1)
            .any(|other| folded(other) == folded(name))
        {
            return Err(Refusal::plugin(format!(
                "the plugin adds the field \"{name}\" to {} twice",
                step.as_str()
            )));
        }
    }
    Ok(())
}

fn reserved(step: &Step, name: &str) -> Refusal {
    Refusal::plugin(format!(
        "the plugin adds the field \"{}\" to {}, which only the host sets",
        vestibule_core::Shown::new(name),
        step.as_str()
    ))
}

#[cfg(test)]
mod tests {
    use vestibule_core::description::{EndpointClass, HttpMethod};
    use vestibule_core::record::Method;
    use vestibule_core::step::Request;

    use crate::steps::testing::{
        Case, SECRET, authorization, authorize, device, exchange_for, field, granted, sign_in,
        texted, token_exchange,
    };
    use crate::testing::{approve, member, oidc};

    use super::*;

    // proves: RESP-08
    #[test]
    fn reserved_parameters_stay_the_hosts_in_every_disguise() {
        let mut profile = oidc();
        profile.endpoints.push(crate::testing::endpoint(
            "authorization",
            EndpointClass::Authorization,
            None,
        ));
        profile.endpoints[0].method = HttpMethod::Get;
        profile.endpoints[0].dialect.renames = vec![(member("scope"), member("permissions"))];
        let case = Case::new(approve(&profile).unwrap(), sign_in());
        for name in include_str!("../../../../tests/vectors/reserved-parameters.txt")
            .lines()
            .chain(["permissions"])
        {
            let encoded: String = name.bytes().map(|byte| format!("%{byte:02x}")).collect();
            for spelled in [
                name.to_owned(),
                name.to_uppercase(),
                name.replace('_', ""),
                name.replace('_', "-"),
                name.replace('_', "%5F"),
                encoded,
                format!("{name}[]"),
                format!(" {name}"),
            ] {
                case.denies(
                    "extra_fields",
                    vec![authorization(|r| r.extra = vec![(spelled, "x".to_owned())])],
                );
            }
        }
        for bad in ["", "-", "a b", "a=b", "a&b"] {
            case.denies(
                "extra_fields",
                vec![authorization(|r| {
                    r.extra = vec![(bad.to_owned(), "x".to_owned())]
                })],
            );
        }
        let twice = || {
            vec![
                ("hd".to_owned(), "x".to_owned()),
                ("HD".to_owned(), "y".to_owned()),
            ]
        };
        case.denies("extra_fields", vec![authorization(|r| r.extra = twice())]);
        let many = |count| {
            (0..count)
                .map(|n| (format!("f{n}"), String::new()))
                .collect()
        };
        case.allows(vec![authorization(|r| r.extra = many(DESCRIPTION_ENTRIES))]);
        let too_many = || many(DESCRIPTION_ENTRIES + 1);
        case.denies(
            "extra_fields",
            vec![authorization(|r| r.extra = too_many())],
        );
        case.allows(vec![authorization(|r| {
            r.extra = vec![("audience".to_owned(), "https://api.example".to_owned())]
        })]);
    }

    #[test]
    fn standard_fields_of_a_token_request_stay_the_hosts() {
        let center = Case::identity_center(sign_in()).registered();
        let with = |fields: Vec<Field>| {
            vec![
                authorize(),
                granted(GrantType::AuthorizationCode(SECRET), &[], fields),
            ]
        };
        for name in [
            "grant_type",
            "grantType",
            "GRANT-TYPE",
            "code",
            "redirect_uri",
            "redirectUri",
            "client_id",
            "clientId",
            "client_secret",
            "clientSecret",
            "code_verifier",
            "codeVerifier",
            "refresh_token",
            "scope",
            "resource",
            "assertion",
            "client_assertion",
            "username",
            "password",
            "subject_token",
            "device_code",
            "token",
            "__",
        ] {
            if vestibule_core::MemberName::parse(name).is_ok() {
                center.denies("extra_fields", with(vec![texted(name, "x")]));
                let by_device = Case::identity_center(sign_in())
                    .registered()
                    .by(Method::Device);
                by_device.denies("extra_fields", vec![device(vec![texted(name, "x")])]);
            }
        }
        center.denies(
            "extra_fields",
            with(vec![field("mine", FieldValue::Secret(SECRET))]),
        );
        center.denies(
            "extra_fields",
            with(vec![texted("a_b", "x"), texted("aB", "y")]),
        );
        center.allows(with(vec![
            texted("audience", "https://api.example"),
            texted("organization", "o"),
        ]));
        let exchange = Case::oidc(exchange_for(None));
        let mut step = token_exchange(None);
        if let Step::Request(Request {
            exchange: HttpExchange::Grant(grant),
            ..
        }) = &mut step
        {
            grant.extra = vec![texted("audience", "https://evil.example")];
        }
        exchange.denies("extra_fields", vec![step]);
    }
}
