//! Doses that patients miss by chance: what enters of one that is missed is capped at nothing.

use crate::cohort::{Missed, Spanned};
use crate::diagnostic::Problem;
use crate::model::graph::{Binary, Graph, NodeId, Symbol};
use crate::unit::Unit;

use super::amounts::NO_AMOUNT;
use super::dosing::Dosing;
use super::{DrugId, MayBeMissed, PlanError, PlannedDose};

/// The cap of a dose that has none; finite in single precision.
const UNLIMITED: f64 = 1e30;

/// What decides whether a patient misses a dose: a number between 0 and 1 of its own for each dose of a drug, whatever
/// the arm.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DoseDraw {
    /// The drug.
    pub drug: DrugId,
    /// Which of its doses, 0 the first.
    pub dose: usize,
}

impl Dosing<'_> {
    /// Has patients miss doses of an arm. `draws` are those of all arms, whose covariates come behind all others.
    pub(super) fn miss(
        &self,
        drug: DrugId,
        doses: &mut [&mut PlannedDose],
        draws: &mut Vec<DoseDraw>,
        graph: &mut Graph,
        problems: &mut Vec<Problem>,
    ) {
        let Some(missed) = &self.cohort.regimen.drugs[drug.index()].missed else { return };
        let Some(probability) = self.probability(&missed.probability, graph, problems) else { return };
        let chance = Chance::new(missed, probability, graph);
        let first_draw = self.covariates.len() + self.cohort.events.len();
        let mut before = None;
        for (number, dose) in doses.iter_mut().enumerate() {
            let position = super::position_or_push(draws, DoseDraw { drug, dose: number });
            let uniform = graph.symbol(Symbol::Covariate((first_draw + position) as u32));
            let is_missed = chance.missed(uniform, before, graph);
            let [nothing, unlimited, none] = [0.0, UNLIMITED, NO_AMOUNT].map(|number| graph.constant(number));
            dose.missed = Some(MayBeMissed { is_missed, cap: dose.cap });
            dose.cap = Some(graph.select(is_missed, nothing, dose.cap.unwrap_or(unlimited)));
            dose.amount = graph.select(chance.is_one, dose.amount, none);
            before = Some(is_missed);
        }
    }
}

impl Dosing<'_> {
    /// An expression as a share; percentages are converted.
    fn probability(
        &self,
        text: &Spanned<String>,
        graph: &mut Graph,
        problems: &mut Vec<Problem>,
    ) -> Option<NodeId> {
        let node = self.known(text, graph, problems)?;
        let Some(unit) = self.units.surely_of_text(graph, &text.value, node).filter(|unit| unit.is_known())
        else {
            return Some(node);
        };
        let conversion = unit.to(&Unit::one());
        if conversion.is_none() {
            let (of, unit) = (text.value.clone(), unit.to_string());
            let error = PlanError::Unit { of, unit, by: "a probability".into(), taken: "1".into() };
            problems.push(Problem::at(error, self.cohort.place(&text.span)));
        }
        Some(graph.converted(node, conversion?))
    }
}

/// The chance that a dose is missed.
struct Chance {
    /// Of any dose.
    probability: NodeId,
    /// Of one that follows a missed one, and of one that does not, if these differ.
    after: Option<[NodeId; 2]>,
    /// Whether it is a chance.
    is_one: NodeId,
}

impl Chance {
    fn new(missed: &Missed, probability: NodeId, graph: &mut Graph) -> Self {
        let most = missed.run.map_or(1.0, |run| run / (run + 1.0));
        let [zero, one, most] = [0.0, 1.0, most].map(|number| graph.constant(number));
        let is_positive = graph.binary(Binary::LessEqual, zero, probability);
        let is_small = graph.binary(Binary::LessEqual, probability, most);
        // A run ends with chance 1 / run; so many begin that the share of missed doses is the probability.
        let after = missed.run.map(|run| {
            let stays = graph.constant(1.0 - 1.0 / run);
            let run = graph.constant(run);
            let taken = graph.binary(Binary::Sub, one, probability);
            let of_taken = graph.binary(Binary::Mul, taken, run);
            [stays, graph.binary(Binary::Div, probability, of_taken)]
        });
        Self { probability, after, is_one: graph.binary(Binary::And, is_positive, is_small) }
    }

    /// Whether a dose is missed, after one that was or was not.
    fn missed(&self, uniform: NodeId, before: Option<NodeId>, graph: &mut Graph) -> NodeId {
        let chance = match (before, self.after) {
            (Some(before), Some([missed, taken])) => graph.select(before, missed, taken),
            _ => self.probability,
        };
        graph.binary(Binary::Less, uniform, chance)
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;
    use crate::population::stream::Stream;

    const DOSES: usize = 200_000;

    /// Which of many doses one patient misses.
    fn missed(probability: f64, run: Option<f64>) -> Vec<bool> {
        let mut graph = Graph::default();
        let text = Spanned { value: probability.to_string(), span: 0..0 };
        let chance = graph.constant(probability);
        let chance = Chance::new(&Missed { probability: text, run }, chance, &mut graph);
        let [uniform, before] = [0, 1].map(|i| graph.symbol(Symbol::Covariate(i)));
        let first = chance.missed(uniform, None, &mut graph);
        let next = chance.missed(uniform, Some(before), &mut graph);
        let mut draws = Stream::new(1, "dose:test").patient(0);
        let mut missed = Vec::with_capacity(DOSES);
        for number in 0..DOSES {
            let uniform = draws.uniform();
            let last = f64::from(u8::from(missed.last().copied().unwrap_or(false)));
            let value = |symbol| if symbol == Symbol::Covariate(0) { uniform } else { last };
            let is_missed = graph.evaluate(&[if number == 0 { first } else { next }], value)[0];
            missed.push(is_missed != 0.0);
        }
        missed
    }

    /// Share of missed doses, and how many are missed in a row on average.
    fn summary(missed: &[bool]) -> [f64; 2] {
        let count = missed.iter().filter(|missed| **missed).count() as f64;
        let begins = missed.windows(2).filter(|pair| !pair[0] && pair[1]).count() as f64;
        [count / missed.len() as f64, count / begins]
    }

    /// A chain of two states that is at rest from the first dose on (Kemeny and Snell 1960): its share is that of the
    /// first, its runs are geometric.
    #[test]
    fn shares_and_runs_are_as_they_are_asked_for() {
        for (probability, run, expected) in
            [(0.1, None, 1.0 / 0.9), (0.1, Some(3.0), 3.0), (0.4, Some(1.0), 1.0), (0.6, Some(5.0), 5.0)]
        {
            let [share, length] = summary(&missed(probability, run));
            // Four standard errors of a share, more where neighbours are alike.
            assert!((share - probability).abs() < 0.02 * probability, "{probability} {run:?}: {share}");
            assert!((length / expected - 1.0).abs() < 0.02, "{probability} {run:?}: {length}");
        }
    }

    #[test]
    fn what_is_no_chance_is_known() {
        let is_chance = |probability: f64, run| {
            let mut graph = Graph::default();
            let node = graph.symbol(Symbol::Covariate(0));
            let text = Spanned { value: String::new(), span: 0..0 };
            let chance = Chance::new(&Missed { probability: text, run }, node, &mut graph);
            *graph.evaluate(&[chance.is_one], |_| probability).first().unwrap() != 0.0
        };
        assert!(is_chance(0.0, None) && is_chance(1.0, None) && is_chance(0.75, Some(3.0)));
        assert!(!is_chance(-0.1, None) && !is_chance(1.1, None) && !is_chance(0.76, Some(3.0)));
        assert!(!is_chance(f64::NAN, None));
    }
}
