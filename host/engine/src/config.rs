//! The one configuration of wasmtime. The compiling program and the host make theirs here, since code that was compiled under
//! other settings than it runs under would be refused, or worse, not be.

use vestibule_core::limits::{GUEST_MEMORY_BYTES, GUEST_STACK_BYTES};
use wasmparser::WasmFeatures;
use wasmtime::{Config, ModuleVersionStrategy};

/// What guests may use of WebAssembly: what Rust, C, Python and JavaScript toolchains emit for a plain target, and no more. No
/// threads, no garbage collection, no exceptions, no 64-bit memories, nothing asynchronous.
pub const FEATURES: WasmFeatures = WasmFeatures::MUTABLE_GLOBAL
    .union(WasmFeatures::SATURATING_FLOAT_TO_INT)
    .union(WasmFeatures::SIGN_EXTENSION)
    .union(WasmFeatures::REFERENCE_TYPES)
    .union(WasmFeatures::MULTI_VALUE)
    .union(WasmFeatures::BULK_MEMORY)
    .union(WasmFeatures::SIMD)
    .union(WasmFeatures::FLOATS)
    .union(WasmFeatures::EXTENDED_CONST)
    .union(WasmFeatures::COMPONENT_MODEL);

/// Address space that follows each linear memory without access. Enough to fold the constant offset of most loads and stores into
/// the bounds check, and far less than the 32 MiB that wasmtime reserves.
const GUARD_BYTES: u64 = 64 << 10;

/// The release of wasmtime that is linked in. A test compares it with the lock files.
pub const WASMTIME: &str = "48.0.8";

/// What compiled code depends on: the exact release of wasmtime, the machine's kind, and the settings below. Code that was compiled
/// under another fingerprint is not run. (Wasmtime has a hash for this purpose, but only where its compiler is linked in.)
#[must_use]
pub fn fingerprint() -> String {
    format!(
        "vestibule 1, wasmtime {WASMTIME}, {}-{}, features {:x}, stack {GUEST_STACK_BYTES}, memory {GUEST_MEMORY_BYTES}, guard {GUARD_BYTES}",
        std::env::consts::ARCH,
        std::env::consts::OS,
        FEATURES.bits(),
    )
}

/// The configuration of every engine, with or without a compiler. Fails only if wasmtime does not take the fingerprint.
pub fn config() -> wasmtime::Result<Config> {
    let mut config = Config::new();

    // By itself wasmtime would take code of any release with the same first number.
    config.module_version(ModuleVersionStrategy::Custom(fingerprint()))?;

    config.wasm_features(WasmFeatures::all(), false);
    config.wasm_features(FEATURES, true);

    // A guest that does not return is stopped at its deadline (RES-01).
    config.epoch_interruption(true);
    config.max_wasm_stack(GUEST_STACK_BYTES);

    // Wasmtime's 4 GiB per memory would spare each access its bounds check, and fail under any limit on address space. A memory is
    // reserved for what a plugin may use, never moves, and cannot outgrow its reservation: the limiter says so too.
    config.memory_reservation(GUEST_MEMORY_BYTES as u64);
    config.memory_reservation_for_growth(0);
    config.memory_guard_size(GUARD_BYTES);
    config.memory_may_move(false);
    config.guard_before_linear_memory(false);
    // Initial memory is mapped, not copied: a Python guest starts with 30 MB of it.
    config.memory_init_cow(true);

    // Nobody sees a guest's stack, so nothing is kept that would be needed to print one. Windows cannot do without unwinding.
    config.generate_address_map(false);
    #[cfg(not(windows))]
    config.native_unwind_info(false);

    Ok(config)
}
