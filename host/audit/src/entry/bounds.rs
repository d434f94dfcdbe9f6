//! A record always fits: what is too long for one is cut, and says so.

use std::collections::BTreeMap;

use super::{Entry, Sent};

/// Characters of one text. Texts are bounded where they come from; what goes beyond is cut, since a record must always fit.
const TEXT_CHARS: usize = 256;

/// Items of one list.
const LIST_ITEMS: usize = 64;

/// Characters of a name or a digest that are kept in any case.
const NAME_CHARS: usize = 80;

impl Entry {
    /// With every text and list cut to what a record may have, and to less where that is still too much for one. What was cut says so.
    pub(crate) fn bounded(&self, bounds: Bounds) -> Self {
        let mut entry = self.clone();
        for text in [
            &mut entry.issuer,
            &mut entry.client,
            &mut entry.subject,
            &mut entry.acr,
            &mut entry.plugin_version,
            &mut entry.actor,
            &mut entry.derived_for,
        ]
        .into_iter()
        .flatten()
        {
            cut(text, bounds.chars);
        }
        for name in [
            &mut entry.during,
            &mut entry.tenant,
            &mut entry.method,
            &mut entry.device,
            &mut entry.session,
            &mut entry.plugin,
            &mut entry.plugin_digest,
            &mut entry.subject_token_type,
        ]
        .into_iter()
        .flatten()
        {
            cut(name, bounds.name_chars());
        }
        if let Some(reason) = &mut entry.reason {
            cut(&mut reason.code, bounds.name_chars());
            cut(&mut reason.blame, bounds.name_chars());
            for name in [&mut reason.rule, &mut reason.cause].into_iter().flatten() {
                cut(name, bounds.name_chars());
            }
        }
        if let Some(alert) = &mut entry.alert {
            cut(&mut alert.rule, bounds.name_chars());
            cut(&mut alert.seen, bounds.chars);
            cut(&mut alert.usual, bounds.chars);
        }
        let mut given_up = None;
        if let Some(change) = &mut entry.change {
            cut(&mut change.what, bounds.name_chars());
            for name in [&mut change.before, &mut change.after]
                .into_iter()
                .flatten()
            {
                cut(name, bounds.name_chars());
            }
            given_up = change.given_up.as_mut();
        }
        for list in [
            entry.scopes_asked.as_mut(),
            entry.scopes_granted.as_mut(),
            entry.audience.as_mut(),
            entry.exceptions.as_mut(),
            entry.revoked.as_mut(),
            entry.not_revoked.as_mut(),
            given_up,
        ]
        .into_iter()
        .flatten()
        {
            let more = list.len().saturating_sub(bounds.items);
            list.truncate(bounds.items);
            list.iter_mut().for_each(|text| cut(text, bounds.chars));
            if more > 0 {
                list.push(format!("and {more} more"));
            }
        }
        bounds.token_ids(&mut entry.token_ids);
        bounds.sent(&mut entry.sent);
        entry
    }
}

/// How much of an entry is kept.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Bounds {
    /// Characters of a text that somebody else has chosen.
    chars: usize,
    /// Items of a list.
    items: usize,
}

impl Bounds {
    /// From what a record may have to what fits whatever it is.
    pub(crate) const ALL: [Self; 5] = [
        Self::new(TEXT_CHARS, LIST_ITEMS),
        Self::new(TEXT_CHARS / 2, LIST_ITEMS / 4),
        Self::new(TEXT_CHARS / 4, LIST_ITEMS / 8),
        Self::new(TEXT_CHARS / 8, LIST_ITEMS / 16),
        Self::new(TEXT_CHARS / 16, LIST_ITEMS / 64),
    ];

    const fn new(chars: usize, items: usize) -> Self {
        Self { chars, items }
    }

    /// Characters of a name or a digest, which says nothing any more if it is cut.
    fn name_chars(self) -> usize {
        self.chars.max(NAME_CHARS)
    }

    fn token_ids(self, ids: &mut BTreeMap<String, String>) {
        let mut more = 0_usize;
        for (at, (mut name, mut id)) in std::mem::take(ids).into_iter().enumerate() {
            cut(&mut name, self.name_chars());
            cut(&mut id, self.name_chars());
            if at >= self.items || ids.contains_key(&name) {
                more += 1;
            } else {
                ids.insert(name, id);
            }
        }
        if more > 0 {
            ids.insert("more".to_owned(), format!("and {more} more"));
        }
    }

    fn sent(self, sent: &mut BTreeMap<String, Sent>) {
        let (mut more, mut rest) = (0_usize, Sent::default());
        for (at, (mut role, mut to)) in std::mem::take(sent).into_iter().enumerate() {
            cut(&mut role, self.name_chars());
            cut(&mut to.to, self.chars);
            if at >= self.items || sent.contains_key(&role) {
                more += 1;
                rest.requests = rest.requests.saturating_add(to.requests);
                rest.body_bytes = rest.body_bytes.saturating_add(to.body_bytes);
                rest.plugin_bytes = rest.plugin_bytes.saturating_add(to.plugin_bytes);
            } else {
                sent.insert(role, to);
            }
        }
        if more > 0 {
            rest.to = format!("and {more} more");
            sent.insert("more".to_owned(), rest);
        }
    }
}

fn cut(text: &mut String, chars: usize) {
    if let Some((at, _)) = text.char_indices().nth(chars) {
        text.truncate(at);
        text.push('…');
    }
}

#[cfg(test)]
mod tests {
    use crate::entry::{Event, Outcome};

    use super::*;

    #[test]
    fn what_is_too_long_is_cut_and_says_so() {
        let entry = Entry {
            subject: Some("é".repeat(TEXT_CHARS + 1)),
            scopes_granted: Some(vec!["x".repeat(1000); LIST_ITEMS + 3]),
            ..Entry::new(Event::Issuance, Outcome::Done)
        }
        .bounded(Bounds::ALL[0]);
        assert!(entry.subject.unwrap().ends_with("é…"));
        let scopes = entry.scopes_granted.unwrap();
        assert_eq!(scopes.len(), LIST_ITEMS + 1);
        assert_eq!(scopes.last().unwrap(), "and 3 more");
        assert!(scopes[0].ends_with("x…"));
    }
}
