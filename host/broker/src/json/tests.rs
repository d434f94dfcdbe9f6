use super::*;

fn document(text: &str) -> Document {
    Document::parse(text.as_bytes()).unwrap()
}

fn problem(text: &[u8]) -> JsonProblem {
    Document::parse(text).unwrap_err()
}

// proves: NET-09
#[test]
fn hostile_texts_end_in_an_error_and_not_in_a_panic() {
    let deep = |depth: usize| format!("{{\"a\":{}{}}}", "[".repeat(depth), "]".repeat(depth));
    assert!(Document::parse(deep(limits::JSON_DEPTH - 1).as_bytes()).is_ok());
    assert_eq!(
        problem(deep(limits::JSON_DEPTH).as_bytes()),
        JsonProblem::TooDeep
    );
    assert_eq!(problem(deep(100_000).as_bytes()), JsonProblem::TooDeep);
    assert_eq!(
        problem("[".repeat(100_000).as_bytes()),
        JsonProblem::TooDeep
    );
    assert_eq!(
        problem("{\"a\":".repeat(100_000).as_bytes()),
        JsonProblem::TooDeep
    );

    let long = format!("{{\"a\":\"{}\"}}", "x".repeat(10 << 20));
    assert_eq!(problem(long.as_bytes()), JsonProblem::TooLong);

    for syntax in [
        &br#"{"a":1e999}"#[..],
        br#"{"a":-1e999}"#,
        br#"{"a":"\ud800"}"#,
        br#"{"a":"\udc00"}"#,
        br#"{"a":"\ud800\u0041"}"#,
        b"{\"a\":\"\0\"}",
        b"{\"a\":\"\xff\"}",
        b"{\"a\":\"\xed\xa0\x80\"}",
        br#"{"a":NaN}"#,
        br#"{"a":01}"#,
        br#"{"a":+1}"#,
        br#"{"a":1,}"#,
        br#"{"a":1} x"#,
        br#"{'a':1}"#,
        b"\xef\xbb\xbf{}",
        b"",
        b"{",
    ] {
        assert!(
            matches!(problem(syntax), JsonProblem::Syntax { .. }),
            "{}",
            String::from_utf8_lossy(syntax)
        );
    }
    // An escaped NUL is legal JSON. It stays what it is, and is refused where it would do harm.
    assert_eq!(
        document(r#"{"a":"x\u0000y"}"#).text("/a").unwrap(),
        Some("x\0y")
    );
    // Whole numbers beyond 64 bits are numbers, but none that a typed getter takes.
    assert!(
        document(r#"{"a":99999999999999999999}"#)
            .integer("/a")
            .is_err()
    );
    assert!(document(r#"{"a":1e308}"#).seconds("/a").is_err());
}

#[test]
fn a_member_that_is_there_twice_is_refused_at_any_depth_and_in_any_spelling() {
    for text in [
        r#"{"a":1,"a":1}"#,
        r#"{"b":[{"a":1,"a":2}]}"#,
        r#"{"a":1,"\u0061":2}"#,
    ] {
        assert_eq!(problem(text.as_bytes()), JsonProblem::Duplicate, "{text}");
    }
}

#[test]
fn the_top_is_an_object() {
    for text in ["[]", "\"a\"", "1", "null", "true"] {
        assert_eq!(problem(text.as_bytes()), JsonProblem::NotAnObject, "{text}");
    }
}

#[test]
fn whole_numbers_may_be_written_as_floats() {
    let numbers = document(r#"{"a":300,"b":300.0,"c":1.7e9,"d":300.5,"e":"300","f":-1,"g":1e300}"#);
    assert_eq!(numbers.integer("/a"), Ok(Some(300)));
    assert_eq!(numbers.integer("/b"), Ok(Some(300)));
    assert_eq!(numbers.integer("/c"), Ok(Some(1_700_000_000)));
    assert_eq!(numbers.integer("/f"), Ok(Some(-1)));
    for refused in ["/d", "/e", "/g"] {
        assert!(numbers.integer(refused).is_err(), "{refused}");
    }
    assert_eq!(numbers.seconds("/d"), Ok(Some(300)));
    assert!(numbers.seconds("/f").is_err());
    assert!(numbers.seconds("/e").is_err());
}

#[test]
fn absent_and_null_are_the_same_and_another_type_is_an_error() {
    let doc = document(r#"{"scope":null,"list":["a","b"],"mixed":["a",1],"flag":true}"#);
    assert_eq!(doc.text("/scope"), Ok(None));
    assert_eq!(doc.text("/missing"), Ok(None));
    assert_eq!(doc.texts("/list"), Ok(Some(vec!["a", "b"])));
    assert!(doc.texts("/mixed").is_err());
    assert_eq!(doc.boolean("/flag"), Ok(Some(true)));
    assert_eq!(
        doc.text("/flag").unwrap_err().to_string(),
        "\"/flag\" is a boolean, not text"
    );
}

#[test]
fn pointers_resolve_as_in_the_rfcs_own_example() {
    let doc = document(
        r#"{"foo":["bar","baz"],"":0,"a/b":1,"c%d":2,"e^f":3,"g|h":4,"i\\j":5,"k\"l":6," ":7,"m~n":8}"#,
    );
    assert_eq!(doc.get(""), Some(doc.root()));
    assert_eq!(doc.text("/foo/0"), Ok(Some("bar")));
    for (pointer, value) in [
        ("/", 0),
        ("/a~1b", 1),
        ("/c%d", 2),
        ("/e^f", 3),
        ("/g|h", 4),
        ("/i\\j", 5),
        ("/k\"l", 6),
        ("/ ", 7),
        ("/m~0n", 8),
    ] {
        assert_eq!(doc.integer(pointer), Ok(Some(value)), "{pointer}");
    }
    for nowhere in [
        "foo",
        "/foo/2",
        "/foo/-",
        "/foo/00",
        "/foo/01",
        "/foo/+1",
        "/foo/0/x",
        "/m~2n",
        "/m~",
        "/foo/99999999999999999999",
    ] {
        assert_eq!(doc.get(nowhere), None, "{nowhere}");
    }
}

#[test]
fn values_do_not_print_what_they_hold() {
    let printed = format!("{:?}", document(r#"{"access_token":"marker"}"#));
    assert!(!printed.contains("marker"), "{printed}");
    let all = document(r#"{"a":null,"b":true,"c":1,"d":1.5,"e":"marker","f":["marker"],"g":{}}"#);
    let printed = all
        .root()
        .as_object()
        .unwrap()
        .values()
        .map(|value| format!("{value:?}"));
    assert_eq!(
        printed.collect::<Vec<_>>(),
        [
            "[null]",
            "[a boolean]",
            "[a number]",
            "[a number]",
            "[text]",
            "[a list]",
            "[an object]"
        ]
    );
}

#[test]
fn a_text_is_at_most_as_long_as_a_reply() {
    let of_length = |length: usize| "{}".to_owned() + &" ".repeat(length - "{}".len());
    assert!(Document::parse(of_length(limits::BODY_BYTES).as_bytes()).is_ok());
    assert_eq!(
        problem(of_length(limits::BODY_BYTES + 1).as_bytes()),
        JsonProblem::TooLong
    );
}

#[test]
fn a_member_that_is_taken_out_is_gone_and_the_others_stay() {
    let mut doc = document(r#"{"nonce":"n","sub":"s","inner":{"nonce":"m"}}"#);
    doc.remove("nonce");
    doc.remove("missing");
    assert_eq!(doc, document(r#"{"sub":"s","inner":{"nonce":"m"}}"#));
}
