//! Keys of an account and a role.

use vestibule_plugin::testing::{Reply, row};
use vestibule_plugin::wit::{GrantKind, ProblemKind};

use super::*;

fn two_accounts() -> Reply {
    Reply::new().rows(
        "/accountList",
        [
            row(["111111111111", "production", "prod@example.org"]),
            row(["222222222222", "staging", ""]),
        ],
    )
}

fn keys() -> Reply {
    Reply::new()
        .integer("/roleCredentials/expiration", 1_800_000_000_000)
        .secret("access_key_id")
        .secret("secret_access_key")
        .secret("session_token")
}

const KEYS: &str = "finish GrantKind::CloudKeys access_key_id=<access_key_id> secret_access_key=<secret_access_key> \
                    session_token=<session_token> until 1800000000000 TimeUnit::Milliseconds";

#[test]
fn an_account_and_a_role_that_are_given_need_no_question() {
    let given = [("account", "111111111111"), ("role", "ReadOnlyAccess")];
    let run = script()
        .registered()
        .response(keys())
        .derive_unattended(["access_token"], given);
    assert_eq!(
        run.transcript(),
        format!(
            "credentials call role_name=ReadOnlyAccess account_id=111111111111 as <stored access_token>\n{KEYS}"
        )
    );
    assert_eq!(run.grant().primary, GrantKind::CloudKeys);
    assert_eq!(
        run.grant().expires_at,
        Some((1_800_000_000_000, TimeUnit::Milliseconds))
    );
}

#[test]
fn an_account_may_be_given_by_name() {
    let given = [("account", "staging"), ("role", "ReadOnlyAccess")];
    let run = script()
        .registered()
        .response(two_accounts())
        .response(keys())
        .derive_unattended(["access_token"], given);
    assert!(
        run.transcript().contains("account_id=222222222222"),
        "{}",
        run.transcript()
    );
}

#[test]
fn a_name_that_no_account_or_more_than_one_has_is_refused() {
    let named = |name| {
        let twins = Reply::new().rows(
            "/accountList",
            [
                row(["111111111111", "twin", ""]),
                row(["222222222222", "twin", ""]),
            ],
        );
        script()
            .registered()
            .response(twins)
            .derive(["access_token"], [("account", name)])
    };
    assert_eq!(
        named("twin").failure(),
        "several accounts are named twin; give the 12 digits"
    );
    assert_eq!(
        named("nobody").failure(),
        "no account that you have access to is named nobody"
    );
}

#[test]
fn a_person_chooses_account_and_role() {
    let roles = Reply::new().rows(
        "/roleList",
        [row(["AdministratorAccess"]), row(["ReadOnlyAccess"])],
    );
    let run = script()
        .registered()
        .response(two_accounts())
        .chosen("222222222222")
        .response(roles)
        .chosen("ReadOnlyAccess")
        .response(keys())
        .derive(["access_token"], []);
    assert_eq!(
        run.transcript(),
        format!(
            "accounts call max_result=100 as <stored access_token>\n\
             choose account: production (111111111111, prod@example.org) | staging (222222222222)\n\
             roles call max_result=100 account_id=222222222222 as <stored access_token>\n\
             choose role: AdministratorAccess | ReadOnlyAccess\n\
             credentials call role_name=ReadOnlyAccess account_id=222222222222 as <stored access_token>\n{KEYS}"
        )
    );
}

#[test]
fn nobody_is_asked_where_there_is_nobody_or_nothing_to_choose() {
    let run = script()
        .registered()
        .response(two_accounts())
        .derive_unattended(["access_token"], []);
    assert_eq!(
        run.failure(),
        "more than one account is assigned to you; say which: --for account=…"
    );

    let one_account = Reply::new().rows("/accountList", [row(["111111111111", "production", ""])]);
    let one_role = Reply::new().rows("/roleList", [row(["ReadOnlyAccess"])]);
    let run = script()
        .registered()
        .response(one_account)
        .response(one_role)
        .response(keys());
    assert!(
        run.derive(["access_token"], [])
            .transcript()
            .ends_with(KEYS)
    );

    let run = script()
        .registered()
        .response(Reply::new())
        .derive(["access_token"], []);
    assert_eq!(run.failure(), "no account is assigned to you");
}

#[test]
fn every_page_of_a_list_is_read() {
    let page = |id: &str, name: &str| Reply::new().rows("/accountList", [row([id, name, ""])]);
    let run = script()
        .registered()
        .response(page("111111111111", "production").text("/nextToken", "page-2"))
        .response(page("222222222222", "staging"))
        .response(keys())
        .derive(
            ["access_token"],
            [("account", "staging"), ("role", "ReadOnlyAccess")],
        );
    assert!(
        run.transcript()
            .contains("\naccounts call max_result=100 next_token=page-2 as "),
        "{}",
        run.transcript()
    );
    assert_eq!(run.grant().parts.len(), 3);
}

#[test]
fn a_list_that_does_not_end_is_refused_rather_than_cut() {
    let page = || {
        Reply::new()
            .rows("/accountList", [row(["111111111111", "twin", ""])])
            .text("/nextToken", "more")
    };
    let endless = (0..8).fold(script().registered(), |script, _| script.response(page()));
    let run = endless.derive(["access_token"], [("account", "twin")]);
    assert_eq!(
        run.failure(),
        "the portal lists too many accounts; name the one you want"
    );
}

#[test]
fn a_role_that_the_person_does_not_have_is_named() {
    let given = [("account", "111111111111"), ("role", "AdministratorAccess")];
    let run = script()
        .registered()
        .failed(ProblemKind::Denied, None)
        .derive(["access_token"], given);
    assert_eq!(
        run.failure(),
        "you do not have the role AdministratorAccess in account 111111111111"
    );
}

#[test]
fn an_incomplete_credential_is_no_credential() {
    let given = [("account", "111111111111"), ("role", "ReadOnlyAccess")];
    let incomplete = Reply::new()
        .integer("/roleCredentials/expiration", 1)
        .secret("access_key_id");
    let run = script()
        .registered()
        .response(incomplete)
        .derive(["access_token"], given);
    assert_eq!(
        run.failure(),
        "there is no `secret_access_key` in the reply of `credentials`"
    );
}
