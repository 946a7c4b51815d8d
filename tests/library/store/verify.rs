//! Files that are not what was written: named, and told what they are.

use super::*;

/// A finished run of 10 patients in two arms, with all of its files.
fn finished_run() -> (TempDir, PathBuf) {
    let (place, mut run) = new_run();
    let path = run.path().to_owned();
    let table = outcomes(0..10);
    let patients =
        Table { columns: vec![column("patient", "", Values::Integer((0..10).map(Some).collect()))] };
    write_sets(&mut run, 0, &[(Set::Patients, &patients), (Set::Outcomes, &table)]);
    run.write_summaries(&[(Summary::Columns, &table_of_columns(&[("outcomes", Field::of(&table))]))])
        .unwrap();
    let manifest = manifest(&run);
    run.finish(&manifest).unwrap();
    (place, path)
}

fn faults(path: &Path) -> Vec<Fault> {
    examine(path).unwrap().remove(0).faults
}

/// The one fault there is.
fn fault(path: &Path) -> (String, String) {
    let faults = faults(path);
    assert_eq!(faults.len(), 1, "{faults:?}");
    (faults[0].file.clone(), faults[0].wrong.to_string())
}

const PART: &str = "outcomes/part-00000.parquet";

#[test]
fn a_whole_run_has_nothing_wrong() {
    let (_place, path) = finished_run();
    assert_eq!(faults(&path), []);
    let run = FinishedRun::open(&path, &[]).unwrap();
    assert_eq!(run.identity, identity());
    let examined = examine(&path).unwrap().remove(0);
    assert_eq!((examined.what, examined.is_finished, examined.files.len()), ("run", true, 3));
    let error = examine(_place.path()).unwrap_err();
    assert!(matches!(error, StoreError::NoResults { .. }), "{error}");
}

/// Every file of the folder, a bit of each of its bytes.
#[test]
fn every_flipped_bit_is_found() {
    let (_place, path) = finished_run();
    let files = ["run.json", "manifest.json", PART, "patients/part-00000.parquet", "columns.parquet"];
    for file in files.iter().chain(&["inputs/pk.R", "inputs/trial.toml", "parts.jsonl"]) {
        let bytes = fs::read(path.join(file)).unwrap();
        for at in (0..bytes.len()).step_by(bytes.len().div_ceil(40)) {
            let mut flipped = bytes.clone();
            flipped[at] ^= 1 << (at % 8);
            fs::write(path.join(file), flipped).unwrap();
            assert_eq!(fault(&path).0, *file, "byte {at}");
        }
        fs::write(path.join(file), bytes).unwrap();
    }
    assert_eq!(faults(&path), []);
}

#[test]
fn truncated_missing_and_replaced_files_are_told() {
    let (_place, path) = finished_run();
    let bytes = fs::read(path.join(PART)).unwrap();
    fs::write(path.join(PART), &bytes[..100]).unwrap();
    let truncated = format!("truncated: 100 of {} bytes", bytes.len());
    assert_eq!(fault(&path), (PART.into(), truncated.clone()));
    let error = FinishedRun::open(&path, &[Set::Outcomes]).unwrap_err();
    assert!(error.to_string().ends_with(&format!("is damaged: {PART} is {truncated}")), "{error}");
    assert!(error.help().unwrap().contains("--resume --repair"));
    assert!(!error.is_of_input());

    fs::remove_file(path.join(PART)).unwrap();
    assert_eq!(fault(&path), (PART.into(), "missing".into()));
    #[cfg(unix)]
    {
        std::os::unix::fs::symlink(path.join("patients/part-00000.parquet"), path.join(PART)).unwrap();
        assert_eq!(fault(&path), (PART.into(), "not a file".into()));
        fs::remove_file(path.join(PART)).unwrap();
    }
    fs::create_dir(path.join(PART)).unwrap();
    assert_eq!(fault(&path), (PART.into(), "not a file".into()));
}

#[test]
fn parts_of_other_runs_and_other_programs_are_told() {
    let (place, path) = finished_run();
    let other = Identity { seed: 8, ..identity() };
    let mut run = RunFolder::create(&place.path().join("other"), Existing::Refuse, other, &inputs()).unwrap();
    write(&mut run, Set::Outcomes, 0, &outcomes(0..10));
    let foreign = fs::read(part_path(&run, Set::Outcomes, 0)).unwrap();
    fs::write(path.join(PART), &foreign).unwrap();
    assert_eq!(fault(&path), (PART.into(), "of another run: its seed is 8, not 7".into()));

    fs::copy(path.join("patients/part-00000.parquet"), path.join(PART)).unwrap();
    assert_eq!(fault(&path), (PART.into(), "a copy of patients/part-00000.parquet".into()));

    let batches = read(&part_path(&run, Set::Outcomes, 0));
    let file = fs::File::create(path.join(PART)).unwrap();
    let mut writer = parquet::arrow::ArrowWriter::try_new(file, batches[0].schema(), None).unwrap();
    batches.iter().for_each(|batch| writer.write(batch).unwrap());
    writer.close().unwrap();
    let (file, what) = fault(&path);
    assert_eq!(file, PART);
    assert!(what.starts_with("written by another program: parquet-rs"), "{what}");
}

#[test]
fn what_was_not_written_is_told() {
    let (_place, path) = finished_run();
    fs::copy(path.join(PART), path.join("outcomes/part-00001.parquet")).unwrap();
    assert_eq!(fault(&path), ("outcomes/part-00001.parquet".into(), format!("a copy of {PART}")));
    fs::write(path.join("outcomes/part-00001.parquet"), "rows of somebody").unwrap();
    assert_eq!(fault(&path), ("outcomes/part-00001.parquet".into(), "not of this run".into()));
    let error = FinishedRun::open(&path, &[]).unwrap_err();
    assert!(error.help().unwrap().contains("move"), "{error}");
    fs::rename(path.join("outcomes/part-00001.parquet"), path.join("outcomes/.hidden")).unwrap();
    assert_eq!(faults(&path), []);
}

#[test]
fn a_manifest_of_another_run_is_told() {
    let (place, path) = finished_run();
    let other = Identity { seed: 8, ..identity() };
    let mut run = RunFolder::create(&place.path().join("other"), Existing::Refuse, other, &inputs()).unwrap();
    write_sets(&mut run, 0, &[(Set::Patients, &outcomes(0..5)), (Set::Outcomes, &outcomes(0..10))]);
    let manifest = Manifest { seed: 8, ..manifest(&run) };
    run.finish(&manifest).unwrap();
    fs::copy(place.path().join("other/manifest.json"), path.join("manifest.json")).unwrap();
    let found = faults(&path);
    assert_eq!(found[0].to_string(), "manifest.json is of another run: its seed is 8, not 7");
}

#[test]
fn a_part_that_was_recorded_is_resumed_whole_or_not_at_all() {
    let (_place, mut run) = new_run();
    let path = run.path().to_owned();
    write_sets(&mut run, 0, &[(Set::Outcomes, &outcomes(0..10)), (Set::Patients, &outcomes(0..5))]);
    drop(run);
    assert!(create(&path, Existing::Resume).unwrap().has_part(0, &[Set::Outcomes, Set::Patients]));

    let bytes = fs::read(path.join(PART)).unwrap();
    let mut flipped = bytes.clone();
    flipped[40] ^= 4;
    fs::write(path.join(PART), &flipped).unwrap();
    let error = create(&path, Existing::Resume).unwrap_err();
    let StoreError::Faults { faults, .. } = &error else { unreachable!("{error}") };
    assert_eq!(faults[..], [Fault { file: PART.into(), wrong: Wrong::Changed }]);
    let repaired = create(&path, Existing::Repair).unwrap();
    assert!(!repaired.has_part(0, &[Set::Outcomes]));
    drop(repaired);

    // Half a line, as a power cut leaves it, and a part that is none of the run's.
    fs::write(path.join(PART), &bytes).unwrap();
    let mut run = create(&path, Existing::Resume).unwrap();
    write_sets(&mut run, 0, &[(Set::Outcomes, &outcomes(0..10)), (Set::Patients, &outcomes(0..5))]);
    drop(run);
    let records = fs::read_to_string(path.join("parts.jsonl")).unwrap();
    fs::write(path.join("parts.jsonl"), format!("{records}{{\"part\":1,\"fi")).unwrap();
    assert!(create(&path, Existing::Resume).unwrap().has_part(0, &[Set::Outcomes]));
    fs::write(path.join("outcomes/part-00007.parquet"), &bytes).unwrap();
    let error = create(&path, Existing::Resume).unwrap_err();
    assert!(error.to_string().contains("part-00007.parquet is a copy of"), "{error}");
    create(&path, Existing::Repair).unwrap();
    assert!(!path.join("outcomes/part-00007.parquet").exists());
}

/// A run is finished only with every part that it should have, and no other file among them.
#[test]
fn a_run_is_not_finished_without_its_parts() {
    let (_place, mut run) = new_run();
    write(&mut run, Set::Outcomes, 0, &outcomes(0..10));
    let path = run.path().to_owned();
    let written = manifest(&run);
    let error = run.finish(&written).unwrap_err();
    assert!(error.to_string().ends_with("patients/part-00000.parquet is missing"), "{error}");

    let mut run = create(&path, Existing::Resume).unwrap();
    write_sets(&mut run, 0, &[(Set::Outcomes, &outcomes(0..10)), (Set::Patients, &outcomes(0..5))]);
    fs::write(path.join("outcomes/mine.parquet"), "").unwrap();
    let written = manifest(&run);
    let error = run.finish(&written).unwrap_err();
    assert!(error.to_string().ends_with("outcomes/mine.parquet is not of this run"), "{error}");
    assert!(!path.join("manifest.json").exists());
}

/// Rows of a part in another order, as another writer leaves them.
#[test]
fn rows_are_read_by_patient_and_arm() {
    let (_place, mut run) = new_run();
    let table = outcomes(0..10);
    let order: Vec<usize> = (0..20).map(|row| (row * 7 + 3) % 20).collect();
    let turned = |values: &Values| match values {
        Values::Number(v) => Values::Number(order.iter().map(|&row| v[row]).collect()),
        Values::Integer(v) => Values::Integer(order.iter().map(|&row| v[row]).collect()),
        Values::Flag(v) => Values::Flag(order.iter().map(|&row| v[row]).collect()),
        Values::Label { codes, labels } => {
            Values::Label { codes: order.iter().map(|&row| codes[row]).collect(), labels: labels.clone() }
        }
    };
    let columns = table.columns.iter();
    let turned = columns.map(|c| Column { meta: c.meta.clone(), values: turned(&c.values) }).collect();
    write(&mut run, Set::Outcomes, 0, &table);
    let parts = parts_of(std::iter::once(0..10));
    let in_order = Outcomes::open(run.path(), &arms(), &parts).unwrap();
    let endpoint = Endpoint { meta: ColumnMeta::new("nadir", "", ""), kind: EndpointKind::Number };
    let read = |outcomes: &Outcomes| {
        let bits = |values: Vec<f64>| values.into_iter().map(f64::to_bits).collect::<Vec<_>>();
        let samples = outcomes.samples(&endpoint).unwrap();
        let samples: Vec<_> = samples.into_iter().map(|s| (bits(s.values), s.finished)).collect();
        (bits(outcomes.column("nadir").unwrap()), samples)
    };
    let expected = read(&in_order);
    drop(in_order);
    write(&mut run, Set::Outcomes, 0, &Table { columns: turned });
    assert_eq!(read(&Outcomes::open(run.path(), &arms(), &parts).unwrap()), expected);

    let open = |table: &Table, run: &mut RunFolder| {
        write(run, Set::Outcomes, 0, table);
        Outcomes::open(run.path(), &arms(), &parts).unwrap_err().to_string()
    };
    let error = open(&slice(&table, 0..19), &mut run);
    assert!(error.ends_with("20 rows were written, and 19 are there"), "{error}");
    let error = open(&outcomes(1..11), &mut run);
    assert!(error.ends_with("patient 10 is none of this part"), "{error}");
    let mut twice = outcomes(0..10);
    let Values::Integer(patients) = &mut twice.columns[0].values else { unreachable!() };
    patients[3] = Some(0);
    let error = open(&twice, &mut run);
    assert!(error.ends_with("patient 0 is there twice in arm 0.2 mg/kg"), "{error}");
}
