//! Covariates that change from record to record: 30 patients whose concentrations rxode2 and scipy computed (see
//! tests/data/records/README.md).

use std::collections::BTreeMap;
use std::fs;

use super::*;

/// Lines of a file of `tests/data/records`, split at commas, without the header.
fn rows(name: &str) -> Vec<Vec<String>> {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/records").join(name);
    let text = fs::read_to_string(file).unwrap();
    text.lines().skip(1).map(|line| line.split(',').map(str::to_owned).collect()).collect()
}

fn number(text: &str) -> f64 {
    text.parse().unwrap_or(0.0)
}

/// The patients' records, whose values are WT and CRCL, and their random effects.
fn patients() -> (Vec<Subject>, Vec<Vec<f64>>) {
    let mut subjects: BTreeMap<u32, (Vec<Record>, Vec<f64>)> = BTreeMap::new();
    for row in rows("data.csv") {
        let effects: Vec<f64> = row[10..13].iter().map(|text| number(text)).collect();
        let rate = number(&row[3]);
        let event = match row[4].as_str() {
            "0" => Event::Observation,
            _ => Event::Dose(Dose {
                amount: number(&row[2]),
                state: usize::from(row[5] == "central"),
                input: if rate > 0.0 { Input::AtRate(rate) } else { Input::AtOnce },
                interval: 0.0,
                additional: 0,
                steady_state: SteadyState::No,
            }),
        };
        let record = record(number(&row[1]), event, &[number(&row[8]), number(&row[9])]);
        let subject = subjects.entry(row[0].parse().unwrap()).or_insert_with(|| (Vec::new(), effects));
        subject.0.push(record);
    }
    let (records, effects): (Vec<_>, Vec<_>) = subjects.into_values().unzip();
    let by_effect = (0..3).map(|i| effects.iter().map(|of: &Vec<f64>| of[i]).collect());
    (records.into_iter().map(subject).collect(), by_effect.collect())
}

/// The largest difference from the expected values of a column, as a share of them.
fn difference(interpolation: Interpolation, column: usize) -> f64 {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/records/oral_renal.R");
    let data = RecordedData { dosed: vec![0, 1], changing: vec![0, 1], interpolation, rates: true };
    let plan = plan(&fs::read_to_string(file).unwrap(), &["Cc"], &data);
    let (subjects, effects) = patients();
    let solution = solve_with(&plan, &["WT", "CRCL"], interpolation, subjects, effects);
    let expected: Vec<f64> = rows("expected.csv").iter().map(|row| number(&row[column])).collect();
    assert_eq!(solution.trajectories.len(), expected.len());
    let differences =
        solution.trajectories.iter().zip(expected).map(|(found, expected)| (found / expected - 1.0).abs());
    differences.fold(0.0, f64::max)
}

#[test]
fn carried_forward() {
    assert!(difference(Interpolation::Forward, 2) < 1e-8);
}

#[test]
fn carried_backward() {
    assert!(difference(Interpolation::Backward, 3) < 1e-8);
}

#[test]
fn on_lines() {
    assert!(difference(Interpolation::Linear, 4) < 1e-8);
}
