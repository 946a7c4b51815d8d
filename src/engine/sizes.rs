//! How large the states of a plan become, in typical patients at the edges of the population
//! ([`Sampler::typical_patients`](crate::population::Sampler::typical_patients)), in the arms with the smallest and the
//! largest dose, as planned. Nothing of it is drawn, so that every share of a run finds the same.

use std::collections::BTreeSet;

use crate::cohort::Ticks;
use crate::model::graph::Symbol;
use crate::plan::{
    Method, ObservationTime, ObservedId, Plan, Protocol, TreatmentEndpoints, position_or_push,
};

use super::cpu::{self, Cpu, Isa};
use super::method::{NON_STIFF, STIFF};
use super::otherwise::by_method_alone;
use super::program::Program;
use super::scatter::scattered;
use super::{Engine, EngineError, Individuals, Solution, Status};

/// Stretches of the plan, in each of which the states are looked at once.
const STRETCHES: u32 = 64;
/// Times after the first dose at which they are looked at too, each half as long after it as the next.
const AFTER_A_DOSE: u32 = 20;
/// Attempted steps of the explicit method after which a typical patient is solved by the implicit one.
const FIRST: u32 = 1_000;
/// Attempted steps after which a typical patient is left out.
const MOST: u32 = 20_000;

/// The equations and planned doses of a plan, with every state followed.
#[derive(Debug)]
pub struct Probe {
    /// By the explicit method.
    program: Program,
    /// By the implicit one, made once somebody needs it.
    implicit: Option<Program>,
    isa: Isa,
}

impl Probe {
    /// Prepares a plan that ends at a time, to be solved with an instruction set.
    ///
    /// # Errors
    /// The plan is too large for the engine.
    pub fn new(plan: &Plan, end: Ticks, isa: Isa) -> Result<Self, EngineError> {
        Ok(Self { program: cpu::fitting(&probe(plan, end, NON_STIFF))?, implicit: None, isa })
    }

    /// How large each state of the model becomes in typical patients, given by their individual values, at the plan's
    /// absolute tolerances: its largest value in the patients that were solved, in the arm
    /// where that is least; 0 of one that stays at 0. Arms without drug count only where there is no other.
    ///
    /// # Errors
    /// Those of the CPU engine, which has none.
    pub fn sizes(
        &mut self,
        plan: &Plan,
        end: Ticks,
        individuals: &Individuals,
    ) -> Result<Vec<f64>, EngineError> {
        let solution = self.solve(plan, end, individuals)?;
        Ok(sizes(self.program.plan(), &solution))
    }

    fn solve(&mut self, plan: &Plan, end: Ticks, individuals: &Individuals) -> Result<Solution, EngineError> {
        let individuals = &Individuals {
            trajectories: individuals.count,
            residuals: Vec::new(),
            fixed_doses: None,
            ..individuals.clone()
        };
        self.program = self.program.with_limits(probe(plan, end, NON_STIFF));
        let mut explicit = Cpu::new(&self.program, self.isa);
        let most = MOST.min(plan.max_steps);
        explicit.limit(most.min(FIRST));
        explicit.solve(individuals)?.mended(
            individuals,
            |status| status != Status::Ok,
            |left| {
                let by_implicit = probe(plan, end, STIFF);
                let implicit = match self.implicit.take() {
                    Some(program) => Ok(program.with_limits(by_implicit)),
                    None => cpu::fitting(&by_implicit),
                };
                let Ok(implicit) = implicit else {
                    explicit.limit(most);
                    return explicit.solve(left);
                };
                let mut cpu = Cpu::new(&implicit, self.isa);
                cpu.limit(most);
                self.implicit = Some(implicit);
                cpu.solve(left)
            },
        )
    }
}

/// How large each state becomes in a solution of a probe.
fn sizes(plan: &Plan, solution: &Solution) -> Vec<f64> {
    let (points, states, arms) = (plan.observation_times.len(), plan.states.len(), plan.arms.len());
    // What is no number is a dose, too.
    let with_drug = |arm: &usize| plan.arms[*arm].doses.iter().any(|dose| dose.dose != 0.0);
    let mut counted: Vec<usize> = (0..arms).filter(with_drug).collect();
    if counted.is_empty() {
        counted = (0..arms).collect();
    }
    let mut largest = vec![vec![0.0_f64; states]; arms];
    for (item, _) in solution.status.iter().enumerate().filter(|(_, status)| **status == Status::Ok) {
        let values = &solution.trajectories[item * points * states..][..points * states];
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

/// The plan's equations and planned doses alone, in the arms with the smallest and the largest dose and that with the
/// least that is one, with every state followed.
fn probe(plan: &Plan, end: Ticks, method: Method) -> Plan {
    let mut probe = by_method_alone(plan, method);
    // Areas change nothing.
    probe.states.retain(|state| state.atol.is_finite());
    let dose = |&i: &usize| plan.arms[i].doses.len();
    let by_dose = |a: &usize, b: &usize| plan.arms[*a].dose.total_cmp(&plan.arms[*b].dose);
    let arms = 0..plan.arms.len();
    let least = arms.clone().filter(|&i| plan.arms[i].dose > 0.0).min_by(by_dose);
    let outermost = [arms.clone().min_by(by_dose), arms.filter(|i| dose(i) > 0).max_by(by_dose), least];
    let mut chosen = Vec::new();
    for arm in outermost.into_iter().flatten() {
        position_or_push(&mut chosen, arm);
    }
    probe.arms = chosen.into_iter().map(|i: usize| plan.arms[i].clone()).collect();
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
    probe
}

/// When the states are looked at: at another place in each of equal stretches of the plan, so that doses at
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
