//! Text from plugins, servers and files, made safe to show (UI-02, UI-03).

use std::fmt;

use crate::limits::SHOWN_CHARS;

/// Foreign text on its way to a terminal, a log or a page: shortened, and without a character that could move the cursor, turn
/// the reading direction, hide, break the line, or end the quotation marks that it is put into. What is taken out is shown as
/// `\u{…}`, so that nothing disappears silently.
#[derive(Clone, Copy)]
pub struct Shown<'a> {
    text: &'a str,
    most: usize,
}

impl<'a> Shown<'a> {
    /// Wraps foreign text.
    #[must_use]
    pub fn new(text: &'a str) -> Self {
        Self {
            text,
            most: SHOWN_CHARS,
        }
    }

    /// Wraps foreign text of which no part may go unseen, since somebody agrees to it or has to recognise it: a host, a URL, a scope.
    /// Only for text that is bounded elsewhere.
    #[must_use]
    pub fn whole(text: &'a str) -> Self {
        Self {
            text,
            most: usize::MAX,
        }
    }
}

impl fmt::Display for Shown<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // A mark at the beginning would change the quotation mark before it.
        let mut marks_in_a_row = MARKS_IN_A_ROW;
        for (count, character) in self.text.chars().enumerate() {
            if count == self.most {
                return f.write_str("…");
            }
            marks_in_a_row = if is_combining(character) {
                marks_in_a_row.saturating_add(1)
            } else {
                0
            };
            if is_harmful(character) || character == '"' || marks_in_a_row > MARKS_IN_A_ROW {
                write!(f, "\\u{{{:x}}}", u32::from(character))?;
            } else {
                fmt::Write::write_char(f, character)?;
            }
        }
        Ok(())
    }
}

impl fmt::Debug for Shown<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "\"{self}\"")
    }
}

/// Whether a character can change how the text around it is displayed, or is displayed as nothing.
#[must_use]
pub fn is_harmful(character: char) -> bool {
    character.is_control()
        || matches!(
            u32::from(character),
            0x00AD                       // soft hyphen
            | 0x034F | 0x061C            // grapheme joiner, Arabic letter mark
            | 0x115F..=0x1160 | 0x17B4..=0x17B5 | 0x3164 | 0xFFA0 // fillers that look like nothing
            | 0x180B..=0x180F            // Mongolian selectors
            | 0x200B..=0x200F            // zero width, direction marks
            | 0x2028..=0x202E            // line and paragraph separators, bidi embeddings and overrides
            | 0x2060..=0x206F            // word joiner, bidi isolates, deprecated format controls
            | 0xFE00..=0xFE0F            // variation selectors
            | 0xFEFF | 0xFFF0..=0xFFFB   // byte order mark, interlinear annotation
            | 0x1BCA0..=0x1BCA3 | 0x1D173..=0x1D17A
            | 0xE0000..=0xE0FFF          // tags, further selectors
            | 0xE000..=0xF8FF            // private use: what they look like depends on the font
            | 0xF0000..=0x10FFFF
        )
}

/// Seconds in words, in the largest unit of which there is one.
#[must_use]
pub fn span(seconds: u64) -> String {
    let (count, unit) = match seconds {
        0..60 => (seconds, "second"),
        60..3_600 => (seconds / 60, "minute"),
        3_600..86_400 => (seconds / 3_600, "hour"),
        _ => (seconds / 86_400, "day"),
    };
    let plural = if count == 1 { "" } else { "s" };
    format!("{count} {unit}{plural}")
}

/// Combining marks on one character. Honest writing needs no more.
const MARKS_IN_A_ROW: u8 = 2;

/// Combining marks of the blocks that stack: two are a language, ten are an attack on the line above.
fn is_combining(character: char) -> bool {
    matches!(u32::from(character), 0x0300..=0x036F | 0x0483..=0x0489 | 0x1AB0..=0x1AFF | 0x1DC0..=0x1DFF | 0x20D0..=0x20FF | 0xFE20..=0xFE2F)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_span_is_told_in_its_largest_unit() {
        for (seconds, words) in [
            (0, "0 seconds"),
            (1, "1 second"),
            (59, "59 seconds"),
            (60, "1 minute"),
            (3_599, "59 minutes"),
            (3_600, "1 hour"),
            (86_399, "23 hours"),
            (86_400, "1 day"),
            (40 * 86_400, "40 days"),
        ] {
            assert_eq!(span(seconds), words);
        }
    }

    #[test]
    fn ordinary_text_of_any_language_is_left_alone() {
        for text in ["plain ASCII", "Zürich", "日本語", "привет", "é", "e\u{301}"] {
            assert_eq!(Shown::new(text).to_string(), text);
        }
    }

    #[test]
    fn escape_sequences_and_line_breaks_become_visible() {
        let shown = Shown::new("a\x1b[31mred\x07\r\nb\u{9b}c\u{7f}").to_string();
        assert!(!shown.chars().any(char::is_control), "{shown:?}");
        assert_eq!(shown, "a\\u{1b}[31mred\\u{7}\\u{d}\\u{a}b\\u{9b}c\\u{7f}");
    }

    #[test]
    fn bidi_zero_width_and_tag_characters_become_visible() {
        assert_eq!(
            Shown::new("a\u{202e}b\u{2066}c\u{200b}d\u{e0041}").to_string(),
            "a\\u{202e}b\\u{2066}c\\u{200b}d\\u{e0041}"
        );
    }

    #[test]
    fn a_tower_of_combining_marks_is_cut_down() {
        let tower = format!("a{}", "\u{301}".repeat(20));
        assert_eq!(Shown::new(&tower).to_string().matches('\u{301}').count(), 2);
    }

    #[test]
    fn no_text_ends_or_changes_the_quotation_marks_around_it() {
        let shown = Shown::new("done\". hint: \"run x").to_string();
        assert_eq!(shown, "done\\u{22}. hint: \\u{22}run x");
        assert_eq!(Shown::new("\u{338}a").to_string(), "\\u{338}a");
    }

    #[test]
    fn what_somebody_agrees_to_is_shown_to_its_end() {
        let long = format!("{}end\n", "x".repeat(3 * SHOWN_CHARS));
        let shown = Shown::whole(&long).to_string();
        assert!(shown.ends_with("end\\u{a}"), "{shown}");
    }

    #[test]
    fn long_text_is_cut_and_says_so() {
        let shown = Shown::new(&"x".repeat(SHOWN_CHARS + 1)).to_string();
        assert_eq!(shown.chars().count(), SHOWN_CHARS + 1);
        assert!(shown.ends_with('…'));
    }
}
