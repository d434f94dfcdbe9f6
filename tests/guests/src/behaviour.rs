//! What guests do, as WebAssembly text. Addresses: texts from 16, the description at 2048, steps at 4096, and what the host passes in
//! from 65536.

/// A bump allocator for what the host passes in, and the texts of the description.
pub(crate) const ALLOCATOR: &str = r#"
(data (i32.const 16) "guest")
(data (i32.const 32) "0.1.0")
(global $heap (mut i32) (i32.const 65536))
(func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32) (local $at i32)
  (local.set $at (i32.and (i32.add (global.get $heap) (i32.const 7)) (i32.const -8)))
  (global.set $heap (i32.add (local.get $at) (local.get 3)))
  (local.get $at))
"#;

/// `description { name: "guest", version: "0.1.0", summary: "guest", settings: [], profile: err([]) }`
pub const DESCRIPTION: &str = "
(i32.store (i32.const 2048) (i32.const 16)) (i32.store (i32.const 2052) (i32.const 5))
(i32.store (i32.const 2056) (i32.const 32)) (i32.store (i32.const 2060) (i32.const 5))
(i32.store (i32.const 2064) (i32.const 16)) (i32.store (i32.const 2068) (i32.const 5))
(i32.store (i32.const 2080) (i32.const 1))
(i32.const 2048)";

/// `discover`
pub const DISCOVER: &str = "(i32.store8 (i32.const 4096) (i32.const 0)) (i32.const 4096)";

/// `finish(done)`
pub const FINISH: &str = "
(i32.store8 (i32.const 4096) (i32.const 6)) (i32.store8 (i32.const 4104) (i32.const 1))
(i32.const 4096)";

/// Never returns.
pub const LOOP: &str = "(loop $forever (br $forever)) (unreachable)";

/// Traps.
pub const TRAP: &str = "(unreachable)";

/// Grows its memory until it cannot.
pub const GROW_MEMORY: &str =
    "(loop $more (drop (memory.grow (i32.const 16))) (br $more)) (unreachable)";

/// Grows the table `$table` until it cannot.
pub const GROW_TABLE: &str = "(loop $more (drop (table.grow $table (ref.null func) (i32.const 1000))) (br $more)) (unreachable)";

/// The item that [`GROW_TABLE`] needs.
pub const TABLE: &str = "(table $table 1 funcref)";

/// Calls `$deeper`, which calls itself.
pub const RECURSE: &str = "(call $deeper)";

/// The item that [`RECURSE`] needs.
pub const RECURSION: &str = "(func $deeper (result i32) (i32.add (call $deeper) (i32.const 1)))";

/// Fills 65 MB of memory over and over. One such instruction is one library call, which no deadline interrupts.
pub const FILL_MEMORY: &str = "
(loop $again
  (memory.fill (i32.const 0) (i32.const 1) (i32.const 65000000))
  (br $again))
(unreachable)";

/// `fail` with a message of so many bytes, all of them zero.
#[must_use]
pub fn fail_with(bytes: u32) -> String {
    format!(
        "(i32.store8 (i32.const 4096) (i32.const 7))
         (i32.store (i32.const 4104) (i32.const 65536)) (i32.store (i32.const 4108) (i32.const {bytes}))
         (i32.const 4096)"
    )
}

/// The description with a summary of so many bytes, all of them zero.
#[must_use]
pub fn summary_of(bytes: u32) -> String {
    DESCRIPTION
        .replace(
            "(i32.store (i32.const 2064) (i32.const 16)) (i32.store (i32.const 2068) (i32.const 5))",
            &format!(
                "(i32.store (i32.const 2064) (i32.const 65536)) (i32.store (i32.const 2068) (i32.const {bytes}))"
            ),
        )
}

/// `choose` among so many options, all of them empty, under a heading of so many bytes.
#[must_use]
pub fn choose(heading: u32, options: u32) -> String {
    format!(
        "(i32.store8 (i32.const 4096) (i32.const 5))
         (i32.store (i32.const 4104) (i32.const 131072)) (i32.store (i32.const 4108) (i32.const {heading}))
         (i32.store (i32.const 4112) (i32.const 131072)) (i32.store (i32.const 4116) (i32.const {options}))
         (i32.const 4096)"
    )
}
