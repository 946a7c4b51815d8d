//! The adapter that is tested, and what every test does with it.

use vpop::engine::cpu::Isa;
use vpop::engine::gpu::{Adapter, Gpu, WithCpuFallback, adapters};
use vpop::plan::Plan;

/// Part of the name of the adapter to take.
const WANTED: &str = "VPOP_TEST_ADAPTER";

/// The best adapter, or why there is none.
pub(crate) fn find() -> Result<Adapter, String> {
    let wanted = std::env::var(WANTED).unwrap_or_default();
    let all = adapters();
    let known: Vec<String> = all.iter().map(|adapter| adapter.name.clone()).collect();
    all.into_iter().find(|adapter| adapter.name.contains(&wanted)).ok_or_else(|| {
        format!(
            "an adapter (whose name contains `{wanted}`) is needed, and there is: [{}]. Install the driver of a \
             GPU or one in software (on Debian mesa-vulkan-drivers; tests/run.sh fetches SwiftShader)",
            known.join(", ")
        )
    })
}

/// Whether tests that find no adapter fail.
pub(crate) fn is_required() -> bool {
    std::env::var_os(WANTED).is_some() || std::env::var("CI").is_ok_and(|ci| ci == "true")
}

/// Whether it takes ten times as long as others in software.
pub(crate) fn is_slow(adapter: &Adapter) -> bool {
    adapter.name.contains("SwiftShader")
}

/// The device alone, for a plan.
pub(crate) fn gpu(plan: &Plan, adapter: &Adapter) -> Gpu {
    Gpu::new(plan, adapter, Isa::detect()).unwrap_or_else(|error| panic!("{error}"))
}

/// The device with the CPU behind it, for a plan.
pub(crate) fn with_fallback(plan: &Plan, adapter: &Adapter) -> WithCpuFallback {
    WithCpuFallback::new(plan, adapter, Isa::detect(), true).unwrap_or_else(|error| panic!("{error}"))
}
