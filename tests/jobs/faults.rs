//! Processes that start together, die or are asked to stop, disks and streams that are full: a folder holds one whole
//! run, or it is refused. `tests/faults.sh` does the same hundreds of times.

use std::fs::{self, File};
use std::io::Read;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::thread;
use std::time::Duration;

use serde_json::Value;

use crate::common::{root, vpop};

/// Simultaneous starts of each kind.
const PAIRS: usize = 3;
/// Patients of a run of seven parts.
const MANY: &str = "200000";

fn quickstart() -> String {
    root().join("cohorts/quickstart.toml").display().to_string()
}

/// The quickstart in one arm and one cycle.
fn light(folder: &Path) -> String {
    let text = fs::read_to_string(root().join("cohorts/quickstart.toml")).unwrap();
    let model = root().join("models/tdm1_lu_2014.R").display().to_string();
    let text = text.replace("\"../models/tdm1_lu_2014.R\"", &format!("{model:?}"));
    let text = text.replace("\"2.4 mg/kg\", ", "").replace("cycles = 4", "cycles = 1");
    let cohort = folder.join("light.toml");
    fs::write(&cohort, text).unwrap();
    cohort.display().to_string()
}

fn text(path: &Path) -> String {
    path.display().to_string()
}

fn program(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_vpop"));
    command.args(arguments).env("NO_COLOR", "1").stdin(Stdio::null());
    command
}

/// A process whose answers are kept.
fn start(arguments: &[&str]) -> Child {
    program(arguments).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
}

/// What was said, as one line: messages are broken to the width of a terminal.
fn said(output: &Output) -> String {
    let said = String::from_utf8_lossy(&output.stderr).replace('│', " ");
    said.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The Parquet files of results, and what they hold.
fn tables(folder: &Path) -> Vec<(PathBuf, Vec<u8>)> {
    let mut found = Vec::new();
    let mut entries: Vec<PathBuf> =
        fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    entries.sort();
    for path in entries {
        if path.ends_with(".vpop") {
            continue;
        }
        if path.is_dir() {
            let within = Path::new(path.file_name().unwrap());
            found.extend(tables(&path).into_iter().map(|(name, bytes)| (within.join(name), bytes)));
        } else if path.extension().is_some_and(|extension| extension == "parquet") {
            let name = path.strip_prefix(folder).unwrap().to_owned();
            found.push((name, fs::read(&path).unwrap()));
        }
    }
    found
}

/// Starts a command twice at once with two seeds, in a folder of which nothing is there, not even those above it.
/// One wins, with the results that it has alone; the other is refused.
fn one_of_two_wins(command: &[&str]) {
    let scratch = tempfile::tempdir().unwrap();
    let alone = ["1", "2"].map(|seed| {
        let folder = scratch.path().join(format!("alone-{seed}"));
        let output = vpop(&[command, &["--seed", seed, "-o", &text(&folder)]].concat());
        assert_eq!(output.status.code(), Some(0), "{}", said(&output));
        tables(&folder)
    });
    for pair in 0..PAIRS {
        let folder = scratch.path().join(format!("pair-{pair}/a/results"));
        let starts =
            ["1", "2"].map(|seed| start(&[command, &["--seed", seed, "-o", &text(&folder)]].concat()));
        let ends = starts.map(|child| child.wait_with_output().unwrap());
        let statuses = [0, 1].map(|i: usize| ends[i].status.code());
        let winner = statuses.iter().position(|status| *status == Some(0)).unwrap();
        assert_eq!(statuses[1 - winner], Some(2), "{} {}", said(&ends[0]), said(&ends[1]));
        let refused = said(&ends[1 - winner]);
        assert!(
            refused.contains("another process is writing") || refused.contains("holds a finished"),
            "{refused}"
        );
        assert!(tables(&folder) == alone[winner], "pair {pair} of {command:?}");
        assert!(!folder.join(".vpop").exists());
    }
}

#[test]
fn of_two_runs_in_one_folder_one_is_refused() {
    one_of_two_wins(&["run", &quickstart(), "--backend", "cpu", "--patients", "100"]);
}

#[test]
fn of_two_sets_of_trials_in_one_folder_one_is_refused() {
    one_of_two_wins(&["trial", "--true-dlt", "0.05,0.1,0.3", "--replicates", "200"]);
}

#[test]
fn of_two_comparisons_in_one_folder_one_is_refused() {
    let scratch = tempfile::tempdir().unwrap();
    let file = text(&crate::compare::file(scratch.path()));
    one_of_two_wins(&["compare", &file, "--backend", "cpu", "--patients", "50", "--scenarios", "small"]);
}

/// Waits until something is there.
fn wait_for(is_there: impl Fn() -> bool) {
    for _ in 0..6_000 {
        if is_there() {
            return;
        }
        thread::sleep(Duration::from_millis(10));
    }
    panic!("it did not come");
}

/// Sends a signal by its name.
fn signal(child: &Child, name: &str) {
    let killed = Command::new("kill").args([&format!("-{name}"), &child.id().to_string()]).status().unwrap();
    assert!(killed.success());
}

#[test]
fn a_run_that_is_replaced_stays_until_the_new_one_is_whole() {
    let scratch = tempfile::tempdir().unwrap();
    let cohort = light(scratch.path());
    let folder = scratch.path().join("run");
    let run = |seed: &str, patients: &str, more: &[&str]| {
        let arguments = ["run", &cohort, "--backend", "cpu", "--seed", seed, "--patients", patients, "-o"];
        [&arguments[..], &[&text(&folder)], more].concat().iter().map(|&a| a.to_owned()).collect::<Vec<_>>()
    };
    let call = |arguments: Vec<String>| vpop(&arguments.iter().map(String::as_str).collect::<Vec<_>>());
    assert_eq!(call(run("1", "50", &[])).status.code(), Some(0));
    let earlier = tables(&folder);
    let arguments = run("2", MANY, &["--force"]);
    let mut child = start(&arguments.iter().map(String::as_str).collect::<Vec<_>>());
    wait_for(|| folder.join(".vpop/next/outcomes/part-00000.parquet").exists());
    child.kill().unwrap();
    child.wait().unwrap();
    assert!(tables(&folder) == earlier && folder.join("manifest.json").is_file());
    assert_eq!(vpop(&["trial", &text(&folder)]).status.code(), Some(2), "it is read, and has no toxicity");

    let resumed = call(run("2", MANY, &["--resume"]));
    assert_eq!(resumed.status.code(), Some(0), "{}", said(&resumed));
    let manifest: Value = serde_json::from_slice(&fs::read(folder.join("manifest.json")).unwrap()).unwrap();
    assert_eq!((manifest["seed"].as_u64(), manifest["patients"].as_u64()), (Some(2), Some(200_000)));
    assert!(!folder.join(".vpop").exists());
    let again = call(run("2", MANY, &["--resume"]));
    let told = String::from_utf8_lossy(&again.stdout).into_owned();
    assert!(again.status.code() == Some(0) && told.contains("is finished already"), "{told}");
}

/// A row of the table that cannot be drawn from comes late: patient 42.
#[test]
fn bad_input_costs_nothing_that_was_there() {
    let scratch = tempfile::tempdir().unwrap();
    let cohort = scratch.path().join("cohort.toml");
    let model = text(&root().join("models/tdm1_lu_2014.R"));
    let with = |value: &str| {
        let text = format!(
            r#"
name = "late"
model = {model:?}
patients = 42
[population.rows]
file = "patients.csv"
resample = false
[eligibility]
require = ["WT > 0"]
[regimen]
arms = ["3.6 mg/kg"]
into = ["central"]
infusion = "90 min"
every = "21 day"
cycles = 1
[endpoints.cmax]
of = "Cc"
statistic = "max"
on = "continuous"
"#
        );
        fs::write(&cohort, text).unwrap();
        let rows: Vec<String> = (1..42).map(|_| "70".to_owned()).chain([value.to_owned()]).collect();
        fs::write(scratch.path().join("patients.csv"), format!("WT\n{}\n", rows.join("\n"))).unwrap();
    };
    let folder = scratch.path().join("above/run");
    let run = |more: &[&str]| {
        vpop(&[&["run", &text(&cohort), "--backend", "cpu", "-o", &text(&folder)], more].concat())
    };
    with("-1");
    let refused = run(&[]);
    assert_eq!(refused.status.code(), Some(2), "{}", said(&refused));
    assert!(!scratch.path().join("above").exists(), "nothing is left, nor the folders above it");

    with("80");
    assert_eq!(run(&[]).status.code(), Some(0));
    let before = tables(&folder);
    for bad in ["-1", "text", ""] {
        with(bad);
        let refused = run(&["--force"]);
        assert_eq!(refused.status.code(), Some(2), "{bad}: {}", said(&refused));
        assert!(tables(&folder) == before && folder.join("manifest.json").is_file(), "{bad}");
        assert!(!folder.join(".vpop").exists());
    }
}

#[test]
fn signals_finish_what_is_written_and_say_how_to_go_on() {
    let scratch = tempfile::tempdir().unwrap();
    let cohort = light(scratch.path());
    let whole = scratch.path().join("whole");
    let run = |folder: &Path, more: &[&str]| {
        let folder = text(folder);
        let arguments = ["run", &cohort, "--backend", "cpu", "--patients", MANY, "--threads", "1", "-o"];
        start(&[&arguments[..], &[&folder], more].concat())
    };
    assert!(run(&whole, &[]).wait_with_output().unwrap().status.success());
    for (name, expected) in [("INT", 130), ("TERM", 143)] {
        let folder = scratch.path().join(name);
        let child = run(&folder, &[]);
        wait_for(|| folder.join("outcomes").exists());
        signal(&child, name);
        let output = child.wait_with_output().unwrap();
        assert_eq!(output.status.code(), Some(expected), "{}", said(&output));
        assert!(
            said(&output).contains("--resume") && said(&output).contains(&format!("SIG{name}")),
            "{}",
            said(&output)
        );
        let half_written = |name: &str| name.starts_with('.');
        for set in ["patients", "outcomes"] {
            let names = fs::read_dir(folder.join(set)).unwrap().map(|entry| entry.unwrap().file_name());
            assert!(!names.map(|name| name.into_string().unwrap()).any(|name| half_written(&name)));
        }
        assert!(!folder.join("manifest.json").exists() && !folder.join(".vpop").exists());
        let resumed = run(&folder, &["--resume"]).wait_with_output().unwrap();
        assert!(resumed.status.success(), "{}", said(&resumed));
        assert!(tables(&folder) == tables(&whole));
    }
}

#[test]
fn a_second_signal_ends_at_once() {
    let scratch = tempfile::tempdir().unwrap();
    let folder = scratch.path().join("run");
    let arguments =
        ["run", &quickstart(), "--backend", "cpu", "--patients", "10000000", "--threads", "1", "-o"];
    let mut child = start(&[&arguments[..], &[&text(&folder)]].concat());
    wait_for(|| folder.join("outcomes").exists());
    signal(&child, "TERM");
    // Signals that come while one is pending are one.
    while child.try_wait().unwrap().is_none() {
        thread::sleep(Duration::from_millis(20));
        let _ = Command::new("kill").args(["-TERM", &child.id().to_string()]).stderr(Stdio::null()).status();
    }
    assert_eq!(child.wait().unwrap().code(), Some(143));
}

#[test]
fn trials_that_are_stopped_leave_what_was_there() {
    let scratch = tempfile::tempdir().unwrap();
    let folder = scratch.path().join("trials");
    let few = ["trial", "--true-dlt", "0.05,0.1,0.3", "--replicates", "10", "-o", &text(&folder)];
    assert!(vpop(&few).status.success());
    let before = tables(&folder);
    let many =
        ["trial", "--true-dlt", "0.05,0.1,0.3", "--replicates", "100000000", "-o", &text(&folder), "--force"];
    let child = start(&many);
    wait_for(|| folder.join(".vpop/next/trials").exists());
    signal(&child, "INT");
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(130), "{}", said(&output));
    assert!(tables(&folder) == before && !folder.join(".vpop").exists());
}

#[test]
fn a_comparison_that_is_stopped_goes_on() {
    let scratch = tempfile::tempdir().unwrap();
    let file = text(&crate::compare::file(scratch.path()));
    let folder = scratch.path().join("comparison");
    let compare = |patients: &str, more: &[&str]| {
        let arguments =
            ["compare", &file, "--backend", "cpu", "--patients", patients, "--threads", "1", "-o"];
        start(&[&arguments[..], &[&text(&folder)], more].concat())
    };
    assert!(compare("50", &[]).wait_with_output().unwrap().status.success());
    let before = tables(&folder);
    let child = compare("2000", &["--force"]);
    // The first of its runs is finished, the second begun.
    wait_for(|| folder.join(".vpop/next/scenarios/large/run.json").exists());
    signal(&child, "TERM");
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(143), "{}", said(&output));
    assert!(tables(&folder) == before && folder.join("comparison.json").is_file());

    let again = compare("2000", &["--force", "--json"]).wait_with_output().unwrap();
    assert!(again.status.success(), "{}", said(&again));
    let json: Value = serde_json::from_slice(&again.stdout).unwrap();
    let reused: Vec<_> =
        json["scenarios"].as_array().unwrap().iter().map(|s| s["reused"].as_bool()).collect();
    assert_eq!(reused[0], Some(true), "what was finished is taken up: {reused:?}");
    assert!(folder.join("scenarios/small/manifest.json").is_file() && !folder.join(".vpop").exists());
}

#[test]
fn what_cannot_be_printed_is_a_failure() {
    if !Path::new("/dev/full").exists() {
        return;
    }
    let full = || File::options().write(true).open("/dev/full").unwrap();
    let model = text(&root().join("models/one_compartment_infusion.R"));
    let scratch = tempfile::tempdir().unwrap();
    let run = text(&scratch.path().join("run"));
    let mut commands = vec![
        vec!["schema"],
        vec!["--help"],
        vec!["--version"],
        vec!["model", &model],
        vec!["model", &model, "--json"],
    ];
    let quickstart = quickstart();
    commands.push(vec!["check", &quickstart, "--json"]);
    commands.push(vec!["run", &quickstart, "--patients", "5", "--backend", "cpu", "-o", &run]);
    commands.push(vec!["trial", "--true-dlt", "0.1,0.2", "--decision-table"]);
    #[cfg(feature = "gpu")]
    commands.push(vec!["model", &model, "--wgsl"]);
    for command in commands {
        let output = program(&command).stdout(full()).output().unwrap();
        assert_eq!(output.status.code(), Some(1), "{command:?}: {}", said(&output));
        assert!(said(&output).contains("standard output"), "{command:?}: {}", said(&output));
    }
    assert!(scratch.path().join("run/manifest.json").is_file());

    // Standard error that is full or closed: nothing is said, and nothing panics.
    for arguments in [vec!["run", "nowhere.toml"], vec!["run"], vec!["compare", &quickstart]] {
        assert_eq!(
            program(&arguments).stderr(full()).output().unwrap().status.code(),
            Some(2),
            "{arguments:?}"
        );
        let closed = r#"exec 2>&-; exec "$@""#;
        let shell = [&["-c", closed, "bash", env!("CARGO_BIN_EXE_vpop")], arguments.as_slice()].concat();
        assert_eq!(
            Command::new("bash").args(shell).output().unwrap().status.code(),
            Some(2),
            "{arguments:?}"
        );
    }
    let again = program(&["run", &quickstart, "--patients", "5", "--backend", "cpu", "-o", &run, "--force"]);
    let mut again = again;
    assert_eq!(again.stderr(full()).output().unwrap().status.code(), Some(0));
}

#[test]
fn a_reader_that_goes_away_wants_no_more() {
    let mut child = start(&["schema"]);
    let mut first = [0; 1];
    child.stdout.as_mut().unwrap().read_exact(&mut first).unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert_eq!((output.status.code(), said(&output).as_str()), (Some(0), ""));
}

/// A file may not grow beyond some KiB, which is an error as of a full disk.
#[test]
fn a_disk_that_fails_is_said_and_the_run_goes_on_later() {
    let scratch = tempfile::tempdir().unwrap();
    let folder = text(&scratch.path().join("above/run"));
    let run = |limit: &str, more: &[&str]| {
        let shell = format!("trap '' XFSZ; ulimit -f {limit}; exec \"$@\"");
        let quickstart = quickstart();
        let program = ["-c", &shell, "bash", env!("CARGO_BIN_EXE_vpop")];
        let arguments = ["run", &quickstart, "--backend", "cpu", "--patients", "40000", "-o", &folder];
        let arguments = [&program[..], &arguments[..], more].concat();
        Command::new("bash").args(arguments).env("NO_COLOR", "1").output().unwrap()
    };
    let at_start = run("0", &[]);
    assert_eq!(at_start.status.code(), Some(1), "{}", said(&at_start));
    assert!(said(&at_start).contains("cannot write a run into"), "{}", said(&at_start));
    assert!(!scratch.path().join("above").exists());

    // Enough for the second part, which is small, and for what describes the run.
    let later = run("64", &[]);
    assert_eq!(later.status.code(), Some(1), "{}", said(&later));
    assert!(said(&later).contains("--resume"), "{}", said(&later));
    let resumed = run("unlimited", &["--resume"]);
    assert_eq!(resumed.status.code(), Some(0), "{}", said(&resumed));
}

/// What is in the way is said, whatever the command.
#[test]
fn links_and_files_of_others_are_refused() {
    let scratch = tempfile::tempdir().unwrap();
    let victim = scratch.path().join("victim");
    fs::create_dir(&victim).unwrap();
    fs::write(victim.join("thesis.tex"), "years of work").unwrap();
    let folder = scratch.path().join("run");
    let at = text(&folder);
    let run = ["run", &quickstart(), "--backend", "cpu", "--patients", "5", "--force", "-o", &at];
    assert!(vpop(&run).status.success());
    fs::remove_dir_all(folder.join("outcomes")).unwrap();
    symlink(&victim, folder.join("outcomes")).unwrap();
    let refused = vpop(&run);
    assert!(
        refused.status.code() == Some(2) && said(&refused).contains("symbolic link"),
        "{}",
        said(&refused)
    );

    let trials = scratch.path().join("trials");
    fs::create_dir(&trials).unwrap();
    let listed = serde_json::json!({ "files": [{ "set": "x", "file": victim.join("thesis.tex"), "rows": 0, "bytes": 0 }] });
    fs::write(trials.join("trial.json"), listed.to_string()).unwrap();
    let refused = vpop(&["trial", "--true-dlt", "0.1,0.2", "--force", "-o", &text(&trials)]);
    assert!(refused.status.code() == Some(2) && said(&refused).contains("thesis.tex"), "{}", said(&refused));
    assert_eq!(fs::read_to_string(victim.join("thesis.tex")).unwrap(), "years of work");

    // A decision table in the place of a file.
    let table = victim.join("thesis.tex");
    let design = text(&root().join("designs/boin.toml"));
    let table = ["trial", "--decision-table", "--design", &design, "--csv", &text(&table)];
    let refused = vpop(&table);
    assert!(
        refused.status.code() == Some(2) && said(&refused).contains("already exists"),
        "{}",
        said(&refused)
    );
    assert_eq!(fs::read_to_string(victim.join("thesis.tex")).unwrap(), "years of work");
}
