//! Distributions over all patients and over those of subgroups.

use super::*;
use vpop::outcome::distribution::{
    Endpoint as Summarised, EndpointKind as Kind, Grouping, InMemory, Sample, distributions, exact_interval,
    mean, quantile, standard_deviation, wilson_interval,
};
use vpop::table::ColumnMeta;

const PATIENTS: usize = 400;

/// Numbers that scatter between 0 and 1.
fn scatter(i: usize) -> f64 {
    (i as f64 * 0.618_033_988_749_894_9).fract()
}

/// Every seventh patient failed.
fn finished(patient: usize) -> bool {
    !patient.is_multiple_of(7)
}

/// The value of an endpoint of a patient in an arm.
fn value(arm: &str, endpoint: &str, patient: usize) -> f64 {
    let x = scatter(patient * 5 + arm.len());
    match endpoint {
        _ if !finished(patient) => NONE,
        "nadir" => 100.0 * x,
        "onset" if x < 0.4 => NONE,
        "onset" => 20.0 * x,
        "evaluable" => f64::from(x > 0.2),
        "dlt" => f64::from(x > 0.7),
        "grade" => (5.0 * x).floor(),
        "cause" if x < 0.5 => NONE,
        "cause" => (6.0 * (x - 0.5)).floor(),
        other => panic!("{other}"),
    }
}

/// Patients by thirds, the last of whom are in no level.
fn grouping() -> Grouping {
    Grouping { name: "EGFR".into(), column: "egfr".into(), levels: vec!["low".into(), "high".into()] }
}

fn level_of(patient: usize) -> u32 {
    (3.0 * scatter(patient * 3 + 1)) as u32
}

fn endpoints() -> Vec<Summarised> {
    let levels = ["dlt", "lesion", "never"].map(String::from).into();
    [
        ("nadir", "1e9/L", Kind::Number),
        ("onset", "day", Kind::FirstTime),
        ("evaluable", "", Kind::Flag),
        ("dlt", "", Kind::FlagAmong("evaluable".into())),
        ("grade", "1", Kind::Grade),
        ("cause", "", Kind::Label(levels)),
    ]
    .map(|(name, unit, kind)| Summarised { meta: ColumnMeta::new(name, "", unit), kind })
    .into()
}

fn table() -> Table {
    let arms = ["0.1".to_owned(), "0.25".to_owned()];
    let sample = |endpoint: &Summarised, arm: usize| {
        let of =
            |name: &str| (0..PATIENTS).map(|patient| value(&arms[arm], name, patient)).collect::<Vec<_>>();
        let among = matches!(endpoint.kind, Kind::FlagAmong(_)).then(|| of("evaluable"));
        Sample {
            values: of(&endpoint.meta.name),
            finished: (0..PATIENTS).map(finished).collect(),
            among: among.into_iter().flatten().map(|among| among == 1.0).collect(),
        }
    };
    let levels = |_: &Grouping| (0..PATIENTS).map(level_of).collect();
    let source = InMemory { patients: PATIENTS, levels, sample };
    let Ok(table) = distributions(&arms, &endpoints(), &[grouping()], &source);
    table
}

/// The rows of one endpoint in one arm and level: statistic, value, unit and the three counts.
fn rows_of(table: &Table, arm: &str, level: &str, endpoint: &str) -> Vec<(String, f64, String, [f64; 3])> {
    let label = |name, row: usize| labels(table, name)[row].unwrap().to_owned();
    let [arms, levels, names] = ["arm", "level", "endpoint"].map(|name| labels(table, name));
    let is_meant = |&row: &usize| [arms[row], levels[row], names[row]] == [arm, level, endpoint].map(Some);
    let count = |row: usize| ["n", "n_missing", "n_failed"].map(|name| numbers(table, name)[row]);
    let rows = (0..table.rows()).filter(is_meant);
    rows.map(|row| (label("statistic", row), numbers(table, "value")[row], label("unit", row), count(row)))
        .collect()
}

/// Statistic and value, as they should be.
fn proportion(ending: &str, events: usize, of: usize) -> Vec<(String, f64)> {
    let (k, n) = (events as u64, of as u64);
    let (wilson, exact) = (wilson_interval(k, n), exact_interval(k, n));
    let values = [k as f64 / n as f64, wilson.low, wilson.high, exact.low, exact.high];
    let names = ["proportion", "wilson_low", "wilson_high", "exact_low", "exact_high"];
    names.iter().zip(values).map(|(name, value)| (format!("{name}{ending}"), value)).collect()
}

fn numeric(values: &[f64]) -> Vec<(String, f64)> {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let mut expected = vec![
        ("mean".to_owned(), mean(values)),
        ("sd".to_owned(), standard_deviation(values)),
        ("min".to_owned(), sorted[0]),
    ];
    for percent in [1.0, 2.5, 5.0, 10.0, 25.0, 50.0, 75.0, 90.0, 95.0, 97.5, 99.0] {
        expected.push((format!("p{percent}"), quantile(&sorted, percent / 100.0)));
    }
    expected.push(("max".to_owned(), sorted[sorted.len() - 1]));
    expected
}

#[test]
fn groups_are_what_their_patients_make_of_them() {
    let table = table();
    for arm in ["0.1", "0.25"] {
        for (level, code) in [("all", None), ("low", Some(0)), ("high", Some(1))] {
            let in_group = |&p: &usize| code.is_none_or(|code| level_of(p) == code);
            let everyone: Vec<usize> = (0..PATIENTS).filter(in_group).collect();
            let patients: Vec<usize> = everyone.iter().copied().filter(|&p| finished(p)).collect();
            let values = |name: &str| -> Vec<f64> {
                let all = patients.iter().map(|&p| value(arm, name, p));
                all.filter(|x| !x.is_nan()).collect()
            };
            let number = |name: &str, holds: &dyn Fn(f64) -> bool| {
                values(name).into_iter().filter(|&x| holds(x)).count()
            };
            let n = patients.len();
            let dlt = number("dlt", &|x| x == 1.0);
            let expected: [(&str, Vec<(String, f64)>); 6] = [
                ("nadir", numeric(&values("nadir"))),
                ("onset", [proportion("", values("onset").len(), n), numeric(&values("onset"))].concat()),
                ("evaluable", proportion("", number("evaluable", &|x| x == 1.0), n)),
                (
                    "dlt",
                    [
                        proportion("", dlt, n),
                        proportion("_of_evaluable", dlt, number("evaluable", &|x| x == 1.0)),
                    ]
                    .concat(),
                ),
                (
                    "grade",
                    [1, 2, 3, 4]
                        .map(|g| proportion(&format!("_ge_{g}"), number("grade", &|x| x >= f64::from(g)), n))
                        .concat(),
                ),
                (
                    "cause",
                    [("dlt", 0.0), ("lesion", 1.0), ("never", 2.0)]
                        .map(|(name, code)| {
                            proportion(&format!("_{name}"), number("cause", &|x| x == code), n)
                        })
                        .concat(),
                ),
            ];
            for (endpoint, expected) in expected {
                let found = rows_of(&table, arm, level, endpoint);
                let place = format!("{arm} {level} {endpoint}");
                assert_eq!(found.len(), expected.len(), "{place}");
                for ((name, value, unit, [counted, missing, failed]), expected) in
                    found.into_iter().zip(expected)
                {
                    assert_eq!(name, expected.0, "{place}");
                    // Means and deviations are put together of those of cells.
                    let bound =
                        if ["mean", "sd"].contains(&name.as_str()) { 1e-15 * expected.1 } else { 0.0 };
                    assert!((value - expected.1).abs() <= bound, "{place} {name}: {value} {}", expected.1);
                    let unit_of_number = if endpoint == "nadir" { "1e9/L" } else { "day" };
                    let is_number = name.starts_with('p') && !name.starts_with("prop")
                        || ["mean", "sd", "min", "max"].contains(&name.as_str());
                    assert_eq!(unit, if is_number { unit_of_number } else { "1" }, "{place} {name}");
                    assert_eq!(counted + missing, n as f64, "{place} {name}");
                    assert_eq!(failed as usize, everyone.len() - n, "{place} {name}");
                }
            }
        }
    }
}

#[test]
fn all_patients_come_first_and_every_level_has_its_rows() {
    let table = table();
    assert_eq!(labels(&table, "subgroup")[0], Some("all"));
    let mut groups: Vec<_> = labels(&table, "subgroup")
        .into_iter()
        .zip(labels(&table, "level"))
        .map(|g| (g.0.unwrap(), g.1.unwrap()))
        .collect();
    groups.sort_unstable();
    groups.dedup();
    assert_eq!(groups, [("EGFR", "high"), ("EGFR", "low"), ("all", "all")]);
    assert_eq!(table.rows(), 2 * 3 * (15 + 20 + 5 + 10 + 20 + 15));
}
