//! Shards become the run that was not cut, to the byte.

use crate::strict::zip_equal;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::common::{root, vpop};
use crate::device::{Device, TWO_PARTS, run_on, settings, shipped};
use vpop::diagnostic::Problems;
use vpop::engine::Processor;
use vpop::job::{Changes, Job};
use vpop::merge::merge;
use vpop::run::{Finished, Settings};
use vpop::stop::Stop;
use vpop::store::{Existing, Manifest, Shard};

/// Runs a job in so many shards.
fn shards(job: &Job, place: &Path, of: u64) -> Vec<PathBuf> {
    (1..=of)
        .map(|index| {
            let folder = place.join(format!("shard-{index}-of-{of}"));
            run_into(job, Settings { shard: Some(Shard { index, of }), ..settings(&folder) });
            folder
        })
        .collect()
}

fn run_into(job: &Job, settings: Settings) -> Finished {
    run_on(&Device { in_flight: 2, ..Device::new(&job.plan) }, job, &settings).unwrap()
}

fn merged(shards: &[PathBuf], output: &Path) -> Result<Finished, Problems> {
    merge(shards, output, Existing::Refuse, &Stop::default(), &mut |_, _| {}).map(|(_, finished)| finished)
}

/// Every file of a folder by its path, but for the manifest.
fn contents(folder: &Path) -> Vec<(PathBuf, Vec<u8>)> {
    let mut files = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(within) = folders.pop() {
        for entry in std::fs::read_dir(within).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if !path.ends_with("manifest.json") {
                files.push((path.strip_prefix(folder).unwrap().to_owned(), std::fs::read(&path).unwrap()));
            }
        }
    }
    files.sort();
    files
}

/// What of a manifest is not about the machine and the time.
fn lasting(manifest: &Manifest) -> Manifest {
    let mut lasting = Manifest { created: String::new(), timings: Vec::new(), ..manifest.clone() };
    lasting.engine.threads = 0;
    lasting
}

fn assert_merges(name: &str, patients: u64, cuts: &[u64]) {
    assert_merges_to(&shipped(name, patients), name, cuts);
}

fn assert_merges_to(job: &Job, name: &str, cuts: &[u64]) {
    let scratch = tempfile::tempdir().unwrap();
    let whole = scratch.path().join("whole");
    let finished = run_into(job, settings(&whole));
    for &of in cuts {
        let mut folders = shards(job, scratch.path(), of);
        folders.reverse();
        let output = scratch.path().join(format!("merged-{of}"));
        let found = merged(&folders, &output).unwrap();
        let (expected, got) = (contents(&whole), contents(&output));
        let names = |files: &[(PathBuf, Vec<u8>)]| files.iter().map(|f| f.0.clone()).collect::<Vec<_>>();
        assert_eq!(names(&expected), names(&got), "{name}, {of} shards");
        for ((path, expected), (_, got)) in zip_equal(expected.iter(), &got) {
            assert!(expected == got, "{name}, {of} shards: {}", path.display());
        }
        assert_eq!(lasting(&found.manifest), lasting(&finished.manifest), "{name}, {of} shards");
    }
}

/// Two parts, of which shards hold one whole, a piece, or pieces of both.
#[test]
fn shards_of_two_parts_become_the_whole_run() {
    assert_merges("quickstart.toml", TWO_PARTS, &[1, 3]);
}

/// Grades, rules, the dose ledger, time courses, subgroups, exposure against response and the audit.
#[test]
fn shards_of_a_trial_become_the_whole_run() {
    assert_merges("phase1.toml", 150, &[1, 3, 7]);
}

/// Shards keep what the statistics of all are made of, and what they become does not.
#[test]
fn shards_of_what_keeps_no_rows_become_the_whole_run() {
    let cohort = root().join("cohorts/phase1.toml");
    let alone = Changes { patients: Some(150), no_outcomes: true, ..Changes::default() };
    let some = vec!["output.columns=[\"cmax_c1\"]".to_owned()];
    let some = Changes { patients: Some(150), set: some, ..Changes::default() };
    for changes in [alone, some] {
        assert_merges_to(&Job::load(&cohort, &changes).unwrap(), &format!("{changes:?}"), &[1, 3]);
    }
}

#[test]
fn what_is_no_set_of_shards_is_refused() {
    let scratch = tempfile::tempdir().unwrap();
    let job = shipped("quickstart.toml", 20);
    let folders = shards(&job, scratch.path(), 2);
    let output = scratch.path().join("merged");
    let refused = |folders: &[PathBuf], output: &Path| {
        let problems = merged(folders, output).unwrap_err();
        let problem = &problems.0[0];
        (problem.cause.to_string(), problem.cause.help())
    };

    let twice = [folders[0].clone(), folders[1].clone(), folders[0].clone()];
    assert!(refused(&twice, &output).0.ends_with("are both shard 1/2"));

    let (message, _) = refused(&folders[1..], &output);
    assert_eq!(message, "a shard is missing: 1/2");

    let mut other = shipped("quickstart.toml", 20);
    other.cohort.seed += 1;
    let foreign = scratch.path().join("foreign");
    run_into(&other, Settings { shard: Some(Shard { index: 2, of: 2 }), ..settings(&foreign) });
    let (message, _) = refused(&[folders[0].clone(), foreign], &output);
    assert!(message.contains("are not shards of one run: seed is"), "{message}");

    let thirds = scratch.path().join("third");
    run_into(&job, Settings { shard: Some(Shard { index: 3, of: 3 }), ..settings(&thirds) });
    let (message, _) = refused(&[folders[0].clone(), thirds], &output);
    assert!(message.contains("is shard 1/2, and ") && message.ends_with("is shard 3/3"), "{message}");

    let part = folders[1].join("outcomes/part-00000.parquet");
    let bytes = std::fs::read(&part).unwrap();
    let mut flipped = bytes.clone();
    flipped[200] ^= 1;
    std::fs::write(&part, flipped).unwrap();
    let (message, _) = refused(&folders, &output);
    assert!(message.ends_with("outcomes/part-00000.parquet is changed: other bytes than were written"));
    std::fs::write(&part, bytes).unwrap();
    assert!(!output.exists());

    merged(&folders, &output).unwrap();
    assert!(refused(&folders, &output).0.ends_with("already holds a finished run"));
    merge(&folders, &output, Existing::Replace, &Stop::default(), &mut |_, _| {}).unwrap();
}

/// Every shard has a patient, or is not run.
#[test]
fn no_shard_is_empty() {
    let scratch = tempfile::tempdir().unwrap();
    let job = shipped("quickstart.toml", 3);
    let engine = Device { processor: Processor::Cpu, ..Device::new(&job.plan) };
    let of_four = settings(&scratch.path().join("run"));
    let of_four = Settings { shard: Some(Shard { index: 4, of: 4 }), ..of_four };
    let problems = run_on(&engine, &job, &of_four).unwrap_err();
    assert_eq!(problems.to_string(), "3 patients cannot be cut into 4 shards");
    assert_eq!(std::fs::read_dir(scratch.path()).unwrap().count(), 0);
}

/// The command that is named makes the shard that is missing, also of patients from a user's table, of which
/// the run keeps the columns that it used.
#[test]
fn the_commands_for_missing_shards_make_them() {
    let scratch = tempfile::tempdir().unwrap();
    let table: String = (0..30).map(|i| format!("{i},Jo{i},{},x\n", 50 + i)).collect();
    std::fs::write(scratch.path().join("people.csv"), format!("number,name,WT,note\n{table}")).unwrap();
    let model = root().join("models/tdm1_lu_2014.R").display().to_string();
    let quickstart = std::fs::read_to_string(root().join("cohorts/quickstart.toml")).unwrap();
    let (head, tail) = quickstart.split_once("[population.WT]").unwrap();
    let tail = &tail[tail.find("[regimen]").unwrap()..];
    let text = format!(
        "{}\n[population.rows]\nfile = \"people.csv\"\ncolumns = [\"WT\"]\nunused_rows = true\n{tail}",
        head.replace("../models/tdm1_lu_2014.R", &model)
    );
    let cohort = scratch.path().join("my cohort.toml");
    std::fs::write(&cohort, text).unwrap();
    let cohort = cohort.display().to_string();
    let path = |name: &str| scratch.path().join(name).display().to_string();
    let run = |extra: &[&str]| {
        let common = ["run", &cohort, "--patients", "25", "--backend", "cpu"];
        let output = vpop(&[&common, extra].concat());
        assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    };
    run(&["-o", &path("whole")]);
    run(&["--shard", "2/3", "-o", &path("two")]);
    let kept = std::fs::read_to_string(scratch.path().join("two/inputs/people.csv")).unwrap();
    assert!(kept.starts_with("WT\n50\n51\n") && !kept.contains("Jo"), "{kept}");

    let merge = vpop(&["merge", &path("two"), "-o", &path("merged")]);
    let said = String::from_utf8_lossy(&merge.stderr).into_owned();
    assert_eq!(merge.status.code(), Some(2), "{said}");
    let commands: Vec<&str> = said.lines().filter(|line| line.trim_start().starts_with("vpop run")).collect();
    assert_eq!(commands.len(), 2, "{said}");
    for command in commands {
        let command = command.replacen("vpop", env!("CARGO_BIN_EXE_vpop"), 1);
        let ran = Command::new("sh").args(["-c", &command]).output().unwrap();
        assert_eq!(ran.status.code(), Some(0), "{command}: {}", String::from_utf8_lossy(&ran.stderr));
    }
    let [one, three] = ["shard-1-of-3", "shard-3-of-3"].map(path);
    let merge = vpop(&["merge", &three, &path("two"), &one, "-o", &path("merged")]);
    assert_eq!(merge.status.code(), Some(0), "{}", String::from_utf8_lossy(&merge.stderr));
    assert!(contents(&scratch.path().join("merged")) == contents(&scratch.path().join("whole")));
}
