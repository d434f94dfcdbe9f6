//! What is accepted as a proof, and every way in which a claim is refused.

use super::catalogue::Catalogue;
use super::claims::{Finding, claims};
use super::judge;
use super::sources::Source;

const CATALOGUE: &str = "id\tlevel\tseverity\trequirement\n\
    LOOP-01\tMUST\tHigh\tBinds to loopback.\n\
    LOOP-02\tMUST\tMedium\tTakes any port.\n\
    PKCE-01\tSHOULD\tLow\tUses S256.\n";

fn file(path: &str, text: &str) -> Source {
    Source {
        path: path.into(),
        text: text.into(),
    }
}

fn findings(text: &str) -> Vec<Finding> {
    claims(&[file("host/broker/src/loopback.rs", text)])
}

/// `ID by test` of each proof; fails on a problem.
fn proofs(text: &str) -> Vec<String> {
    let proof = |finding| match finding {
        Finding::Proof { id, test, .. } => format!("{id} by {}", test.rsplit("::").next().unwrap()),
        Finding::Problem { .. } => panic!("{finding}"),
    };
    findings(text).into_iter().map(proof).collect()
}

/// What is wrong with the only claim of `text`.
fn problem(text: &str) -> String {
    match findings(text).as_slice() {
        [finding @ Finding::Problem { .. }] => finding.to_string(),
        other => panic!("one problem expected, found {other:?}"),
    }
}

#[test]
fn a_test_below_the_claim_proves_it() {
    let text = "// proves: LOOP-01, LOOP-02\n#[test]\nfn binds() { assert_eq!(1, 1); }";
    assert_eq!(proofs(text), ["LOOP-01 by binds", "LOOP-02 by binds"]);
}

#[test]
fn an_asynchronous_test_proves() {
    let text = "// proves: LOOP-01\n#[tokio::test(flavor = \"current_thread\")]\npub(crate) async fn a() -> R { x().await?; Ok(()) }";
    assert_eq!(proofs(text), ["LOOP-01 by a"]);
}

#[test]
fn comments_and_attributes_may_stand_between() {
    let text = "// proves: LOOP-01\n// because of RFC 8252\n#[cfg(unix)]\n/// words\n// proves: LOOP-02\n#[test]\n// more\nfn a() { x().unwrap_err(); }";
    assert_eq!(proofs(text), ["LOOP-01 by a", "LOOP-02 by a"]);
}

#[test]
fn a_property_inside_proptest_proves() {
    let text = "proptest! {\n #![proptest_config(c)]\n // proves: LOOP-01\n #[test]\n fn a(x in 0..3u8, y in { b() }) { prop_assert!(x < 3); }\n}";
    assert_eq!(proofs(text), ["LOOP-01 by a"]);
}

#[test]
fn a_macro_of_this_repository_that_makes_asserting_tests_proves() {
    let definition = "macro_rules! refused { ($n:ident, $e:expr) => { #[test] fn $n() { assert!($e.is_err()); } } }\n";
    assert_eq!(
        proofs(&format!(
            "{definition}// proves: LOOP-01\ncrate::refused!(empty_host, x());"
        )),
        ["LOOP-01 by empty_host"]
    );
}

#[test]
fn an_assertion_in_a_helper_of_the_crate_counts() {
    let helper = file(
        "host/broker/tests/support/check.rs",
        "pub fn refuses(x: u8) { inner(x) } fn inner(x: u8) { assert!(x > 0) }",
    );
    let test = file(
        "host/broker/tests/a.rs",
        "// proves: LOOP-01\n#[test]\nfn a() { check::refuses(1); }",
    );
    assert!(matches!(
        claims(&[helper, test]).as_slice(),
        [Finding::Proof { .. }]
    ));
}

#[test]
fn a_helper_of_another_crate_does_not_count() {
    let helper = file(
        "host/store/tests/check.rs",
        "pub fn refuses(x: u8) { assert!(x > 0) }",
    );
    let test = file(
        "host/broker/tests/a.rs",
        "// proves: LOOP-01\n#[test]\nfn a() { refuses(1); }",
    );
    assert!(matches!(
        claims(&[helper, test]).as_slice(),
        [Finding::Problem { .. }]
    ));
}

#[test]
fn setting_up_in_a_helper_is_no_assertion() {
    let text =
        "fn server() { bind().unwrap(); }\n// proves: LOOP-01\n#[test]\nfn a() { server(); }";
    assert!(problem(text).contains("asserts nothing"));
}

#[test]
fn helpers_that_call_each_other_end() {
    let text = "fn x() { y() } fn y() { x() }\n// proves: LOOP-01\n#[test]\nfn a() { x(); }";
    assert!(problem(text).contains("asserts nothing"));
}

#[test]
fn a_test_that_should_panic_asserts() {
    let text = "// proves: LOOP-01\n#[test]\n#[should_panic(expected = \"x\")]\nfn a() { go(); }";
    assert_eq!(proofs(text), ["LOOP-01 by a"]);
}

#[test]
fn an_ignored_test_proves_nothing() {
    for ignore in [
        "#[ignore]",
        "#[ignore = \"slow\"]",
        "#[cfg_attr(not(unix), ignore)]",
    ] {
        let text = format!("// proves: LOOP-01\n#[test]\n{ignore}\nfn a() {{ assert!(x()); }}");
        assert!(problem(&text).contains("ignored"), "{ignore}");
    }
}

#[test]
fn an_ignored_test_made_by_a_macro_proves_nothing() {
    let text = "macro_rules! m { ($n:ident) => { #[test] #[ignore] fn $n() { assert!(x()) } } }\n// proves: LOOP-01\nm!(a);";
    assert!(problem(text).contains("ignored"));
}

#[test]
fn an_empty_test_proves_nothing() {
    assert!(
        problem("// proves: LOOP-01\n#[test]\nfn a() { /* later */ // assert!(true)\n }")
            .contains("is empty")
    );
}

#[test]
fn a_test_without_assertion_proves_nothing() {
    let text = "// proves: LOOP-01\n#[test]\nfn a() { let _ = matches!(x(), \"assert!(y)\"); // assert!(z)\n }";
    assert!(problem(text).contains("asserts nothing"));
}

#[test]
fn a_function_that_is_no_test_proves_nothing() {
    for attribute in ["", "#[cfg(test)]", "#[my::testing]"] {
        let text = format!("// proves: LOOP-01\n{attribute}\nfn a() {{ assert!(x()); }}");
        assert!(problem(&text).contains("is no test"), "{attribute}");
    }
}

#[test]
fn a_claim_above_anything_else_is_dangling() {
    for item in [
        "struct A;",
        "mod tests { #[test] fn a() { assert!(x()); } }",
        "let x = 1;",
        "",
    ] {
        assert!(
            problem(&format!("// proves: LOOP-01\n{item}")).contains("stands on no test"),
            "{item}"
        );
    }
}

#[test]
fn a_claim_above_a_foreign_macro_is_dangling() {
    let text = "// proves: LOOP-01\nproptest! { #[test] fn a(x in 0..3) { prop_assert!(x) } }";
    assert!(problem(text).contains("not defined in this repository"));
}

#[test]
fn words_in_strings_block_comments_and_documentation_are_no_claims() {
    let text = "/* // proves: LOOP-01 */ /// proves: LOOP-01\n#[test]\nfn a() { assert!(\"// proves: LOOP-01\n\"); }";
    assert_eq!(findings(text), []);
}

#[test]
fn the_place_of_a_problem_is_named() {
    assert!(
        problem("\n\n// proves: LOOP-01\nstruct A;")
            .starts_with("host/broker/src/loopback.rs:3: LOOP-01")
    );
}

#[test]
fn an_unknown_requirement_is_a_problem() {
    let source = file(
        "host/a/src/b.rs",
        "// proves: LOOP-01, LOOP-99 and more\n#[test]\nfn a() { assert!(x()); }",
    );
    let report = judge(Catalogue::parse(CATALOGUE).unwrap(), &[source]);
    assert_eq!(
        report.problems(),
        ["host/a/src/b.rs:1: `LOOP-99 and more` is no requirement"]
    );
}

#[test]
fn a_claim_without_any_requirement_is_a_problem() {
    let source = file(
        "host/a/src/b.rs",
        "// proves:\n#[test]\nfn a() { assert!(x()); }",
    );
    assert_eq!(
        judge(Catalogue::parse(CATALOGUE).unwrap(), &[source])
            .problems()
            .len(),
        1
    );
}

#[test]
fn the_report_for_programs_names_severity_and_tests() {
    let source = file(
        "host/a/src/b.rs",
        "// proves: LOOP-01\n#[test]\nfn a() { assert!(x()); }",
    );
    let json = judge(Catalogue::parse(CATALOGUE).unwrap(), &[source])
        .json()
        .unwrap();
    assert_eq!(
        json,
        concat!(
            r#"{"requirements":[{"id":"LOOP-01","severity":"High","proven":true,"tests":["host/a/src/b.rs::a"]},"#,
            r#"{"id":"LOOP-02","severity":"Medium","proven":false,"tests":[]},"#,
            r#"{"id":"PKCE-01","severity":"Low","proven":false,"tests":[]}]}"#
        )
    );
}

#[test]
fn the_report_for_people_counts_by_group_and_severity_and_lists_the_rest() {
    let source = file(
        "host/a/src/b.rs",
        "// proves: LOOP-01\n#[test]\nfn a() { assert!(x()); }",
    );
    let text = judge(Catalogue::parse(CATALOGUE).unwrap(), &[source]).text();
    for line in [
        "  LOOP        1 /   2",
        "  PKCE        0 /   1",
        "  High        1 /   1",
        "  Critical    0 /   0",
    ] {
        assert!(
            text.lines().any(|found| found == line),
            "{line} is not in\n{text}"
        );
    }
    assert!(text.contains(
        "unproven\n  LOOP-02   Medium    Takes any port.\n  PKCE-01   Low       Uses S256.\n"
    ));
    assert!(text.ends_with("1 of 3 requirements proven"));
}

#[test]
fn a_catalogue_with_a_double_or_broken_line_is_refused() {
    for line in [
        "LOOP-01\tMUST\tHigh\tAgain.",
        "LOOP-03\tMUST\tDire\tX.",
        "LOOP-03 MUST High X.",
    ] {
        assert!(
            Catalogue::parse(&format!("{CATALOGUE}{line}\n")).is_err(),
            "{line}"
        );
    }
}

#[test]
fn the_catalogue_of_the_project_can_be_read() {
    let catalogue = Catalogue::parse(include_str!("../../../requirements.tsv")).unwrap();
    assert_eq!(catalogue.iter().count(), 218);
}
