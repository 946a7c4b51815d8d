//! Whether visits see what happens between them: statistics that are read at visits, beside the same of the curve, in
//! one patient.

use thiserror::Error;

use crate::cohort::ReadOn;
use crate::diagnostic::Cause;
use crate::model::graph::Symbol;
use crate::plan::{AccumulatorId, EndpointFormula, ObservedId, Plan};

use super::cpu::{self, Cpu, Isa};
use super::{Engine, Individuals};

/// A statistic that visits miss.
#[derive(Debug, Clone, PartialEq, Error)]
#[error(
    "`{endpoint}` is {} at visits and {} of the curve between them, in the typical patient at {arm}",
    short(*at_visits), short(*of_curve)
)]
pub struct Missed {
    /// The endpoint.
    pub endpoint: String,
    /// At visits; NaN if never.
    pub at_visits: f64,
    /// Of the curve.
    pub of_curve: f64,
    /// Label of the arm.
    pub arm: String,
}

impl Cause for Missed {
    fn help(&self) -> Option<String> {
        Some("write on = \"continuous\" for the curve, or on = \"visits\" for what the clinic sees".into())
    }
}

/// Those of some endpoints, by name, that visits miss in a patient: an extreme by a tenth or more, or all of what is
/// looked for. Of each the first arm in which it is so.
pub fn missed(plan: &Plan, endpoints: &[&str], patient: &Individuals, isa: Isa) -> Vec<Missed> {
    let mut twin = plan.clone();
    let mut pairs = Vec::new();
    for endpoint in plan.endpoints.iter().filter(|endpoint| endpoints.contains(&endpoint.name.as_str())) {
        let EndpointFormula::Of(at_visits) = endpoint.value else { continue };
        let accumulator = &plan.accumulators[at_visits.index()];
        let Some(is_missed) = accumulator.kind.description().is_missed else { continue };
        if accumulator.on == ReadOn::Visits && has_curve(plan, accumulator.of) {
            let of_curve = crate::plan::Accumulator { on: ReadOn::Continuous, ..accumulator.clone() };
            pairs.push((&endpoint.name, is_missed, at_visits, AccumulatorId::new(twin.accumulators.len())));
            twin.accumulators.push(of_curve);
        }
    }
    if pairs.is_empty() {
        return Vec::new();
    }
    let Ok(program) = cpu::fitting(&twin) else { return Vec::new() };
    let Ok(solution) = Cpu::new(&program, isa).solve(patient) else { return Vec::new() };
    type Pair<'a> = (&'a String, fn(f64, f64) -> bool, AccumulatorId, AccumulatorId);
    let first = |(endpoint, is_missed, visits, curve): Pair<'_>| {
        (0..twin.arms.len()).find_map(|arm| {
            let [at_visits, of_curve] =
                [visits, curve].map(|i| solution.endpoint(EndpointFormula::Of(i), arm));
            let arm = twin.arms[arm].label.clone();
            is_missed(at_visits, of_curve).then(|| Missed {
                endpoint: endpoint.clone(),
                at_visits,
                of_curve,
                arm,
            })
        })
    };
    pairs.into_iter().filter_map(first).collect()
}

/// Whether an observed expression has a value between visits.
fn has_curve(plan: &Plan, observed: ObservedId) -> bool {
    let reachable = plan.graph.reachable(&[plan.observed[observed.index()]]);
    let mut symbols = reachable.into_iter().filter_map(|id| plan.graph.as_symbol(id));
    !symbols
        .any(|symbol| matches!(symbol, Symbol::Accumulated(_) | Symbol::Treatment(..) | Symbol::Residual(_)))
}

/// Three digits; never if it is not a number.
fn short(value: f64) -> String {
    if value.is_nan() {
        return "never".into();
    }
    format!("{value:.2e}").parse().map_or_else(|_| value.to_string(), |short: f64| short.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn three_digits() {
        assert_eq!([12.3456, 0.000_012_345, f64::NAN].map(short), ["12.3", "0.0000123", "never"]);
    }
}
