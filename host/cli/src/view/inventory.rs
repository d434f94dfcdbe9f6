//! The inventory of what is stored: a line a record that keeps within eighty columns, or a block with everything that is known.

use vestibule_app::{Binding, RecordStatus, Standing, TenantStatus};
use vestibule_core::Shown;
use vestibule_core::record::{Method, Namespace, RecordKind};

use crate::view::{COLUMNS, table, time, wrap};

const HEAD: [&str; 7] = ["TENANT", "ACCOUNT", "WHAT", "AGE", "USED", "ENDS", "STATE"];

/// How many columns hold text of any length, and may be cut.
const TEXT: usize = 3;

/// What stands between a name and its value in a block.
const NAME_COLUMNS: usize = 15;

/// A table with a line a record.
#[must_use]
pub fn short(tenants: &[TenantStatus], now: u64) -> Vec<String> {
    let mut rows = vec![HEAD.map(str::to_owned).to_vec()];
    for tenant in tenants {
        let name = tenant.tenant.to_string();
        if tenant.records.is_empty() {
            let nobody = ["-", "not signed in"].map(str::to_owned);
            rows.push([name.clone()].into_iter().chain(nobody).collect());
        }
        rows.extend(tenant.records.iter().map(|record| row(&name, record, now)));
    }
    fit(&mut rows);
    let mut lines = table::aligned(&rows, 0);
    lines.extend(notes(tenants));
    if tenants.iter().any(|tenant| !tenant.records.is_empty()) {
        lines.push(String::new());
        lines.push("All that is known of them: vestibule status --long".to_owned());
    }
    lines
}

/// A block a record.
#[must_use]
pub fn long(tenants: &[TenantStatus], now: u64) -> Vec<String> {
    let mut lines = Vec::new();
    for tenant in tenants {
        if tenant.records.is_empty() {
            lines.push(format!("{}: not signed in", tenant.tenant));
        }
        for record in &tenant.records {
            if !lines.is_empty() {
                lines.push(String::new());
            }
            lines.extend(block(&tenant.tenant.to_string(), record, now));
        }
    }
    lines.extend(notes(tenants));
    lines
}

/// What keeps tenants from being used, and what cannot be opened.
fn notes(tenants: &[TenantStatus]) -> Vec<String> {
    let mut lines = Vec::new();
    for tenant in tenants {
        for trouble in tenant.problem.iter().chain(&tenant.troubles) {
            lines.extend(wrap(&format!("{}: {trouble}", tenant.tenant), 0));
        }
    }
    if !lines.is_empty() {
        lines.insert(0, String::new());
    }
    lines
}

fn row(tenant: &str, record: &RecordStatus, now: u64) -> Vec<String> {
    let ends = record.facts.ends_at;
    vec![
        tenant.to_owned(),
        account(record),
        what(record),
        time::short(record.facts.signed_in_at, now),
        match record.last_use {
            Some(used) => time::short(used, now),
            None => "-".to_owned(),
        },
        match ends {
            u64::MAX => "-".to_owned(),
            ends if ends <= now => "past".to_owned(),
            ends => time::short(now, ends),
        },
        record.standing.as_str().to_owned(),
    ]
}

fn account(record: &RecordStatus) -> String {
    match record.facts.account.as_deref().unwrap_or(&record.subject) {
        "" => "-".to_owned(),
        account => Shown::new(account).to_string(),
    }
}

fn what(record: &RecordStatus) -> String {
    let what = match record.kind {
        RecordKind::Grant => match record.namespace {
            Namespace::Person => record.kind.as_str().to_owned(),
            Namespace::Workload => record.namespace.as_str().to_owned(),
        },
        RecordKind::Registration => record.kind.as_str().to_owned(),
        RecordKind::Derived => format!("for {}", Shown::new(&record.derived_for)),
        RecordKind::Setting => format!("secret {}", Shown::new(&record.derived_for)),
    };
    match &record.facts.actor {
        Some(actor) => format!("{what}, by {}", Shown::new(actor)),
        None => what,
    }
}

/// Cuts the widest of the columns that may be cut, until the table fits.
fn fit(rows: &mut [Vec<String>]) {
    let widest = |rows: &[Vec<String>], column: usize| {
        let cells = rows.iter().filter_map(|row| row.get(column));
        cells.map(|cell| cell.chars().count()).max().unwrap_or(0)
    };
    let widths: Vec<usize> = (0..HEAD.len()).map(|column| widest(rows, column)).collect();
    let gaps = 2 * HEAD.len().saturating_sub(1);
    let mut over = (widths.iter().sum::<usize>() + gaps).saturating_sub(COLUMNS + 4);
    let mut widths: Vec<usize> = widths.into_iter().take(TEXT).collect();
    while over > 0 {
        let Some(width) = widths.iter_mut().max() else {
            return;
        };
        *width = width.saturating_sub(1);
        over -= 1;
    }
    for row in rows {
        for (cell, width) in row.iter_mut().zip(&widths) {
            if cell.chars().count() > *width {
                let kept: String = cell.chars().take(width.saturating_sub(3)).collect();
                *cell = format!("{kept}...");
            }
        }
    }
}

fn block(tenant: &str, record: &RecordStatus, now: u64) -> Vec<String> {
    let facts = &record.facts;
    let mut lines = vec![format!("{tenant}: {}", what(record))];
    let mut field = |name: &str, value: &str| lines.extend(named(name, value));
    field("owner", &owner(record));
    field("issuer", &Shown::new(&record.issuer).to_string());
    if !record.environment.is_empty() {
        field("environment", &Shown::new(&record.environment).to_string());
    }
    if record.kind.is_the_clients() {
        field("since", &ago(facts.signed_in_at, now));
    } else {
        field("method", method(facts.method));
        let scopes: Vec<&str> = facts.scopes.iter().map(|scope| scope.as_str()).collect();
        let none = if scopes.is_empty() { "-" } else { "" };
        field("scopes", &format!("{}{none}", scopes.join(" ")));
        field("signed in", &ago(facts.signed_in_at, now));
        field(
            "last used",
            &match record.last_use {
                Some(used) => format!("{}, to the minute", ago(used, now)),
                None => "not known to have been".to_owned(),
            },
        );
        field("renewed", &ago(facts.renewed_at, now));
        let renewable = if record.renewable {
            "; renewable without a browser"
        } else {
            "; not renewable"
        };
        field(
            "token until",
            &format!("{}{renewable}", until(facts.expires_at, now)),
        );
        field("ends", &until(facts.ends_at, now));
        field("binding", binding(record.binding));
    }
    field("key", &protection(record));
    field("plugin", &Shown::new(&facts.plugin).to_string());
    if !record.kind.is_the_clients() {
        field("state", &state(&record.standing));
    }
    lines
}

/// A name and its value, which goes on below itself. What has no gap is cut where the line ends.
fn named(name: &str, value: &str) -> Vec<String> {
    let room = COLUMNS - NAME_COLUMNS;
    let mut words = Vec::new();
    for word in value.split_whitespace() {
        let letters: Vec<char> = word.chars().collect();
        words.extend(
            letters
                .chunks(room)
                .map(|part| part.iter().collect::<String>()),
        );
    }
    let mut lines = wrap(&words.join(" "), NAME_COLUMNS);
    if let Some(first) = lines.first_mut() {
        let value = first.trim_start().to_owned();
        *first = format!("  {name:<width$}{value}", width = NAME_COLUMNS - 2);
    }
    lines
}

fn owner(record: &RecordStatus) -> String {
    if record.kind.is_the_clients() {
        return "the client, whoever signs in".to_owned();
    }
    let whose = match record.namespace {
        Namespace::Person => "a person",
        Namespace::Workload => "a workload",
    };
    let subject = match (&record.facts.account, record.subject.as_str()) {
        (Some(account), subject) if account != subject && !subject.is_empty() => {
            format!(", subject {}", Shown::new(subject))
        }
        _ => String::new(),
    };
    format!("{}{subject}; {whose}", account(record))
}

const fn method(method: Method) -> &'static str {
    method.as_str()
}

fn ago(then: u64, now: u64) -> String {
    match time::short(then, now).as_str() {
        "<1m" => format!("{} (just now)", time::rfc3339(then)),
        _ => format!("{} ({} ago)", time::rfc3339(then), time::span(then, now)),
    }
}

fn until(then: u64, now: u64) -> String {
    match then {
        u64::MAX => "no end of its own".to_owned(),
        then if then <= now => format!("{} (past)", time::rfc3339(then)),
        then => format!("{} (in {})", time::rfc3339(then), time::span(now, then)),
    }
}

const fn binding(binding: Binding) -> &'static str {
    match binding {
        Binding::Bearer => "bearer: whoever has the token can use it",
    }
}

fn protection(record: &RecordStatus) -> String {
    let store = record.key_store;
    let hardware = if store.is_hardware() {
        "in hardware"
    } else {
        "not in hardware"
    };
    format!(
        "in {}; lasts {}; {hardware}",
        store.as_str(),
        store.lifetime().words()
    )
}

fn state(standing: &Standing) -> String {
    match standing {
        Standing::Stale(why) => format!("{}: {why}", standing.as_str()),
        Standing::Good | Standing::Expired | Standing::Over | Standing::Idle => {
            standing.as_str().to_owned()
        }
    }
}

#[cfg(test)]
mod tests;
