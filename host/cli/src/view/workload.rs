//! Where a workload's assertions come from, and where they go, in words.

use vestibule_core::Shown;
use vestibule_core::approval::Permissions;
use vestibule_core::description::EndpointClass;
use vestibule_core::tenant::Workload;
use vestibule_core::tenant::workload::{Aws, Azure, From, Source};

use crate::view::wrap;

/// A heading, and a few lines for each source. Nothing if there is none.
#[must_use]
pub fn lines(workload: &Workload, permissions: &Permissions) -> Vec<String> {
    if workload.sources.is_empty() {
        return Vec::new();
    }
    let goes = destinations(permissions);
    let mut lines = vec![String::new(), "Assertions of the workload:".to_owned()];
    for (name, source) in &workload.sources {
        let text = format!(
            "an assertion of source {name} ({}, audience {}) goes to {goes}",
            source.from.title(),
            source.audience
        );
        lines.extend(wrap(&text, 2));
        lines.extend(wrap(&format!("it is read from {}", place(source)), 4));
    }
    lines
}

/// The origins of the token endpoints, which alone get assertions.
fn destinations(permissions: &Permissions) -> String {
    let mut origins: Vec<String> = Vec::new();
    for endpoint in permissions.endpoints.values() {
        if endpoint.class == EndpointClass::Token
            && let Ok(url) = endpoint.url()
        {
            let origin = url.origin().to_string();
            if !origins.contains(&origin) {
                origins.push(origin);
            }
        }
    }
    if origins.is_empty() {
        "nobody: there is no token endpoint".to_owned()
    } else {
        origins.join(", ")
    }
}

fn place(source: &Source) -> String {
    let file = |directory: &str, file: &str| {
        format!(
            "the file {} in {}",
            Shown::whole(file),
            Shown::whole(directory)
        )
    };
    let pointed = |variable: &str, directory: &str| {
        format!(
            "the file that {variable} names, in {}",
            Shown::whole(directory)
        )
    };
    let what = match &source.from {
        From::GithubActions { .. } => "the service that GitHub names to the job".to_owned(),
        From::GitlabCi { variable } | From::Variable { variable } => {
            format!("the variable {variable}")
        }
        From::Kubernetes(at) | From::Spiffe(at) | From::File(at) => {
            file(at.directory.as_str(), at.file.as_str())
        }
        From::Aws(Aws::Eks { directory }) => {
            pointed("AWS_WEB_IDENTITY_TOKEN_FILE", directory.as_str())
        }
        From::Azure(Azure::Aks { directory }) => {
            pointed("AZURE_FEDERATED_TOKEN_FILE", directory.as_str())
        }
        From::Aws(Aws::Sts { region, .. }) => {
            format!("STS in {region}, with the keys of the instance's role")
        }
        From::Gcp {
            service_account, ..
        } => format!(
            "the metadata server, for the service account {}",
            service_account.as_deref().unwrap_or("default")
        ),
        From::Azure(Azure::VirtualMachine { .. }) => "the instance metadata service".to_owned(),
        From::Azure(Azure::AppService { .. }) => {
            "the service that IDENTITY_ENDPOINT names".to_owned()
        }
    };
    match source.from.endpoint() {
        Some(endpoint) => format!("{what}, at {}", endpoint.origin()),
        None => what,
    }
}

#[cfg(test)]
mod tests {
    use vestibule_core::TenantName;
    use vestibule_core::tenant::Tenant;

    use super::*;

    fn permissions() -> Permissions {
        let dialect = serde_json::json!({ "encoding": "form", "renames": [], "scope_form": { "joined": " " }, "error_code": "/error",
            "error_description": "/error_description", "outcomes": [] });
        let endpoint = |class: &str, url: &str| serde_json::json!({ "class": class, "url": url, "method": "POST", "token_header": null, "dialect": dialect });
        serde_json::from_value(serde_json::json!({
            "issuer": "https://idp.example", "discovered": true,
            "client": { "configured": { "client_id": "cli", "authentication": "none" } },
            "methods": ["workload"], "scopes": [],
            "endpoints": {
                "token": endpoint("token", "https://tokens.example/token"),
                "userinfo": endpoint("userinfo", "https://users.example/me"),
            },
            "supplied": [], "jwks_uri": null, "readable": [], "secrets": [], "identity": "oidc", "derivation": [], "hosts": [],
        }))
        .unwrap()
    }

    fn shown(table: &str) -> String {
        let text = format!(
            "plugin = \"oidc\"\n[workload.sources.ci]\naudience = \"https://idp.example\"\n{table}\n"
        );
        let tenant = Tenant::parse(&TenantName::parse("t").unwrap(), &text).unwrap();
        let lines = lines(&tenant.workload, &permissions());
        let words: Vec<&str> = lines.iter().map(|line| line.trim()).collect();
        words.join(" ")
    }

    #[test]
    fn an_assertion_is_shown_with_its_source_its_audience_and_where_it_goes() {
        let shown = shown("from = \"github_actions\"");
        assert!(
            shown.contains("an assertion of source ci (GitHub Actions, audience https://idp.example) goes to https://tokens.example"),
            "{shown}"
        );
        assert!(!shown.contains("users.example"), "{shown}");
    }

    #[test]
    fn where_it_is_read_is_shown_to_its_end() {
        for (table, words) in [
            ("from = \"gitlab_ci\"\nvariable = \"T\"", "the variable T"),
            (
                "from = \"kubernetes\"\ndirectory = \"/run/t\"\nfile = \"token\"",
                "the file token in /run/t",
            ),
            (
                "from = \"aws\"\nservice = \"eks\"",
                "names, in /var/run/secrets/eks.amazonaws.com/serviceaccount",
            ),
            (
                "from = \"aws\"\nservice = \"sts\"\nregion = \"eu-west-1\"",
                "STS in eu-west-1",
            ),
            (
                "from = \"gcp\"\nendpoint = \"https://m.example\"",
                "the service account default, at https://m.example",
            ),
            (
                "from = \"azure\"\nservice = \"app_service\"",
                "that IDENTITY_ENDPOINT names",
            ),
        ] {
            let shown = shown(table);
            assert!(shown.contains(words), "{table}: {shown}");
        }
    }

    #[test]
    fn a_tenant_without_sources_has_no_such_heading() {
        assert!(lines(&Workload::default(), &permissions()).is_empty());
    }
}
