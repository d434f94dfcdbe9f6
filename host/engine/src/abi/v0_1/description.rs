//! What a plugin says of itself, parsed on its way out.

use std::fmt::Display;

use vestibule_core::description::{
    Client, ClientAuthentication, Column, DeclaredCell, DeclaredPlacement, Description, Dialect,
    Encoding, Endpoint, EndpointClass, HttpMethod, IdentitySource, Outcome, OutcomeRule, Parameter,
    Profile, Readable, ScalarKind, ScopeForm, SecretDeclaration, Server, Shape,
};
use vestibule_core::name::NameProblem;
use vestibule_core::record::Method;
use vestibule_core::{
    Error, Issuer, PluginName, Pointer, ProviderUrl, Result, RoleName, SecretKind, SecretName,
    Shown,
};

use super::setting::{field_from_wit, name_from_wit, problem_from_wit};
use super::step::{member_name, scope, time_unit};
use super::{each, wit};

pub(crate) fn from_wit(description: wit::Description) -> Result<Description> {
    Ok(Description {
        name: PluginName::parse(&description.name).map_err(NameProblem::by_plugin)?,
        version: description.version,
        summary: description.summary,
        settings: each(description.settings, field_from_wit)?,
        profile: match description.profile {
            Ok(described) => Ok(profile(described)?),
            Err(problems) => Err(problems.into_iter().map(problem_from_wit).collect()),
        },
    })
}

fn profile(profile: wit::Profile) -> Result<Profile> {
    Ok(Profile {
        server: match profile.server {
            wit::Server::Discovered(text) => Server::Discovered(issuer(&text)?),
            wit::Server::Fixed(text) => Server::Fixed(issuer(&text)?),
        },
        client: client(profile.client)?,
        methods: methods(profile.methods),
        scopes: each(profile.scopes, scope)?,
        endpoints: each(profile.endpoints, endpoint)?,
        readable: each(profile.readable, readable)?,
        secrets: each(profile.secrets, secret)?,
        identity: match profile.identity {
            wit::Identity::Oidc => IdentitySource::Oidc,
            wit::Identity::Account((of, at)) => IdentitySource::Account {
                role: role(&of)?,
                pointer: pointer(&at)?,
            },
            wit::Identity::Unknown => IdentitySource::Unknown,
        },
        derivation: each(profile.derivation, |parameter| {
            Ok(Parameter {
                name: name_from_wit(&parameter.name)?,
                summary: parameter.summary,
            })
        })?,
        hosts: profile.hosts,
    })
}

fn client(client: wit::Client) -> Result<Client> {
    Ok(match client {
        wit::Client::Configured(configured) => Client::Configured {
            client_id: configured.client_id,
            authentication: match configured.authentication {
                wit::ClientAuthentication::None => ClientAuthentication::None,
                wit::ClientAuthentication::ClientSecretBasic(setting) => {
                    ClientAuthentication::ClientSecretBasic(name_from_wit(&setting)?)
                }
                wit::ClientAuthentication::ClientSecretPost(setting) => {
                    ClientAuthentication::ClientSecretPost(name_from_wit(&setting)?)
                }
                wit::ClientAuthentication::PrivateKeyJwt(setting) => {
                    ClientAuthentication::PrivateKeyJwt(name_from_wit(&setting)?)
                }
            },
        },
        wit::Client::Registered(registered) => Client::Registered {
            client_id: pointer(&registered.client_id)?,
            client_secret: registered
                .client_secret
                .map(|name| secret_name(&name))
                .transpose()?,
            expires_at: registered
                .expires_at
                .map(|(at, unit)| Ok::<_, Error>((pointer(&at)?, time_unit(unit))))
                .transpose()?,
        },
    })
}

fn methods(methods: wit::Methods) -> Vec<Method> {
    [
        (wit::Methods::BROWSER, Method::Browser),
        (wit::Methods::DEVICE, Method::Device),
        (wit::Methods::WORKLOAD, Method::Workload),
    ]
    .into_iter()
    .filter(|(flag, _)| methods.contains(*flag))
    .map(|(_, method)| method)
    .collect()
}

fn endpoint(endpoint: wit::Endpoint) -> Result<Endpoint> {
    Ok(Endpoint {
        role: role(&endpoint.role)?,
        class: match endpoint.class {
            wit::EndpointClass::Authorization => EndpointClass::Authorization,
            wit::EndpointClass::Token => EndpointClass::Token,
            wit::EndpointClass::Device => EndpointClass::Device,
            wit::EndpointClass::Registration => EndpointClass::Registration,
            wit::EndpointClass::Revocation => EndpointClass::Revocation,
            wit::EndpointClass::Introspection => EndpointClass::Introspection,
            wit::EndpointClass::Userinfo => EndpointClass::Userinfo,
            wit::EndpointClass::Resource => EndpointClass::Resource,
            wit::EndpointClass::Public => EndpointClass::Public,
        },
        url: endpoint
            .url
            .map(|text| ProviderUrl::parse(&text).map_err(|problem| bad_url(&text, problem)))
            .transpose()?,
        method: match endpoint.method {
            wit::HttpMethod::Get => HttpMethod::Get,
            wit::HttpMethod::Post => HttpMethod::Post,
            wit::HttpMethod::Delete => HttpMethod::Delete,
        },
        token_header: endpoint.token_header,
        dialect: dialect(endpoint.dialect)?,
    })
}

fn dialect(dialect: wit::Dialect) -> Result<Dialect> {
    Ok(Dialect {
        encoding: match dialect.encoding {
            wit::Encoding::Form => Encoding::Form,
            wit::Encoding::Json => Encoding::Json,
        },
        renames: each(dialect.renames, |(standard, own)| {
            Ok((member_name(&standard)?, member_name(&own)?))
        })?,
        scope_form: match dialect.scope_form {
            wit::ScopeForm::Joined(separator) => ScopeForm::Joined(one_character(&separator)?),
            wit::ScopeForm::Listed => ScopeForm::Listed,
        },
        error_code: pointer(&dialect.error_code)?,
        error_description: pointer(&dialect.error_description)?,
        outcomes: dialect.outcomes.into_iter().map(outcome).collect(),
    })
}

fn outcome(rule: wit::OutcomeRule) -> OutcomeRule {
    OutcomeRule {
        status: rule.status,
        code: rule.code,
        description: rule.description,
        outcome: match rule.outcome {
            wit::Outcome::Pending => Outcome::Pending,
            wit::Outcome::SlowDown => Outcome::SlowDown,
            wit::Outcome::Denied => Outcome::Denied,
            wit::Outcome::Expired => Outcome::Expired,
            wit::Outcome::InvalidGrant => Outcome::InvalidGrant,
            wit::Outcome::Other => Outcome::Other,
        },
    }
}

fn readable(readable: wit::Readable) -> Result<Readable> {
    Ok(Readable {
        role: role(&readable.role)?,
        pointer: pointer(&readable.pointer)?,
        shape: match readable.shape {
            wit::Shape::One(kind) => Shape::One(scalar_kind(kind)),
            wit::Shape::Rows(columns) => Shape::Rows(each(columns, |column| {
                Ok(Column {
                    pointer: pointer(&column.pointer)?,
                    kind: scalar_kind(column.kind),
                })
            })?),
        },
    })
}

fn scalar_kind(kind: wit::ScalarKind) -> ScalarKind {
    match kind {
        wit::ScalarKind::Boolean => ScalarKind::Boolean,
        wit::ScalarKind::Integer => ScalarKind::Integer,
        wit::ScalarKind::OneOf(texts) => ScalarKind::OneOf(texts),
        wit::ScalarKind::Text((pattern, max_chars)) => ScalarKind::Text { pattern, max_chars },
    }
}

fn secret(secret: wit::SecretDeclaration) -> Result<SecretDeclaration> {
    Ok(SecretDeclaration {
        name: secret_name(&secret.name)?,
        kind: match secret.kind {
            wit::SecretKind::ClientSecret => SecretKind::ClientSecret,
            wit::SecretKind::CloudKey => SecretKind::CloudKey,
            wit::SecretKind::Opaque => SecretKind::Opaque,
        },
        born_role: role(&secret.born_role)?,
        born_pointer: pointer(&secret.born_pointer)?,
        goes: each(secret.goes, |cell| {
            Ok(DeclaredCell {
                role: role(&cell.role)?,
                placement: match cell.placement {
                    wit::Placement::Authorization => DeclaredPlacement::Authorization,
                    wit::Placement::Member(name) => DeclaredPlacement::Member(member_name(&name)?),
                    wit::Placement::ClientAuthentication => DeclaredPlacement::ClientAuthentication,
                },
            })
        })?,
    })
}

fn role(text: &str) -> Result<RoleName> {
    RoleName::parse(text).map_err(NameProblem::by_plugin)
}

fn pointer(text: &str) -> Result<Pointer> {
    Pointer::parse(text).map_err(NameProblem::by_plugin)
}

fn secret_name(text: &str) -> Result<SecretName> {
    SecretName::parse(text).map_err(NameProblem::by_plugin)
}

fn issuer(text: &str) -> Result<Issuer> {
    Issuer::parse(text).map_err(|problem| bad_url(text, problem))
}

fn bad_url(text: &str, problem: impl Display) -> Error {
    Error::plugin(
        "plugin.url",
        format!("the URL \"{}\" {problem}", Shown::new(text)),
    )
}

fn one_character(text: &str) -> Result<char> {
    let mut characters = text.chars();
    match (characters.next(), characters.next()) {
        (Some(character), None) => Ok(character),
        _ => Err(Error::plugin(
            "plugin.description",
            format!(
                "\"{}\" does not separate scopes: it is not one character",
                Shown::new(text)
            ),
        )),
    }
}
