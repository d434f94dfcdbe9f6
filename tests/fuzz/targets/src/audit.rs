//! The files of the audit log, as anybody may have left them: its lines, and its head. What is exported of them, what rules make of them,
//! and what a collector answers.

use vestibule_audit::export::otlp::Answer;
use vestibule_audit::export::{Exported, ocsf, otlp};
use vestibule_audit::head::Head;
use vestibule_audit::{Record, Watch, line};

/// Takes any bytes, says whether they hold a record or a head, and panics if something does not hold.
pub fn run(bytes: &[u8]) -> bool {
    let mut accepted = Head::read(bytes).is_some();
    let mut watch = Watch::default();
    if let Some(answer) = Answer::read(bytes) {
        assert!(answer.message.len() <= bytes.len());
    }
    for line in bytes.split(|byte| *byte == b'\n') {
        let Ok(record) = line::read(line) else {
            continue;
        };
        accepted = true;
        // Whatever shows the file is told nothing by it.
        assert!(line.iter().all(|byte| matches!(byte, b' '..=b'~')));
        // What is shown as its code is what is verified.
        let end = format!(",\"code\":\"{}\"}}", record.code);
        assert!(line.ends_with(end.as_bytes()));
        let again = serde_json::to_string(&record).unwrap();
        assert_eq!(serde_json::from_str::<Record>(&again).unwrap(), record);
        // A rule says what it saw once, whatever that was.
        assert!(watch.see(&record).len() <= 9);
        let one = Exported {
            line: String::from_utf8(line.to_vec()).unwrap(),
            record,
        };
        for text in [ocsf::event(&one), otlp::request(&[one], u64::MAX)] {
            assert!(text.bytes().all(|byte| matches!(byte, b' '..=b'~')));
            assert!(serde_json::from_str::<serde_json::Value>(&text).is_ok());
        }
    }
    accepted
}
