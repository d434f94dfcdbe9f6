#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let _accepted = vestibule_fuzz::challenge::run(bytes);
});
