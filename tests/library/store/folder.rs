//! Who may start, resume and replace a run, and what a failure leaves behind.

use super::*;
use vpop::store::InputContent;

#[test]
fn a_run_starts_with_its_inputs() {
    let (_place, run) = new_run();
    assert_eq!(names(run.path()), [".vpop", "inputs", "run.json"]);
    assert_eq!(names(&run.path().join("inputs")), ["pk.R", "trial.toml"]);
    assert_eq!(fs::read_to_string(run.path().join("inputs/trial.toml")).unwrap(), "patients = 10\n");
}

#[test]
fn a_finished_run_is_replaced_only_by_force() {
    let (place, mut run) = new_run();
    let path = run.path().to_owned();
    write_sets(&mut run, 0, &[(Set::Outcomes, &outcomes(0..10)), (Set::Patients, &outcomes(0..5))]);
    let manifest = manifest(&run);
    run.finish(&manifest).unwrap();
    fs::write(path.join("notes.txt"), "mine").unwrap();

    for existing in [Existing::Refuse, Existing::Resume] {
        let error = create(&path, existing).unwrap_err();
        assert!(matches!(error, StoreError::Finished { .. }), "{error}");
        assert!(error.help().unwrap().contains("--force"));
    }
    assert!(path.join("outcomes/part-00000.parquet").exists());

    // It stays until the new one is finished, and so does what is not of a run.
    let before = names(&path);
    let mut run = create(&path, Existing::Replace).unwrap();
    write_sets(&mut run, 0, &[(Set::Outcomes, &outcomes(0..3)), (Set::Patients, &outcomes(0..3))]);
    assert_eq!(names(&path), [&[".vpop".to_owned()], before.as_slice()].concat());
    let earlier = fs::read(path.join("outcomes/part-00000.parquet")).unwrap();
    run.finish(&manifest).unwrap();
    assert!(fs::read(path.join("outcomes/part-00000.parquet")).unwrap() != earlier);
    assert_eq!(
        names(&path),
        ["inputs", "manifest.json", "notes.txt", "outcomes", "parts.jsonl", "patients", "run.json"]
    );
    drop(place);
}

#[test]
fn an_interrupted_run_is_resumed_or_replaced() {
    let (_place, mut run) = new_run();
    let path = run.path().to_owned();
    write(&mut run, Set::Outcomes, 0, &outcomes(0..10));
    drop(run);
    fs::write(path.join("outcomes/.part-00001.parquet.0.tmp"), "half").unwrap();
    fs::remove_file(path.join("inputs/pk.R")).unwrap();

    let error = create(&path, Existing::Refuse).unwrap_err();
    assert!(matches!(error, StoreError::Unfinished { .. }), "{error}");
    assert!(error.help().unwrap().contains("--resume"));

    let run = create(&path, Existing::Resume).unwrap();
    assert_eq!(names(&path.join("outcomes")), ["part-00000.parquet"]);
    assert_eq!(names(&path.join("inputs")), ["pk.R", "trial.toml"]);
    assert!(run.has_part(0, &[Set::Outcomes]));
    drop(run);

    let run = create(&path, Existing::Replace).unwrap();
    assert_eq!(names(run.path()), ["inputs", "run.json"]);
    assert!(path.join("outcomes/part-00000.parquet").exists(), "it stays until the new one is finished");
}

#[test]
fn resuming_where_nothing_is_starts_a_run() {
    let place = tempdir().unwrap();
    let run = create(&place.path().join("a/b"), Existing::Resume).unwrap();
    assert_eq!(names(run.path()), [".vpop", "inputs", "run.json"]);
}

#[test]
fn a_run_is_resumed_with_the_same_inputs_only() {
    let (_place, run) = new_run();
    let path = run.path().to_owned();
    drop(run);

    let mut other = inputs();
    other[1].content = InputContent::Bytes(b"pk <- function() {}\n\n".to_vec());
    let shard = Some(Shard { index: 2, of: 8 });
    let device = Solver { engine: "gpu".into(), rtol: 1e-5, ..solver() };
    let changed = Identity::new("trial", 8, 10, shard, device, &other);
    let error = RunFolder::create(&path, Existing::Resume, changed, &other).unwrap_err();
    let StoreError::Different { differences, .. } = &error else { unreachable!("{error}") };
    let what: Vec<_> = differences.iter().map(|d| d.what.as_str()).collect();
    assert_eq!(what, ["seed", "shard", "engine", "rtol", "model.sha256"]);
    let message = error.to_string();
    assert!(message.contains("seed was 7 and is now 8; shard was all and is now 2/8"), "{message}");
    assert_eq!(fs::read_to_string(path.join("inputs/pk.R")).unwrap(), "pk <- function() {}\n");

    let mut more = inputs();
    more.push(Input::new("patients", "trial.csv", "WT\n70\n"));
    let changed = Identity::new("trial", 7, 10, None, solver(), &more);
    let error = RunFolder::create(&path, Existing::Resume, changed, &more).unwrap_err();
    assert!(error.to_string().contains("patients.sha256 was absent and is now "), "{error}");
}

#[test]
fn a_damaged_run_is_not_resumed() {
    let (_place, run) = new_run();
    let path = run.path().to_owned();
    drop(run);
    fs::write(path.join("run.json"), "{").unwrap();
    let error = create(&path, Existing::Resume).unwrap_err();
    assert!(matches!(error, StoreError::Damaged { .. }), "{error}");
}

#[test]
fn what_is_not_a_run_is_never_touched() {
    let place = tempdir().unwrap();
    fs::write(place.path().join("thesis.txt"), "years of work").unwrap();
    for existing in [Existing::Refuse, Existing::Replace, Existing::Resume] {
        let error = create(place.path(), existing).unwrap_err();
        assert!(matches!(error, StoreError::NotARun { .. }), "{error}");
    }
    assert_eq!(names(place.path()), ["thesis.txt"]);
}

#[test]
fn an_empty_folder_is_used() {
    let place = tempdir().unwrap();
    drop(create(place.path(), Existing::Refuse).unwrap());
    assert_eq!(names(place.path()), ["inputs", "run.json"]);
}

#[test]
fn a_folder_that_cannot_be_made_leaves_nothing() {
    let place = tempdir().unwrap();
    fs::write(place.path().join("file"), "").unwrap();
    for path in ["file", "file/run"] {
        let error = create(&place.path().join(path), Existing::Refuse).unwrap_err();
        assert!(matches!(error, StoreError::Create { .. }), "{error}");
        assert!(error.help().unwrap().contains("-o"));
    }

    // An input that cannot be written, after the folder was made.
    let broken = [Input::new("cohort", "no/such/folder.toml", "")];
    let error =
        RunFolder::create(&place.path().join("run"), Existing::Refuse, identity(), &broken).unwrap_err();
    assert!(matches!(error, StoreError::Create { .. }), "{error}");
    assert_eq!(names(place.path()), ["file"]);

    let twins = [Input::new("cohort", "a.toml", "1"), Input::new("model", "a.toml", "2")];
    let error =
        RunFolder::create(&place.path().join("run"), Existing::Refuse, identity(), &twins).unwrap_err();
    assert_eq!(error.to_string(), "two input files are called `a.toml`");
}

#[test]
fn two_processes_do_not_write_one_run() {
    let (_place, run) = new_run();
    for existing in [Existing::Resume, Existing::Replace] {
        let error = create(run.path(), existing).unwrap_err();
        assert!(matches!(error, StoreError::Busy { .. }), "{error}");
    }
    assert_eq!(names(run.path()), [".vpop", "inputs", "run.json"]);
    let path = run.path().to_owned();
    drop(run);
    assert_eq!(names(&path), ["inputs", "run.json"]);
}

#[test]
fn a_discarded_run_leaves_nothing() {
    let (place, mut run) = new_run();
    let table = outcomes(0..10);
    write(&mut run, Set::Outcomes, 0, &table);
    let unfinished = run.part(Set::Outcomes, 1, &Field::of(&table)).unwrap();
    drop(unfinished);
    run.discard();
    assert_eq!(names(place.path()), [""; 0]);

    let run = create(&place.path().join("above/run"), Existing::Refuse).unwrap();
    drop(run.part(Set::Outcomes, 0, &Field::of(&table)).unwrap());
    run.discard();
    assert_eq!(names(place.path()), [""; 0], "nor the folders above it that were made for it");
}

/// The system's error where a disk is full.
#[test]
fn a_full_disk_is_a_failure_of_the_machine() {
    let full = || std::io::Error::from(std::io::ErrorKind::StorageFull);
    let path = || Path::new("run").to_owned();
    let at_start = StoreError::Create { path: path(), cause: full() };
    let later = StoreError::Write { path: path(), cause: full() };
    for error in [at_start, later] {
        assert!(!error.is_of_input() && error.help().unwrap().contains("the disk is full"), "{error}");
    }
    let elsewhere = std::io::Error::from(std::io::ErrorKind::PermissionDenied);
    assert!(StoreError::Create { path: path(), cause: elsewhere }.is_of_input());
}

#[test]
fn the_manifest_lists_every_file_and_ends_the_run() {
    let (_place, mut run) = new_run();
    let path = run.path().to_owned();
    let table = outcomes(0..10);
    write_sets(&mut run, 0, &[(Set::Outcomes, &table), (Set::Patients, &outcomes(0..5))]);
    let fields = Field::of(&table);
    run.write_summaries(&[(Summary::Columns, &table_of_columns(&[("outcomes", &fields)]))]).unwrap();
    let manifest = manifest(&run);
    assert!(!path.join("manifest.json").exists());
    run.finish(&manifest).unwrap();

    let text = fs::read_to_string(path.join("manifest.json")).unwrap();
    let read: Manifest = serde_json::from_str(&text).unwrap();
    assert_eq!(read, manifest);
    let files: Vec<_> = read.files.iter().map(|f| (f.set.as_str(), f.file.as_str(), f.rows)).collect();
    assert_eq!(
        files,
        [
            ("patients", "patients/part-00000.parquet", 10),
            ("outcomes", "outcomes/part-00000.parquet", 20),
            ("columns", "columns.parquet", 12)
        ]
    );
    for file in &read.files {
        let bytes = fs::read(path.join(&file.file)).unwrap();
        assert_eq!(
            (file.bytes, &file.blake3),
            (bytes.len() as u64, &blake3::hash(&bytes).to_hex().to_string())
        );
    }
    let expected =
        ["columns.parquet", "inputs", "manifest.json", "outcomes", "parts.jsonl", "patients", "run.json"];
    assert_eq!(names(&path), expected);
}
