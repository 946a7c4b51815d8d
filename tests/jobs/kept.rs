//! Runs that keep statistics alone, or some columns of the outcomes: what they say is what a whole run says.

use std::path::Path;
use std::thread;
use std::time::Duration;

use crate::common::{root, vpop};
use crate::device::{Device, Fault, TWO_PARTS, bytes, run_on, settings, shipped};
use vpop::engine::Solution;
use vpop::job::{Changes, Job};
use vpop::run::{Finished, Settings};
use vpop::store::{Existing, FinishedRun, Keeps, PART_PATIENTS, Set, column_names, part_files, read_numbers};

fn job(name: &str, changes: &Changes) -> Job {
    Job::load(&root().join("cohorts").join(name), changes).unwrap_or_else(|problems| panic!("{problems}"))
}

fn without_rows(patients: u64) -> Changes {
    Changes { patients: Some(patients), no_outcomes: true, ..Changes::default() }
}

fn of_columns(patients: u64, columns: &str) -> Changes {
    let set = vec![format!("output.columns={columns}")];
    Changes { patients: Some(patients), set, ..Changes::default() }
}

fn run_into(job: &Job, folder: &Path) -> Finished {
    run_on(&Device { in_flight: 2, ..Device::new(&job.plan) }, job, &settings(folder)).unwrap()
}

/// Files of a set in a run.
fn parts(folder: &Path, set: Set) -> usize {
    part_files(folder, set).unwrap().len()
}

#[test]
fn statistics_are_the_same_without_rows() {
    let scratch = tempfile::tempdir().unwrap();
    let [whole, alone] = ["whole", "alone"].map(|name| scratch.path().join(name));
    let with_rows = run_into(&shipped("phase1.toml", 60), &whole);
    let statistics = run_into(&job("phase1.toml", &without_rows(60)), &alone);

    for set in [Set::Patients, Set::Outcomes, Set::Summarised, Set::Doses, Set::Observations] {
        assert!(!alone.join(set.name()).exists(), "{}", set.name());
    }
    for file in ["distributions", "exposure_response"] {
        let [expected, got] =
            [&whole, &alone].map(|run| std::fs::read(run.join(file).with_extension("parquet")).unwrap());
        assert!(expected == got, "{file}");
    }
    let of = |finished: &Finished, folder: &Path, set: Set| {
        let mut files = bytes(folder, finished);
        files.retain(|(file, _)| file.starts_with(set.name()));
        files
    };
    for set in [Set::Trajectories, Set::Audit] {
        let expected = of(&with_rows, &whole, set);
        assert!(!expected.is_empty() && expected == of(&statistics, &alone, set), "{}", set.name());
    }
    assert_eq!(statistics.manifest.outcomes, with_rows.manifest.outcomes);
    assert_eq!(statistics.manifest.screening, with_rows.manifest.screening);
    let opened = FinishedRun::open(&alone, &[]).unwrap();
    assert_eq!(opened.identity.kept, Keeps::Statistics);
}

#[test]
fn columns_that_are_kept_are_those_of_a_whole_run() {
    let scratch = tempfile::tempdir().unwrap();
    let [whole, some] = ["whole", "some"].map(|name| scratch.path().join(name));
    let with_all = run_into(&shipped("phase1.toml", 60), &whole);
    let few = job("phase1.toml", &of_columns(60, "[\"cmax_c1\", \"dlt\"]"));
    let with_few = run_into(&few, &some);

    let outcomes = |run: &Path| part_files(run, Set::Outcomes).unwrap();
    let names = column_names(&outcomes(&some)[0]).unwrap();
    let solving = ["status", "not_finite", "not_finite_day", "solved_by", "method", "steps", "rejected"];
    assert_eq!(names, [&["patient", "arm", "dose", "cmax_c1", "dlt"], &solving[..]].concat());
    for column in ["cmax_c1", "dlt"] {
        let [expected, got] = [&whole, &some].map(|run| read_numbers(&outcomes(run), column, None).unwrap());
        assert_eq!(format!("{expected:?}"), format!("{got:?}"));
    }
    assert_eq!(format!("{:?}", with_few.distributions), format!("{:?}", with_all.distributions));
    assert_eq!(parts(&some, Set::Summarised), 0);
    assert_eq!(parts(&some, Set::Doses), 1);
}

/// Device lost in the second part: what was solved is taken up.
#[test]
fn statistics_alone_are_resumed() {
    let job = job("quickstart.toml", &without_rows(TWO_PARTS));
    let scratch = tempfile::tempdir().unwrap();
    let [cut, whole] = ["cut", "whole"].map(|name| scratch.path().join(name));
    let broken = Device { fault: Some((9, Fault::Lost)), ..Device::new(&job.plan) };
    let problems = run_on(&broken, &job, &settings(&cut)).unwrap_err();
    assert!(problems.to_string().contains("unplugged"), "{problems}");
    let mended = Device::new(&job.plan);
    let resumed = run_on(&mended, &job, &Settings { existing: Existing::Resume, ..settings(&cut) }).unwrap();
    assert_eq!(mended.calls.into_inner(), 2, "the first patient, and the second part");
    let finished = run_into(&job, &whole);
    assert!(bytes(&cut, &resumed) == bytes(&whole, &finished));
    assert_eq!(resumed.manifest.outcomes, finished.manifest.outcomes);
    assert_eq!(parts(&cut, Set::Outcomes) + parts(&cut, Set::Patients), 0);

    // Another run than one with rows.
    let other = shipped("quickstart.toml", TWO_PARTS);
    let resume = Settings { existing: Existing::Resume, ..settings(&cut) };
    let problems = run_on(&Device::new(&other.plan), &other, &resume).unwrap_err();
    assert!(problems.to_string().contains("kept was statistics and is now rows"), "{problems}");
}

/// A part whose file is gone when all are summarised: the others stay, and that one is made again.
#[test]
fn what_cannot_be_read_back_leaves_the_others() {
    const LAST: usize = 200;
    let job = job("quickstart.toml", &without_rows(2 * PART_PATIENTS + LAST as u64));
    let scratch = tempfile::tempdir().unwrap();
    let [cut, whole] = ["cut", "whole"].map(|name| scratch.path().join(name));
    let part = |number: u64| cut.join(format!("summarised/part-{number:05}.columns"));
    let (gone, items) = (part(0), LAST * job.plan.arms.len());
    let lose = move |solution: &mut Solution| {
        if solution.status.len() == items {
            while !gone.exists() {
                thread::sleep(Duration::from_millis(5));
            }
            std::fs::remove_file(&gone).unwrap();
        }
    };
    let losing = Device { distort: Box::new(lose), ..Device::new(&job.plan) };
    let problems = run_on(&losing, &job, &settings(&cut)).unwrap_err();
    assert!(problems.to_string().contains("part-00000.columns"), "{problems}");
    assert!(part(1).exists() && part(2).exists());

    let mended = Device::new(&job.plan);
    let repair = Settings { existing: Existing::Repair, ..settings(&cut) };
    let repaired = run_on(&mended, &job, &repair).unwrap();
    assert_eq!(
        mended.calls.into_inner() as u64,
        1 + PART_PATIENTS / 4_096,
        "the first patient, and one part"
    );
    assert!(bytes(&cut, &repaired) == bytes(&whole, &run_into(&job, &whole)));
}

fn said(arguments: &[&str]) -> (Option<i32>, String) {
    let output = vpop(arguments);
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (output.status.code(), text(&output.stdout) + &text(&output.stderr))
}

#[test]
fn what_needs_rows_is_refused() {
    let scratch = tempfile::tempdir().unwrap();
    let run = scratch.path().join("run").display().to_string();
    let cohort = root().join("cohorts/phase1.toml").display().to_string();
    let start = ["run", &cohort, "--patients", "20", "--backend", "cpu", "--no-outcomes", "-o", &run];
    let (code, text) = said(&start);
    assert_eq!(code, Some(0), "{text}");
    assert!(text.contains("distributions.parquet' limit 5"), "{text}");

    let page = scratch.path().join("page.html").display().to_string();
    let (code, text) = said(&["report", &run, "-o", &page]);
    assert_eq!(code, Some(0), "{text}");
    let page = std::fs::read_to_string(&page).unwrap();
    for (figure, is_there) in
        [("grades", true), ("exposure", true), ("courses", true), ("toxicity", false), ("survival", false)]
    {
        assert_eq!(page.contains(&format!("aria-labelledby=\"{figure}\"")), is_there, "{figure}");
    }
    assert!(page.contains("Rows of patients are not kept"));

    let design = root().join("designs/three_plus_three.toml").display().to_string();
    let trials = scratch.path().join("trials").display().to_string();
    let picture = scratch.path().join("picture.svg").display().to_string();
    let ledger = scratch.path().join("doses.csv").display().to_string();
    let refused: [(&[&str], &str); 4] = [
        (&["plot", &run, "population", "-o", &picture], "does not keep the set `patients`"),
        (&["trial", &run, "--design", &design, "-o", &trials], "does not keep all outcomes of its patients"),
        (&["export", &run, "--as", "adex", "-o", &ledger], "does not keep the set `doses`"),
        (
            &["compare", &cohort, "--set", "output.outcomes=false", "-o", &trials],
            "does not keep all outcomes of its patients, which are compared",
        ),
    ];
    for (arguments, expected) in refused {
        let (code, text) = said(arguments);
        let text = text.split_whitespace().filter(|word| *word != "│").collect::<Vec<_>>().join(" ");
        assert!(code == Some(2) && text.contains(expected), "{arguments:?}: {text}");
    }
    let (code, text) = said(&["plot", &run, "exposure", "-o", &picture]);
    assert_eq!(code, Some(0), "{text}");
}

#[test]
fn columns_that_are_not_there_are_refused() {
    let changes = of_columns(20, "[\"cmax_c\", \"dlt\", \"status\"]");
    let problems = Job::load(&root().join("cohorts/phase1.toml"), &changes).unwrap_err();
    let [problem] = &problems.0[..] else { panic!("{problems}") };
    assert_eq!(problem.cause.to_string(), "the outcomes have no column `cmax_c`");
    assert_eq!(problem.cause.help().as_deref(), Some("did you mean `cmax_c1`?"));
}
