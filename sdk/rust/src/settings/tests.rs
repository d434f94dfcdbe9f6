use super::*;
use crate::wit::Setting;

crate::settings! {
    /// Some provider.
    #[derive(Debug, PartialEq)]
    struct Config {
        /// The issuer identifier.
        /// In two lines.
        issuer: Issuer,
        /// How the client authenticates.
        method: ClientAuthenticationMethod = "none",
        /// More hosts.
        hosts: Option<Vec<String>>,
        /// The client secret.
        client_secret: OptionalSecret,
    }
}

fn given(settings: &[(&str, SettingValue)]) -> Result<Config, Vec<SettingProblem>> {
    let setting = |(name, value): &(&str, SettingValue)| Setting {
        name: (*name).to_owned(),
        value: value.clone(),
    };
    read(&settings.iter().map(setting).collect::<Vec<_>>())
}

fn text(text: &str) -> SettingValue {
    SettingValue::Text(text.to_owned())
}

#[test]
fn one_definition_gives_the_schema() {
    let schema = Config::schema();
    let names: Vec<_> = schema.iter().map(|field| field.name.as_str()).collect();
    assert_eq!(names, ["issuer", "method", "hosts", "client_secret"]);
    assert_eq!(schema[0].summary, "The issuer identifier. In two lines.");
    assert_eq!(
        (&schema[0].kind, &schema[0].presence),
        (&SettingKind::Issuer, &SettingPresence::Required)
    );
    assert_eq!(
        schema[1].presence,
        SettingPresence::DefaultsTo(text("none"))
    );
    assert_eq!(
        (&schema[2].kind, &schema[2].presence),
        (&SettingKind::Texts, &SettingPresence::Optional)
    );
    assert_eq!(
        (&schema[3].kind, &schema[3].presence),
        (&SettingKind::Secret, &SettingPresence::Optional)
    );
}

#[test]
fn settings_are_read_into_the_struct() {
    let config = given(&[
        ("issuer", text("https://idp.example")),
        ("method", text("client_secret_post")),
    ])
    .unwrap();
    assert_eq!(String::from(&config.issuer), "https://idp.example");
    assert_eq!(config.method, ClientAuthenticationMethod::ClientSecretPost);
    assert_eq!(config.hosts, None);
    assert_eq!(config.client_secret.as_ref(), "client_secret");
}

#[test]
fn every_problem_is_named_at_once() {
    let problems = given(&[
        ("method", text("telepathy")),
        ("hosts", SettingValue::Boolean(true)),
    ])
    .unwrap_err();
    let lines: Vec<_> = problems
        .iter()
        .map(|problem| format!("{} {}", problem.name, problem.message))
        .collect();
    assert_eq!(
        lines,
        [
            "issuer is required",
            "method is no client authentication method",
            "hosts must be a list of texts"
        ]
    );
}

#[test]
fn the_value_of_a_secret_is_refused() {
    let settings = [
        ("issuer", text("https://idp.example")),
        ("method", text("none")),
        ("client_secret", text("hunter2")),
    ];
    let problems = given(&settings).unwrap_err();
    assert_eq!(problems[0].name, "client_secret");
    assert!(!problems[0].message.contains("hunter2"));
}

#[test]
fn a_path_is_appended_to_a_url_with_one_slash() {
    for base in ["https://idp.example/oidc", "https://idp.example/oidc/"] {
        assert_eq!(
            Url::new(base).at("/token"),
            "https://idp.example/oidc/token"
        );
    }
}
