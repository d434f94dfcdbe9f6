//! The mistakes that would be most tempting, and that the types refuse: each file in `refused/` is one, as somebody outside of
//! the crate would make it, with what the compiler says beside it. A file that compiles is a wall that has fallen.
//!
//! After a change of a signature, `TRYBUILD=overwrite cargo test -p vestibule-mistakes` writes the compiler's words
//! anew; read them before they are committed.

#[test]
fn tempting_mistakes_do_not_compile() {
    trybuild::TestCases::new().compile_fail("tests/refused/*.rs");
}
