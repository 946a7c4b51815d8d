//! Solutions of one plan by several engines, endpoint by endpoint.

use vpop::diagnostic::Source;
use vpop::engine::cpu::Isa;
use vpop::engine::{Engine, Individuals, Solution, Status};
use vpop::job::Job;

use super::generator::{self, Made, PATIENTS};

/// What is nothing beside the largest that a state comes to.
const SMALL: f64 = 1e-2;

/// A job that was made from a number, its patients, and what made it.
pub(crate) struct Case {
    pub(crate) job: Job,
    pub(crate) individuals: Individuals,
    number: u64,
    made: Made,
}

impl Case {
    #[expect(clippy::panic, reason = "tests")]
    pub(crate) fn new(number: u64) -> Self {
        let made = generator::make(number);
        let (cohort, model) =
            (Source::new("random.toml", made.cohort.as_str()), Source::new("random.R", made.model.as_str()));
        let job = Job::from_texts(&cohort, &model)
            .unwrap_or_else(|problems| panic!("{number}: {problems}\n{}\n{}", made.model, made.cohort));
        let (_, individuals) = job.individuals(0..PATIENTS, Isa::detect()).unwrap_or_else(|e| panic!("{e}"));
        Self { job, individuals, number, made }
    }

    #[expect(clippy::panic, reason = "tests")]
    pub(crate) fn solve(&self, engine: &dyn Engine) -> Solution {
        engine.solve(&self.individuals).unwrap_or_else(|error| panic!("{}: {error}", self.number))
    }

    /// What differs from a reference by more than a share of itself, or of so much of what its state comes to at most.
    /// An area is compared with the largest that its state could have.
    pub(crate) fn differences(
        &self,
        name: &str,
        reference: &Solution,
        got: &Solution,
        share: f64,
    ) -> Vec<String> {
        let mut differences = Vec::new();
        let (expected, plan) = (reference, &self.job.plan);
        for item in 0..expected.status.len() {
            let status = [expected.status[item], got.status[item]];
            if status != [Status::Ok; 2] {
                differences.push(format!("{}: {name}: item {item} ended as {status:?}", self.number));
                continue;
            }
            for endpoint in &plan.endpoints {
                let [expected, got] = [expected, got].map(|solution| solution.endpoint(endpoint.value, item));
                let days = if endpoint.name.starts_with("area") { f64::from(generator::DAYS) } else { 1.0 };
                let allowed =
                    share * expected.abs().max(SMALL * days * self.largest(reference, &endpoint.name, item));
                if (got - expected).abs() <= allowed {
                    continue;
                }
                differences.push(format!(
                    "{}: {name}: {} of item {item}: {got:e}, not {expected:e}",
                    self.number, endpoint.name
                ));
            }
        }
        differences
    }

    /// What the state of an endpoint comes to at most.
    fn largest(&self, reference: &Solution, endpoint: &str, item: usize) -> f64 {
        let state = endpoint.rsplit('_').next().unwrap_or_default();
        let largest = self.job.plan.endpoints.iter().find(|of| of.name == format!("max_{state}"));
        largest.map_or(f64::NAN, |largest| reference.endpoint(largest.value, item).abs())
    }

    /// Its files, for who looks into what differs.
    pub(crate) fn texts(&self) -> String {
        format!("{}\n{}", self.made.model, self.made.cohort)
    }
}

/// Numbers to try: so many, or as many as `VPOP_RANDOM` says.
pub(crate) fn numbers(usual: u64) -> std::ops::Range<u64> {
    let count = std::env::var("VPOP_RANDOM").ok().and_then(|count| count.parse().ok());
    0..count.unwrap_or(usual)
}
