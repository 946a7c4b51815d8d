//! A run of a trial: its sets, its summaries, and what is left to be resumed.

use std::collections::BTreeSet;
use std::path::Path;

use crate::common::root;
use crate::device::{Device, TWO_PARTS, bytes, run_on, settings, shipped};
use vpop::cohort::columns::{ATTEMPTS, OWN, emergent_grade, of_cause};
use vpop::cohort::{ExposureResponse, ReadOn, Spanned, Subgroup};
use vpop::diagnostic::{Problems, Source};
use vpop::engine::cpu::{Cpu, Isa};
use vpop::engine::{Decision, DoseRecord, Endings, Engine, Solution};
use vpop::job::Job;
use vpop::outcome::distribution::wilson_interval;
use vpop::outcome::rows;
use vpop::plan::{
    Accumulator, AccumulatorId, AccumulatorKind, DltEndpoints, Endpoint, EndpointFormula, EndpointKind,
    ObservedId, Plan, Protocol, ReasonId, Stop, TreatmentEndpoints,
};
use vpop::population::Sampler;
use vpop::run::{Settings, run};
use vpop::store::{Existing, Set, part_files, read_numbers};
use vpop::table::{Table, Values};

const DAY: u32 = 86_400;
/// The largest concentration of the quickstart cohort that is tolerated here, mg/L.
const LIMIT: f64 = 80.0;

fn at(text: &str) -> Spanned<String> {
    Spanned { value: text.into(), span: 0..4 }
}

/// The quickstart cohort, with a toxicity on day 5 of those whose concentrations were high, which ends
/// treatment; weight makes the subgroups. The second is the plan without all that.
fn trial(patients: u64) -> (Job, Plan) {
    let mut job = shipped("quickstart.toml", patients);
    let plain = job.plan.clone();
    job.cohort.subgroups = vec![Subgroup { name: at("weight"), of: at("WT"), cuts: vec![60.0, 80.0] }];
    job.cohort.exposure_response =
        vec![ExposureResponse { exposure: at("cmax"), outcome: at("dlt"), groups: 4 }];
    job.sampler = Sampler::new(&job.cohort, &job.model).unwrap();
    let plan = &mut job.plan;
    plan.endpoints.push(Endpoint {
        name: "dlt_high_day".into(),
        meaning: "first day of a high concentration".into(),
        unit: "day".into(),
        scale: Some(1.0),
        value: EndpointFormula::Of(AccumulatorId::new(plan.accumulators.len())),
        kind: EndpointKind::FirstTime,
    });
    plan.accumulators.push(Accumulator {
        kind: AccumulatorKind::FirstTrue,
        of: ObservedId::new(0),
        window: [0, 21 * DAY],
        on: ReadOn::Visits,
        since_dose: None,
        ends: false,
        on_study: false,
    });
    let causes = vec![("high".into(), plan.endpoints.len() - 1)];
    plan.treatment = TreatmentEndpoints {
        dlt: Some(DltEndpoints { window: 21 * DAY, causes }),
        ..TreatmentEndpoints::default()
    };
    let first = ObservedId::new(0);
    let stop = Stop {
        label: "dlt".into(),
        when: first,
        shows: first,
        at_dose: false,
        treatment: true,
        drug: None,
        leaves: false,
    };
    plan.protocol = Protocol { stops: vec![stop], ..Protocol::default() };
    (job, plain)
}

/// What an engine would make of the rules.
fn decide(plain: &Plan) -> impl Fn(&mut Solution) + Sync + 'static {
    let doses: Vec<u32> = plain.arms[0].doses.iter().map(|dose| dose.tick).collect();
    let EndpointFormula::Of(cmax) = plain.endpoints[0].value else { panic!("cmax is read as it is") };
    move |solution| {
        let high: Vec<bool> = solution.accumulators[cmax.index()].iter().map(|&cmax| cmax > LIMIT).collect();
        let stopped =
            |high: bool| high.then_some(Decision { reason: ReasonId::new(0), tick: 5 * DAY, value: 1.0 });
        solution.accumulators.push(high.iter().map(|&high| if high { 5.0 } else { f64::NAN }).collect());
        solution.endings = high.iter().map(|&high| Endings { stopped: stopped(high), left: None }).collect();
        let record = |high: bool, tick: u32| DoseRecord {
            given: (!high || tick < 5 * DAY).then_some(tick),
            factor: 1.0,
            ..DoseRecord::default()
        };
        solution.doses =
            high.iter().flat_map(|&high| doses.iter().map(move |&tick| record(high, tick))).collect();
    }
}

fn device(plain: &Plan) -> Device {
    Device { distort: Box::new(decide(plain)), ..Device::new(plain) }
}

fn without_audit(folder: &Path) -> Settings {
    Settings { checks: &[], ..settings(folder) }
}

/// A statistic of the distributions.
fn statistic(table: &Table, keys: [&str; 4], name: &str) -> f64 {
    let labels = |column: &str| match &table.column(column).unwrap().values {
        Values::Label { codes, labels } => {
            codes.iter().map(|code| labels[code.unwrap() as usize].clone()).collect::<Vec<_>>()
        }
        other => panic!("{other:?}"),
    };
    let columns = ["arm", "subgroup", "level", "endpoint", "statistic"].map(labels);
    let wanted = [keys[0], keys[1], keys[2], keys[3], name];
    let row = (0..table.rows()).find(|&row| (0..5).all(|i| columns[i][row] == wanted[i])).unwrap();
    table.column("value").unwrap().values.numbers()[row]
}

#[test]
fn the_sets_and_summaries_of_a_trial() {
    let (job, plain) = trial(400);
    let scratch = tempfile::tempdir().unwrap();
    let folder = scratch.path().join("run");
    let finished = run_on(&device(&plain), &job, &without_audit(&folder)).unwrap();
    let sets: Vec<&str> = finished.manifest.files.iter().map(|file| file.set.as_str()).collect();
    assert_eq!(sets, ["patients", "outcomes", "doses", "distributions", "exposure_response", "columns"]);

    let outcomes = part_files(&folder, Set::Outcomes).unwrap();
    let patients = part_files(&folder, Set::Patients).unwrap();
    let arm = "3.6 mg/kg";
    let weight = read_numbers(&patients, "WT", None).unwrap();
    let dlt = read_numbers(&outcomes, "dlt", Some(arm)).unwrap();
    let cmax = read_numbers(&outcomes, "cmax", Some(arm)).unwrap();
    assert!(cmax.iter().zip(&dlt).all(|(&cmax, &dlt)| (cmax > LIMIT) == (dlt == 1.0)));
    for (level, range) in
        [("all", 0.0..1e9), ("WT < 60", 0.0..60.0), ("60 <= WT < 80", 60.0..80.0), ("WT >= 80", 80.0..1e9)]
    {
        let group: Vec<f64> = weight
            .iter()
            .zip(&dlt)
            .filter(|(weight, _)| range.contains(*weight))
            .map(|(_, &dlt)| dlt)
            .collect();
        let (events, n) = (group.iter().sum::<f64>(), group.len());
        assert!(n > 20, "{level}");
        let subgroup = if level == "all" { "all" } else { "weight" };
        let found = |name| statistic(&finished.distributions, [arm, subgroup, level, "dlt"], name);
        assert_eq!(found("proportion"), events / n as f64, "{level}");
        assert_eq!(found("wilson_high"), wilson_interval(events as u64, n as u64).high, "{level}");
        assert_eq!(found("proportion_of_evaluable"), events / n as f64, "nobody left");
    }
    // Four doses, or one.
    let rows: u64 = finished.manifest.files.iter().filter(|file| file.set == "doses").map(|f| f.rows).sum();
    let stopped: f64 = read_numbers(&outcomes, "dlt", None).unwrap().iter().sum();
    assert_eq!(rows as f64, 4.0 * (800.0 - stopped) + 2.0 * stopped, "the dose that was stopped is a row");
    let given = read_numbers(&outcomes, "doses_given", None).unwrap();
    assert_eq!(given.iter().sum::<f64>(), 4.0 * (800.0 - stopped) + stopped);
}

#[test]
fn the_same_bytes_in_any_batches_and_after_a_loss() {
    let (job, plain) = trial(TWO_PARTS);
    let scratch = tempfile::tempdir().unwrap();
    let written = |name: &str, batch_patients| {
        let folder = scratch.path().join(name);
        let engine = Device { batch_patients, in_flight: 3, ..device(&plain) };
        bytes(&folder, &run_on(&engine, &job, &without_audit(&folder)).unwrap())
    };
    let expected = written("whole", 16_384);
    assert!(written("pieces", 5_000) == expected);

    let folder = scratch.path().join("pieces");
    for file in ["manifest.json", "exposure_response.parquet", "doses/part-00001.parquet"] {
        std::fs::remove_file(folder.join(file)).unwrap();
    }
    let resume = Settings { existing: Existing::Repair, ..without_audit(&folder) };
    let engine = device(&plain);
    let resumed = run_on(&engine, &job, &resume).unwrap();
    assert_eq!(engine.calls.into_inner(), 2, "the first patient and the second part");
    assert!(bytes(&folder, &resumed) == expected);
}

#[test]
fn the_ledger_is_left_out_where_it_is_not_wanted() {
    let (mut job, plain) = trial(20);
    job.cohort.write_doses = Some(false);
    let scratch = tempfile::tempdir().unwrap();
    let folder = scratch.path().join("run");
    run_on(&device(&plain), &job, &without_audit(&folder)).unwrap();
    assert!(!folder.join("doses").exists());
    let outcomes = part_files(&folder, Set::Outcomes).unwrap();
    assert_eq!(read_numbers(&outcomes, "relative_dose", None).unwrap().len(), 40);
}

/// Every column of the outcomes is made of a name of the file, or is reserved.
#[test]
fn no_column_may_be_taken_by_an_endpoint() {
    let job = shipped("phase1.toml", 1);
    let level = Isa::detect();
    let (_, individuals) = job.individuals(0..1, level).unwrap();
    let solution = Cpu::new(&job.plan, level).solve(&individuals).unwrap();
    let TreatmentEndpoints { terms, dlt, .. } = &job.plan.treatment;
    let emergent = terms.iter().flat_map(|term| {
        let windows = term.windows.iter().map(|(window, _)| Some(window.as_str()));
        windows.chain([None]).map(|window| emergent_grade(&term.name, window))
    });
    let causes = dlt.iter().flat_map(|dlt| &dlt.causes).map(|(cause, _)| of_cause(cause));
    let endpoints = job.plan.endpoints.iter().map(|endpoint| endpoint.name.clone());
    let of_file: Vec<String> = emergent.chain(causes).chain(endpoints).collect();
    let table = rows::outcomes(&job.plan, 0, 1, &solution, Some(&job.amounts(&individuals)));
    let names = table.columns.iter().map(|column| column.meta.name.as_str());
    let own: Vec<&str> = names.filter(|name| !of_file.iter().any(|of_file| of_file == name)).collect();
    assert_eq!(own.iter().copied().collect::<BTreeSet<_>>().len() + of_file.len(), table.columns.len());
    let reserved: BTreeSet<&str> = OWN.into_iter().filter(|name| *name != ATTEMPTS).collect();
    assert_eq!(own.into_iter().collect::<BTreeSet<_>>(), reserved, "all but that of the patients");
}

/// A smaller trial, with what is asked of its outcomes.
const ASKED: &str = r#"
name = "asked"
model = "MODELS/one_compartment_infusion.R"
patients = 200
[population.WT]
distribution = "fixed"
value = 70
[regimen]
arms = ["2 mg"]
into = ["central"]
infusion = "1 h"
every = "7 day"
cycles = 2
[dlt]
window = "7 day"
causes = { high = ["Cc > 0.4"] }
[response]
of = "20 - Cc"
scans = ["7 day", "14 day"]
[endpoints.cmax]
of = "Cc"
statistic = "max"
on = "continuous"
"#;

fn asked(more: &str) -> Result<Job, Problems> {
    let models = root().join("models").display().to_string();
    let model = root().join("models/one_compartment_infusion.R");
    let text = ASKED.replace("MODELS", &models) + more;
    let model = std::fs::read_to_string(model).unwrap();
    Job::from_texts(&Source::new("cohort.toml", text), &Source::new("model.R", model))
}

#[test]
fn exposures_and_outcomes_are_any_columns_that_fit() {
    let against = |exposure: &str, outcome: &str| {
        format!("[[exposure_response]]\nexposure = \"{exposure}\"\noutcome = \"{outcome}\"\n")
    };
    let pairs =
        [("cmax", "response"), ("dlt_high_day", "dlt_high"), ("relative_dose_intensity", "evaluable")];
    let fitting: String = pairs.map(|(exposure, outcome)| against(exposure, outcome)).concat();
    let job = asked(&fitting).unwrap_or_else(|problems| panic!("{problems}"));
    assert_eq!(job.cohort.exposure_response.len(), 3);
    let problems = asked(&against("cmas", "dlt_lo")).unwrap_err();
    assert_eq!(problems.0.len(), 2);
    assert!(problems.to_string().contains("the outcomes have no column `cmas`"), "{problems}");
    assert!(problems.to_string().contains("the outcomes have no column `dlt_lo`"), "{problems}");
}

/// A probability of 2 * vc, about 7, is none: nobody's fate is known, and nobody is counted.
#[test]
fn patients_without_a_probability_are_counted_as_failed() {
    let job = asked("[events.gone]\nprobability = \"2 * vc\"\nonset = \"day > 3\"\n");
    let job = job.unwrap_or_else(|problems| panic!("{problems}"));
    let scratch = tempfile::tempdir().unwrap();
    let settings = Settings { checks: &[], ..settings(&scratch.path().join("run")) };
    let engine = Cpu::new(&job.plan, Isa::detect());
    let manifest = run(&job, &settings, &engine, &mut |_, _| {}).unwrap().manifest;
    assert_eq!((manifest.outcomes.all.failed(), manifest.failed()), (200, true));

    // A hazard that is negative until day 5.
    let job = asked("[events.gone]\ncumulative_hazard = \"0.1 * (day - 5)\"\n").unwrap();
    let engine = Cpu::new(&job.plan, Isa::detect());
    let settings = Settings { existing: Existing::Replace, ..settings };
    let manifest = run(&job, &settings, &engine, &mut |_, _| {}).unwrap().manifest;
    assert_eq!(manifest.outcomes.all.failed(), 200);
    let job = asked("[events.gone]\ncumulative_hazard = \"0.1 * max(day - 5, 0)\"\n").unwrap();
    let engine = Cpu::new(&job.plan, Isa::detect());
    let manifest = run(&job, &settings, &engine, &mut |_, _| {}).unwrap().manifest;
    assert_eq!(manifest.outcomes.all.failed(), 0);
}
