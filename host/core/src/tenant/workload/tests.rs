use crate::error::Result;
use crate::name::TenantName;
use crate::tenant::Tenant;

use super::*;

fn parse(table: &str) -> Result<Tenant> {
    let text = format!("plugin = \"oidc\"\n[workload.sources.ci]\n{table}");
    Tenant::parse(&TenantName::parse("t").unwrap(), &text)
}

fn source(table: &str) -> Source {
    parse(table).unwrap().workload.sources["ci"].clone()
}

/// The line that an error points at, and its message.
fn refused(table: &str) -> (usize, String) {
    let error = parse(table).unwrap_err();
    assert_eq!(error.code(), "tenant.syntax");
    let message = error.message().to_owned();
    let (_, rest) = message.split_once("line ").unwrap();
    let line = rest.split(':').next().unwrap().parse().unwrap();
    (line, message)
}

const AUDIENCE: &str = "audience = \"https://idp.example\"\n";

#[test]
fn each_kind_of_source_has_its_own_keys() {
    for table in [
        "from = \"github_actions\"",
        "from = \"github_actions\"\nendpoint = \"https://github.corp.example\"",
        "from = \"gitlab_ci\"\nvariable = \"VAULT_ID_TOKEN\"",
        "from = \"kubernetes\"\ndirectory = \"/var/run/secrets/tokens\"\nfile = \"token\"",
        "from = \"spiffe\"\ndirectory = \"/run/spire/jwt\"\nfile = \"svid.jwt\"",
        "from = \"aws\"\nservice = \"eks\"",
        "from = \"aws\"\nservice = \"eks\"\ndirectory = \"/run/tokens\"",
        "from = \"aws\"\nservice = \"sts\"\nregion = \"eu-central-1\"",
        "from = \"aws\"\nservice = \"sts\"\nregion = \"eu-central-1\"\nalgorithm = \"ES384\"",
        "from = \"gcp\"",
        "from = \"gcp\"\nservice_account = \"ci@project.iam.gserviceaccount.com\"\nendpoint = \"http://127.0.0.1:1\"",
        "from = \"azure\"\nservice = \"virtual_machine\"",
        "from = \"azure\"\nservice = \"virtual_machine\"\nresource = \"api://AzureADTokenExchange\"\nclient_id = \"1-2\"",
        "from = \"azure\"\nservice = \"app_service\"",
        "from = \"azure\"\nservice = \"aks\"",
        "from = \"file\"\ndirectory = \"/etc/ci\"\nfile = \"token\"",
        "from = \"variable\"\nvariable = \"CI_TOKEN\"",
    ] {
        let source = source(&format!("{AUDIENCE}{table}\n"));
        assert_eq!(source.audience.as_str(), "https://idp.example", "{table}");
        let is_federation = !table.contains("\"file\"") && !table.contains("\"variable\"");
        assert_eq!(source.from.is_federation(), is_federation, "{table}");
    }
}

#[test]
fn what_was_read_is_written_as_it_was() {
    let table =
        "from = \"kubernetes\"\naudience = \"a\"\ndirectory = \"/run/t/\"\nfile = \"token\"\n";
    let tenant = parse(table).unwrap();
    let written = serde_json::to_value(&tenant).unwrap();
    assert_eq!(
        written["workload"]["sources"]["ci"],
        serde_json::json!({"from": "kubernetes", "audience": "a", "directory": "/run/t", "file": "token"})
    );
    let read: Tenant = serde_json::from_value(written).unwrap();
    assert_eq!(read, tenant);
    let none = Tenant::parse(&TenantName::parse("t").unwrap(), "plugin = \"oidc\"\n").unwrap();
    assert!(
        serde_json::to_value(&none)
            .unwrap()
            .get("workload")
            .is_none()
    );
}

#[test]
fn an_error_points_at_the_line_and_says_what_the_key_should_be() {
    for (table, line, words) in [
        (
            "audience = \"a\"\n",
            3,
            "no key \"from\", which is one of github_actions",
        ),
        (
            "audience = \"a\"\nfrom = \"jenkins\"\n",
            4,
            "\"jenkins\" is not one of github_actions",
        ),
        (
            "from = \"github_actions\"\n",
            3,
            "needs the key \"audience\"",
        ),
        (
            "from = \"gcp\"\naudience = \"\"\n",
            4,
            "audience must be 1 to",
        ),
        (
            "from = \"gcp\"\naudience = \"a b\"\n",
            4,
            "audience must be 1 to",
        ),
        (
            "audience = \"a\"\nfrom = \"gitlab_ci\"\n",
            4,
            "needs the key \"variable\"",
        ),
        (
            "from = \"gitlab_ci\"\naudience = \"a\"\nvariable = \"A-B\"\n",
            5,
            "variable must be the name",
        ),
        (
            "from = \"file\"\naudience = \"a\"\ndirectory = \"/t\"\n",
            3,
            "needs the key \"file\"",
        ),
        (
            "from = \"file\"\naudience = \"a\"\ndirectory = \"t\"\nfile = \"x\"\n",
            5,
            "directory must be an absolute path",
        ),
        (
            "from = \"file\"\naudience = \"a\"\ndirectory = \"/t/../etc\"\nfile = \"x\"\n",
            5,
            "directory must be an absolute path",
        ),
        (
            "from = \"file\"\naudience = \"a\"\ndirectory = \"/\"\nfile = \"x\"\n",
            5,
            "directory must be an absolute path",
        ),
        (
            "from = \"file\"\naudience = \"a\"\ndirectory = \"/t\"\nfile = \"../x\"\n",
            6,
            "file must be the name of a file",
        ),
        (
            "from = \"file\"\naudience = \"a\"\ndirectory = \"/t\"\nfile = \"..\"\n",
            6,
            "file must be the name of a file",
        ),
        (
            "from = \"aws\"\naudience = \"a\"\n",
            3,
            "needs the key \"service\"",
        ),
        (
            "from = \"aws\"\naudience = \"a\"\nservice = \"imds\"\n",
            5,
            "service is not one of eks, sts",
        ),
        (
            "from = \"aws\"\naudience = \"a\"\nservice = \"sts\"\nregion = \"evil.example/\"\n",
            6,
            "region must be",
        ),
        (
            "from = \"aws\"\naudience = \"a\"\nservice = \"sts\"\nregion = \"eu-west-1\"\nalgorithm = \"none\"\n",
            7,
            "algorithm is not one of RS256, ES384",
        ),
        (
            "from = \"gcp\"\naudience = \"a\"\nservice_account = \"../../token\"\n",
            5,
            "service_account must be",
        ),
        (
            "from = \"gcp\"\naudience = \"a\"\nendpoint = \"http://169.254.169.254\"\n",
            5,
            "endpoint is neither https",
        ),
        (
            "from = \"gcp\"\naudience = \"a\"\nendpoint = \"https://h/path\"\n",
            5,
            "endpoint must end after the host",
        ),
        (
            "from = \"kubernetes\"\naudience = \"a\"\nvariable = \"X\"\ndirectory = \"/t\"\nfile = \"x\"\n",
            5,
            "has no use for the key \"variable\"; its keys are from, audience, directory, file",
        ),
        (
            "from = \"gcp\"\naudience = \"a\"\nurl = \"x\"\n",
            5,
            "unknown field `url`",
        ),
    ] {
        let (at, message) = refused(table);
        assert_eq!(at, line, "{table}{message}");
        assert!(message.contains(words), "{table}{message}");
    }
}

#[test]
fn a_source_has_a_name_that_a_step_can_say() {
    let text = "plugin = \"oidc\"\n[workload.sources.\"../x\"]\nfrom = \"gcp\"\naudience = \"a\"\n";
    let error = Tenant::parse(&TenantName::parse("t").unwrap(), text).unwrap_err();
    assert!(error.message().contains("line 2"), "{error}");
}

#[test]
fn federation_is_found_among_the_rest() {
    let text = "plugin = \"oidc\"\n[workload.sources.a]\nfrom = \"variable\"\nvariable = \"X\"\naudience = \"a\"\n";
    let name = TenantName::parse("t").unwrap();
    let parse = |text: &str| Tenant::parse(&name, text).unwrap().workload;
    assert!(parse(text).federation().is_none());
    let both = format!("{text}[workload.sources.b]\nfrom = \"gcp\"\naudience = \"a\"\n");
    assert_eq!(parse(&both).federation().unwrap().0.as_str(), "b");
}
