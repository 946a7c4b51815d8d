//! The reference: some patients solved again, and a run's endpoints held against theirs.

use std::sync::OnceLock;

use super::bounds::{Rule, with_bounds};
use super::decisions::{TIMELINE, Timeline, has_timeline, range, shifted_plans};
use super::judge::{is_same, judge_threshold, judge_value};
use super::readings::Readings;
use super::steps::Steps;
use super::{Check, Comparison, Terms, Verdict, names};
use crate::engine::cpu::{Cpu, Isa};
use crate::engine::{Engine, EngineError, FixedDose, Individuals, Records, Solution, Status};
use crate::plan::{AccumulatorId, Method, Plan};

/// The CPU engine in f64 on the terms of a check, with what is needed to judge a run's endpoints.
#[derive(Debug)]
pub struct Reference {
    terms: Terms,
    /// The plan that it solves: the given one on these terms, with bounds of what comes of thresholds.
    plan: Plan,
    /// How each endpoint is judged.
    rules: Vec<Rule>,
    arms: usize,
    /// Bounds of the steps, if they are to be shorter than accuracy asks for.
    steps: Option<Steps>,
    isa: Isa,
    cpu: Cpu,
    /// The method of the given plan.
    own: Method,
    /// The same by that method, made when the other fails.
    by_own_method: OnceLock<Cpu>,
    /// The plan with its comparisons tightened and loosened, made when a decision differs.
    shifted: OnceLock<Vec<Cpu>>,
}

/// A patient in an arm in a solution.
type Item<'a> = (&'a Solution, usize);

/// What the reference made of one patient in one arm.
struct Expected<'a> {
    /// Freely.
    free: Item<'a>,
    /// With the run's own doses.
    replayed: Item<'a>,
    /// Freely by each of [`shifted_plans`]; none where everything is decided alike.
    shifted: Vec<Item<'a>>,
}

/// What the reference made of patients for whom something was decided otherwise.
struct Again {
    /// Their positions among the sampled patients, in increasing order.
    doubtful: Vec<usize>,
    replayed: Solution,
    shifted: Vec<Solution>,
}

impl Reference {
    /// The reference of runs of a plan, on some terms, for a sample of so many patients.
    pub fn new(plan: &Plan, isa: Isa, terms: Terms, sampled: u64) -> Self {
        let own = plan.method;
        let steps = (terms.check == Check::Integration).then(|| Steps::new(plan, sampled));
        let (plan, rules) = with_bounds(&terms.plan(plan), terms.promise.largest);
        let (by_own_method, shifted) = Default::default();
        let (cpu, arms) = (Cpu::new(&plan, isa), plan.arms.len());
        Self { terms, plan, rules, arms, steps, isa, cpu, own, by_own_method, shifted }
    }

    /// Solves patients again and compares what a run made of them: `items`, in increasing
    /// order, are positions in `solution`, whose first patient has the index `first` in the cohort. What the
    /// run did not solve comes last.
    ///
    /// # Errors
    /// Those of the CPU engine, which has none.
    pub fn compare(
        &self,
        individuals: &Individuals,
        first: u64,
        solution: &Solution,
        items: &[usize],
    ) -> Result<Vec<Comparison>, EngineError> {
        let is_compared =
            |&item: &usize| self.terms.check == Check::Engine || solution.status[item] == Status::Ok;
        let (items, unsolved): (Vec<usize>, Vec<usize>) = items.iter().copied().partition(is_compared);
        let mut patients: Vec<usize> = items.iter().map(|item| item / self.arms).collect();
        patients.dedup();
        let all = individuals;
        let mut individuals = individuals.select(&patients);
        let indices = patients.iter().map(|&patient| first + patient as u64);
        individuals.longest_steps = self.steps.map(|steps| indices.flat_map(|i| steps.of(i)).collect());
        let free = self.solve(&individuals)?;

        let again = |item: usize| {
            patients.partition_point(|&patient| patient < item / self.arms) * self.arms + item % self.arms
        };
        let differs = |&&item: &&usize| self.decides_otherwise((solution, item), (&free, again(item)));
        let mut doubtful: Vec<usize> =
            items.iter().filter(differs).map(|&item| again(item) / self.arms).collect();
        doubtful.dedup();
        let more = if doubtful.is_empty() {
            None
        } else {
            let of_batch: Vec<usize> = doubtful.iter().map(|&position| patients[position]).collect();
            let doses = given(solution, &of_batch, self.arms);
            Some(self.look_again(&individuals.select(&doubtful), doses, doubtful)?)
        };

        let mut comparisons = Vec::with_capacity(items.len() * self.rules.len());
        for item in items {
            let expected = self.expected(&free, more.as_ref(), again(item));
            let endpoints = 0..self.rules.len();
            comparisons.extend(endpoints.map(|endpoint| self.judge(endpoint, (solution, item), &expected)));
            comparisons.extend(self.judge_timeline((solution, item), &expected));
            if let Some(records) = all.records.as_ref().zip(individuals.records.as_ref()) {
                comparisons.extend(self.judge_readings((solution, item), (&free, again(item)), records));
            }
        }
        comparisons.extend(unsolved.into_iter().flat_map(|item| self.unsolved(item)));
        Ok(comparisons)
    }

    /// Solves patients, those whom the reference's method cannot solve by the plan's own: an infinite entry of
    /// a Jacobian, for one, is no fault of the run's.
    fn solve(&self, individuals: &Individuals) -> Result<Solution, EngineError> {
        let mut solution = self.cpu.solve(individuals)?;
        if self.own == self.terms.method {
            return Ok(solution);
        }
        let failed = |&patient: &usize| {
            let items = patient * self.arms..(patient + 1) * self.arms;
            solution.status[items].iter().any(|&status| status != Status::Ok)
        };
        let failed: Vec<usize> = (0..individuals.count).filter(failed).collect();
        if !failed.is_empty() {
            let plan = || Plan { method: self.own, ..self.plan.clone() };
            let own = self.by_own_method.get_or_init(|| Cpu::new(&plan(), self.isa));
            let selected = individuals.select(&failed);
            let again = own.solve(&selected)?;
            for (position, patient) in failed.into_iter().enumerate() {
                for arm in 0..self.arms {
                    let [to, from] = [patient, position].map(|of| of * self.arms + arm);
                    let courses = [individuals.course(&solution, to), selected.course(&again, from)];
                    solution.replace(to, &again, from, courses);
                }
            }
        }
        Ok(solution)
    }

    /// Whether the reference decides otherwise than the run.
    fn decides_otherwise(&self, engine: Item<'_>, free: Item<'_>) -> bool {
        if [engine, free].iter().any(|(solution, item)| solution.status[*item] != Status::Ok) {
            return false;
        }
        let timeline = |at| (TIMELINE.iter()).map(move |(_, value)| value(&self.timeline(at)));
        let doses = |(solution, item): Item<'_>| given(solution, &[item], 1);
        let endpoints = self.plan.endpoints.iter().zip(&self.rules);
        let mut decided = endpoints.filter(|(_, rule)| matches!(rule, Rule::Decision)).map(|(e, _)| e.value);
        has_timeline(&self.plan) && timeline(engine).zip(timeline(free)).any(|(a, b)| !is_same(a, b))
            || self.plan.protocol.is_adaptive() && doses(engine) != doses(free)
            || decided
                .any(|value| !is_same(engine.0.endpoint(value, engine.1), free.0.endpoint(value, free.1)))
    }

    /// Solves patients with the run's doses, and freely with comparisons moved.
    fn look_again(
        &self,
        individuals: &Individuals,
        doses: Vec<FixedDose>,
        doubtful: Vec<usize>,
    ) -> Result<Again, EngineError> {
        let fixed_doses = self.plan.protocol.is_adaptive().then_some(doses);
        let replayed = self.solve(&Individuals { fixed_doses, ..individuals.clone() })?;
        let shifted = self.shifted.get_or_init(|| {
            let plans = shifted_plans(&self.plan, self.terms.promise.largest);
            plans.iter().map(|plan| Cpu::new(plan, self.isa)).collect()
        });
        let shifted = shifted.iter().map(|cpu| cpu.solve(individuals)).collect::<Result<_, _>>()?;
        Ok(Again { doubtful, replayed, shifted })
    }

    /// What is expected of an item of the sampled patients.
    fn expected<'a>(&self, free: &'a Solution, more: Option<&'a Again>, item: usize) -> Expected<'a> {
        let found = more.and_then(|more| {
            let position = more.doubtful.binary_search(&(item / self.arms)).ok()?;
            Some((more, position * self.arms + item % self.arms))
        });
        match found {
            None => Expected { free: (free, item), replayed: (free, item), shifted: Vec::new() },
            Some((more, again)) => Expected {
                free: (free, item),
                replayed: (&more.replayed, again),
                shifted: more.shifted.iter().map(|solution| (solution, again)).collect(),
            },
        }
    }

    fn judge(&self, endpoint: usize, (solution, item): Item<'_>, expected: &Expected<'_>) -> Comparison {
        let planned = &self.plan.endpoints[endpoint];
        let rule = &self.rules[endpoint];
        let value = |(solution, item): Item<'_>| solution.endpoint(planned.value, item);
        let (reference, at) = if matches!(rule, Rule::Decision) { expected.free } else { expected.replayed };
        let kept = |accumulator: AccumulatorId| reference.accumulators[accumulator.index()][at];
        let status = [solution.status[item], reference.status[at]];
        let [engine, sought] = [(solution, item), (reference, at)].map(value);
        let bounds = match rule {
            Rule::Threshold { accumulators, bounds } if status[1] == Status::Ok => {
                bounds(accumulators.map(kept))
            }
            Rule::Decision => range(expected.decided().map(value)),
            _ => [f64::NAN; 2],
        };
        let left = |(solution, item): Item<'_>| solution.endings[item].left.map(|left| left.tick);
        let (difference, verdict) = match (one_sided(status), rule) {
            (Some(verdict), _) => (f64::NAN, verdict),
            (None, Rule::Decision) => (f64::NAN, judge_threshold(engine, sought, bounds)),
            (None, Rule::NotCompared) => (f64::NAN, Verdict::NotCompared),
            // When a patient left is a decision, and judged as one.
            _ if left((solution, item)) != left((reference, at)) => (f64::NAN, Verdict::NotCompared),
            (None, Rule::Threshold { .. }) => (f64::NAN, judge_threshold(engine, sought, bounds)),
            (None, Rule::Value(scale)) => {
                judge_value(engine, sought, scale.of(planned.value, kept), self.terms.promise)
            }
        };
        let check = self.terms.check;
        Comparison { check, item, endpoint, engine, reference: sought, difference, bounds, verdict }
    }

    /// What of the doses and endings is compared; nothing of a plan that decides nothing.
    fn judge_timeline(&self, (solution, item): Item<'_>, expected: &Expected<'_>) -> Vec<Comparison> {
        if !has_timeline(&self.plan) {
            return Vec::new();
        }
        let (free, at) = expected.free;
        let one_sided = one_sided([solution.status[item], free.status[at]]);
        let judged = (self.rules.len()..).zip(TIMELINE).map(|(endpoint, (_, value))| {
            let of = |at| value(&self.timeline(at));
            let (engine, reference) = (of((solution, item)), of((free, at)));
            let bounds = range(expected.decided().map(of));
            let verdict = one_sided.unwrap_or_else(|| judge_threshold(engine, reference, bounds));
            let check = self.terms.check;
            Comparison { check, item, endpoint, engine, reference, difference: f64::NAN, bounds, verdict }
        });
        judged.collect()
    }

    /// An item that the run did not solve: nothing that a closer integration could tell about.
    fn unsolved(&self, item: usize) -> impl Iterator<Item = Comparison> {
        let check = self.terms.check;
        let all = names(&self.plan).len();
        (0..all).map(move |endpoint| Comparison {
            check,
            item,
            endpoint,
            engine: f64::NAN,
            reference: f64::NAN,
            difference: f64::NAN,
            bounds: [f64::NAN; 2],
            verdict: Verdict::Unsolved,
        })
    }

    /// Compares what was read of a patient of a data set; `records` are those of the run and of the reference.
    fn judge_readings(
        &self,
        engine: Item<'_>,
        free: Item<'_>,
        records: (&Records, &Records),
    ) -> Vec<Comparison> {
        let Terms { check, promise, .. } = self.terms;
        let observables = self.plan.trajectories.len();
        let status = [engine, free].map(|(solution, item)| solution.status[item]);
        let of_run = Readings::of(engine.0, records.0, engine.1, observables);
        let of_reference = Readings::of(free.0, records.1, free.1, observables);
        let compared =
            (0..observables).map(|observable| of_run.compare(of_reference, observable, check, promise));
        // They come behind the endpoints.
        let judged = compared.zip(self.rules.len()..).map(|(comparison, endpoint)| match one_sided(status) {
            Some(verdict) => Comparison { endpoint, difference: f64::NAN, verdict, ..comparison },
            None => Comparison { endpoint, ..comparison },
        });
        judged.collect()
    }

    fn timeline<'a>(&self, (solution, item): Item<'a>) -> Timeline<'a> {
        Timeline { solution, item, time_per_tick: self.plan.time_per_tick }
    }
}

impl<'a> Expected<'a> {
    /// Whatever may have been decided, values near their cut-offs being what they are.
    fn decided(&self) -> impl Iterator<Item = Item<'a>> {
        [self.free].into_iter().chain(self.shifted.iter().copied())
    }
}

/// The verdict if the run or the reference did not reach the end.
fn one_sided(status: [Status; 2]) -> Option<Verdict> {
    match status.map(|status| status == Status::Ok) {
        [true, true] => None,
        [false, false] => Some(Verdict::Unsolved),
        _ => Some(Verdict::Failed),
    }
}

/// The doses that some of the patients were given, `[patient][arm][dose]`.
fn given(solution: &Solution, patients: &[usize], arms: usize) -> Vec<FixedDose> {
    let items = patients.iter().flat_map(|patient| patient * arms..(patient + 1) * arms);
    let doses = items.flat_map(|item| solution.doses_of(item));
    doses.map(|dose| FixedDose { tick: dose.given, factor: dose.factor, over: dose.over }).collect()
}
