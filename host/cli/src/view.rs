//! How things look: pure functions from values to lines. Text keeps well within eighty columns; tables are as wide as what they hold.

pub mod audit;
pub mod device;
pub mod inspection;
pub mod inventory;
pub mod permissions;
pub mod probe;
pub mod proposal;
pub mod table;
pub mod time;
pub mod workload;

/// Columns of a line: as many as fit into eighty behind a bar or an indent.
pub const COLUMNS: usize = 76;

/// Breaks a paragraph into lines of at most [`COLUMNS`], each behind the same indent. A word that is longer stands alone.
#[must_use]
pub fn wrap(text: &str, indent: usize) -> Vec<String> {
    let mut lines = Vec::new();
    let mut line = " ".repeat(indent);
    for word in text.split_whitespace() {
        let filled = line.chars().count();
        if filled > indent && filled + 1 + word.chars().count() > COLUMNS {
            lines.push(std::mem::replace(&mut line, " ".repeat(indent)));
        }
        if line.chars().count() > indent {
            line.push(' ');
        }
        line.push_str(word);
    }
    lines.push(line);
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_line_is_wider_than_the_page_unless_a_word_is() {
        let text = format!("{} {} end", "word ".repeat(40), "x".repeat(100));
        let lines = wrap(&text, 4);
        assert!(lines.iter().all(|line| line.starts_with("    ")));
        assert_eq!(
            lines
                .iter()
                .filter(|line| line.chars().count() > COLUMNS)
                .count(),
            1
        );
        assert_eq!(
            lines.join(" ").split_whitespace().count(),
            text.split_whitespace().count()
        );
    }
}
