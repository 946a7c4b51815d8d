//! What a comparison has to solve, stage by stage: for telling how far it has come, and what it will take.

use super::spec::ComparisonSpec;

/// What the replicates of a scenario are called as a stage.
pub(super) fn replicates_of(scenario: &str) -> String {
    format!("{scenario}, replicates")
}

impl ComparisonSpec {
    /// The stages in order, as progress names them: scenarios, then the replicates of each; and how many patients in an
    /// arm each solves.
    pub fn stages(&self) -> Vec<(String, u64)> {
        let arms = |scenario: usize| self.arms(scenario).len() as u64;
        let scenarios = self.scenarios.iter().enumerate();
        let runs = scenarios.clone().map(|(i, of)| (of.name.clone(), of.job.cohort.patients * arms(i)));
        let replicates = self.uncertainty.iter().flat_map(|uncertainty| {
            let solved = scenarios.clone().filter(|(i, _)| !self.is_reference(*i));
            solved.map(|(i, of)| {
                let patients = uncertainty.patients.min(of.job.cohort.patients);
                (replicates_of(&of.name), uncertainty.replicates * patients * arms(i))
            })
        });
        runs.chain(replicates).collect()
    }
}
