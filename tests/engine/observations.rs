//! Observations by distributions: the quantile of the patient's own score, whatever the distribution.

use statrs::distribution::{ContinuousCDF, Normal};
use vpop::engine::cpu::{Cpu, Isa, Precision};
use vpop::engine::{Engine, Status};

use crate::observed::{DAYS, OBSERVED, job, state};

const PATIENTS: u32 = 60;
const TICKS_PER_DAY: u32 = 86_400;

/// In f32 a count whose step lies within rounding may be its neighbour: of 1,620 counts none or hardly any.
#[test]
fn every_distribution_is_another_programs() {
    let job = job(&OBSERVED, PATIENTS);
    let (_, individuals) = job.individuals(0..PATIENTS.into(), Isa::detect()).unwrap();
    for (precision, tolerance, most) in [(Precision::F64, 1e-6, 0), (Precision::F32, 2e-3, 2)] {
        let solution = Cpu::with_precision(&job.plan, Isa::detect(), precision).solve(&individuals).unwrap();
        assert!(solution.status.iter().all(|&status| status == Status::Ok));
        let mut others = 0;
        for (line, observed) in OBSERVED.iter().enumerate() {
            for day in DAYS {
                let name = format!("{}_{day}", observed.name);
                let endpoint = job.plan.endpoints.iter().find(|endpoint| endpoint.name == name).unwrap();
                for patient in 0..PATIENTS {
                    let score = job.sampler.residual_score(patient.into(), day * TICKS_PER_DAY, line);
                    let right = (observed.value)(state(day), Normal::standard().cdf(score));
                    let got = solution.endpoint(endpoint.value, patient as usize);
                    let off = (got - right).abs();
                    if observed.is_count && off == 1.0 && others < most {
                        others += 1;
                    } else {
                        let allowed = if observed.is_count { 0.0 } else { tolerance * right.abs().max(0.1) };
                        assert!(off <= allowed, "{name} of {patient}, {precision:?}: {got}, {right}");
                    }
                }
            }
        }
    }
}
