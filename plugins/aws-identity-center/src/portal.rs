//! The access portal: accounts, roles and their keys (service `sso`, API version 2019-06-10).

use vestibule_plugin::wit::TimeUnit;
use vestibule_plugin::{AccessToken, Error, Grant, Response, Result, Session};

/// Roles of the portal's endpoints.
pub(crate) const ACCOUNTS: &str = "accounts";
pub(crate) const ROLES: &str = "roles";
pub(crate) const CREDENTIALS: &str = "credentials";

/// Pages that are read of one list: with those of 100 entries that are asked for, more than a person chooses from, and
/// well within the requests that a flow may make.
const PAGES: usize = 8;

/// An AWS account that is assigned to the person.
pub(crate) struct Account {
    pub(crate) id: String,
    pub(crate) name: String,
    email: String,
}

impl Account {
    /// What a person reads.
    pub(crate) fn label(&self) -> String {
        match (self.name.is_empty(), self.email.is_empty()) {
            (false, false) => format!("{} ({}, {})", self.name, self.id, self.email),
            (false, true) => format!("{} ({})", self.name, self.id),
            (true, false) => format!("{} ({})", self.id, self.email),
            (true, true) => self.id.clone(),
        }
    }
}

/// `ListAccounts`.
pub(crate) async fn accounts(session: &Session, token: &AccessToken) -> Result<Vec<Account>> {
    let mut accounts = Vec::new();
    for page in pages(session, token, ACCOUNTS, &[]).await? {
        for row in page.rows("/accountList")? {
            let text = |pointer| row.text(pointer).unwrap_or_default().to_owned();
            // A row without an id is of no use to anybody.
            if let Some(id) = row.text("/accountId") {
                accounts.push(Account {
                    id: id.to_owned(),
                    name: text("/accountName"),
                    email: text("/emailAddress"),
                });
            }
        }
    }
    Ok(accounts)
}

/// `ListAccountRoles`.
pub(crate) async fn roles(
    session: &Session,
    token: &AccessToken,
    account: &str,
) -> Result<Vec<String>> {
    let mut roles = Vec::new();
    for page in pages(session, token, ROLES, &[("account_id", account)]).await? {
        roles.extend(
            page.rows("/roleList")?
                .iter()
                .filter_map(|row| row.text("/roleName"))
                .map(str::to_owned),
        );
    }
    Ok(roles)
}

/// `GetRoleCredentials`.
pub(crate) async fn credentials(
    session: &Session,
    token: &AccessToken,
    account: &str,
    role: &str,
) -> Result<Grant> {
    let call = session
        .call(CREDENTIALS)
        .token(token)
        .query("role_name", role)
        .query("account_id", account);
    let reply = call.await?;
    let expiration = reply.integer("/roleCredentials/expiration")?;
    let expiration =
        expiration.ok_or_else(|| Error::missing("expiration of the keys in the portal's reply"))?;
    let keys = [
        reply.secret("access_key_id")?,
        reply.secret("secret_access_key")?,
        reply.secret("session_token")?,
    ];
    Ok(Grant::cloud_keys(keys).expires_at(expiration, TimeUnit::Milliseconds))
}

/// All pages of a list. Half a list would hide accounts without a word, so a list with too many pages is an error.
async fn pages(
    session: &Session,
    token: &AccessToken,
    role: &str,
    query: &[(&str, &str)],
) -> Result<Vec<Response>> {
    let mut pages: Vec<Response> = Vec::new();
    let mut next: Option<String> = None;
    loop {
        let call = session.call(role).token(token).query("max_result", "100");
        let call = query
            .iter()
            .fold(call, |call, (name, value)| call.query(*name, *value));
        let call = next
            .iter()
            .fold(call, |call, token| call.query("next_token", token));
        let page = call.await?;
        next = page.text("/nextToken")?.map(str::to_owned);
        pages.push(page);
        if next.is_none() {
            return Ok(pages);
        }
        if pages.len() == PAGES {
            return Err(Error::impossible(format!(
                "the portal lists too many {role}; name the one you want"
            )));
        }
    }
}
