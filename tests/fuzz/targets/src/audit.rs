//! The files of the audit log, as anybody may have left them: its lines, and its head.

use vestibule_audit::Record;
use vestibule_audit::head::Head;
use vestibule_audit::line;

/// Takes any bytes, says whether they hold a record or a head, and panics if something does not hold.
pub fn run(bytes: &[u8]) -> bool {
    let mut accepted = Head::read(bytes).is_some();
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
    }
    accepted
}
