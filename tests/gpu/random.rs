//! Random small models on the device, against the CPU in f64.

use vpop::engine::cpu::{Cpu, Isa};
use vpop::engine::gpu::Adapter;
use vpop::plan::{Method, Plan};

use crate::adapter::gpu;
use crate::compare::{Case, numbers};

/// Models of a usual run: each is a shader to compile.
const MODELS: u64 = 8;
/// What a run promises of a device.
const OF_DEVICE: f64 = 1e-3;

pub(crate) fn the_device_agrees(adapter: &Adapter) {
    for number in numbers(MODELS) {
        let case = Case::new(number);
        let expected = case.solve(&Cpu::new(&case.job.plan, Isa::detect()));
        for method in [Method::Tsit5, Method::Rosenbrock] {
            let got = case.solve(&gpu(&Plan { method, ..case.job.plan.clone() }, adapter));
            let differences = case.differences(method.name(), &expected, &got, OF_DEVICE);
            assert!(differences.is_empty(), "{}\n{}", differences.join("\n"), case.texts());
        }
    }
}
