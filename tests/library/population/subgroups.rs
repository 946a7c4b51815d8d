//! Subgroups: levels of labels and of what is cut.

use super::helper::*;
use vpop::cohort::Subgroup;
use vpop::population::Sampler;
use vpop::table::Values;

fn subgroup(name: &str, of: &str, cuts: &[f64]) -> Subgroup {
    Subgroup { name: at(name.into()), of: at(of.into()), cuts: cuts.to_vec() }
}

/// Codes and labels of a subgroup's column.
fn levels(patients: &vpop::population::Patients, column: &str) -> (Vec<Option<u32>>, Vec<String>) {
    let column = patients.columns.iter().find(|c| c.meta.name == column).unwrap();
    let Values::Label { codes, labels } = &column.values else { panic!("not labels") };
    (codes.clone(), labels.to_vec())
}

#[test]
fn a_value_at_a_cut_belongs_to_the_upper_level() {
    // Whole numbers from 0 on.
    let mut cohort = drawing([("LINES", "distribution = 'poisson', mean = 3")]);
    cohort.subgroups = vec![subgroup("pretreated", "LINES + 1", &[2.0, 4.5])];
    let patients = Sampler::new(&cohort, &model(&[])).unwrap().sample(0..500).unwrap();
    let (codes, labels) = levels(&patients, "subgroup_pretreated");
    assert_eq!(labels, ["LINES + 1 < 2", "2 <= LINES + 1 < 4.5", "LINES + 1 >= 4.5"]);
    let expected = patients.numbers("LINES").into_iter().map(|lines| match lines + 1.0 {
        x if x < 2.0 => Some(0),
        x if x < 4.5 => Some(1),
        _ => Some(2),
    });
    assert_eq!(codes, expected.collect::<Vec<_>>());
}

#[test]
fn a_categorical_covariate_has_its_own_levels() {
    let class = "distribution = 'categorical', probabilities = { low = 0.7, high = 0.3 }";
    let mut cohort = drawing([("FGFR2", class)]);
    cohort.subgroups = vec![subgroup("receptor", "FGFR2", &[])];
    let sampler = Sampler::new(&cohort, &model(&[])).unwrap();
    let patients = sampler.sample(3..100).unwrap();
    let (codes, labels) = levels(&patients, "subgroup_receptor");
    assert_eq!(labels, ["low", "high"]);
    assert_eq!((codes, labels.clone()), levels(&patients, "FGFR2"));
    let subgroups: Vec<_> = sampler.subgroups().collect();
    assert_eq!(subgroups, [("receptor", "subgroup_receptor".to_owned(), labels.as_slice())]);
}

#[test]
fn what_is_no_number_is_refused() {
    let mut cohort = drawing([("X", fixed(-1.0))]);
    cohort.subgroups = vec![subgroup("root", "sqrt(X)", &[1.0])];
    let error = Sampler::new(&cohort, &model(&[])).unwrap().sample(0..2).unwrap_err();
    assert_eq!(error.to_string(), "patient 0: `sqrt(X)`, which divides subgroup `root`, is not a number");
}

#[test]
fn what_divides_nobody_is_told() {
    let mut cohort = drawing([("X", NORMAL)]);
    let mut told = |name: &str, of: &str, cuts: &[f64]| {
        cohort.subgroups = vec![subgroup(name, of, cuts)];
        let problems = Sampler::new(&cohort, &model(&[])).unwrap_err();
        (problems.0[0].cause.to_string(), problems.0[0].cause.help().unwrap_or_default())
    };
    let (message, help) = told("size", "X", &[]);
    assert_eq!(message, "subgroup `size`: `X` is not a categorical covariate, and there are no cuts");
    assert_eq!(help, "say where to divide it: `size = { of = \"X\", cuts = [1] }`");
    assert!(told("size", "Y", &[1.0]).0.contains("`Y`"));
}
