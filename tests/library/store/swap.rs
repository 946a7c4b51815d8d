//! New results in the place of earlier ones: whenever the process dies, one of them is there, or comes with the next
//! start; and what is not of the program is left alone.

use super::*;
use std::os::unix::fs::symlink;

use vpop::store::{FolderKind, ResultsFolder};

/// A finished run in a folder, whose only part holds so many patients.
fn finished(path: &Path, existing: Existing, patients: i64) {
    let mut run = create(path, existing).unwrap();
    let table = outcomes(0..patients);
    write_sets(&mut run, 0, &[(Set::Outcomes, &table), (Set::Patients, &table)]);
    let manifest = manifest(&run);
    run.finish(&manifest).unwrap();
}

/// Patients in the run of a folder.
fn patients(path: &Path) -> usize {
    assert!(path.join("manifest.json").is_file());
    let rows = read_numbers(&part_files(path, Set::Outcomes).unwrap(), "patient", None).unwrap();
    rows.len() / 2
}

/// Everything in a folder, with its contents.
fn tree(folder: &Path) -> Vec<(PathBuf, Vec<u8>)> {
    let mut found = Vec::new();
    for name in names(folder) {
        let path = folder.join(name);
        if path.is_dir() {
            found.extend(tree(&path));
        } else {
            found.push((path.clone(), fs::read(&path).unwrap()));
        }
    }
    found
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for name in names(from) {
        let (from, to) = (from.join(&name), to.join(&name));
        if from.is_dir() { copy(&from, &to) } else { fs::copy(&from, &to).map(drop).unwrap() }
    }
}

/// A finished comparison with one scenario, of so many patients.
fn compared(path: &Path, replace: bool, scenario: &str, patients: i64) {
    let mut folder = ResultsFolder::open(path, FolderKind::Comparison, replace, Vec::new()).unwrap();
    finished(&folder.scenario(scenario), Existing::ResumeOrReplace, patients);
    folder.write("curves", &outcomes(0..patients)).unwrap();
    folder.finish(|files| serde_json::json!({ "files": files })).unwrap();
}

/// Files of a folder in the order in which they leave it: the last written first, what a run is known by last.
fn leaving(folder: &Path, last_written: &str) -> Vec<PathBuf> {
    let files = tree(folder).into_iter().map(|(file, _)| file.strip_prefix(folder).unwrap().to_owned());
    let mut files: Vec<PathBuf> = files.collect();
    files.sort_by_key(|file| (file != Path::new(last_written), file.ends_with("run.json")));
    files
}

/// Makes copies of a folder as processes left it that died at each of the moves from earlier to later results.
fn died(earlier: &Path, later: &Path, last_written: &str) -> Vec<PathBuf> {
    let mut died = Vec::new();
    let mut copied = |earlier_at: &str, later_at: &str| {
        let folder = earlier.with_file_name(format!("{last_written}-{}", died.len()));
        copy(earlier, &folder.join(earlier_at));
        copy(later, &folder.join(later_at));
        died.push(folder.clone());
        folder
    };
    let moved = |file: &Path, from: &Path, to: &Path| {
        fs::create_dir_all(to.join(file).parent().unwrap()).unwrap();
        fs::rename(from.join(file), to.join(file)).unwrap();
    };
    let files = leaving(earlier, last_written);
    for away in 0..=files.len() {
        let folder = copied("", ".vpop/next");
        files[..away].iter().for_each(|file| moved(file, &folder, &folder.join(".vpop/old")));
    }
    let files = leaving(later, last_written);
    for there in 0..=files.len() {
        let folder = copied(".vpop/old", ".vpop/moving");
        files.iter().rev().take(there).for_each(|file| moved(file, &folder.join(".vpop/moving"), &folder));
    }
    died
}

#[test]
fn the_next_start_ends_what_was_begun() {
    let place = tempdir().unwrap();
    let [earlier, later] = ["earlier", "later"].map(|name| place.path().join(name));
    finished(&earlier, Existing::Refuse, 4);
    finished(&later, Existing::Refuse, 7);
    for run in died(&earlier, &later, "manifest.json") {
        // Readers go on with it as writers do.
        assert_eq!(
            FinishedRun::open(&run, &[]).unwrap().manifest.outcomes.all.patients,
            14,
            "{}",
            run.display()
        );
        assert_eq!(patients(&run), 7);
        assert_eq!(names(&run), names(&later));
        assert!(matches!(create(&run, Existing::Refuse), Err(StoreError::Finished { .. })));
    }
}

#[test]
fn the_next_start_ends_what_was_begun_of_a_comparison() {
    let place = tempdir().unwrap();
    let [earlier, later] = ["earlier", "later"].map(|name| place.path().join(name));
    compared(&earlier, false, "small", 4);
    compared(&later, false, "large", 7);
    let contents = |folder: &Path| -> Vec<(PathBuf, Vec<u8>)> {
        let files = tree(folder).into_iter();
        files.map(|(file, bytes)| (file.strip_prefix(folder).unwrap().to_owned(), bytes)).collect()
    };
    for folder in died(&earlier, &later, "comparison.json") {
        let scenarios = vpop::store::scenarios_of(&folder).unwrap();
        assert_eq!(scenarios, [folder.join("scenarios/large").display().to_string()]);
        assert!(contents(&folder) == contents(&later), "{}", folder.display());
        assert!(!folder.join(".vpop").exists());
    }
}

#[test]
fn runs_of_a_comparison_that_is_to_replace_another_are_taken_up() {
    let place = tempdir().unwrap();
    let path = place.path().join("comparison");
    compared(&path, false, "small", 4);
    let mut folder = ResultsFolder::open(&path, FolderKind::Comparison, true, Vec::new()).unwrap();
    finished(&folder.scenario("large"), Existing::ResumeOrReplace, 5);
    finished(&folder.scenario("other"), Existing::ResumeOrReplace, 5);
    folder.write("curves", &outcomes(0..5)).unwrap();
    drop(folder);
    assert_eq!(patients(&path.join("scenarios/small")), 4);

    let mut folder = ResultsFolder::open(&path, FolderKind::Comparison, true, Vec::new()).unwrap();
    let run = folder.scenario("large");
    assert!(vpop::store::finished(&run, &identity()).unwrap().is_some());
    folder.write("curves", &outcomes(0..5)).unwrap();
    folder.finish(|files| serde_json::json!({ "files": files })).unwrap();
    assert_eq!(names(&path.join("scenarios")), ["large"], "those that are not asked for now are gone");
    assert_eq!(patients(&path.join("scenarios/large")), 5);
}

#[test]
fn what_is_to_replace_a_run_is_resumed_or_begun_anew() {
    let place = tempdir().unwrap();
    let path = place.path().join("run");
    finished(&path, Existing::Refuse, 4);
    let mut run = create(&path, Existing::Replace).unwrap();
    write(&mut run, Set::Outcomes, 0, &outcomes(0..7));
    assert!(run.is_new());
    drop(run);
    assert_eq!(patients(&path), 4);

    // The same run again is the one that is to be, if it was begun.
    assert!(vpop::store::finished(&path, &identity()).unwrap().is_none());
    let run = create(&path, Existing::Resume).unwrap();
    assert!(run.has_part(0, &[Set::Outcomes]) && !run.is_new());
    drop(run);
    let run = create(&path, Existing::Replace).unwrap();
    assert!(!run.has_part(0, &[Set::Outcomes]));
    run.discard();
    assert_eq!(patients(&path), 4);
    assert!(!path.join(".vpop").exists());
    assert!(vpop::store::finished(&path, &identity()).unwrap().is_some());
}

/// A manifest, a `run.json`, `inputs` of somebody else: not a run, whatever is said.
#[test]
fn folders_of_others_with_such_names_are_not_touched() {
    for (name, text) in [("manifest.json", "{\"icons\": []}"), ("run.json", "{}"), ("inputs/a.txt", "mine")] {
        let place = tempdir().unwrap();
        let file = place.path().join(name);
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(&file, text).unwrap();
        let before = tree(place.path());
        for existing in [Existing::Refuse, Existing::Replace, Existing::Resume, Existing::ResumeOrReplace] {
            let error = create(place.path(), existing).unwrap_err();
            assert!(matches!(error, StoreError::NotARun { .. }), "{error}");
        }
        assert_eq!(tree(place.path()), before);
    }
}

/// What others put into the folders of a run stays when it is replaced.
#[test]
fn files_of_others_within_a_run_stay() {
    let place = tempdir().unwrap();
    let path = place.path().join("run");
    finished(&path, Existing::Refuse, 4);
    let others = ["outcomes/thesis.tex", "inputs/notes.txt", "outcomes/.hidden.tmp", "figures/a.png"];
    for other in others {
        fs::create_dir_all(path.join(other).parent().unwrap()).unwrap();
        fs::write(path.join(other), "mine").unwrap();
    }
    finished(&path, Existing::Replace, 7);
    assert_eq!(patients(&path), 7);
    for other in others {
        assert_eq!(fs::read_to_string(path.join(other)).unwrap(), "mine", "{other}");
    }
    assert!(!path.join(".vpop").exists());
}

#[test]
fn symbolic_links_are_neither_followed_nor_removed() {
    let place = tempdir().unwrap();
    let victim = place.path().join("victim");
    fs::create_dir(&victim).unwrap();
    fs::write(victim.join("thesis.tex"), "years of work").unwrap();
    let links = [
        "manifest.json",
        "columns.parquet",
        "outcomes",
        "outcomes/part-00000.parquet",
        "outcomes/.part-00001.parquet.0.tmp",
        "inputs/pk.R",
        ".vpop",
        ".vpop/lock",
        ".vpop/next",
    ];
    for (number, link) in links.into_iter().enumerate() {
        for whole in [true, false] {
            let path = place.path().join(format!("run-{number}-{whole}"));
            finished(&path, Existing::Refuse, 4);
            if !whole {
                fs::remove_file(path.join("manifest.json")).unwrap();
            }
            let link = path.join(link);
            fs::create_dir_all(link.parent().unwrap()).unwrap();
            if link.is_dir() {
                fs::remove_dir_all(&link).unwrap();
            } else {
                let _ = fs::remove_file(&link);
            }
            let is_of_folder = link.extension().is_none() && !link.ends_with("lock");
            let target = if is_of_folder { victim.clone() } else { victim.join("thesis.tex") };
            symlink(&target, &link).unwrap();
            for existing in [Existing::Replace, Existing::Resume, Existing::Refuse] {
                let error = create(&path, existing).unwrap_err();
                let is_link = matches!(&error, StoreError::Link { .. });
                assert!(
                    is_link || matches!(error, StoreError::Finished { .. }),
                    "{}: {error}",
                    link.display()
                );
            }
            assert_eq!(fs::read_link(&link).unwrap(), target);
        }
    }
    assert_eq!(tree(&victim), [(victim.join("thesis.tex"), b"years of work".to_vec())]);
    // A link that is not in place of anything of ours.
    let path = place.path().join("run");
    finished(&path, Existing::Refuse, 4);
    symlink(&victim, path.join("data")).unwrap();
    finished(&path, Existing::Replace, 7);
    assert_eq!(fs::read_link(path.join("data")).unwrap(), victim);
}

/// A temporary file that is there, or a link in its place, is nobody's to write into.
#[test]
fn temporary_files_are_made_new() {
    let (place, mut run) = new_run();
    let victim = place.path().join("victim");
    fs::write(&victim, "mine").unwrap();
    let folder = run.path().join("outcomes");
    fs::create_dir(&folder).unwrap();
    let link = folder.join(".part-00000.parquet.0.tmp");
    symlink(&victim, &link).unwrap();
    write(&mut run, Set::Outcomes, 0, &outcomes(0..10));
    assert_eq!(fs::read_to_string(&victim).unwrap(), "mine");
    assert_eq!(names(&folder), [".part-00000.parquet.0.tmp", "part-00000.parquet"]);
}

fn trials(path: &Path, replace: bool) -> Result<ResultsFolder, StoreError> {
    ResultsFolder::open(path, FolderKind::Trials, replace, Vec::new())
}

fn finished_trials(path: &Path, replace: bool, rows: i64) {
    let mut folder = trials(path, replace).unwrap();
    folder.write("operating_characteristics", &outcomes(0..rows)).unwrap();
    folder.finish(|files| serde_json::json!({ "files": files })).unwrap();
}

#[test]
fn trials_stay_until_the_new_ones_are_whole() {
    let place = tempdir().unwrap();
    let path = place.path().join("trials");
    finished_trials(&path, false, 3);
    let before = tree(&path);
    let refused = trials(&path, false).unwrap_err();
    assert!(matches!(refused, StoreError::FinishedResults { .. }), "{refused}");
    assert!(refused.help().unwrap().contains("--force"));

    let mut folder = trials(&path, true).unwrap();
    assert!(matches!(trials(&path, true), Err(StoreError::Busy { .. })));
    folder.write("evaluability", &outcomes(0..5)).unwrap();
    drop(folder);
    assert_eq!(tree(&path), before);
    finished_trials(&path, true, 5);
    assert_eq!(names(&path), ["columns.parquet", "operating_characteristics.parquet", "trial.json"]);
    assert_ne!(tree(&path), before);

    // Nothing is left of the first ones that fail.
    let other = place.path().join("above/other");
    let mut folder = trials(&other, false).unwrap();
    folder.write("evaluability", &outcomes(0..5)).unwrap();
    drop(folder);
    assert_eq!(names(place.path()), ["trials"]);
}

/// A list of files is no reason to remove any of them.
#[test]
fn a_json_file_that_lists_files_of_others_is_refused() {
    let place = tempdir().unwrap();
    let thesis = place.path().join("thesis.tex");
    fs::write(&thesis, "years of work").unwrap();
    let absolute = thesis.display().to_string();
    for (name, kind) in [("trial.json", FolderKind::Trials), ("comparison.json", FolderKind::Comparison)] {
        for listed in
            [absolute.as_str(), "../thesis.tex", "thesis.parquet", "trials/../../thesis.tex", "link.parquet"]
        {
            let path = place.path().join("folder");
            fs::create_dir(&path).unwrap();
            symlink(&thesis, path.join("link.parquet")).unwrap();
            fs::write(path.join("thesis.parquet"), "mine").unwrap();
            let text =
                serde_json::json!({ "files": [{ "set": "x", "file": listed, "rows": 1, "bytes": 1 }] });
            fs::write(path.join(name), text.to_string()).unwrap();
            let before = tree(&path);
            for replace in [false, true] {
                let error = ResultsFolder::open(&path, kind, replace, Vec::new()).unwrap_err();
                assert!(matches!(error, StoreError::Foreign { .. }), "{error}");
                assert!(error.to_string().contains(listed), "{error}");
            }
            assert_eq!(tree(&path), before);
            fs::remove_dir_all(&path).unwrap();
        }
        // Something of that name that is no list at all.
        let path = place.path().join("folder");
        fs::create_dir(&path).unwrap();
        fs::write(path.join(name), "{\"mine\": true}").unwrap();
        let error = ResultsFolder::open(&path, kind, true, Vec::new()).unwrap_err();
        assert!(matches!(error, StoreError::NotResults { .. }), "{error}");
        fs::remove_dir_all(&path).unwrap();
    }
    assert_eq!(fs::read_to_string(&thesis).unwrap(), "years of work");
}
