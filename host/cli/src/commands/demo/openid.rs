//! The first part: a conforming OpenID provider, from the tenant file to the dead token.

use vestibule_app::TokenQuery;
use vestibule_app::broker::release::Released;
use vestibule_core::{Error, Result, Shown};
use vestibule_rehearsal::{Rehearsal, Script};

use super::api;
use super::stage::{Stage, tenant};

const BEARER: &str = "Authorization: Bearer ";

pub(super) async fn play(stage: &Stage) -> Result<()> {
    let narrator = &stage.narrator;
    let name = tenant("practice")?;
    narrator.title("Part 1 of 2: a provider that conforms to OpenID Connect");
    let provider = Rehearsal::start(Script::honest().any_redirect_path())
        .await
        .map_err(no_provider)?;
    narrator.act(
        "IdP",
        &format!("a practice provider listens at {}", provider.issuer()),
    );

    narrator.scene("Install the plugin, add a tenant, approve");
    stage.install("oidc")?;
    stage
        .approve(&name, &tenant_file(&provider.issuer()))
        .await?;

    narrator.scene("vestibule login practice");
    stage.sign_in(&name).await?;

    narrator.scene("vestibule token practice, and an API call");
    narrator.text("The token is good as it lies there: no plugin runs, nobody is asked.");
    let token = stage.vestibule.token(&name, &TokenQuery::default()).await?;
    call(stage, &provider, &token, 200).await?;

    narrator.scene("vestibule token practice --refresh");
    let renewed = stage
        .vestibule
        .token(
            &name,
            &TokenQuery {
                refresh: true,
                ..TokenQuery::default()
            },
        )
        .await?;
    call(stage, &provider, &renewed, 200).await?;

    narrator.scene("vestibule logout practice");
    stage.sign_out(&name).await?;
    narrator.text("Somebody who has kept a copy of the token tries it again:");
    call(stage, &provider, &renewed, 401).await?;
    reckon(stage, &provider)?;
    provider.stop().await;
    Ok(())
}

fn tenant_file(issuer: &str) -> String {
    format!(
        "plugin = \"oidc\"\n\n[settings]\nissuer = \"{issuer}\"\nclient_id = \"{}\"\n\n[network]\nallow_loopback_http = true\n",
        Script::CLIENT_ID
    )
}

async fn call(stage: &Stage, provider: &Rehearsal, token: &Released, expected: u16) -> Result<()> {
    let url = provider.api_url();
    stage.narrator.act("you", &format!("GET {url}"));
    let answer = api::call(&url, BEARER, token).await?;
    stage.narrator.act(
        "API",
        &format!("answers {}{}", answer.status, greeting(&answer.body)),
    );
    expect(answer.status, expected)
}

/// What the API says to a person.
fn greeting(body: &str) -> String {
    let answer: Option<serde_json::Value> = serde_json::from_str(body).ok();
    let message = answer
        .as_ref()
        .and_then(|answer| answer.get("message")?.as_str());
    message.map_or_else(String::new, |message| {
        format!(": \"{}\"", Shown::new(message))
    })
}

/// The demonstration claims nothing that has not happened.
pub(super) fn expect(status: u16, expected: u16) -> Result<()> {
    if status == expected {
        return Ok(());
    }
    Err(Error::provider(
        "demo.api",
        format!("the practice API answered {status}, and {expected} was expected"),
    ))
}

/// Holds every secret of the provider against every value that the plugin saw.
pub(super) fn reckon(stage: &Stage, provider: &Rehearsal) -> Result<()> {
    let secrets = provider.secrets();
    let (values, leaked) = stage.narrator.compare(&secrets);
    stage.narrator.text(&format!(
        "The provider has issued or received {} secrets so far. The plugins have seen {values} values; {leaked} of the secrets are in them.",
        secrets.len()
    ));
    if leaked == 0 {
        Ok(())
    } else {
        Err(Error::host(
            "demo.leak",
            "a secret has entered a plugin; please report this",
        ))
    }
}

pub(super) fn no_provider(problem: std::io::Error) -> Error {
    Error::host(
        "demo.provider",
        format!("the practice provider does not start: {problem}"),
    )
}
