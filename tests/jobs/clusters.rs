//! The recipes for clusters, run by stand-ins for their schedulers: what they end in is the run that was not cut.

#![cfg(unix)]

use std::path::Path;
use std::process::Command;

use crate::common::{root, vpop};

const PATIENTS: &str = "50";
const SHARDS: u64 = 3;

/// Every Parquet file of a run by its path.
fn tables(run: &Path) -> Vec<(String, Vec<u8>)> {
    let text = std::fs::read(run.join("manifest.json")).unwrap();
    let manifest: serde_json::Value = serde_json::from_slice(&text).unwrap();
    let files = manifest["files"].as_array().unwrap().iter();
    let names = files.map(|file| file["file"].as_str().unwrap().to_owned());
    names.map(|file| (file.clone(), std::fs::read(run.join(file)).unwrap())).collect()
}

/// A shell with the program on its path.
fn shell(folder: &Path) -> Command {
    let program = Path::new(env!("CARGO_BIN_EXE_vpop")).parent().unwrap();
    let path = format!("{}:{}", program.display(), std::env::var("PATH").unwrap());
    let mut shell = Command::new("bash");
    shell
        .current_dir(folder)
        .env("PATH", path)
        .env("COHORT", root().join("cohorts/phase1.toml"))
        .env("RUNS", folder)
        .env("SIMD", "baseline")
        .env("VPOP_OPTIONS", format!("--patients {PATIENTS}"));
    shell
}

fn assert_done(command: &mut Command) {
    let output = command.output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
}

/// The run that was not cut.
fn uncut(folder: &Path) -> Vec<(String, Vec<u8>)> {
    let phase1 = root().join("cohorts/phase1.toml").display().to_string();
    let output = folder.join("uncut").display().to_string();
    let options = ["--patients", PATIENTS, "--backend", "cpu", "--simd", "baseline", "-o", &output];
    assert_eq!(vpop(&[&["run", &phase1], &options[..]].concat()).status.code(), Some(0));
    tables(&folder.join("uncut"))
}

/// Runs a recipe as its scheduler would, one task of which is done twice, as after a requeue; then merges.
fn assert_recipe(file: &str, variables: impl Fn(u64) -> Vec<(&'static str, String)>) {
    let scratch = tempfile::tempdir().unwrap();
    let recipes = root().join("examples/cluster");
    for index in (1..=SHARDS).chain([2]) {
        assert_done(shell(scratch.path()).arg(recipes.join(file)).envs(variables(index)));
    }
    assert_done(shell(scratch.path()).arg(recipes.join("merge.sh")));
    assert!(tables(&scratch.path().join("whole")) == uncut(scratch.path()), "{file}");
}

#[test]
fn a_slurm_array_becomes_one_run() {
    assert_recipe("slurm.sbatch", |index| {
        vec![
            ("SLURM_ARRAY_TASK_ID", index.to_string()),
            ("SLURM_ARRAY_TASK_COUNT", SHARDS.to_string()),
            ("SLURM_CPUS_PER_TASK", "1".to_owned()),
        ]
    });
}

#[test]
fn an_sge_array_becomes_one_run() {
    assert_recipe("sge.sh", |index| {
        let (index, last) = (index.to_string(), SHARDS.to_string());
        vec![("SGE_TASK_ID", index), ("SGE_TASK_LAST", last), ("NSLOTS", "1".to_owned())]
    });
}

/// The scripts of the processes, with what Nextflow puts into them.
#[test]
fn the_scripts_of_nextflow_become_one_run() {
    let scratch = tempfile::tempdir().unwrap();
    let text = std::fs::read_to_string(root().join("examples/cluster/main.nf")).unwrap();
    let script = |process: &str| {
        let body = text.split_once(&format!("process {process} {{")).unwrap().1;
        body.split("\"\"\"").nth(1).unwrap().replace("\\\\", "\\")
    };
    let cohort = root().join("cohorts/phase1.toml").display().to_string();
    let filled = |script: String, index: u64| {
        let shards: Vec<String> = (1..=SHARDS).map(|index| format!("shard-{index}")).collect();
        let values = [
            ("params.cohort", cohort.clone()),
            ("params.options", format!("--patients {PATIENTS}")),
            ("params.simd", "baseline".into()),
            ("params.shards", SHARDS.to_string()),
            ("task.cpus", "1".into()),
            ("index", index.to_string()),
            ("shards", shards.join(" ")),
        ];
        let filled =
            values.iter().fold(script, |text, (name, value)| text.replace(&format!("${{{name}}}"), value));
        assert!(!filled.contains("${"), "{filled}");
        filled
    };
    for index in 1..=SHARDS {
        assert_done(shell(scratch.path()).args(["-euo", "pipefail", "-c", &filled(script("shard"), index)]));
    }
    assert_done(shell(scratch.path()).args(["-euo", "pipefail", "-c", &filled(script("merge"), 0)]));
    assert!(tables(&scratch.path().join("whole")) == uncut(scratch.path()));
}
