//! The end of a flow (PLUG-09): a grant of known parts, or nothing where nothing is left to keep.

use std::collections::HashSet;

use vestibule_core::SecretKind;
use vestibule_core::limits::TEXT_BYTES;
use vestibule_core::record::Primary;
use vestibule_core::step::{Finish, Grant, Step};

use super::Refusal;
use super::flow::{Flow, Goal};

pub(super) fn judge(flow: &Flow<'_>, step: &Step) -> Result<(), Refusal> {
    match step {
        Step::Finish(Finish::Grant(grant)) if flow.goal != Goal::Revoke => check_grant(flow, grant),
        Step::Finish(Finish::Done) if flow.goal == Goal::Revoke => Ok(()),
        Step::Finish(Finish::Grant(_)) => {
            Err(Refusal::plugin("the plugin ends a revocation with a grant"))
        }
        Step::Finish(Finish::Done) => Err(Refusal::plugin(format!(
            "the plugin ends a {} with nothing",
            flow.goal.as_str()
        ))),
        Step::Fail(message) if message.len() > TEXT_BYTES => {
            Err(Refusal::plugin("the plugin says at length why it failed"))
        }
        Step::Discover
        | Step::Authorize(_)
        | Step::Request(_)
        | Step::Device(_)
        | Step::SubjectToken(_)
        | Step::Choose(_)
        | Step::Fail(_) => Ok(()),
    }
}

/// The standard parts of a grant (RFC 6749 section 5.1, OIDC Core section 3.1.3.3).
const STANDARD: [SecretKind; 3] = [
    SecretKind::AccessToken,
    SecretKind::RefreshToken,
    SecretKind::IdToken,
];

fn check_grant(flow: &Flow<'_>, grant: &Grant) -> Result<(), Refusal> {
    let no = |what: String| {
        Err(Refusal::plugin(format!(
            "the plugin ends with a grant {what}"
        )))
    };
    let kind_of = |name: &str| {
        let standard = STANDARD.into_iter().find(|kind| kind.as_str() == name);
        let declared = || {
            flow.permissions
                .secrets
                .iter()
                .find(|secret| secret.name.as_str() == name)
        };
        standard.or_else(|| declared().map(|secret| secret.kind))
    };
    let mut names = HashSet::new();
    let mut kinds = HashSet::new();
    for part in &grant.parts {
        let Some(kind) = kind_of(part.name.as_str()) else {
            return no(format!(
                "with the part \"{}\", which is neither standard nor declared",
                part.name
            ));
        };
        // It belongs to the registration, which outlives the grant.
        if kind == SecretKind::ClientSecret {
            return no(format!("with the client secret \"{}\"", part.name));
        }
        if !names.insert(&part.name) {
            return no(format!("with the part \"{}\" twice", part.name));
        }
        kinds.insert(kind);
    }
    let primary = match grant.primary {
        Primary::Oauth => SecretKind::AccessToken,
        Primary::CloudKeys => SecretKind::CloudKey,
        Primary::Opaque => SecretKind::Opaque,
    };
    if !kinds.contains(&primary) {
        return no(format!("of {} without one", primary.as_str()));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use vestibule_core::start::Purpose;

    use crate::steps::testing::{Case, derive, exchange_for, finish, sign_in, stored, tokens};

    use super::*;

    #[test]
    fn a_flow_ends_as_its_purpose_does() {
        Case::oidc(Purpose::Revoke(stored())).denies("finish", vec![tokens()]);
        for purpose in [
            sign_in(),
            Purpose::Refresh(stored()),
            derive(true),
            exchange_for(None),
        ] {
            Case::oidc(purpose).denies("finish", vec![Step::Finish(Finish::Done)]);
        }
        let case = Case::identity_center(sign_in());
        for (primary, parts) in [
            (Primary::Oauth, vec![]),
            (Primary::Oauth, vec!["refresh_token"]),
            (Primary::Oauth, vec!["access_token", "access_token"]),
            (Primary::Oauth, vec!["access_token", "code"]),
            (Primary::Oauth, vec!["access_token", "unheard_of"]),
            (Primary::Oauth, vec!["access_token", "client_secret"]),
            (Primary::CloudKeys, vec!["access_token"]),
            (Primary::Opaque, vec!["access_token"]),
        ] {
            case.denies("finish", vec![finish(primary, &parts)]);
        }
        case.allows(vec![finish(
            Primary::Oauth,
            &["access_token", "refresh_token", "id_token"],
        )]);
        case.allows(vec![finish(
            Primary::CloudKeys,
            &["access_key_id", "session_token"],
        )]);
        case.denies("finish", vec![Step::Fail("x".repeat(TEXT_BYTES + 1))]);
        case.allows(vec![Step::Fail("x".repeat(TEXT_BYTES))]);
        case.allows(vec![Step::Fail("the account is closed".to_owned())]);
    }
}
