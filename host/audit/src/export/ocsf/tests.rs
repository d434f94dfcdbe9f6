use super::*;
use crate::export::testing::every_kind;

fn of(entry: Entry) -> (u16, u16) {
    let (class, (activity, _)) = classified(&entry);
    (class.uid, activity)
}

#[test]
fn each_event_is_of_the_class_that_it_belongs_to() {
    let done = |event| of(Entry::new(event, Outcome::Done));
    assert_eq!(done(Event::Issuance), (3002, 1));
    assert_eq!(done(Event::Revocation), (3002, 2));
    for event in [
        Event::Refresh,
        Event::Derive,
        Event::Exchange,
        Event::Release,
        Event::Consent,
    ] {
        assert_eq!(done(event), (3002, 99));
    }
    assert_eq!(done(Event::Alert), (2004, 1));
    assert_eq!(of(Entry::note(Note::Began)), (1008, 6));
    assert_eq!(of(Entry::note(Note::Pruned { to: 1 })), (1008, 2));
    let refused = |during: &str| {
        of(Entry {
            during: Some(during.to_owned()),
            ..Entry::new(Event::Refusal, Outcome::Refused)
        })
    };
    assert_eq!(refused("sign-in"), (3002, 1));
    assert_eq!(refused("installation"), (3004, 1));
    let policy = |what: &str| {
        of(Entry {
            change: Some(Change {
                what: what.to_owned(),
                ..Change::default()
            }),
            ..Entry::new(Event::Policy, Outcome::Done)
        })
    };
    assert_eq!(
        ["added", "approved", "removed", "secret kept: x"].map(policy),
        [(3004, 1), (3004, 8), (3004, 4), (3004, 3)]
    );
}

#[test]
fn an_event_is_one_line_whatever_the_record_says() {
    for one in every_kind() {
        let line = event(&one);
        assert!(
            line.bytes().all(|byte| matches!(byte, 0x20..=0x7e)),
            "{line}"
        );
        let event: Value = serde_json::from_str(&line).unwrap();
        assert_eq!(event["raw_data"], one.line);
        assert_eq!(event["metadata"]["uid"], one.record.code);
        if let Some(subject) = &one.record.entry.subject
            && event["class_uid"] == 3002
        {
            assert_eq!(event["user"]["uid"], subject.as_str());
        }
    }
}

#[test]
fn a_plugin_is_not_taken_for_the_person_whom_it_acts_for() {
    let person = every_kind().remove(0);
    let told = members(&person);
    assert_eq!(told["user"]["type"], "User");
    assert_eq!(
        told["actor"],
        json!({ "app_name": "oidc", "app_uid": "sha256:00" })
    );
    let mut workload = person;
    workload.record.entry.principal = Some(Principal::Workload);
    workload.record.entry.by = Some(By::Host);
    let told = members(&workload);
    assert_eq!(told["user"]["type"], "Service");
    assert_eq!(told["actor"], json!({ "app_name": PRODUCT }));
}
