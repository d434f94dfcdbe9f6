//! What is up for approval: all of it the first time, and what differs from then on.

use serde::Serialize;
use vestibule_app::Proposal;
use vestibule_core::approval::Approval;

use crate::view::permissions;

/// A proposal for programs.
#[derive(Serialize)]
pub struct Report<'a> {
    approved: bool,
    changes_permissions: bool,
    weakened: &'a [&'static str],
    approval: &'a Approval,
    before: Option<&'a Approval>,
}

/// A proposal for programs, and whether it was approved.
#[must_use]
pub fn report(proposal: &Proposal, approved: bool) -> Report<'_> {
    Report {
        approved,
        changes_permissions: proposal.changes_permissions(),
        weakened: &proposal.weakened,
        approval: &proposal.approval,
        before: proposal.before.as_ref(),
    }
}

/// A proposal for people.
#[must_use]
pub fn lines(proposal: &Proposal) -> Vec<String> {
    let after = permissions::of_approval(&proposal.approval);
    let Some(before) = &proposal.before else {
        return after;
    };
    let mut lines = after.clone();
    lines.push(String::new());
    lines.push("Changed since it was approved (- then, + now):".to_owned());
    lines.extend(changes(
        before,
        &proposal.approval,
        &permissions::of_approval(before),
        &after,
    ));
    if !proposal.weakened.is_empty() {
        lines.push("  Protections that the provider has taken back:".to_owned());
        lines.extend(proposal.weakened.iter().map(|what| format!("- {what}")));
    }
    lines
}

/// What went and what came, each under its heading. Never empty for two approvals that differ: what the words do not show, is named.
fn changes(before: &Approval, after: &Approval, then: &[String], now: &[String]) -> Vec<String> {
    let (then, now) = (under_headings(then), under_headings(now));
    let mut lines = Vec::new();
    let mut heading = "";
    let headings = now.iter().chain(&then).map(|(heading, _)| *heading);
    let mut done = Vec::new();
    for section in headings {
        if done.contains(&section) {
            continue;
        }
        done.push(section);
        let missing = |lines: &[(&str, &str)], line: &(&str, &str)| !lines.contains(line);
        let went = then
            .iter()
            .filter(|line| line.0 == section && missing(&now, line))
            .map(|line| ("-", line.1));
        let came = now
            .iter()
            .filter(|line| line.0 == section && missing(&then, line))
            .map(|line| ("+", line.1));
        for (sign, line) in went.chain(came) {
            if heading != section {
                heading = section;
                lines.push(format!("  {section}"));
            }
            lines.push(format!("{sign} {line}"));
        }
    }
    if before.tenant_digest != after.tenant_digest {
        lines.push("+ the tenant file: its settings, its policy or its exceptions".to_owned());
    }
    if before.permissions != after.permissions
        && permissions::of(&before.permissions) == permissions::of(&after.permissions)
    {
        lines.push("+ details that are only shown with --json".to_owned());
    }
    lines
}

/// Each line with the heading that it stands under; without one, under none.
fn under_headings(lines: &[String]) -> Vec<(&str, &str)> {
    let mut heading = "";
    let mut found = Vec::new();
    for line in lines {
        if line.ends_with(':') && !line.starts_with(' ') {
            heading = line;
        } else if !line.is_empty() {
            found.push((heading, line.as_str()));
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn approval() -> Approval {
        serde_json::from_value(serde_json::json!({
            "tenant": "work", "plugin": "oidc", "plugin_version": "0.1.0", "plugin_digest": "sha256:aa", "tenant_digest": "sha256:bb",
            "approved_at": 1,
            "permissions": {
                "issuer": "https://idp.example", "discovered": true,
                "client": { "configured": { "client_id": "cli", "authentication": "none" } },
                "methods": ["browser"], "scopes": ["openid"],
                "endpoints": {
                    "token": { "class": "token", "url": "https://idp.example/token", "method": "POST", "token_header": null,
                        "dialect": { "encoding": "form", "renames": [], "scope_form": { "joined": " " }, "error_code": "/error",
                            "error_description": "/error_description", "outcomes": [] } } },
                "supplied": [], "jwks_uri": null, "readable": [], "secrets": [], "identity": "oidc", "derivation": [], "hosts": [],
            },
        }))
        .unwrap()
    }

    fn differences(after: &Approval) -> Vec<String> {
        let before = approval();
        changes(
            &before,
            after,
            &permissions::of_approval(&before),
            &permissions::of_approval(after),
        )
    }

    #[test]
    fn a_moved_endpoint_is_shown_with_its_new_origin() {
        let mut after = approval();
        for endpoint in after.permissions.endpoints.values_mut() {
            endpoint.url = "https://elsewhere.example/token".to_owned();
        }
        let shown = differences(&after);
        assert!(
            shown.contains(&"-   https://idp.example".to_owned()),
            "{shown:?}"
        );
        assert!(
            shown.contains(&"+   https://elsewhere.example".to_owned()),
            "{shown:?}"
        );
        assert!(
            shown
                .iter()
                .any(|line| line.starts_with("+   token") && line.contains("elsewhere")),
            "{shown:?}"
        );
    }

    #[test]
    fn no_difference_goes_unmentioned() {
        assert!(differences(&approval()).is_empty());
        let mut after = approval();
        after.tenant_digest = "sha256:cc".to_owned();
        assert_eq!(differences(&after).len(), 1);
        let mut after = approval();
        for endpoint in after.permissions.endpoints.values_mut() {
            endpoint.dialect.error_description =
                vestibule_core::Pointer::parse("/elsewhere").unwrap();
        }
        assert_eq!(
            differences(&after),
            ["+ details that are only shown with --json"]
        );
    }
}
