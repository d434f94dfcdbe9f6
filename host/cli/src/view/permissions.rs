//! What a plugin may do, in words: shown at approval, and compared line by line with what was approved before.
//!
//! What is pinned is shown to its end: a host or a scope behind an ellipsis would be approved unseen.

use vestibule_core::approval::{Approval, Permissions, PinnedEndpoint};
use vestibule_core::description::{
    Client, ClientAuthentication, DeclaredPlacement, Encoding, IdentitySource, Outcome, Readable,
    ScalarKind, ScopeForm, SecretDeclaration, Shape,
};
use vestibule_core::matrix::token_placement;
use vestibule_core::{Origin, Shown};

use crate::view::table::aligned;
use crate::view::workload;

/// Everything that an approval pins.
#[must_use]
pub fn of_approval(approval: &Approval) -> Vec<String> {
    let mut lines = vec![
        format!("tenant    {}", approval.tenant),
        format!(
            "plugin    {} {}",
            approval.plugin,
            Shown::new(&approval.plugin_version)
        ),
        format!("    {}", approval.plugin_digest),
    ];
    if let Some(environment) = &approval.environment {
        lines.push(format!("for       {environment}"));
    }
    lines.extend(of(&approval.permissions));
    lines.extend(workload::lines(&approval.workload, &approval.permissions));
    lines
}

/// What a plugin may do.
#[must_use]
pub fn of(permissions: &Permissions) -> Vec<String> {
    let mut lines = facts(permissions);
    lines.extend(origins(permissions));
    section(
        &mut lines,
        "Endpoints",
        aligned(&endpoints(permissions), 2),
        "none",
    );
    section(
        &mut lines,
        "Departures from the standards",
        departures(permissions),
        "none",
    );
    section(
        &mut lines,
        "Members of replies that the plugin may read",
        aligned(&readable(permissions), 2),
        "none",
    );
    section(
        &mut lines,
        "Secrets of the provider's own",
        permissions
            .secrets
            .iter()
            .flat_map(|secret| declared(secret, permissions))
            .collect(),
        "none",
    );
    if !permissions.derivation.is_empty() {
        let rows: Vec<Vec<String>> = permissions
            .derivation
            .iter()
            .map(|parameter| {
                vec![
                    parameter.name.to_string(),
                    format!("\"{}\"", Shown::new(&parameter.summary)),
                ]
            })
            .collect();
        section(
            &mut lines,
            "Parameters of token --for",
            aligned(&rows, 2),
            "none",
        );
    }
    lines
}

fn section(lines: &mut Vec<String>, title: &str, content: Vec<String>, nothing: &str) {
    lines.push(String::new());
    if content.is_empty() {
        lines.push(format!("{title}: {nothing}"));
    } else {
        lines.push(format!("{title}:"));
        lines.extend(content);
    }
}

fn facts(permissions: &Permissions) -> Vec<String> {
    let methods: Vec<&str> = permissions
        .methods
        .iter()
        .map(|method| method.as_str())
        .collect();
    let scopes: Vec<&str> = permissions
        .scopes
        .iter()
        .map(vestibule_core::Scope::as_str)
        .collect();
    let scopes = if scopes.is_empty() {
        "none".to_owned()
    } else {
        scopes.join(" ")
    };
    let source = if permissions.discovered {
        "endpoints from its metadata"
    } else {
        "endpoints from the plugin"
    };
    let mut lines = vec![
        format!("issuer    {}", Shown::whole(&permissions.issuer)),
        format!("          {source}"),
        format!("client    {}", client(&permissions.client)),
        format!("methods   {}", methods.join(", ")),
    ];
    lines.extend(listed("scopes", &Shown::whole(&scopes).to_string()));
    lines.push(format!("identity  {}", identity(&permissions.identity)));
    if let Some(jwks) = &permissions.jwks_uri {
        lines.push(format!("keys      {}", Shown::whole(jwks)));
    }
    if !permissions.hosts.is_empty() {
        let hosts = Shown::whole(&permissions.hosts.join(", ")).to_string();
        lines.extend(listed("hosts", &format!("{hosts} besides the issuer's")));
    }
    lines
}

/// A fact that may take several lines, in one column.
fn listed(name: &str, words: &str) -> Vec<String> {
    let mut lines = crate::view::wrap(words, 10);
    if let Some(first) = lines.first_mut() {
        *first = format!("{name:<10}{}", first.trim_start());
    }
    lines
}

fn client(client: &Client) -> String {
    match client {
        Client::Configured {
            client_id,
            authentication,
        } => {
            let how = match authentication {
                ClientAuthentication::None => "public, without a secret".to_owned(),
                ClientAuthentication::ClientSecretBasic(setting) => {
                    format!("authenticates by Basic, with the setting {setting}")
                }
                ClientAuthentication::ClientSecretPost(setting) => {
                    format!("authenticates in the body, with the setting {setting}")
                }
                ClientAuthentication::PrivateKeyJwt(setting) => {
                    format!("signs its own assertions, with the key of the setting {setting}")
                }
            };
            format!("{}; {how}", Shown::whole(client_id))
        }
        Client::Registered {
            client_secret: Some(secret),
            ..
        } => format!("registers itself; gets the secret {secret}"),
        Client::Registered {
            client_secret: None,
            ..
        } => "registers itself; gets no secret".to_owned(),
    }
}

fn identity(identity: &IdentitySource) -> String {
    match identity {
        IdentitySource::Oidc => "the subject of a validated ID token".to_owned(),
        IdentitySource::Account { role, pointer } => {
            format!("{} in the reply of {role}", Shown::whole(pointer.as_str()))
        }
        IdentitySource::Unknown => "unknown: the provider does not say who signs in".to_owned(),
    }
}

/// The origins that receive secrets, apart from the rest.
fn origins(permissions: &Permissions) -> Vec<String> {
    let mut lines = Vec::new();
    // An endpoint that is no URL was refused before; a damaged file shows as what it is.
    let Ok(origins) = permissions.origins() else {
        return vec!["Origins: the approval is damaged".to_owned()];
    };
    let list = |origins: &[Origin]| origins.iter().map(|origin| format!("  {origin}")).collect();
    section(
        &mut lines,
        "Origins that receive secrets",
        list(&origins.with_secrets),
        "none",
    );
    section(
        &mut lines,
        "Origins that receive none",
        list(&origins.without_secrets),
        "none",
    );
    lines
}

/// One row for each endpoint, and another where there is more to say about it.
fn endpoints(permissions: &Permissions) -> Vec<Vec<String>> {
    let rows = |(role, endpoint): (&vestibule_core::RoleName, &PinnedEndpoint)| {
        let mut notes = Vec::new();
        if endpoint.class.as_str() != role.as_str() {
            notes.push(format!("class: {}", endpoint.class.as_str()));
        }
        if let Some(header) = &endpoint.token_header {
            notes.push(format!("token in {}", Shown::whole(header)));
        }
        if permissions.supplied.contains(role) {
            notes.push("supplied by the plugin".to_owned());
        }
        let mut rows = vec![vec![
            role.to_string(),
            endpoint.method.as_str().to_owned(),
            Shown::whole(&endpoint.url).to_string(),
        ]];
        if !notes.is_empty() {
            rows.push(vec![String::new(), String::new(), notes.join("; ")]);
        }
        rows
    };
    permissions.endpoints.iter().flat_map(rows).collect()
}

/// Dialects, one line for each thing that is not as the standards have it.
fn departures(permissions: &Permissions) -> Vec<String> {
    let mut lines = Vec::new();
    for (role, endpoint) in &permissions.endpoints {
        let dialect = &endpoint.dialect;
        let mut said = Vec::new();
        if dialect.encoding == Encoding::Json {
            said.push("JSON bodies".to_owned());
        }
        match dialect.scope_form {
            ScopeForm::Joined(' ') => {}
            ScopeForm::Joined(separator) => said.push(format!("scopes joined by {separator:?}")),
            ScopeForm::Listed => said.push("scopes as a list".to_owned()),
        }
        said.extend(
            dialect
                .renames
                .iter()
                .map(|(from, to)| format!("{from} is {to}")),
        );
        if dialect.error_code.as_str() != "/error" {
            said.push(format!(
                "errors in {}",
                Shown::whole(dialect.error_code.as_str())
            ));
        }
        said.extend(dialect.outcomes.iter().map(|rule| {
            let status = rule
                .status
                .map_or_else(|| "any".to_owned(), |status| status.to_string());
            let code = rule
                .code
                .as_deref()
                .map_or_else(String::new, |code| format!(" \"{}\"", Shown::whole(code)));
            format!("{status}{code} means {}", outcome(rule.outcome))
        }));
        if !said.is_empty() {
            let text = format!("{role}: {}", said.join("; "));
            lines.extend(crate::view::wrap(&text, 2));
        }
    }
    lines
}

fn outcome(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Pending => "pending",
        Outcome::SlowDown => "slow down",
        Outcome::Denied => "denied",
        Outcome::Expired => "expired",
        Outcome::InvalidGrant => "invalid grant",
        Outcome::Other => "another error",
    }
}

/// One row for each member; a list is followed by what is read of each of its objects.
fn readable(permissions: &Permissions) -> Vec<Vec<String>> {
    let row = |role: &str, pointer: &str, what: String| {
        vec![role.to_owned(), Shown::whole(pointer).to_string(), what]
    };
    let rows = |readable: &Readable| {
        let (role, pointer) = (readable.role.as_str(), readable.pointer.as_str());
        match &readable.shape {
            Shape::One(kind) => vec![row(role, pointer, scalar(kind))],
            Shape::Rows(columns) => {
                let of_each = columns.iter().map(|column| {
                    row(
                        "",
                        &format!("  {}", column.pointer.as_str()),
                        scalar(&column.kind),
                    )
                });
                std::iter::once(row(role, pointer, "a list, and of each entry".to_owned()))
                    .chain(of_each)
                    .collect()
            }
        }
    };
    permissions.readable.iter().flat_map(rows).collect()
}

fn scalar(kind: &ScalarKind) -> String {
    match kind {
        ScalarKind::Boolean => "true or false".to_owned(),
        ScalarKind::Integer => "a whole number".to_owned(),
        ScalarKind::OneOf(values) => format!("one of {}", Shown::whole(&values.join(", "))),
        ScalarKind::Text { pattern, max_chars } => {
            format!("text like {}, at most {max_chars}", Shown::whole(pattern))
        }
    }
}

/// "X from A goes to B".
fn declared(secret: &SecretDeclaration, permissions: &Permissions) -> Vec<String> {
    let place = |placement: &DeclaredPlacement, endpoint: Option<&PinnedEndpoint>| match placement {
        DeclaredPlacement::Authorization => endpoint.map_or_else(
            || "Authorization header".to_owned(),
            |endpoint| token_placement(endpoint).to_string(),
        ),
        DeclaredPlacement::Member(name) => format!("body member {name}"),
        DeclaredPlacement::ClientAuthentication => "client authentication".to_owned(),
    };
    let cells: Vec<String> = secret
        .goes
        .iter()
        .map(|cell| {
            format!(
                "{} ({})",
                cell.role,
                place(&cell.placement, permissions.endpoints.get(&cell.role))
            )
        })
        .collect();
    let goes = if cells.is_empty() {
        "you, and nowhere else".to_owned()
    } else {
        cells.join(", ")
    };
    let text = format!(
        "{} ({}) from {} {} goes to {goes}",
        secret.name,
        secret.kind.as_str().replace('_', " "),
        secret.born_role,
        Shown::whole(secret.born_pointer.as_str())
    );
    crate::view::wrap(&text, 2)
}
