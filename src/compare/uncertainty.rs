//! Uncertainty of the assumptions: fixed effects whose typical values are drawn anew for each replicate.

use super::error::CompareError;
use super::scenario::Scenario;
use crate::cohort::{Cohort, UncertainParameter, UncertainScale};
use crate::diagnostic::{Problem, Problems};
use crate::job::Job;
use crate::model::Model;
use crate::population::stream::Stream;

/// What is uncertain, and how often it is drawn.
#[derive(Debug, Clone, PartialEq)]
pub struct Uncertainty {
    /// Replicates.
    pub replicates: u64,
    /// Patients of each, from the first on; at most the scenario's.
    pub patients: u64,
    /// Fixed effects.
    pub parameters: Vec<Uncertain>,
}

impl Uncertainty {
    /// What a cohort file says of it, for the model of its scenarios.
    pub(super) fn of(cohort: &Cohort, scenarios: &[Scenario]) -> Result<Option<Self>, Problems> {
        let Some(of_file) = &cohort.uncertainty else { return Ok(None) };
        let mut problems = Vec::new();
        let mut parameters = Vec::new();
        for uncertain in &of_file.parameters {
            let of = scenarios.iter().map(|scenario| Uncertain::of(uncertain, scenario));
            match of.collect::<Result<Vec<_>, _>>() {
                Ok(found) => parameters.extend(found.into_iter().next()),
                Err(cause) => problems.push(Problem::at(cause, cohort.place(&uncertain.name.span))),
            }
        }
        let replicates = of_file.replicates.into();
        let patients = of_file.patients.unwrap_or(u64::MAX);
        Problems::none_or(problems, Some(Self { replicates, patients, parameters }))
    }
}

/// A fixed effect whose typical value is uncertain.
#[derive(Debug, Clone, PartialEq)]
pub struct Uncertain {
    /// Its name in the model.
    pub name: String,
    /// Whether its value is a logarithm.
    pub scale: UncertainScale,
    /// Standard deviation of the logarithm.
    pub log_sd: f64,
}

/// A drawn typical value.
#[derive(Debug, Clone, PartialEq)]
pub struct Draw {
    /// Scenario.
    pub scenario: String,
    /// Number of the replicate, from 0.
    pub replicate: u64,
    /// Name of the fixed effect.
    pub parameter: String,
    /// Its value under the scenario where nothing is uncertain.
    pub typical: f64,
    /// What was drawn.
    pub value: f64,
}

impl Uncertain {
    /// What a cohort file says, if the fixed effect of a scenario's model may be lognormal.
    fn of(said: &UncertainParameter, scenario: &Scenario) -> Result<Self, CompareError> {
        let name = &said.name.value;
        let Job { model, plan, .. } = &scenario.job;
        let uncertain = Self { name: name.clone(), scale: said.scale, log_sd: said.log_sd };
        let value = uncertain.position(model).map_or(f64::NAN, |position| plan.parameters[position]);
        if said.scale == UncertainScale::Natural && value <= 0.0 {
            let scenario = scenario.name.clone();
            return Err(CompareError::NotPositive { name: name.clone(), value, scenario });
        }
        Ok(uncertain)
    }

    /// Its position in a model, if that has it.
    pub(super) fn position(&self, model: &Model) -> Option<usize> {
        model.parameters.iter().position(|parameter| parameter.name == self.name)
    }

    /// The value in a replicate, about the typical one. The score belongs to seed, name and replicate: all
    /// scenarios share it.
    pub fn draw(&self, typical: f64, seed: u64, replicate: u64) -> f64 {
        let stream = Stream::new(seed, &format!("uncertainty:{}", self.name));
        let shift = self.log_sd * stream.patient(replicate).score();
        match self.scale {
            UncertainScale::Exponential => typical + shift,
            UncertainScale::Natural => typical * shift.exp(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::outcome::distribution::{mean, standard_deviation};

    fn uncertain(scale: UncertainScale, cv: f64) -> Uncertain {
        Uncertain { name: "lec50".into(), scale, log_sd: (1.0 + cv * cv).ln().sqrt() }
    }

    /// The score of the purpose's name and the replicate, whatever else is uncertain; pinned.
    #[test]
    fn draws_are_stable() {
        let potency = uncertain(UncertainScale::Exponential, 0.4);
        let drawn = [0, 1, 99].map(|replicate| potency.draw(4.0, 7, replicate));
        let expected = [3.817648007853357, 3.77674482029758, 3.834009833875008];
        assert!(drawn.iter().zip(expected).all(|(a, b)| (a - b).abs() < 1e-12), "{drawn:?}");
    }

    /// The median is the typical value, and the CV of the potency is the stated one: that of 20,000 draws
    /// within four standard errors or so.
    #[test]
    fn the_potency_has_the_stated_cv() {
        for (scale, typical) in [(UncertainScale::Exponential, 75_f64.ln()), (UncertainScale::Natural, 75.0)]
        {
            let potency = |replicate| {
                let value = uncertain(scale, 0.4).draw(typical, 7, replicate);
                if scale == UncertainScale::Exponential { value.exp() } else { value }
            };
            let mut drawn: Vec<f64> = (0..20_000).map(potency).collect();
            let cv = standard_deviation(&drawn) / mean(&drawn);
            assert!((cv - 0.4).abs() < 0.015, "{cv}");
            drawn.sort_by(f64::total_cmp);
            assert!((drawn[10_000] / 75.0 - 1.0).abs() < 0.015, "{}", drawn[10_000]);
        }
    }
}
