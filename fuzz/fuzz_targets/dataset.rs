#![no_main]

#[path = "../../tests/library/fuzz/targets.rs"]
#[expect(dead_code, reason = "each program has one of them")]
mod targets;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| targets::dataset(bytes));
