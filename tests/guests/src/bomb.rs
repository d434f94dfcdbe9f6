//! Components that are small to send and dear to compile.

use std::fmt::Write as _;

use crate::Guest;

/// A guest with so many functions, each of which has so many nested loops over the same variables, which is hard on a register
/// allocator. A thousand of a hundred take an optimising compiler many seconds.
#[must_use]
pub fn functions(count: usize, statements: usize) -> Vec<u8> {
    let mut body = String::new();
    for statement in 0..statements {
        let (a, b, c) = (
            statement % 31,
            (statement * 7 + 3) % 31,
            (statement * 13 + 5) % 31,
        );
        let _ = write!(
            body,
            "(local.set {a} (i64.add (i64.mul (local.get {b}) (local.get {c})) (i64.load (i32.wrap_i64 (local.get {a})))))"
        );
        if statement % 8 == 0 {
            let _ = write!(
                body,
                "(if (i64.eqz (local.get {b})) (then (i64.store (i32.wrap_i64 (local.get {c})) (local.get {a}))))"
            );
        }
    }
    let locals = "i64 ".repeat(31);
    let function = format!("(func (local {locals}) {body})\n");
    Guest::honest().item(&function.repeat(count)).component()
}
