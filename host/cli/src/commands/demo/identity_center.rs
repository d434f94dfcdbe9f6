//! The second part: a provider of the shape of AWS IAM Identity Center, whose sign-in serves many keys.

use vestibule_app::TokenQuery;
use vestibule_core::{Result, SettingName};
use vestibule_rehearsal::{ACCOUNTS, Rehearsal, Script};

use super::openid::{expect, no_provider, reckon};
use super::stage::{Stage, tenant};
use super::{api, audience};
use crate::values;

/// The header in which this provider takes its token.
const TOKEN_HEADER: &str = "x-amz-sso_bearer_token: ";

pub(super) async fn play(stage: &Stage) -> Result<()> {
    let narrator = &stage.narrator;
    let name = tenant("cloud")?;
    narrator.title("Part 2 of 2: a provider like no other");
    narrator.text(
        "The shape of AWS IAM Identity Center: JSON in camelCase, a client that registers itself, no ID token, the token in a header \
         of its own, and keys of a cloud account in the end. The host has not a line about it: all of this is in the plugin's description.",
    );
    let provider = Rehearsal::start_identity_center(Script::honest().any_redirect_path())
        .await
        .map_err(no_provider)?;
    narrator.act(
        "IdP",
        &format!("a practice provider listens at {}", provider.start_url()),
    );

    narrator.scene("Install the plugin, add a tenant, approve");
    stage.install("aws-identity-center")?;
    stage.approve(&name, &tenant_file(&provider)).await?;

    narrator.shorten();
    narrator.scene("vestibule login cloud");
    stage.sign_in(&name).await?;

    let derived_for = target()?;
    let words: Vec<String> = derived_for
        .iter()
        .map(|(name, value)| format!("{name}={value}"))
        .collect();
    narrator.scene(&format!("vestibule token cloud --for {}", words.join(",")));
    narrator.text("One sign-in serves every account and role, without a browser.");
    let keys = stage
        .vestibule
        .token(
            &name,
            &TokenQuery {
                derived_for,
                ..TokenQuery::default()
            },
        )
        .await?;
    narrator.act(
        "host",
        &format!("hands out: {}", keys.names().collect::<Vec<_>>().join(", ")),
    );
    let session = stage.vestibule.token(&name, &TokenQuery::default()).await?;

    narrator.scene("vestibule logout cloud");
    stage.sign_out(&name).await?;
    narrator.text(&format!(
        "Somebody who has kept a copy of {}'s token asks for the accounts:",
        audience::VISITOR
    ));
    let answer = api::call(
        &format!("{}/assignment/accounts", provider.portal_url()),
        TOKEN_HEADER,
        &session,
    )
    .await?;
    narrator.act("API", &format!("answers {}", answer.status));
    expect(answer.status, 401)?;
    reckon(stage, &provider)?;
    provider.stop().await;
    Ok(())
}

fn tenant_file(provider: &Rehearsal) -> String {
    format!(
        "plugin = \"aws-identity-center\"\n\n[settings]\nstart_url = \"{}\"\nregion = \"eu-west-1\"\noidc_endpoint = \"{}\"\nportal_endpoint = \"{}\"\n\n\
         [policy]\nallow_unknown_identity = true\n\n[network]\nallow_loopback_http = true\n",
        provider.start_url(),
        provider.oidc_url(),
        provider.portal_url()
    )
}

/// The first account and its first role.
fn target() -> Result<Vec<(SettingName, String)>> {
    let account = ACCOUNTS.iter().next();
    let role = account.and_then(|account| account.roles.iter().next());
    [
        ("account", account.map(|account| account.id)),
        ("role", role.copied()),
    ]
    .into_iter()
    .filter_map(|(name, value)| Some(values::pair(&format!("{name}={}", value?))))
    .collect::<Result<_, _>>()
}
