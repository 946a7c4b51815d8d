//! Which method solves the patients of a run with the least work: tried on a pilot, the first of them.
//!
//! Both methods of integration solve the pilot, and the work of each is its attempted steps times what one is
//! [counted](Cpu::work) to cost. Nothing is timed, so that every share of a run, and a run that is resumed, chooses
//! alike. The method that loses is stopped: the implicit one where it is twice as much work as the other ever was, the
//! explicit one where it is more work than the implicit.
//!
//! Linear equations are solved in closed form unless they are less work to integrate: both methods are stopped at twice the
//! work that it takes.
//!
//! Patients differ. Where the explicit method is taken, a patient-arm that it has not solved in so many attempts is solved
//! by the implicit one: after as many as the pilot's shares of the two are least work with, and where all of the
//! pilot are best solved by the explicit method, after as much work as the implicit one is, so that nobody costs more than twice
//! the better of the two.

use std::collections::BTreeSet;
use std::fmt;

use crate::cohort::Ticks;
use crate::plan::{Arm, Method, Plan};

use super::cpu::{self, Attempts, Cpu, Isa};
use super::method::{NON_STIFF, STIFF};
use super::otherwise::by_method_alone;
use super::program::{Program, closed_form};
use super::{EngineError, Individuals, Status};

/// Patients of a pilot: at least, and at most where there is one arm.
const PATIENTS: [usize; 2] = [12, 32];
/// Patient-arms of a pilot, if these are not fewer patients than the least: a block of lanes.
const PATIENT_ARMS: usize = 64;
/// Attempts of the explicit method before anything is known of the other.
const FIRST: f64 = 1_000.0;
/// Attempts after which a patient-arm of a pilot is given up.
const MOST: u32 = 20_000;
/// A patient-arm may take so many times the attempts of those of the pilot that the explicit method is to solve; and the
/// implicit one is stopped where it is so many times the work of the explicit one, both where they are so many times
/// that of the closed form.
const MARGIN: f64 = 2.0;

/// A solution in closed form may take so many times the work of integrating one: it is exact.
const EXACT: f64 = 1.1;

/// How many of the first patients of a run are its pilot.
pub fn patients(arms: usize) -> u64 {
    let [least, most] = PATIENTS;
    (PATIENT_ARMS / arms.max(1)).clamp(least, most) as u64
}

/// A method, and why it is this one.
#[derive(Debug, Clone)]
pub struct Choice {
    /// The method.
    pub method: Method,
    /// Attempts after which a patient-arm is solved by the implicit method instead: see [`Plan::switch_after`].
    pub switch_after: Option<u32>,
    /// Why.
    pub reason: Reason,
    /// The plan's program by this method, if it was made on the way.
    pub program: Option<Program>,
}

impl Choice {
    /// A method that nothing was solved for.
    pub fn untried(method: Method, reason: Reason) -> Self {
        Self { method, switch_after: None, reason, program: None }
    }
}

/// Why a method was taken.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Reason {
    /// The cohort file names it.
    Asked,
    /// It is the least work in a pilot.
    Pilot(Comparison),
    /// The equations are linear, and no method of integration was found to be less work in a pilot.
    Linear,
    /// No patient of the pilot could be solved.
    Unknown,
    /// The implicit method would have more values than the CPU engine can hold.
    TooLarge,
}

/// The work of the methods in a pilot.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Comparison {
    /// Patient-arms that were solved by one of them at least.
    pub patient_arms: usize,
    /// That of the closed form, if the equations are linear.
    pub closed_form: Option<Effort>,
    /// The explicit method's.
    pub explicit: Effort,
    /// The implicit method's.
    pub implicit: Effort,
}

/// The work of a method in a pilot.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Effort {
    /// Attempted steps of a patient in an arm, on average, and what is computed at starts and after jumps besides.
    pub steps: f64,
    /// Whether some patient-arms would take more: they were stopped.
    pub is_stopped: bool,
    /// Work of an attempted step, in products with their sums.
    pub work: f64,
}

impl fmt::Display for Effort {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { steps, is_stopped, work } = self;
        let more = if *is_stopped { "more than " } else { "" };
        write!(f, "{more}{steps:.0} steps of {work:.0} operations")
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Asked => f.write_str("as asked for"),
            Self::Pilot(Comparison { patient_arms, closed_form, explicit, implicit }) => {
                let (first, second) = (NON_STIFF.name(), STIFF.name());
                write!(f, "each of the first {patient_arms} patient-arms takes ")?;
                if let Some(effort) = closed_form {
                    write!(f, "{effort} in closed form, ")?;
                }
                write!(f, "{explicit} by {first}, {implicit} by {second}")
            }
            Self::Linear => f.write_str("the equations are linear"),
            Self::TooLarge => f.write_str("the implicit method would be too large"),
            Self::Unknown => f.write_str("no patient of the pilot could be solved to tell"),
        }
    }
}

/// A method that may be chosen.
struct Contender {
    program: Program,
    cpu: Cpu,
    work: f64,
    /// Attempts after which it has lost.
    most: f64,
}

impl Contender {
    fn new(plan: &Plan, method: Method, isa: Isa) -> Result<Self, EngineError> {
        let program = cpu::fitting(&by_method_alone(plan, method))?;
        let cpu = Cpu::new(&program, isa);
        Ok(Self { work: cpu.work(), program, cpu, most: f64::from(MOST.min(plan.max_steps)) })
    }

    /// The same, which has lost after so much work.
    fn within(self, work: f64) -> Self {
        Self { most: self.most.min((work / self.work).ceil()), ..self }
    }

    /// Solves patients, each arm of them in so many attempted steps at most.
    fn solve(&mut self, individuals: &Individuals, most: f64) -> Vec<Attempts> {
        self.cpu.limit(self.most.min(most).max(1.0) as u32);
        self.cpu.attempts(individuals)
    }

    fn effort(&self, tried: impl Iterator<Item = Attempts> + Clone) -> Effort {
        let is_stopped = tried.clone().any(Attempts::is_stopped);
        Effort {
            steps: sum(tried.clone(), Attempts::all) / tried.count() as f64,
            is_stopped,
            work: self.work,
        }
    }
}

/// The sum of whole numbers: their order makes no difference.
fn sum(items: impl Iterator<Item = Attempts>, of: impl Fn(Attempts) -> f64) -> f64 {
    items.map(of).sum()
}

impl Attempts {
    fn is_solved(self) -> bool {
        self.status == Status::Ok
    }

    fn is_stopped(self) -> bool {
        self.status == Status::MaxSteps
    }

    fn has_failed(self) -> bool {
        !self.is_solved() && !self.is_stopped()
    }

    fn own_steps(self) -> f64 {
        f64::from(self.steps)
    }

    /// Everything that is as much work as a step.
    fn all(self) -> f64 {
        f64::from(self.steps + self.starts)
    }
}

/// Chooses the method of a plan for the patients of its pilot, who are solved with an instruction set.
pub fn choose(plan: &Plan, pilot: &Individuals, isa: Isa) -> Choice {
    match InClosedForm::of(plan, pilot, isa) {
        Some(closed_form) => closed_form.choose(plan, pilot, isa),
        None => integrate(plan, pilot, isa, f64::INFINITY).0,
    }
}

/// A pilot of linear equations, solved in closed form.
struct InClosedForm {
    contender: Contender,
    tried: Vec<Attempts>,
}

impl InClosedForm {
    fn of(plan: &Plan, pilot: &Individuals, isa: Isa) -> Option<Self> {
        closed_form::check(plan).ok()?;
        let mut contender = Contender::new(plan, Method::ClosedForm, isa).ok()?;
        let tried = contender.solve(pilot, f64::INFINITY);
        Some(Self { contender, tried })
    }

    /// Chooses it, unless it is less work to integrate all of the pilot.
    fn choose(self, plan: &Plan, pilot: &Individuals, isa: Isa) -> Choice {
        let Self { contender, tried } = self;
        let longest = tried.iter().map(|tried| tried.all()).fold(0.0, f64::max);
        let (choice, integrated) = integrate(plan, pilot, isa, MARGIN * longest * contender.work);
        let effort = contender.effort(tried.iter().copied());
        let reason = match choice.reason {
            Reason::Pilot(comparison) => {
                Reason::Pilot(Comparison { closed_form: Some(effort), ..comparison })
            }
            other => other,
        };
        // Who has no solution in closed form is integrated in any case.
        let is_known = tried.iter().any(|tried| tried.is_solved());
        let own = sum(tried.iter().copied(), Attempts::all) * contender.work
            + tried.len() as f64 * contender.cpu.work_of_reading() * read_within(plan);
        if is_known && integrated.is_none_or(|integrated| own <= EXACT * integrated) {
            let reason = if matches!(reason, Reason::Pilot(_)) { reason } else { Reason::Linear };
            let program = Some(contender.program);
            return Choice { method: Method::ClosedForm, switch_after: None, reason, program };
        }
        Choice { reason, ..choice }
    }
}

/// How often a patient-arm is read at other times than those of doses, where a step ends: on average.
fn read_within(plan: &Plan) -> f64 {
    let of_arm = |arm: &Arm| {
        let doses: BTreeSet<Ticks> = arm.doses.iter().map(|dose| dose.tick).collect();
        plan.observation_times.iter().filter(|point| !doses.contains(&point.tick)).count() as f64
    };
    plan.arms.iter().map(of_arm).sum::<f64>() / plan.arms.len().max(1) as f64
}

/// Chooses the method of integration that is the least work, no patient-arm taking more than so much of it: the choice,
/// and the work of all of the pilot, if all can be solved so.
fn integrate(plan: &Plan, pilot: &Individuals, isa: Isa, most: f64) -> (Choice, Option<f64>) {
    let contender = |method| Contender::new(plan, method, isa).map(|contender| contender.within(most));
    let (explicit, implicit) = rayon::join(|| contender(NON_STIFF), || contender(STIFF));
    let Ok(mut explicit) = explicit else {
        return (Choice::untried(NON_STIFF, Reason::Unknown), None);
    };
    let Ok(mut implicit) = implicit else {
        let choice = Choice::untried(NON_STIFF, Reason::TooLarge);
        return (Choice { program: Some(explicit.program), ..choice }, None);
    };
    let worth = implicit.work / explicit.work;
    let mut items = race(pilot, [&mut explicit, &mut implicit], worth);
    let all = items.len();
    items.retain(|item| item.iter().any(|tried| tried.is_solved()));
    if items.is_empty() {
        let choice = Choice::untried(NON_STIFF, Reason::Unknown);
        return (Choice { program: Some(explicit.program), ..choice }, None);
    }
    let tried = |method: usize| items.iter().map(move |item| item[method]);
    let comparison = Comparison {
        patient_arms: items.len(),
        closed_form: None,
        explicit: explicit.effort(tried(0)),
        implicit: implicit.effort(tried(1)),
    };
    let reason = Reason::Pilot(comparison);
    // Who the implicit method cannot solve is not sent to it.
    let fails = tried(1).any(Attempts::has_failed);
    let switch = if fails { Some(f64::INFINITY) } else { least_switch(&items, worth) };
    let is_solved = items.len() == all && (switch.is_some() || tried(1).all(Attempts::is_solved));
    let chosen = if switch.is_some() { &explicit } else { &implicit };
    let reading = all as f64 * chosen.cpu.work_of_reading() * read_within(plan);
    let work = is_solved.then(|| work(&items, switch, worth) * explicit.work + reading);
    let choice = match switch {
        Some(after) => Choice {
            method: NON_STIFF,
            switch_after: Some(after.ceil() as u32).filter(|&after| after < plan.max_steps),
            reason,
            program: Some(explicit.program),
        },
        None => Choice { method: STIFF, switch_after: None, reason, program: Some(implicit.program) },
    };
    (choice, work)
}

/// Has both methods solve the patient-arms of a pilot: what each did with them.
fn race(pilot: &Individuals, [explicit, implicit]: [&mut Contender; 2], worth: f64) -> Vec<[Attempts; 2]> {
    let longest = |tried: &[Attempts]| tried.iter().map(|tried| tried.all()).fold(0.0, f64::max);
    let mut by_explicit = explicit.solve(pilot, FIRST);
    let is_stopped = by_explicit.iter().any(|tried| tried.is_stopped());
    let enough = MARGIN * longest(&by_explicit) / worth;
    let by_implicit = implicit.solve(pilot, if is_stopped { f64::INFINITY } else { enough.ceil() });
    let enough = explicit.most.min(longest(&by_implicit) * worth);
    if is_stopped && enough > FIRST {
        let arms = by_explicit.len() / pilot.count.max(1);
        let stopped = |patient: &usize| by_explicit[patient * arms..][..arms].iter().any(|t| t.is_stopped());
        let patients: Vec<usize> = (0..pilot.count).filter(stopped).collect();
        let again = explicit.solve(&pilot.select(&patients), enough);
        for (tried, patient) in again.chunks(arms).zip(patients) {
            by_explicit[patient * arms..][..arms].copy_from_slice(tried);
        }
    }
    by_explicit.into_iter().zip(by_implicit).map(|(explicit, implicit)| [explicit, implicit]).collect()
}

/// The work of patient-arms in attempts of the explicit method, which is given so many for each before the implicit one, an
/// attempt of which is worth so many of its own, solves what it has not; by the implicit one alone if it is given none.
fn work(items: &[[Attempts; 2]], most: Option<f64>, worth: f64) -> f64 {
    let by_implicit = |items: &[[Attempts; 2]]| sum(items.iter().map(|item| item[1]), Attempts::all) * worth;
    let Some(most) = most else { return by_implicit(items) };
    let (left, solved): (Vec<_>, Vec<_>) = items.iter().copied().partition(|item| is_left(item, most));
    let by_explicit = sum(solved.iter().map(|item| item[0]), Attempts::all);
    let in_vain = sum(left.iter().map(|item| item[0]), |explicit| most + f64::from(explicit.starts));
    by_explicit + in_vain + by_implicit(&left)
}

/// Whether the explicit method has not solved a patient-arm in so many attempts.
fn is_left([explicit, _]: &[Attempts; 2], most: f64) -> bool {
    !explicit.is_solved() || explicit.own_steps() > most
}

/// Attempts of the explicit method after which the implicit one, an attempt of which is worth so many of its own, has to
/// solve what it has not, so that all patient-arms together are the least work; none where the implicit method has to from
/// the beginning.
fn least_switch(items: &[[Attempts; 2]], worth: f64) -> Option<f64> {
    // Only who is stopped is solved by the other method.
    if items.iter().any(|[explicit, _]| explicit.has_failed()) {
        return None;
    }
    let solved = items.iter().map(|[explicit, _]| explicit).filter(|explicit| explicit.is_solved());
    let tried = solved.map(|explicit| explicit.own_steps());
    let tried = tried.map(|steps| (steps, work(items, Some(steps), worth)));
    let (most, least) = tried.min_by(|a, b| a.1.total_cmp(&b.1))?;
    let by_implicit = work(items, None, worth);
    if least > by_implicit {
        return None;
    }
    let left = items.iter().filter(|item| is_left(item, most)).map(|[explicit, _]| explicit.own_steps());
    Some(match left.reduce(f64::min) {
        Some(next) => (MARGIN * most).min(0.5 * (most + next)),
        None => (MARGIN * most).max(by_implicit / items.len() as f64),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Patient-arms that take so many attempts by the explicit method, and so many by the implicit one.
    fn items(attempts: &[[u32; 2]]) -> Vec<[Attempts; 2]> {
        let tried = |steps| Attempts { status: Status::Ok, steps, starts: 0 };
        attempts.iter().map(|item| item.map(tried)).collect()
    }

    /// 100 and 200 attempts of work 1, against 50 of work 8: nobody is given more than the latter.
    #[test]
    fn all_are_best_left_to_the_explicit_method() {
        assert_eq!(least_switch(&items(&[[100, 50], [200, 50]]), 8.0), Some(400.0));
        // Twice the longest, where that is more.
        assert_eq!(least_switch(&items(&[[100, 50], [300, 50]]), 8.0), Some(600.0));
    }

    /// 1,000 attempts against 400 of work 1.
    #[test]
    fn all_are_best_solved_by_the_implicit_method() {
        assert_eq!(least_switch(&items(&[[1000, 50], [1000, 50]]), 8.0), None);
    }

    /// 100 + (100 + 400) is less work than 100 + 5,000, and than 400 + 400.
    #[test]
    fn some_are_best_solved_by_either() {
        assert_eq!(least_switch(&items(&[[100, 50], [5000, 50]]), 8.0), Some(200.0));
        // Halfway to the next, where that is less.
        assert_eq!(least_switch(&items(&[[100, 100], [180, 1]]), 8.0), Some(140.0));
    }

    /// Who is not stopped but fails is not solved by the other method.
    #[test]
    fn an_explicit_method_that_fails_is_not_taken() {
        let mut items = items(&[[100, 50], [200, 50]]);
        items[0][0].status = Status::StepTooSmall;
        assert_eq!(least_switch(&items, 8.0), None);
    }
}
