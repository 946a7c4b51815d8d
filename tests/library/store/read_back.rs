//! Sets read back: columns, distributions, totals.

use super::*;

/// A statistic of the `distributions` table: value, unit, n, missing, failed.
fn statistic(table: &Table, arm: &str, endpoint: &str, name: &str) -> (f64, String, [i64; 3]) {
    let label = |column: &str, row: usize| match &table.column(column).unwrap().values {
        Values::Label { codes, labels } => labels[codes[row].unwrap() as usize].clone(),
        other => panic_on(other),
    };
    let count = |column: &str, row: usize| match &table.column(column).unwrap().values {
        Values::Integer(values) => values[row].unwrap(),
        other => panic_on(other),
    };
    let row = (0..table.rows())
        .find(|&row| {
            label("arm", row) == arm && label("endpoint", row) == endpoint && label("statistic", row) == name
        })
        .unwrap();
    let Values::Number(values) = &table.column("value").unwrap().values else { unreachable!() };
    (values[row], label("unit", row), ["n", "n_missing", "n_failed"].map(|column| count(column, row)))
}

fn panic_on<T>(values: &Values) -> T {
    unreachable!("{values:?}")
}

#[test]
fn columns_are_read_back_in_order_of_patients() {
    let (_place, mut run) = new_run();
    // Names of five and six digits do not sort as their numbers do.
    write(&mut run, Set::Outcomes, 100_000, &outcomes(6..9));
    write(&mut run, Set::Outcomes, 20_000, &outcomes(3..6));
    write(&mut run, Set::Outcomes, 0, &outcomes(0..3));
    let files = part_files(run.path(), Set::Outcomes).unwrap();

    let patients = read_numbers(&files, "patient", Some("0.2 mg/kg")).unwrap();
    assert_eq!(patients, [0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0]);
    let nadir = read_numbers(&files, "nadir", Some("0.2 mg/kg")).unwrap();
    assert_eq!(nadir[..4], [100.0, 101.0, 102.0, 103.0]);
    assert!(nadir[4].is_nan());
    assert_eq!(read_numbers(&files, "patient", None).unwrap().len(), 18);

    let error = read_numbers(&files, "nadyr", None).unwrap_err();
    assert!(matches!(&error, StoreError::NoColumn { column, .. } if column == "nadyr"), "{error}");
    let error = read_numbers(&files, "arm", None).unwrap_err();
    assert!(error.to_string().ends_with("column `arm` holds no numbers"), "{error}");
}

#[test]
fn damaged_parts_are_an_error() {
    let (_place, mut run) = new_run();
    write(&mut run, Set::Outcomes, 0, &outcomes(0..1_000));
    let files = part_files(run.path(), Set::Outcomes).unwrap();
    let bytes = fs::read(&files[0]).unwrap();
    for keep in [0, 10, bytes.len() / 2, bytes.len() - 1] {
        fs::write(&files[0], &bytes[..keep]).unwrap();
        let error = read_numbers(&files, "nadir", None).unwrap_err();
        assert!(matches!(error, StoreError::Damaged { .. }), "{error}");
    }
}

/// 20 patients, of which 4, 9, 14 and 19 failed. Expected values: numpy 2.4.6 on the other 16, as
/// `x = numpy.array([p for p in range(20) if p % 5 != 4])`, `x.mean()`, `x.std(ddof=1)`,
/// `numpy.quantile(x, q)`; `t = [p / 2 for p in x if p % 3]`; intervals of 10 of 16 and 4 of 16 by
/// scipy 1.17.1, `binomtest(k, n).proportion_ci(method="wilson" | "exact")`.
#[test]
fn distributions_are_those_of_the_finished_patients() {
    let (_place, mut run) = new_run();
    write(&mut run, Set::Outcomes, 0, &outcomes(0..7));
    write(&mut run, Set::Outcomes, 1, &outcomes(7..20));
    let endpoint = |name: &str, unit: &str, kind| Endpoint { meta: ColumnMeta::new(name, "", unit), kind };
    let endpoints = [
        endpoint("nadir", "1e9/L", EndpointKind::Number),
        endpoint("first_low", "day", EndpointKind::FirstTime),
        endpoint("responded", "", EndpointKind::Flag),
    ];
    let outcomes = Outcomes::open(run.path(), &arms(), &parts_of([0..7, 7..20])).unwrap();
    let table = outcomes.distributions(&endpoints, &[]).unwrap();
    assert_eq!(table.rows(), 2 * (15 + 20 + 5));

    /// Arm, endpoint, statistic; value, unit and the numbers of patients counted, missing and failed.
    type Case = (&'static str, &'static str, &'static str, f64, &'static str, [i64; 3]);
    let cases: [Case; 18] = [
        ("0.1 mg/kg", "nadir", "mean", 9.0, "1e9/L", [16, 0, 4]),
        ("0.1 mg/kg", "nadir", "sd", 5.887840577551898, "1e9/L", [16, 0, 4]),
        ("0.1 mg/kg", "nadir", "min", 0.0, "1e9/L", [16, 0, 4]),
        ("0.1 mg/kg", "nadir", "p2.5", 0.375, "1e9/L", [16, 0, 4]),
        ("0.1 mg/kg", "nadir", "p50", 9.0, "1e9/L", [16, 0, 4]),
        ("0.1 mg/kg", "nadir", "p90", 16.5, "1e9/L", [16, 0, 4]),
        ("0.1 mg/kg", "nadir", "max", 18.0, "1e9/L", [16, 0, 4]),
        ("0.2 mg/kg", "nadir", "p99", 117.85, "1e9/L", [16, 0, 4]),
        ("0.1 mg/kg", "first_low", "proportion", 0.625, "1", [16, 0, 4]),
        ("0.1 mg/kg", "first_low", "wilson_low", 0.386_410_405_455_027_14, "1", [16, 0, 4]),
        ("0.1 mg/kg", "first_low", "wilson_high", 0.815_187_674_411_363_6, "1", [16, 0, 4]),
        ("0.1 mg/kg", "first_low", "exact_low", 0.354_346_094_302_077_86, "1", [16, 0, 4]),
        ("0.1 mg/kg", "first_low", "exact_high", 0.848_016_324_918_838, "1", [16, 0, 4]),
        ("0.1 mg/kg", "first_low", "mean", 4.5, "day", [10, 6, 4]),
        ("0.1 mg/kg", "first_low", "p75", 6.25, "day", [10, 6, 4]),
        ("0.2 mg/kg", "responded", "proportion", 0.25, "1", [16, 0, 4]),
        ("0.2 mg/kg", "responded", "exact_low", 0.072_662_038_252_882_21, "1", [16, 0, 4]),
        ("0.2 mg/kg", "responded", "wilson_high", 0.494_983_165_355_087_74, "1", [16, 0, 4]),
    ];
    for (arm, endpoint, name, expected, unit, counts) in cases {
        let (value, found_unit, found_counts) = statistic(&table, arm, endpoint, name);
        assert!((value - expected).abs() < 1e-12 * expected.max(1.0), "{arm} {endpoint} {name}: {value}");
        assert_eq!((found_unit.as_str(), found_counts), (unit, counts), "{arm} {endpoint} {name}");
    }
}

#[test]
fn distributions_of_nobody_are_missing() {
    let (_place, mut run) = new_run();
    write(&mut run, Set::Outcomes, 0, &outcomes(4..5));
    let endpoints =
        [Endpoint { meta: ColumnMeta::new("first_low", "", "day"), kind: EndpointKind::FirstTime }];
    let outcomes = Outcomes::open(run.path(), &arms(), &parts_of(std::iter::once(4..5))).unwrap();
    let table = outcomes.distributions(&endpoints, &[]).unwrap();
    for name in ["proportion", "wilson_low", "exact_high", "mean", "sd", "p50", "max"] {
        let (value, _, counts) = statistic(&table, "0.1 mg/kg", "first_low", name);
        assert!(value.is_nan(), "{name}");
        assert_eq!(counts, [0, 0, 1]);
    }
    run.write_summaries(&[(Summary::Distributions, &table)]).unwrap();
    let written = read(&run.path().join("distributions.parquet"));
    assert_eq!(written[0].column_by_name("value").unwrap().null_count(), table.rows());
}

#[test]
fn totals_count_every_status() {
    let (_place, mut run) = new_run();
    write(&mut run, Set::Outcomes, 0, &outcomes(0..5));
    write(&mut run, Set::Outcomes, 1, &outcomes(5..10));
    let files = part_files(run.path(), Set::Outcomes).unwrap();
    let totals = totals(&files, &["0.1 mg/kg".to_owned(), "0.2 mg/kg".to_owned()]).unwrap();

    assert_eq!((totals.all.patients, totals.all.failed(), totals.all.steps), (20, 4, 290));
    assert_eq!(totals.all.mean_steps, 14.5);
    let arm = &totals.arms[1];
    assert_eq!((arm.arm.as_str(), arm.patients, arm.steps, arm.rejected), ("0.2 mg/kg", 10, 145, 10));
    let status: Vec<_> = arm.status.iter().map(|s| (s.status.as_str(), s.count)).collect();
    assert_eq!(status, [("ok", 8), ("max_steps", 2)]);
    let solved_by: Vec<_> = arm.solved_by.iter().map(|s| (s.processor.as_str(), s.count)).collect();
    assert_eq!(solved_by, [("cpu", 3), ("gpu", 7)]);
}

#[test]
fn screening_is_summed_over_the_patients() {
    let (_place, mut run) = new_run();
    let attempts = |values: [i64; 3]| Table {
        columns: vec![column("attempts", "1", Values::Integer(values.map(Some).to_vec()))],
    };
    write(&mut run, Set::Patients, 0, &attempts([1, 1, 4]));
    write(&mut run, Set::Patients, 1, &attempts([2, 1, 1]));
    let found = screening(&part_files(run.path(), Set::Patients).unwrap()).unwrap();
    assert_eq!(found, Screening { drawn: 10, kept: 6, screened_out: 0.4 });
}

/// Patients 0 to 9 in two parts and two arms. Even ones are evaluable, 0 and 4 had a toxicity, 8 and 9 failed;
/// patients 0 to 4 are in the lower group, but for 3, who is in none. Expected values by counting.
#[test]
fn groups_flags_and_labels_are_read_back() {
    let (_place, mut run) = new_run();
    let fails = |p: i64| p >= 8;
    let flag = |of: fn(i64) -> bool, part: &Range<i64>| {
        Values::Flag(part.clone().flat_map(|p| [(!fails(p)).then(|| of(p)); 2]).collect())
    };
    let causes: std::sync::Arc<[String]> = ["dlt", "lesion"].map(String::from).into();
    let groups: std::sync::Arc<[String]> = ["low", "high"].map(String::from).into();
    for (number, part) in [(0, 0..6_i64), (1, 6..10)] {
        let rows = || part.clone().flat_map(|p| [(p, "0.1 mg/kg"), (p, "0.2 mg/kg")]);
        let cause = |p: i64| (!fails(p) && p % 4 < 2).then_some((p % 4) as u32);
        let table = Table {
            columns: vec![
                column("patient", "", Values::Integer(rows().map(|(p, _)| Some(p)).collect())),
                column("arm", "", Values::labels(rows().map(|row| row.1))),
                column(
                    "status",
                    "",
                    Values::labels(rows().map(|(p, _)| if fails(p) { "non_finite" } else { "ok" })),
                ),
                column("evaluable", "", flag(|p| p % 2 == 0, &part)),
                column("dlt", "", flag(|p| p % 4 == 0, &part)),
                column(
                    "cause",
                    "",
                    Values::Label { codes: rows().map(|(p, _)| cause(p)).collect(), labels: causes.clone() },
                ),
            ],
        };
        let level = |p: i64| (p != 3).then_some(u32::from(p > 4));
        let codes = part.clone().map(level).collect();
        let patients = Table {
            columns: vec![
                column("patient", "", Values::Integer(part.clone().map(Some).collect())),
                column("subgroup_EGFR", "", Values::Label { codes, labels: groups.clone() }),
            ],
        };
        write_sets(&mut run, number, &[(Set::Outcomes, &table), (Set::Patients, &patients)]);
    }
    let parts = parts_of([0..6, 6..10]);
    // The first part's patients have the levels 0 0 0 - 0 1, those of the second 1 1 1 1.
    let grouping = Grouping { name: "EGFR".into(), column: "subgroup_EGFR".into(), levels: groups.to_vec() };

    let endpoint = |name: &str, kind| Endpoint { meta: ColumnMeta::new(name, "", ""), kind };
    let endpoints = [
        endpoint("dlt", EndpointKind::FlagAmong("evaluable".into())),
        endpoint("cause", EndpointKind::Label(causes)),
    ];
    let outcomes = Outcomes::open(run.path(), &arms(), &parts).unwrap();
    let table = outcomes.distributions(&endpoints, &[grouping]).unwrap();
    assert_eq!(table.rows(), 2 * 3 * (10 + 10));
    let level = |row: usize| match &table.column("level").unwrap().values {
        Values::Label { codes, labels } => labels[codes[row].unwrap() as usize].clone(),
        other => panic_on(other),
    };
    let first_arm = |name: &str, endpoint: &str| -> Vec<(String, f64)> {
        let text = |column: &str, row: usize| match &table.column(column).unwrap().values {
            Values::Label { codes, labels } => labels[codes[row].unwrap() as usize].clone(),
            other => panic_on(other),
        };
        let rows = (0..table.rows() / 2)
            .filter(|&row| text("statistic", row) == name && text("endpoint", row) == endpoint);
        rows.map(|row| (level(row), table.column("value").unwrap().values.numbers()[row])).collect()
    };
    let levels = |all: f64, low: f64, high: f64| {
        [("all", all), ("low", low), ("high", high)].map(|(level, value)| (level.to_owned(), value))
    };
    // Low: 0 1 2 4; high: 5 6 7.
    assert_eq!(first_arm("proportion", "dlt"), levels(2.0 / 8.0, 2.0 / 4.0, 0.0));
    assert_eq!(first_arm("proportion_of_evaluable", "dlt"), levels(2.0 / 4.0, 2.0 / 3.0, 0.0));
    assert_eq!(first_arm("proportion_lesion", "cause"), levels(2.0 / 8.0, 1.0 / 4.0, 1.0 / 3.0));
}
