//! Damaged runs: found, named, and made whole again.

use std::path::{Path, PathBuf};

use crate::common::{root, vpop};
use crate::device::{Device, TWO_PARTS, bytes, run_on, settings, shipped};
use vpop::run::Settings;
use vpop::store::Existing;

/// Flips a bit in the middle of a file.
fn flip(file: &Path) {
    let mut bytes = std::fs::read(file).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 0x10;
    std::fs::write(file, bytes).unwrap();
}

/// A small run of a trial, and the command that made it.
struct Ran {
    _scratch: tempfile::TempDir,
    folder: PathBuf,
    command: Vec<String>,
}

impl Ran {
    fn new() -> Self {
        let scratch = tempfile::tempdir().unwrap();
        let folder = scratch.path().join("run");
        let phase1 = root().join("cohorts/phase1.toml").display().to_string();
        let words =
            ["run", &phase1, "--patients", "60", "--backend", "cpu", "-o", &folder.display().to_string()];
        let command = words.map(String::from).to_vec();
        let ran = Self { _scratch: scratch, folder, command };
        assert_eq!(ran.again(&[]).0, Some(0));
        ran
    }

    /// Status and words of the command with more options.
    fn again(&self, extra: &[&str]) -> (Option<i32>, String) {
        let words: Vec<&str> = self.command.iter().map(String::as_str).chain(extra.iter().copied()).collect();
        let output = vpop(&words);
        (output.status.code(), flat(&output.stderr))
    }

    fn check(&self) -> (Option<i32>, String) {
        let output = vpop(&["check", &self.folder.display().to_string()]);
        (output.status.code(), flat(&output.stdout))
    }
}

/// Words of the terminal without its margin and line breaks.
fn flat(text: &[u8]) -> String {
    let text = String::from_utf8_lossy(text);
    text.split_whitespace().filter(|word| *word != "│").collect::<Vec<_>>().join(" ")
}

#[test]
fn damage_is_found_by_every_command_and_repaired() {
    let ran = Ran::new();
    let (status, said) = ran.check();
    assert_eq!(status, Some(0), "{said}");
    assert!(said.ends_with("Every file is what was written."), "{said}");

    let part = ran.folder.join("outcomes/part-00000.parquet");
    let before = std::fs::read(&part).unwrap();
    let distributions = std::fs::read(ran.folder.join("distributions.parquet")).unwrap();
    flip(&part);
    let (status, said) = ran.check();
    assert_eq!(status, Some(1), "{said}");
    assert!(said.contains("DAMAGED outcomes/part-00000.parquet is changed"), "{said}");
    let json = vpop(&["check", &ran.folder.display().to_string(), "--json"]);
    assert_eq!(json.status.code(), Some(1));
    let json: serde_json::Value = serde_json::from_slice(&json.stdout).unwrap();
    assert_eq!(json["folders"][0]["faults"][0]["file"], "outcomes/part-00000.parquet");

    let trial = vpop(&["trial", &ran.folder.display().to_string(), "--replicates", "10"]);
    assert_eq!(trial.status.code(), Some(1));
    let said = flat(&trial.stderr);
    assert!(said.contains("part-00000.parquet is changed") && said.contains("--resume --repair"), "{said}");

    let (status, said) = ran.again(&["--resume", "--repair"]);
    assert_eq!(status, Some(0), "{said}");
    assert!(std::fs::read(&part).unwrap() == before);
    assert!(std::fs::read(ran.folder.join("distributions.parquet")).unwrap() == distributions);
    assert_eq!(ran.check().0, Some(0));
}

/// Each file of a run, removed or cut, is made again.
#[test]
fn every_file_is_made_again() {
    let ran = Ran::new();
    let files =
        ["manifest.json", "run.json", "distributions.parquet", "columns.parquet", "inputs/phase1.toml"];
    let parts = ["patients", "outcomes", "doses", "trajectories", "audit"]
        .map(|set| format!("{set}/part-00000.parquet"));
    for file in files.iter().map(|file| (*file).to_owned()).chain(parts) {
        let path = ran.folder.join(&file);
        let before = std::fs::read(&path).unwrap();
        if file == "run.json" {
            flip(&path);
        } else if file.starts_with("doses") {
            std::fs::remove_file(&path).unwrap();
        } else {
            std::fs::write(&path, &before[..before.len() / 2]).unwrap();
        }
        let (status, said) = ran.check();
        assert_eq!(status, Some(1), "{file}: {said}");
        assert!(said.contains(&format!("DAMAGED {file} is ")), "{file}: {said}");
        let (status, said) = ran.again(&["--resume", "--repair"]);
        assert_eq!(status, Some(0), "{file}: {said}");
        assert!(file == "manifest.json" || std::fs::read(&path).unwrap() == before, "{file}");
        let (status, said) = ran.check();
        assert_eq!(status, Some(0), "{file}: {said}");
    }
}

/// What is whole is kept; what is made again has the same bytes.
#[test]
fn only_damaged_parts_are_made_again() {
    let job = shipped("quickstart.toml", TWO_PARTS);
    let scratch = tempfile::tempdir().unwrap();
    let folder = scratch.path().join("run");
    let finished = run_on(&Device::new(&job.plan), &job, &settings(&folder)).unwrap();
    let before = bytes(&folder, &finished);
    flip(&folder.join("patients/part-00001.parquet"));
    let engine = Device::new(&job.plan);
    let repair = Settings { existing: Existing::Repair, ..settings(&folder) };
    let repaired = run_on(&engine, &job, &repair).unwrap();
    assert!(bytes(&folder, &repaired) == before);
    assert_eq!(repaired.manifest.files, finished.manifest.files);
    assert_eq!(engine.calls.into_inner(), 2, "the first patient and the second part");
}

#[test]
fn folders_of_comparisons_and_trials_are_checked_too() {
    let ran = Ran::new();
    let output = ran.folder.with_file_name("trials").display().to_string();
    let run = ran.folder.display().to_string();
    let trial = vpop(&["trial", &run, "--replicates", "20", "-o", &output]);
    assert_eq!(trial.status.code(), Some(0), "{}", flat(&trial.stderr));
    assert_eq!(vpop(&["check", &output]).status.code(), Some(0));
    flip(&Path::new(&output).join("operating_characteristics.parquet"));
    let check = vpop(&["check", &output]);
    assert_eq!(check.status.code(), Some(1));
    assert!(flat(&check.stdout).contains("DAMAGED operating_characteristics.parquet is changed"));

    let nothing = vpop(&["check", &ran._scratch.path().display().to_string()]);
    assert_eq!(nothing.status.code(), Some(2));
    assert!(flat(&nothing.stderr).contains("holds no finished run"), "{}", flat(&nothing.stderr));
}
