//! Protocols on the device: treatments worked out by hand, and many patients under every kind of rule
//! against the CPU in f64, whether a dispatch takes them far or one visit on.

use crate::strict::zip_equal;
use vpop::diagnostic::Source;
use vpop::engine::cpu::{Cpu, Isa};
use vpop::engine::gpu::{Adapter, fits};
use vpop::engine::{
    Decision, DoseRecord, Endings, Engine, EngineError, FixedDose, Individuals, Solution, Status,
};
use vpop::job::Job;
use vpop::outcome::doses::doses;
use vpop::plan::{Plan, Protocol, ReasonId};

use crate::adapter::gpu;
use crate::by_hand::{self, cases, check};
use crate::common;
use crate::support::individuals;
use crate::{at_dose, drugs, infused, levels, steady};

const PATIENTS: u64 = 150;

/// Of the larger of a value and 1: rounding of some hundred steps, and the tolerances at which both sides
/// choose theirs (1e-5 and 1e-10).
const BOUND: f64 = 1e-4;

pub(crate) fn worked_out_by_hand(adapter: &Adapter) {
    let mut faults = Vec::new();
    for case in cases() {
        let job = by_hand::job(&case);
        let engine = gpu(&job.plan, adapter);
        faults.extend(check(&case, &job, &engine, 1e-6));
        faults.extend(check(&case, &job, &engine.with_most_visits(1), 1e-6));
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

pub(crate) fn several_drugs(adapter: &Adapter) {
    let mut faults = Vec::new();
    for case in drugs::cases() {
        let plan = drugs::plan(&case);
        let engine = gpu(&plan, adapter);
        faults.extend(drugs::check(&case, &plan, &engine, 1e-4));
        faults.extend(drugs::check(&case, &plan, &engine.with_most_visits(1), 1e-4));
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

pub(crate) fn found_when_given(adapter: &Adapter) {
    let mut faults = Vec::new();
    for case in at_dose::cases() {
        let plan = at_dose::plan(&case);
        let engine = gpu(&plan, adapter);
        faults.extend(at_dose::check(&case, &plan, &engine, 1e-4));
        faults.extend(at_dose::check(&case, &plan, &engine.with_most_visits(1), 1e-4));
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
    let plan = at_dose::impossible();
    let solution = gpu(&plan, adapter).solve(&individuals(&plan, &[])).unwrap();
    assert_eq!(solution.status, [Status::BadDose]);
}

pub(crate) fn infused_more_slowly(adapter: &Adapter) {
    infused::more_slowly(1e-3, &|plan, patients| gpu(plan, adapter).solve(patients).unwrap());
    let solve_by_visits =
        |plan: &Plan, patients: &Individuals| gpu(plan, adapter).with_most_visits(1).solve(patients).unwrap();
    infused::more_slowly(1e-3, &solve_by_visits);
}

pub(crate) fn levels_of_several_drugs(adapter: &Adapter) {
    let job = common::job(levels::COHORT);
    let individuals = job.typical(Isa::detect()).unwrap();
    let solution = gpu(&job.plan, adapter).solve(&individuals).unwrap();
    levels::check(&doses(&job.plan, 0, &solution, &job.amounts(&individuals)));
}

/// At the tolerance of the device; what it cannot do is refused.
pub(crate) fn steady_starts(adapter: &Adapter) {
    let mut faults = Vec::new();
    for (doses, arms) in steady::cases() {
        for method in ["tsit5", "rosenbrock", "closed_form"] {
            let job = steady::of_case(doses, method);
            let engine = gpu(&job.plan, adapter);
            faults.extend(steady::check(doses, &arms, &steady::solve(&job, &engine), BOUND));
            let short = engine.with_most_visits(1);
            faults.extend(steady::check(doses, &arms, &steady::solve(&job, &short), BOUND));
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
    let [settled, written_out] = steady::saturable(false);
    let of_device = steady::solve(&settled, &gpu(&settled.plan, adapter)).trajectories;
    let right = steady::solve(&written_out, &Cpu::new(&written_out.plan, Isa::detect())).trajectories;
    for (found, right) in zip_equal(&of_device, &right[1000..]) {
        assert!((found / right - 1.0).abs() < BOUND, "{found} {right}");
    }
    let [asks, _] = steady::saturable(true);
    assert_eq!(fits(&asks.plan), Err(EngineError::SteadyStart));
}

const MODEL: &str = r#"
trial <- function() {
  units <- list(time = "day", dosing = "mg")
  ini({ ka <- 1.5; k <- 0.25; kout <- 0.5; grow <- 0.02 })
  model({
    d/dt(depot) <- -ka * depot
    alag(depot) <- LAG
    rate(depot) <- 1e9
    d/dt(central) <- ka * depot - k * central
    rate(central) <- 400
    d/dt(marrow) <- kout * (1 - marrow) - S * central / 100 * marrow
    marrow(0) <- 1
    d/dt(sld) <- (grow - 0.0004 * central) * sld
    sld(0) <- 50
    platelets <- 200 * marrow
    upcr <- 0.1 + 0.012 * P * central
  })
}
"#;

const COHORT: &str = r#"
name = "rules"
model = "rules.R"
patients = 1000
seed = 3
[population.S]
distribution = "lognormal"
median = 0.55
cv = 0.8
[population.P]
distribution = "lognormal"
median = 0.6
cv = 0.7
[population.LAG]
distribution = "uniform"
low = 0
high = 0.6
[regimen]
arms = ["100 mg", "200 mg"]
into = ["depot", "central"]
infusion = "model"
every = "7 day"
cycles = 6
levels = ["25 mg", "50 mg", "100 mg", "200 mg"]
[[regimen.modify]]
name = "very low"
when = "platelets < 30"
then = "stop"
[[regimen.modify]]
name = "protein at a dose"
when = "upcr > 2.2"
then = "stop"
at = "dose"
[[regimen.modify]]
name = "progression"
when = "progressed"
then = "stop"
[[regimen.modify]]
name = "low"
when = "platelets < 100"
then = "hold"
until = "platelets >= 125"
at_most = "9 day"
[[regimen.modify]]
name = "protein"
when = "upcr > 0.9"
then = "delay 2 day"
at_most = "7 day"
[[regimen.modify]]
name = "was very low"
when = "lowest_since_dose(platelets) < 60"
then = "reduce 1 level"
floor = "50 mg"
[[regimen.modify]]
name = "was low"
when = "days_since_dose(platelets < 90) >= 2"
then = "reduce 25 %"
floor = "60 mg"
beyond = "stay"
[[regimen.modify]]
name = "tolerated"
when = "lowest_since_dose(platelets) > 130 & doses_given >= 2 & days_since_dose < 9"
then = "escalate 25 %"
ceiling = "240 mg"
shows = "relative_dose"
[visits]
every = "1 day"
until = "56 day"
[grades]
tables = ["tables/ctcae_v4_03.toml"]
windows = { c1 = ["0 day", "7 day"] }
[grades.terms]
thrombocytopenia = { of = "platelets", days = [2], onset = [2] }
[dlt]
window = "14 day"
[dlt.causes]
marrow = ["grade(thrombocytopenia) >= 3 & days(grade(thrombocytopenia) >= 2) >= 4"]
[events.lesion]
cumulative_hazard = "0.004 * day"
progression = true
[events.withdrawal]
probability = 0.3
onset = "grade(thrombocytopenia) >= 2"
[response]
of = "sld"
every = "14 day"
[endpoints.peak]
of = "central"
statistic = "max"
on = "continuous"
[endpoints.exposure]
of = "central"
statistic = "auc"
on = "continuous"
[endpoints.protein_days]
of = "upcr"
statistic = "time_above"
threshold = 0.7
"#;

/// Doses into `depot` after a lag, at a rate that takes no time, and into `central` at one that does.
fn rules() -> (Job, Individuals) {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/cohorts/rules.toml");
    let texts = [Source::new(folder, COHORT), Source::new("rules.R", MODEL)];
    let mut job = Job::from_texts(&texts[0], &texts[1]).unwrap_or_else(|problems| panic!("{problems}"));
    job.plan.rtol = 1e-10;
    job.plan.states.iter_mut().for_each(|state| state.atol = state.atol.min(1e-10));
    let (_, individuals) = job.individuals(0..PATIENTS, Isa::detect()).unwrap();
    (job, individuals)
}

pub(crate) fn every_kind_of_rule(adapter: &Adapter) {
    let (job, individuals) = rules();
    let engine = gpu(&job.plan, adapter);
    let got = engine.solve(&individuals).unwrap();
    let cpu = Cpu::new(&job.plan, Isa::detect());
    let expected = cpu.solve(&individuals).unwrap();
    assert_is_eventful(&expected);
    assert_alike(&job, &got, &expected);

    let fixed =
        |record: &DoseRecord| FixedDose { tick: record.given, factor: record.factor, over: record.over };
    let doses = expected.doses.iter().map(fixed).collect();
    let replayed = Individuals { fixed_doses: Some(doses), ..individuals.clone() };
    let got_again = engine.solve(&replayed).unwrap();
    assert_alike(&job, &got_again, &cpu.solve(&replayed).unwrap());

    let engine = engine.with_most_visits(1);
    assert_eq!(bits(&engine.solve(&individuals).unwrap()), bits(&got));
    assert_eq!(bits(&engine.solve(&replayed).unwrap()), bits(&got_again));
}

/// Everything that can happen does.
fn assert_is_eventful(solution: &Solution) {
    let count = |is: &dyn Fn(&DoseRecord) -> bool| solution.doses.iter().filter(|record| is(record)).count();
    let ended = |is: &dyn Fn(&Endings) -> bool| solution.endings.iter().filter(|ending| is(ending)).count();
    let reasons = |all: Vec<Option<Decision>>| {
        let mut reasons: Vec<ReasonId> = all.into_iter().flatten().map(|decision| decision.reason).collect();
        reasons.sort_unstable();
        reasons.dedup();
        reasons
    };
    let held = reasons(solution.doses.iter().map(|record| record.held).collect());
    let changed = reasons(solution.doses.iter().map(|record| record.changed).collect());
    let stopped = reasons(solution.endings.iter().map(|ending| ending.stopped).collect());
    eprintln!("held by {held:?}, changed by {changed:?}, stopped by {stopped:?}");
    assert!(held.len() == 2 && changed.len() == 3 && stopped.len() >= 6);
    assert!(count(&|record| record.held.is_some() && record.given.is_some()) > 10);
    assert!(count(&|record| record.held.is_some() && record.given.is_none()) > 0);
    assert!(count(&|record| record.factor > 1.0) > 10 && count(&|record| record.factor < 0.4) > 5);
    assert!(ended(&|ending| ending.left.is_some()) > 10);
    assert!(ended(&|ending| ending.stopped.is_none()) > 10);
}

fn assert_alike(job: &Job, got: &Solution, expected: &Solution) {
    assert!(got.status.iter().chain(&expected.status).all(|&status| status == Status::Ok));
    let near = |a: f64, b: f64| (a - b).abs() <= BOUND * b.abs().max(1.0) || (a.is_nan() && b.is_nan());
    let same = |a: Option<Decision>, b: Option<Decision>| match (a, b) {
        (Some(a), Some(b)) => a.reason == b.reason && a.tick == b.tick && near(a.value, b.value),
        (a, b) => a.is_none() && b.is_none(),
    };
    assert_eq!(got.doses.len(), expected.doses.len());
    for item in 0..got.status.len() {
        for (a, b) in zip_equal(got.doses_of(item).iter(), expected.doses_of(item)) {
            let alike = a.given == b.given && near(a.factor, b.factor);
            assert!(alike && same(a.held, b.held) && same(a.changed, b.changed), "{item}: {a:?}, not {b:?}");
        }
        let (a, b) = (got.endings[item], expected.endings[item]);
        assert!(same(a.stopped, b.stopped) && same(a.left, b.left), "{item}: {a:?}, not {b:?}");
    }
    for (i, accumulator) in job.plan.accumulators.iter().enumerate() {
        for (item, (&a, &b)) in zip_equal(got.accumulators[i].iter(), &expected.accumulators[i]).enumerate() {
            assert!(near(a, b), "{accumulator:?}, item {item}: {a}, not {b}");
        }
    }
}

/// Everything that came out, to the last bit.
fn bits(solution: &Solution) -> String {
    let Solution { accumulators, steps, rejected, doses, endings, .. } = solution;
    let values = accumulators.iter().flatten().map(|value| value.to_bits()).collect::<Vec<_>>();
    format!("{values:?} {steps:?} {rejected:?} {doses:?} {endings:?}")
}

/// Without a protocol too the doses are on record, and others may be given in their place; in an arm without
/// drug they are nothing.
pub(crate) fn fixed_doses_without_rules(adapter: &Adapter) {
    let (mut job, individuals) = rules();
    job.plan.protocol = Protocol::default();
    let nothing = job.plan.graph.constant(0.0);
    job.plan.arms[0].doses.iter_mut().for_each(|dose| dose.amount = nothing);
    let engine = gpu(&job.plan, adapter);
    let cpu = Cpu::new(&job.plan, Isa::detect());
    assert_alike(&job, &engine.solve(&individuals).unwrap(), &cpu.solve(&individuals).unwrap());
    let planned = job.plan.arms[0].doses.len();
    let dose = |i: usize| FixedDose {
        tick: (i % planned < 4).then(|| job.plan.arms[0].doses[i % planned].tick + 3_600 * (i % 5) as u32),
        factor: [1.0, 0.5, 1.5][i % 3],
        over: None,
    };
    let items = individuals.count * job.plan.arms.len();
    let fixed = (0..items * planned).map(dose).collect();
    let individuals = Individuals { fixed_doses: Some(fixed), ..individuals };
    assert_alike(&job, &engine.solve(&individuals).unwrap(), &cpu.solve(&individuals).unwrap());
}
