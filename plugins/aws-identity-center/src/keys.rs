//! From an account and a role, given or chosen, to keys.

use vestibule_plugin::wit::ProblemKind;
use vestibule_plugin::{AccessToken, Derivation, Error, Grant, Result, Session};

use crate::portal::{self, Account};

/// `vestibule token TENANT --for account=…,role=…`.
pub(crate) async fn derive(session: &Session, derivation: &Derivation) -> Result<Grant> {
    let token = derivation.grant.access_token()?;
    let account = account(session, &token, derivation).await?;
    let role = role(session, &token, derivation, &account).await?;
    portal::credentials(session, &token, &account, &role)
        .await
        .map_err(|error| match error.problem() {
            Some(ProblemKind::Denied) => Error::impossible(format!(
                "you do not have the role {role} in account {account}"
            )),
            _ => error,
        })
}

/// The id of the account.
async fn account(
    session: &Session,
    token: &AccessToken,
    derivation: &Derivation,
) -> Result<String> {
    let given = derivation.parameter("account");
    if let Some(id) = given.filter(|given| is_account_id(given)) {
        return Ok(id.to_owned());
    }
    let mut accounts = portal::accounts(session, token).await?;
    if let Some(name) = given {
        accounts.retain(|account| account.name == name);
        return match accounts.as_slice() {
            [account] => Ok(account.id.clone()),
            [] => Err(Error::impossible(format!(
                "no account that you have access to is named {name}"
            ))),
            [_, _, ..] => Err(Error::impossible(format!(
                "several accounts are named {name}; give the 12 digits"
            ))),
        };
    }
    let options = accounts
        .iter()
        .map(|account| (account.id.clone(), Account::label(account)));
    choose(session, derivation, "account", options.collect()).await
}

/// The name of the role.
async fn role(
    session: &Session,
    token: &AccessToken,
    derivation: &Derivation,
    account: &str,
) -> Result<String> {
    if let Some(role) = derivation.parameter("role") {
        return Ok(role.to_owned());
    }
    let roles = portal::roles(session, token, account).await?;
    choose(
        session,
        derivation,
        "role",
        roles.into_iter().map(|role| (role.clone(), role)).collect(),
    )
    .await
}

/// The only option, or the person's choice among several.
async fn choose(
    session: &Session,
    derivation: &Derivation,
    what: &str,
    options: Vec<(String, String)>,
) -> Result<String> {
    match options.as_slice() {
        [] => Err(Error::impossible(format!("no {what} is assigned to you"))),
        [(id, _)] => Ok(id.clone()),
        [_, _, ..] if derivation.interactive => {
            options
                .into_iter()
                .fold(session.choose(what), |choice, (id, label)| {
                    choice.option(id, label)
                })
                .await
        }
        [_, _, ..] => Err(Error::impossible(format!(
            "more than one {what} is assigned to you; say which: --for {what}=…"
        ))),
    }
}

fn is_account_id(text: &str) -> bool {
    text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit())
}
