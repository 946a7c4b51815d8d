//! Random small models, solved by every engine on the processor: they agree within stated tolerances.
//!
//! `VPOP_RANDOM=5000` tries as many. `tests/gpu/random.rs` does the same on a device.

mod compare;
mod generator;

use rayon::prelude::*;
use vpop::engine::cpu::{Cpu, Isa, Precision};
use vpop::plan::{Method, Plan};

use self::compare::{Case, numbers};

/// Models of a usual run.
const MODELS: u64 = 200;
/// Differences of the two methods in f64, each at a relative tolerance of 1e-9.
const OF_METHODS: f64 = 1e-6;
/// Differences of f32 at a relative tolerance of 1e-5: what a run promises of a device.
const OF_F32: f64 = 1e-3;

fn by(plan: &Plan, method: Method, precision: Precision) -> Cpu {
    Cpu::with_precision(&Plan { method, ..plan.clone() }, Isa::detect(), precision)
}

#[test]
fn engines_agree() {
    let tried = |number: u64| {
        let case = Case::new(number);
        let solved = |method, precision| case.solve(&by(&case.job.plan, method, precision));
        let explicit = solved(Method::Tsit5, Precision::F64);
        let implicit = solved(Method::Rosenbrock, Precision::F64);
        let single = solved(Method::Tsit5, Precision::F32);
        let mut differences = case.differences("rosenbrock", &explicit, &implicit, OF_METHODS);
        differences.extend(case.differences("f32", &explicit, &single, OF_F32));
        if !differences.is_empty() {
            differences.push(case.texts());
        }
        differences
    };
    let differences: Vec<Vec<String>> = numbers(MODELS).into_par_iter().map(tried).collect();
    let differing: Vec<String> =
        differences.into_iter().filter(|of| !of.is_empty()).map(|of| of.join("\n")).collect();
    assert!(
        differing.is_empty(),
        "{} models differ:\n{}",
        differing.len(),
        differing[..3.min(differing.len())].join("\n")
    );
}
