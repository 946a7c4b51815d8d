//! Files that nobody has written: thousands of mutations of those that somebody has, the same in every run.
//!
//! `VPOP_FUZZ=N` tries N times as many. A file that fails is one for `corpus/`; libFuzzer takes it from there (`fuzz/`).

mod mutate;
mod targets;

use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use mutate::Mutations;

/// Files that a target is given.
const FILES: usize = 1_500;
/// How long one of them may take, be it on a busy machine.
const LONGEST: Duration = Duration::from_secs(60);

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// Files of some folders of the repository, by name, with what each holds.
fn files(folders: &[&str], ending: &str) -> Vec<Vec<u8>> {
    let list = |folder: &&str| fs::read_dir(root().join(folder)).unwrap().map(|entry| entry.unwrap().path());
    let mut files: Vec<PathBuf> = folders.iter().flat_map(list).collect();
    files.retain(|file| ending.is_empty() || file.extension().is_some_and(|e| e == ending));
    files.sort();
    files.iter().filter(|file| file.is_file()).map(|file| fs::read(file).unwrap()).collect()
}

/// Gives a target its corpus as it is, then mutations of it.
fn fuzz(name: &str, target: fn(&[u8]), corpus: &[Vec<u8>], files: usize) {
    let times = std::env::var("VPOP_FUZZ").map_or(1, |times| times.parse().unwrap());
    let mut mutations = Mutations::new(name, corpus);
    let mutated = (0..files * times).map(|_| mutations.next());
    for file in corpus.iter().cloned().chain(mutated) {
        let started = Instant::now();
        let ended = catch_unwind(AssertUnwindSafe(|| target(&file)));
        let failed = match ended {
            Err(_) => "it panicked",
            Ok(()) if started.elapsed() > LONGEST => "it took too long",
            Ok(()) => continue,
        };
        let kept = kept(name, &file);
        panic!("{name}: {failed} on {}:\n{}", kept.display(), String::from_utf8_lossy(&file));
    }
}

/// Where a file is kept that failed.
fn kept(name: &str, file: &[u8]) -> PathBuf {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("fuzz-{name}"));
    fs::write(&path, file).unwrap_or_else(|error| panic!("{error}"));
    path
}

#[test]
fn models() {
    fuzz("model", targets::model, &files(&["models", "tests/faults/models"], "R"), FILES);
}

#[test]
fn cohorts() {
    fuzz(
        "cohort",
        targets::cohort,
        &files(&["cohorts", "tests/faults/cohorts", "tests/library/fuzz/corpus/cohort"], "toml"),
        FILES,
    );
}

#[test]
fn designs() {
    fuzz("design", targets::design, &files(&["designs"], "toml"), FILES);
}

#[test]
fn units() {
    let lines = files(&["tests/library/fuzz/corpus/units"], "txt").concat();
    let corpus: Vec<Vec<u8>> = lines.split(|&byte| byte == b'\n').map(<[u8]>::to_vec).collect();
    fuzz("units", targets::units, &corpus, 10 * FILES);
}

#[test]
fn tables() {
    fuzz("tables", targets::tables, &files(&["tests/library/fuzz/corpus/tables"], ""), FILES);
}

#[test]
fn datasets() {
    let folders = ["tests/faults/datasets", "tests/library/fuzz/corpus/dataset"];
    fuzz("dataset", targets::dataset, &files(&folders, "csv"), FILES);
}

#[test]
fn manifests() {
    fuzz("manifest", targets::manifest, &files(&["tests/library/fuzz/corpus/manifest"], "json"), FILES);
}
