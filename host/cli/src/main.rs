//! The program.

use std::alloc::System;
use std::process::ExitCode;

use zeroizing_alloc::ZeroAlloc;

/// What is freed is erased, whoever had it: the buffers of HTTP, TLS and the terminal hold secrets too, and know nothing of it
/// (PLUG-20, RESP-07).
#[global_allocator]
static ERASING: ZeroAlloc<System> = ZeroAlloc(System);

fn main() -> ExitCode {
    vestibule_cli::main()
}
