//! The audit: an engine that is close enough passes, one with a fault is caught.

use crate::common::job;
use crate::device::{Device, run_on, settings, shipped};
use vpop::engine::audit::{Check, Comparison, Reference, Terms, Verdict};
use vpop::engine::cpu::{Cpu, Isa, Precision};
use vpop::engine::{Engine, Processor, Solution, Status};
use vpop::job::Job;
use vpop::outcome::audit::{Differences, Summary};
use vpop::plan::{EndpointFormula, Plan};
use vpop::run::Settings;
use vpop::store::{Manifest, Set, Shard, part_files, read_numbers};

const PATIENTS: u64 = 300;

/// The phase I cohort, whose endpoints are of every kind.
fn phase1() -> Job {
    shipped("phase1.toml", PATIENTS)
}

/// A run on an engine that distorts its solution, and what its manifest says.
fn audited(job: &Job, plan: &Plan, distort: impl Fn(&mut Solution) + Sync + 'static) -> Manifest {
    let scratch = tempfile::tempdir().unwrap();
    let engine = Device { distort: Box::new(distort), ..Device::new(plan) };
    let settings = Settings { checks: &[Check::Engine], ..settings(&scratch.path().join("run")) };
    run_on(&engine, job, &settings).unwrap().manifest
}

/// What the check of the engine found.
fn of_engine(manifest: &Manifest) -> &Summary {
    manifest.checked(Check::Engine).unwrap()
}

/// The accumulator behind an endpoint.
fn accumulator(plan: &Plan, endpoint: &str) -> usize {
    match plan.endpoints.iter().find(|e| e.name == endpoint).unwrap().value {
        EndpointFormula::Of(accumulator) => accumulator.index(),
        other => panic!("{other:?}"),
    }
}

/// The item of an audited patient in the last arm.
fn audited_item(job: &Job) -> usize {
    let arms = job.plan.arms.len();
    let patient = Check::Engine.sample(PATIENTS, arms, job.cohort.seed).within(0..PATIENTS).nth(7).unwrap();
    patient as usize * arms + arms - 1
}

/// Every comparison of the first patients with the reference of `job`.
fn compared(job: &Job, engine: &dyn Engine) -> Vec<Comparison> {
    let (_, individuals) = job.individuals(0..60, Isa::detect()).unwrap();
    let solution = engine.solve(&individuals).unwrap();
    let items: Vec<usize> = (0..solution.status.len()).collect();
    let reference = Reference::new(&job.plan, Isa::detect(), terms(job), 60);
    reference.compare(&individuals, 0, &solution, &items).unwrap()
}

fn terms(job: &Job) -> Terms {
    Check::Engine.terms(&job.plan, job.plan.rtol)
}

fn summary(job: &Job, comparisons: &[Comparison]) -> Summary {
    let mut differences = Differences::new(&job.plan, terms(job));
    comparisons.iter().for_each(|&comparison| differences.add(comparison));
    differences.summary()
}

#[test]
fn a_looser_engine_passes() {
    let job = phase1();
    let mut loose = job.plan.clone();
    loose.rtol = 1e-4;
    let manifest = audited(&job, &loose, |_| {});
    assert_eq!(manifest.solver.rtol, 1e-4);
    let audit = of_engine(&manifest);
    assert!(audit.holds && !manifest.failed(), "{audit}");
    assert_eq!((audit.patient_arms, audit.failed), (260, 0));
    let worst = audit.worst.as_ref().unwrap();
    assert_ne!(worst.engine, worst.reference);
    let of = |name: &str| audit.endpoints.iter().find(|e| e.endpoint == name).unwrap();
    let cmax = of("cmax_c1").differences.unwrap();
    assert!(cmax.n == 260 && 0.0 < cmax.max && cmax.max < 1e-3, "{cmax:?}");
    assert_eq!(of("platelets_days_below_50_c1").threshold.unwrap().n, 260);
    let day = of("platelet_nadir_day_c1");
    assert_eq!((day.differences, day.threshold, day.missing), (None, None, 0));
    assert!(audit.to_string().contains("are within what is promised"), "{audit}");
}

#[test]
fn single_precision_on_the_cpu_is_audited_too() {
    let job = phase1();
    let engine = Cpu::with_precision(&job.plan, Isa::detect(), Precision::F32);
    let scratch = tempfile::tempdir().unwrap();
    let manifest = run_on(&engine, &job, &settings(&scratch.path().join("run"))).unwrap().manifest;
    let solved_by: Vec<_> =
        manifest.outcomes.all.solved_by.iter().map(|by| (by.processor.as_str(), by.count)).collect();
    assert_eq!(solved_by, [("cpu f32", manifest.outcomes.all.patients)]);
    let audit = of_engine(&manifest);
    assert!(audit.holds, "{audit}");
    assert_eq!(audit.patient_arms, 260);
}

#[test]
fn a_value_that_is_off_by_two_percent_is_caught() {
    let job = phase1();
    let (item, off) = (audited_item(&job), accumulator(&job.plan, "haemoglobin_min"));
    let manifest = audited(&job, &job.plan, move |solution| {
        if let Some(value) = solution.accumulators[off].get_mut(item) {
            *value *= 1.02;
        }
    });
    let audit = of_engine(&manifest);
    assert!(!audit.holds && manifest.failed());
    let failing: Vec<_> = audit.endpoints.iter().filter(|e| !e.holds).map(|e| e.endpoint.as_str()).collect();
    assert_eq!(failing, ["haemoglobin_min"]);
    let worst = audit.worst.as_ref().unwrap();
    let place = (worst.patient as usize, worst.arm.as_str(), worst.endpoint.as_str());
    let arms = job.plan.arms.len();
    assert_eq!(place, (item / arms, job.plan.arms[item % arms].label.as_str(), "haemoglobin_min"));
    assert!((worst.engine.unwrap() / worst.reference.unwrap() - 1.02).abs() < 1e-4);
    assert!(audit.verdict().contains("MORE THAN IS PROMISED"), "{audit}");
}

#[test]
fn a_time_that_no_value_near_the_threshold_explains_is_caught() {
    let job = phase1();
    let (item, off) = (audited_item(&job), accumulator(&job.plan, "platelets_days_below_50_c1"));
    let manifest = audited(&job, &job.plan, move |solution| {
        if let Some(days) = solution.accumulators[off].get_mut(item) {
            *days += 22.0;
        }
    });
    let audit = of_engine(&manifest);
    assert!(!audit.holds && manifest.failed());
    let failing: Vec<_> = audit.endpoints.iter().filter(|e| !e.holds).collect();
    assert_eq!(failing.len(), 1);
    let threshold = failing[0].threshold.unwrap();
    assert_eq!((failing[0].endpoint.as_str(), threshold.outside), ("platelets_days_below_50_c1", 1));
}

#[test]
fn a_patient_that_only_the_cpu_can_solve_is_reported() {
    let job = phase1();
    let item = audited_item(&job);
    let manifest = audited(&job, &job.plan, move |solution| {
        if let Some(status) = solution.status.get_mut(item) {
            *status = Status::NonFinite;
        }
    });
    let audit = of_engine(&manifest);
    assert_eq!((audit.patient_arms, audit.failed, audit.holds), (260, 1, false));
    assert!(audit.verdict().contains("1 patient-arms were solved by one side only"), "{}", audit.verdict());
}

#[test]
fn what_the_cpu_solved_is_not_audited() {
    let job = phase1();
    let manifest = audited(&job, &job.plan, |solution| solution.solved_by.fill(Processor::Cpu));
    let audit = of_engine(&manifest);
    assert_eq!((audit.patient_arms, audit.holds, manifest.failed()), (0, true, false));

    let item = audited_item(&job);
    let manifest = audited(&job, &job.plan, move |solution| {
        if let Some(processor) = solution.solved_by.get_mut(item) {
            *processor = Processor::Cpu;
        }
    });
    assert_eq!(of_engine(&manifest).patient_arms, 259);
}

/// The reference lies within its own bounds, and so does an engine whose values are right.
#[test]
fn bounds_hold_what_they_bound() {
    let job = phase1();
    let comparisons = compared(&job, &Cpu::new(&job.plan, Isa::detect()));
    let never = |time: f64| if time.is_nan() { f64::INFINITY } else { time };
    let mut wide = 0;
    for comparison in &comparisons {
        let thresholds = [Verdict::Same, Verdict::Differs, Verdict::Outside];
        if thresholds.contains(&comparison.verdict) {
            let [low, high] = comparison.bounds.map(never);
            let reference = never(comparison.reference);
            assert!(low <= reference && reference <= high, "{comparison:?}");
            wide += usize::from(low < high);
        }
    }
    assert!(wide > 0);
    let found = summary(&job, &comparisons);
    assert!(found.holds, "{found}");
}

/// An engine with thresholds of its own differs as one whose values are off: by less than 1 % it
/// stays within the bounds, by 3 % it leaves them.
#[test]
fn thresholds_may_differ_only_where_a_value_was_near() {
    let text = |platelets: f64, upcr: f64| {
        let cohort = std::fs::read_to_string(crate::common::root().join("cohorts/phase1.toml")).unwrap();
        let cohort = cohort.replace("../models", "MODELS");
        let cohort = cohort.replace("threshold = 75", &format!("threshold = {platelets}"));
        cohort.replace("threshold = 3.5", &format!("threshold = {upcr}"))
    };
    let reference = job(&text(75.0, 3.5));
    let differences = |share: f64| {
        let other = job(&text(75.0 * (1.0 + share), 3.5 * (1.0 + share)));
        assert_eq!(other.plan.slots.len(), reference.plan.slots.len());
        let found = summary(&reference, &compared(&reference, &Cpu::new(&other.plan, Isa::detect())));
        ["platelets_longest_below_75", "upcr_first_above_3_5"].map(|name| {
            let endpoint = found.endpoints.iter().find(|e| e.endpoint == name).unwrap();
            let threshold = endpoint.threshold.unwrap();
            (threshold.differ, threshold.outside, endpoint.holds)
        })
    };
    for share in [0.009, -0.009] {
        for (differ, outside, holds) in differences(share) {
            assert!(differ > 0 && outside == 0 && holds, "{share}: {differ} differ, {outside} outside");
        }
    }
    for share in [0.03, -0.03] {
        for (differ, outside, holds) in differences(share) {
            assert!(
                differ >= outside && outside > 0 && !holds,
                "{share}: {differ} differ, {outside} outside"
            );
        }
    }
}

#[test]
fn every_shard_audits_its_part_of_the_sample() {
    let job = shipped("quickstart.toml", crate::device::TWO_PARTS);
    let scratch = tempfile::tempdir().unwrap();
    let audited = |name: &str, shard| {
        let folder = scratch.path().join(name);
        let settings = Settings { shard, ..settings(&folder) };
        let manifest = run_on(&Device::new(&job.plan), &job, &settings).unwrap().manifest;
        let patients = read_numbers(&part_files(&folder, Set::Audit).unwrap(), "patient", None).unwrap();
        (manifest, patients)
    };
    let (whole, all) = audited("whole", None);
    let shards = [1, 2].map(|index| audited(&format!("{index}"), Some(Shard { index, of: 2 })));
    assert_eq!(shards.iter().flat_map(|(_, patients)| patients).copied().collect::<Vec<_>>(), all);
    let half = (crate::device::TWO_PARTS / 2) as f64;
    assert!(
        shards[0].1.iter().all(|&patient| patient < half)
            && shards[1].1.iter().all(|&patient| patient >= half)
    );
    for check in Check::ALL {
        let of = |manifest: &Manifest| manifest.checked(check).unwrap().patient_arms;
        assert_eq!(shards.iter().map(|(manifest, _)| of(manifest)).sum::<u64>(), of(&whole));
    }
}
