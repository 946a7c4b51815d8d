//! Whether a plan is stiff: which method integrates it in fewer steps, decided before a run starts.
//!
//! An explicit method has to keep the step below its stability interval over the fastest rate of the
//! equations, the spectral radius of their Jacobian, however smooth the solution is; the steps of an
//! L-stable method are as long as accuracy lets them. Both are counted over trajectories of typical patients
//! at the edges of the population ([`Sampler::typical_patients`](crate::population::Sampler::typical_patients)), in the
//! arms with the smallest and the largest dose, as planned. Nothing of it is drawn, so that every share of a
//! run chooses alike.
//!
//! The spectral radius is found by iteration (`spectral.rs`): as much work as the Jacobian has
//! entries, however many states depend on each other.

use std::collections::BTreeSet;
use std::fmt;

use crate::cohort::Ticks;
use crate::model::derivative::Jacobian;
use crate::model::graph::{DoseValue, Symbol};
use crate::model::tape::Tape;
use crate::plan::{Method, ObservationTime, ObservedId, Plan, Protocol, TreatmentEndpoints};
use crate::population::Patients;

use super::cpu::{self, Cpu, Isa};
use super::method::{NON_STIFF, STIFF, Tableau};
use super::program::Program;
use super::scatter::scattered;
use super::spectral::Pattern;
use super::{Engine, Individuals, Solution, Status};

/// Stretches of the plan, in each of which the Jacobian is looked at once.
const STRETCHES: u32 = 64;
/// Times after the first dose at which it is looked at too, each half as long after it as the next.
const AFTER_A_DOSE: u32 = 20;
/// Steps of the explicit method that cost as much as one of the other.
const WORTH: f64 = 10.0;
/// Attempted steps after which a typical patient is left out.
const MOST_STEPS: u32 = 20_000;

/// A method, and why it is this one.
#[derive(Debug, Clone, PartialEq)]
pub struct Choice {
    /// The method.
    pub method: Method,
    /// Why.
    pub reason: Reason,
}

/// Why a method was taken.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Reason {
    /// The cohort file names it.
    Asked,
    /// Steps per patient and arm that stability of the explicit method needs, on average, against those that
    /// accuracy needs.
    Steps {
        /// Those of stability.
        stability: f64,
        /// Those of accuracy.
        accuracy: f64,
    },
    /// The equations are linear, and their solution is known.
    Linear,
    /// No typical patient could be solved.
    Unknown,
    /// The implicit method would have more values than the CPU engine can hold.
    TooLarge,
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Asked => f.write_str("as asked for"),
            Self::Steps { stability, accuracy } => write!(
                f,
                "an explicit method would need about {stability:.0} steps for stability, accuracy {accuracy:.0}"
            ),
            Self::Linear => f.write_str("the equations are linear, and their solution is known"),
            Self::TooLarge => f.write_str("the implicit method would be too large"),
            Self::Unknown => f.write_str("no typical patient could be solved to tell"),
        }
    }
}

/// The equations and planned doses of a plan, solved for its typical patients by the implicit method.
pub struct Probe {
    program: Program,
    solution: Solution,
    /// Arms, from the first, by which the method is chosen.
    outermost: usize,
}

impl Probe {
    /// Solves the typical patients of a plan, given by their individual values, until its end.
    ///
    /// # Errors
    /// Why they cannot be solved.
    pub fn solve(plan: &Plan, end: Ticks, individuals: &Individuals) -> Result<Self, Reason> {
        let (probe, _) = probe(plan, end);
        let program = cpu::fitting(&probe).map_err(|_| Reason::TooLarge)?;
        Self::of(plan, end, program, individuals)
    }

    /// Solves them once more at the plan's absolute tolerances, which have changed.
    ///
    /// # Errors
    /// Why they cannot be solved.
    pub fn again(self, plan: &Plan, end: Ticks, individuals: &Individuals) -> Result<Self, Reason> {
        Self::of(plan, end, self.program, individuals)
    }

    fn of(plan: &Plan, end: Ticks, program: Program, individuals: &Individuals) -> Result<Self, Reason> {
        let (probe, outermost) = probe(plan, end);
        let program = program.with_limits(probe);
        let individuals = Individuals {
            trajectories: individuals.count,
            residuals: Vec::new(),
            fixed_doses: None,
            ..individuals.clone()
        };
        let solution = Cpu::new(&program, Isa::baseline()).solve(&individuals);
        let solution = solution.map_err(|_| Reason::Unknown)?;
        Ok(Self { program, solution, outermost })
    }

    /// The method that suits the plan.
    pub fn choice(&self, patients: &Patients) -> Choice {
        let rates = Rates::new(self.program.plan());
        let [stability, accuracy, count] = steps(self, &rates, patients);
        if count == 0.0 {
            return Choice { method: NON_STIFF, reason: Reason::Unknown };
        }
        let method = if stability > WORTH * accuracy { STIFF } else { NON_STIFF };
        Choice { method, reason: Reason::Steps { stability: stability / count, accuracy: accuracy / count } }
    }

    /// How large each state of the model becomes: its largest value in the patients that were solved, in the arm
    /// where that is least; 0 of one that stays at 0. Arms without drug count only where there is no other.
    pub fn sizes(&self) -> Vec<f64> {
        let plan = self.program.plan();
        let (points, states, arms) = (plan.observation_times.len(), plan.states.len(), plan.arms.len());
        // What is no number is a dose, too.
        let with_drug = |arm: &usize| plan.arms[*arm].doses.iter().any(|dose| dose.dose != 0.0);
        let mut counted: Vec<usize> = (0..arms).filter(with_drug).collect();
        if counted.is_empty() {
            counted = (0..arms).collect();
        }
        let mut largest = vec![vec![0.0_f64; states]; arms];
        for (item, _) in self.solution.status.iter().enumerate().filter(|(_, status)| **status == Status::Ok)
        {
            let values = &self.solution.trajectories[item * points * states..][..points * states];
            for (position, value) in values.iter().enumerate() {
                let size = &mut largest[item % arms][position % states];
                *size = size.max(value.abs());
            }
        }
        let least = |state: usize| {
            let sizes = counted.iter().map(|&arm| largest[arm][state]).filter(|&size| size > 0.0);
            sizes.reduce(f64::min).unwrap_or(0.0)
        };
        (0..states).map(least).collect()
    }
}

/// The plan's equations and planned doses alone, in the outermost arms, with every state followed; how many these
/// are. Where one of them is without drug, the arm with the least drug is added.
fn probe(plan: &Plan, end: Ticks) -> (Plan, usize) {
    let mut probe = plan.clone();
    probe.method = STIFF;
    probe.max_steps = MOST_STEPS.min(plan.max_steps);
    // Areas change nothing.
    probe.states.retain(|state| state.atol.is_finite());
    let dose = |&i: &usize| plan.arms[i].doses.len();
    let by_dose = |a: &usize, b: &usize| plan.arms[*a].dose.total_cmp(&plan.arms[*b].dose);
    let arms = 0..plan.arms.len();
    let outermost = [arms.clone().min_by(by_dose), arms.clone().filter(|i| dose(i) > 0).max_by(by_dose)];
    let mut chosen: Vec<usize> = outermost.into_iter().flatten().collect();
    chosen.dedup();
    let outermost = chosen.len();
    let least = arms.filter(|&i| plan.arms[i].dose > 0.0).min_by(by_dose);
    chosen.extend(least.filter(|arm| !chosen.contains(arm)));
    probe.arms = chosen.into_iter().map(|i| plan.arms[i].clone()).collect();
    let point = |tick| ObservationTime { tick, visit: true, trajectory: true, scan: false };
    probe.observation_times = times(plan, end).into_iter().map(point).collect();
    probe.observed = (0..probe.states.len() as u32).map(|i| probe.graph.symbol(Symbol::State(i))).collect();
    probe.trajectories = (0..probe.states.len()).map(ObservedId::new).collect();
    probe.labels.clear();
    probe.checks.clear();
    probe.trajectories_on_study = false;
    probe.accumulators.clear();
    probe.endpoints.clear();
    probe.protocol = Protocol::default();
    probe.treatment = TreatmentEndpoints::default();
    probe.residuals = 0;
    (probe, outermost)
}

/// When the Jacobian is looked at: at another place in each of equal stretches of the plan, so that doses at
/// regular times are seen as often just before as just after one, and ever less often after the first dose. Patients of a
/// data set are read at these times.
pub(crate) fn times(plan: &Plan, end: Ticks) -> Vec<Ticks> {
    let stretch = f64::from(end) / f64::from(STRETCHES);
    let within = (0..STRETCHES).map(|i| stretch * (f64::from(i) + scattered(u64::from(i))));
    let first = plan.arms.iter().filter_map(|arm| arm.doses.first()).map(|dose| dose.tick).min().unwrap_or(0);
    let after = (1..=AFTER_A_DOSE).map(|i| f64::from(first) + stretch * 0.5_f64.powi(i as i32));
    let times = within.chain(after).map(|time| time as Ticks).chain([0, end]);
    times.filter(|&tick| tick <= end).collect::<BTreeSet<_>>().into_iter().collect()
}

/// Steps of stability and of accuracy, over the items that were solved, and the number of these.
fn steps(probe: &Probe, rates: &Rates, patients: &Patients) -> [f64; 3] {
    let Probe { program, solution, outermost } = probe;
    let plan = program.plan();
    let (points, states, arms) = (plan.observation_times.len(), plan.states.len(), plan.arms.len());
    let mut sums = [0.0; 3];
    let solved = (0..solution.status.len())
        .filter(|&item| solution.status[item] == Status::Ok && item % arms < *outermost);
    for item in solved {
        let mut radius = Vec::with_capacity(points);
        for (k, point) in plan.observation_times.iter().enumerate() {
            let first = (item * points + k) * states;
            let time = f64::from(point.tick) * plan.time_per_tick;
            let state = &solution.trajectories[first..first + states];
            radius.push(rates.radius(|symbol| value(plan, patients, item / arms, state, time, symbol)));
        }
        let between = plan.observation_times.windows(2).zip(radius.windows(2));
        let turns: f64 = between
            .map(|(points, radius)| {
                let length = f64::from(points[1].tick - points[0].tick) * plan.time_per_tick;
                0.5 * length * (radius[0] + radius[1])
            })
            .sum();
        let accuracy = f64::from(solution.steps[item] + solution.rejected[item]);
        for (sum, more) in sums.iter_mut().zip([turns / Tableau::of(NON_STIFF).stability(), accuracy, 1.0]) {
            *sum += more;
        }
    }
    sums
}

/// What a symbol is for a patient at a time.
fn value(plan: &Plan, patients: &Patients, patient: usize, state: &[f64], time: f64, symbol: Symbol) -> f64 {
    let of = |columns: &[Vec<f64>], i: u32| columns.get(i as usize).map_or(f64::NAN, |c| c[patient]);
    match symbol {
        Symbol::Parameter(i) => plan.parameters[i as usize],
        Symbol::Covariate(i) => of(&patients.covariates, i),
        Symbol::Effect(i) => of(&patients.effects, i),
        Symbol::State(i) => state.get(i as usize).copied().unwrap_or(f64::NAN),
        Symbol::Time | Symbol::SegmentTime => time,
        // As if one dose had begun at time 0.
        Symbol::Dose(DoseValue::Last | DoseValue::First | DoseValue::Amount, _) => 0.0,
        Symbol::Dose(DoseValue::Count, _) => 1.0,
        _ => f64::NAN,
    }
}

/// The Jacobian of a plan's equations.
struct Rates {
    /// Those of its entries that its spectral radius depends on.
    entries: Tape,
    pattern: Pattern,
}

impl Rates {
    fn new(plan: &Plan) -> Self {
        let mut graph = plan.graph.clone();
        let derivatives: Vec<_> = plan.states.iter().map(|state| state.derivative).collect();
        let jacobian = Jacobian::new(&mut graph, &derivatives);
        let columns = jacobian.rows.iter().map(|row| row.iter().map(|&(column, _)| column).collect());
        let (pattern, counted) = Pattern::new(&columns.collect::<Vec<_>>());
        let roots: Vec<_> =
            counted.into_iter().map(|(row, position)| jacobian.rows[row][position].1).collect();
        Self { entries: Tape::new(&graph, &roots), pattern }
    }

    /// The spectral radius; 0 where an entry is not finite.
    fn radius(&self, value: impl Fn(Symbol) -> f64) -> f64 {
        let mut scratch = Vec::new();
        let entries: Vec<f64> = self.entries.evaluate(value, &mut scratch).collect();
        self.pattern.radius(&entries)
    }
}
