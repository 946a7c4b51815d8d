//! Observations by distributions on the device, against the CPU in f64.

use vpop::engine::cpu::{Cpu, Isa};
use vpop::engine::gpu::Adapter;
use vpop::engine::{Engine, Status};

use crate::adapter::gpu;
use crate::observed::{DAYS, OBSERVED, Observed, job};

const PATIENTS: u32 = 60;
/// Lines that a model has.
const TOGETHER: usize = 6;
/// Counts whose step lies so near the score that rounding decides, of 1,620.
const MOST_NEIGHBOURS: u32 = 3;

pub(crate) fn are_the_cpus(adapter: &Adapter) {
    let (mut neighbours, mut faults) = (0, Vec::new());
    // All together look for more at a visit than a driver in software lets a dispatch do.
    for observed in OBSERVED.chunks(TOGETHER) {
        compare(adapter, observed, &mut neighbours, &mut faults);
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
    assert!(neighbours <= MOST_NEIGHBOURS, "{neighbours} counts differ");
}

fn compare(adapter: &Adapter, observed: &[Observed], neighbours: &mut u32, faults: &mut Vec<String>) {
    let job = job(observed, PATIENTS);
    let (_, individuals) = job.individuals(0..PATIENTS.into(), Isa::detect()).unwrap();
    let solution = gpu(&job.plan, adapter).solve(&individuals).unwrap();
    let expected = Cpu::new(&job.plan, Isa::detect()).solve(&individuals).unwrap();
    assert!(solution.status.iter().all(|&status| status == Status::Ok), "{:?}", solution.status);
    for observed in observed {
        for day in DAYS {
            let name = format!("{}_{day}", observed.name);
            let endpoint = job.plan.endpoints.iter().find(|endpoint| endpoint.name == name).unwrap();
            for patient in 0..PATIENTS as usize {
                let [got, right] = [&solution, &expected].map(|of| of.endpoint(endpoint.value, patient));
                let off = (got - right).abs();
                if observed.is_count && off > 0.0 {
                    // Of categories with numbers of their own the next one is further away.
                    *neighbours += 1;
                } else if off.is_nan() || off > 1e-3 * right.abs().max(0.1) {
                    faults.push(format!("{name} of {patient}: {got} instead of {right}"));
                }
            }
        }
    }
}
