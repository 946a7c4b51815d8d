//! The audit of an engine: some of its patients are solved again on the CPU, in f64 and at a tighter
//! tolerance, and every endpoint is compared.
//!
//! Values may differ by [`LARGEST_DIFFERENCE`] of the larger of the reference and the endpoint's
//! scale, and all but one in a thousand by [`USUAL_DIFFERENCE`]. What comes of a threshold (a time
//! below it, say) jumps when a value crosses it: it may differ where the value that decided was
//! within [`LARGEST_DIFFERENCE`] of the threshold. The time of an extreme is not compared: two
//! nearly equal extremes may lie far apart.
//!
//! What a protocol decides (grades, toxicity, events, doses) is judged likewise, by what the reference
//! decides freely; what depends on the doses is compared with the reference given the engine's doses.

mod bounds;
mod decisions;
mod sample;

pub use sample::Sample;

use crate::plan::Plan;

use super::cpu::{Cpu, Level};
use super::{Engine, EngineError, FixedDose, Individuals, Solution, Status};
use bounds::Rule;
use decisions::{COURSE, Course, range, shifted_plans};

/// Relative difference that no value may exceed.
pub const LARGEST_DIFFERENCE: f64 = 1e-2;
/// Relative difference that [`USUAL_SHARE`] of the values may not exceed.
pub const USUAL_DIFFERENCE: f64 = 1e-3;
/// Share of the patient-arms, by endpoint, that must lie within [`USUAL_DIFFERENCE`].
pub const USUAL_SHARE: f64 = 0.999;

/// Relative tolerance of the reference: a thousandth of what f32 can hold (1e-5), so that its own
/// error is nothing beside the differences that are looked for.
pub const REFERENCE_RTOL: f64 = 1e-8;
/// The reference may take so many times the plan's steps: those of a method of order 5 grow with
/// the fifth root of the tolerance, which may be 1e5 times tighter.
const REFERENCE_STEPS: u32 = 10;

/// Relative difference of two times that are the same sum of visit intervals, added up in another
/// way: far below the shortest interval, which is 6.6e-4 of 1500 hourly visits.
const TIME_ROUNDING: f64 = 1e-4;

/// The CPU engine at a tight tolerance, with what is needed to judge another engine's endpoints.
#[derive(Debug)]
pub struct Reference {
    cpu: Cpu,
    /// The plan with its comparisons tightened and loosened; none if there is nothing to decide.
    shifted: Vec<Cpu>,
    arms: usize,
    /// The plan that it solves: the given one, with bounds of what comes of thresholds.
    plan: Plan,
    /// How each endpoint is judged.
    rules: Vec<Rule>,
}

/// One endpoint of one patient in one arm, from an engine and from the reference.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Comparison {
    /// Which: `patient * arms + arm`.
    pub item: usize,
    /// Position in [`names`].
    pub endpoint: usize,
    /// The engine's value; NaN if it has none.
    pub engine: f64,
    /// The reference's value; NaN if it has none.
    pub reference: f64,
    /// `|engine - reference| / max(|reference|, scale)` of a value; NaN where that is not looked at.
    pub difference: f64,
    /// The least and the most that may come of a threshold; NaN is never, or no threshold.
    pub bounds: [f64; 2],
    /// What is made of it.
    pub verdict: Verdict,
}

/// What is made of a comparison, from harmless to worst.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Verdict {
    /// The time of an extreme, or neither has a value.
    NotCompared,
    /// What comes of a threshold is the same.
    Same,
    /// What comes of a threshold differs, within its bounds.
    Differs,
    /// The values differ by at most [`USUAL_DIFFERENCE`].
    Within,
    /// The values differ by more, but at most by [`LARGEST_DIFFERENCE`].
    Near,
    /// The values differ by more than [`LARGEST_DIFFERENCE`].
    Beyond,
    /// What comes of a threshold lies outside its bounds.
    Outside,
    /// One has a value, the other has none.
    Missing,
    /// One reached the end, the other failed.
    Failed,
}

impl Verdict {
    /// All of them, in order.
    pub const ALL: [Self; 9] = [
        Self::NotCompared,
        Self::Same,
        Self::Differs,
        Self::Within,
        Self::Near,
        Self::Beyond,
        Self::Outside,
        Self::Missing,
        Self::Failed,
    ];
}

/// A plan at the reference's tolerances.
pub fn tightened(plan: &Plan) -> Plan {
    let mut plan = plan.clone();
    let rtol = REFERENCE_RTOL.min(plan.rtol);
    for state in &mut plan.states {
        state.atol *= rtol / plan.rtol;
    }
    plan.rtol = rtol;
    plan.max_steps = plan.max_steps.saturating_mul(REFERENCE_STEPS);
    plan
}

/// `|value - reference| / max(|reference|, scale)`, finite, unless one of the two is not a number.
pub fn relative_difference(value: f64, reference: f64, scale: f64) -> f64 {
    if value == reference {
        // Two equal infinities too.
        return 0.0;
    }
    if value.is_nan() || reference.is_nan() {
        return f64::NAN;
    }
    // Never infinite, which JSON cannot hold; `min` also takes the place of infinity by infinity.
    ((value - reference).abs() / reference.abs().max(scale)).min(f64::MAX)
}

impl Reference {
    /// The reference for engines that solve a plan.
    pub fn new(plan: &Plan, level: Level) -> Self {
        let tight = tightened(plan);
        let (plan, rules) = bounds::with_bounds(&tight);
        let plans = if decides(&plan, &rules) { shifted_plans(&tight) } else { Vec::new() };
        let shifted = plans.iter().map(|plan| Cpu::new(plan, level)).collect();
        Self { cpu: Cpu::new(&plan, level), shifted, arms: plan.arms.len(), plan, rules }
    }

    /// Solves patients again and compares what an engine made of them: `items`, in increasing
    /// order, are positions in `solution`.
    ///
    /// # Errors
    /// Those of the CPU engine, which has none.
    pub fn compare(
        &self,
        individuals: &Individuals,
        solution: &Solution,
        items: &[usize],
    ) -> Result<Vec<Comparison>, EngineError> {
        let mut patients: Vec<usize> = items.iter().map(|item| item / self.arms).collect();
        patients.dedup();
        let individuals = individuals.select(&patients);
        let mut replayed = individuals.clone();
        if self.plan.protocol.is_adaptive() {
            replayed.fixed_doses = Some(given(solution, &patients, self.arms));
        }
        let free = if self.shifted.is_empty() { None } else { Some(&self.cpu) };
        let free = free.into_iter().chain(&self.shifted).map(|cpu| cpu.solve(&individuals));
        let references =
            References { replayed: self.cpu.solve(&replayed)?, free: free.collect::<Result<_, _>>()? };
        let mut comparisons = Vec::with_capacity(items.len() * self.rules.len());
        for &item in items {
            let position = patients.partition_point(|&patient| patient < item / self.arms);
            let again = position * self.arms + item % self.arms;
            let endpoints = 0..self.rules.len();
            comparisons.extend(endpoints.map(|e| self.judge(e, (solution, item), (&references, again))));
            comparisons.extend(self.judge_course((solution, item), (&references, again)));
        }
        Ok(comparisons)
    }

    fn judge(
        &self,
        endpoint: usize,
        (solution, item): (&Solution, usize),
        (references, again): (&References, usize),
    ) -> Comparison {
        let planned = &self.plan.endpoints[endpoint];
        let rule = self.rules[endpoint];
        let value = |of: &Solution| of.endpoint(planned.value, again);
        let reference = match (rule, references.free.first()) {
            (Rule::Decision, Some(free)) => free,
            _ => &references.replayed,
        };
        let ok = [solution.status[item] == Status::Ok, reference.status[again] == Status::Ok];
        let engine = solution.endpoint(planned.value, item);
        let expected = value(reference);
        let bounds = match rule {
            Rule::Threshold(accumulators) if ok[1] => accumulators.map(|i| reference.accumulators[i][again]),
            Rule::Decision if !references.free.is_empty() => range(references.free.iter().map(value)),
            _ => [f64::NAN; 2],
        };
        let (difference, verdict) = match (ok, rule) {
            ([true, false] | [false, true], _) => (f64::NAN, Verdict::Failed),
            ([false, false], _) | (_, Rule::NotCompared) => (f64::NAN, Verdict::NotCompared),
            (_, Rule::Value) => judge_value(engine, expected, planned.scale),
            (_, Rule::Threshold(_) | Rule::Decision) => (f64::NAN, judge_threshold(engine, expected, bounds)),
        };
        Comparison { item, endpoint, engine, reference: expected, difference, bounds, verdict }
    }

    /// What of the doses and endings is compared; nothing of a plan that decides nothing.
    fn judge_course(
        &self,
        (solution, item): (&Solution, usize),
        (references, again): (&References, usize),
    ) -> Vec<Comparison> {
        let free = &references.free;
        if free.is_empty() || !has_course(&self.plan) {
            return Vec::new();
        }
        let time_per_tick = self.plan.time_per_tick;
        let ok = [solution.status[item], free[0].status[again]].map(|status| status == Status::Ok);
        let judged = (self.rules.len()..).zip(COURSE).map(|(endpoint, (_, value))| {
            let engine = value(&Course { solution, item, time_per_tick });
            let of = |solution| value(&Course { solution, item: again, time_per_tick });
            let (reference, bounds) = (of(&free[0]), range(free.iter().map(of)));
            let verdict = match ok {
                [true, true] => judge_threshold(engine, reference, bounds),
                [false, false] => Verdict::NotCompared,
                _ => Verdict::Failed,
            };
            Comparison { item, endpoint, engine, reference, difference: f64::NAN, bounds, verdict }
        });
        judged.collect()
    }
}

/// What the reference made of the patients.
struct References {
    /// With the engine's own doses, if they may differ from those planned.
    replayed: Solution,
    /// Freely: as it is, then by each of [`shifted_plans`]; none if there is nothing to decide.
    free: Vec<Solution>,
}

/// What is compared: the endpoints, then what a protocol decides, if there is one.
pub fn names(plan: &Plan) -> Vec<&str> {
    let course = COURSE.iter().filter(|_| has_course(plan)).map(|(name, _)| *name);
    plan.endpoints.iter().map(|endpoint| endpoint.name.as_str()).chain(course).collect()
}

fn decides(plan: &Plan, rules: &[Rule]) -> bool {
    has_course(plan) || rules.contains(&Rule::Decision)
}

fn has_course(plan: &Plan) -> bool {
    plan.protocol.is_adaptive() || !plan.protocol.stops.is_empty()
}

/// The doses that some of the patients were given, `[patient][arm][dose]`.
fn given(solution: &Solution, patients: &[usize], arms: usize) -> Vec<FixedDose> {
    let items = patients.iter().flat_map(|patient| patient * arms..(patient + 1) * arms);
    let doses = items.flat_map(|item| solution.doses_of(item));
    doses.map(|dose| FixedDose { tick: dose.given, factor: dose.factor }).collect()
}

/// The relative difference of two values, and what is made of it.
fn judge_value(engine: f64, reference: f64, scale: f64) -> (f64, Verdict) {
    match [engine.is_nan(), reference.is_nan()] {
        [true, true] => return (f64::NAN, Verdict::NotCompared),
        [false, false] => {}
        _ => return (f64::NAN, Verdict::Missing),
    }
    let difference = relative_difference(engine, reference, scale);
    let verdict = match difference {
        d if d <= USUAL_DIFFERENCE => Verdict::Within,
        d if d <= LARGEST_DIFFERENCE => Verdict::Near,
        _ => Verdict::Beyond,
    };
    (difference, verdict)
}

/// What is made of two times or durations that come of a threshold; NaN is never.
fn judge_threshold(engine: f64, reference: f64, bounds: [f64; 2]) -> Verdict {
    let time = |t: f64| if t.is_nan() { f64::INFINITY } else { t };
    let (engine, reference, [low, high]) = (time(engine), time(reference), bounds.map(time));
    let equal = engine == reference || (engine - reference).abs() <= TIME_ROUNDING * engine.min(reference);
    if equal {
        Verdict::Same
    } else if engine < low * (1.0 - TIME_ROUNDING) || engine > high * (1.0 + TIME_ROUNDING) {
        Verdict::Outside
    } else {
        Verdict::Differs
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NEVER: f64 = f64::NAN;

    #[test]
    fn values_are_compared_by_their_size_or_their_scale() {
        let verdict = |engine, reference| judge_value(engine, reference, 1.0).1;
        assert_eq!(judge_value(99.0, 100.0, 1.0), (0.01, Verdict::Near));
        assert_eq!(judge_value(0.001, 0.0, 1.0), (0.001, Verdict::Within));
        assert_eq!(verdict(100.05, 100.0), Verdict::Within);
        assert_eq!(verdict(-98.0, -100.0), Verdict::Beyond);
        assert_eq!(verdict(0.5, 0.48), Verdict::Beyond);
        assert_eq!(verdict(NEVER, NEVER), Verdict::NotCompared);
        assert_eq!(verdict(NEVER, 1.0), Verdict::Missing);
        assert_eq!(verdict(1.0, NEVER), Verdict::Missing);
    }

    #[test]
    fn differences_are_finite() {
        let infinity = f64::INFINITY;
        assert_eq!(judge_value(infinity, infinity, 1.0), (0.0, Verdict::Within));
        for (engine, reference) in [(infinity, 1.0), (1.0, infinity), (infinity, -infinity)] {
            assert_eq!(judge_value(engine, reference, 1.0), (f64::MAX, Verdict::Beyond));
        }
    }

    #[test]
    fn thresholds_are_judged_by_their_bounds() {
        let cases = [
            (5.0, 5.0, [5.0, 5.0], Verdict::Same),
            (5.000_01, 5.0, [5.0, 5.0], Verdict::Same),
            (0.0, 0.0, [0.0, 1.0], Verdict::Same),
            (6.0, 5.0, [5.0, 6.0], Verdict::Differs),
            (5.999_99, 5.0, [5.0, 6.000_01], Verdict::Differs),
            (7.0, 5.0, [5.0, 6.0], Verdict::Outside),
            (4.0, 5.0, [5.0, 6.0], Verdict::Outside),
            (1.0, 0.0, [0.0, 0.0], Verdict::Outside),
            (NEVER, NEVER, [NEVER, NEVER], Verdict::Same),
            (NEVER, NEVER, [3.0, NEVER], Verdict::Same),
            (NEVER, 4.0, [3.0, NEVER], Verdict::Differs),
            (3.0, NEVER, [3.0, NEVER], Verdict::Differs),
            (2.0, NEVER, [3.0, NEVER], Verdict::Outside),
            (3.0, NEVER, [NEVER, NEVER], Verdict::Outside),
            (NEVER, 4.0, [4.0, 5.0], Verdict::Outside),
        ];
        for (engine, reference, bounds, expected) in cases {
            let verdict = judge_threshold(engine, reference, bounds);
            assert_eq!(verdict, expected, "{engine} against {reference} in {bounds:?}");
        }
    }

    #[test]
    fn codes_are_positions() {
        assert!(Verdict::ALL.iter().enumerate().all(|(i, &verdict)| verdict as usize == i));
        assert!(Verdict::ALL.is_sorted());
    }
}
