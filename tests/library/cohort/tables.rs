//! The grading tables that are shipped, at and beside the limits of the NCI documents.

use std::path::Path;

use vpop::cohort::{Cohort, GradingTable, Term, parse};
use vpop::diagnostic::{Place, Source};
use vpop::model::expression::{self, Functions, Scope};
use vpop::model::graph::{Graph, NodeId};

/// The names of a condition, as numbers.
struct Values([(&'static str, Option<f64>); 4]);

impl Scope for Values {
    fn name(&mut self, graph: &mut Graph, name: &str) -> Option<NodeId> {
        let (_, value) = self.0.iter().find(|(known, _)| *known == name)?;
        value.map(|value| graph.constant(value))
    }

    fn known(&self) -> Vec<String> {
        self.0.iter().map(|(name, _)| (*name).to_owned()).collect()
    }
}

impl Functions for Values {}

fn table(file: &str) -> GradingTable {
    let text = format!("{}\n[grades]\ntables = [\"{file}\"]\n", super::SMALLEST);
    let cohort: Cohort = parse(&Source::new("cohort.toml", text), Path::new("cohorts/tables"))
        .unwrap_or_else(|p| panic!("{p}"));
    cohort.grades.tables.into_iter().next().unwrap()
}

fn term<'t>(table: &'t GradingTable, name: &str) -> &'t Term {
    table.terms.iter().find(|term| term.name == name).unwrap_or_else(|| panic!("no {name}"))
}

/// The highest grade whose condition holds.
fn grade(table: &GradingTable, name: &str, x: f64, baseline: f64) -> usize {
    let term = term(table, name);
    let mut highest = 0;
    for (i, condition) in term.conditions.iter().enumerate() {
        let Some(condition) = condition else { continue };
        let place = Place::new(&table.source, condition.span.clone());
        assert_eq!(table.source.text[condition.span.clone()], condition.value);
        let names = [("x", Some(x)), ("baseline", Some(baseline)), ("uln", term.uln), ("lln", term.lln)];
        let mut graph = Graph::default();
        let node = expression::read(&condition.value, &place, &mut graph, &mut Values(names))
            .unwrap_or_else(|problems| panic!("{problems}"));
        if graph.as_constant(node).unwrap() != 0.0 {
            highest = i + 1;
        }
    }
    highest
}

fn check(table: &GradingTable, name: &str, baseline: f64, expected: &[(f64, usize)]) {
    for &(x, grade_of_x) in expected {
        assert_eq!(
            grade(table, name, x, baseline),
            grade_of_x,
            "{} {name} at {x}, baseline {baseline}",
            table.name
        );
    }
}

const BOTH: [&str; 2] = ["ctcae_v4_03.toml", "ctcae_v5_0.toml"];

/// "Grade 2: <75.0 - 50.0": 75 itself is grade 1, 50 itself grade 2.
#[test]
fn counts_and_haemoglobin_are_graded_alike_in_both_versions() {
    for table in BOTH.map(table) {
        let platelets =
            [(150.0, 0), (149.9, 1), (75.0, 1), (74.9, 2), (50.0, 2), (49.9, 3), (25.0, 3), (24.9, 4)];
        check(&table, "thrombocytopenia", 230.0, &platelets);
        let neutrophils =
            [(2.0, 0), (1.99, 1), (1.5, 1), (1.49, 2), (1.0, 2), (0.99, 3), (0.5, 3), (0.49, 4)];
        check(&table, "neutropenia", 4.0, &neutrophils);
        let haemoglobin = [(12.0, 0), (11.9, 1), (10.0, 1), (9.9, 2), (8.0, 2), (7.9, 3), (1.0, 3)];
        check(&table, "anaemia", 13.0, &haemoglobin);
    }
}

/// v4.03: ">ULN - 3.0 x ULN", ">3.0 - 5.0", ">5.0 - 20.0", ">20.0", whatever the baseline; ULN 40.
#[test]
fn aminotransferases_in_version_4_are_multiples_of_the_limit() {
    let table = table("ctcae_v4_03.toml");
    let expected =
        [(40.0, 0), (40.1, 1), (120.0, 1), (120.1, 2), (200.0, 2), (200.1, 3), (800.0, 3), (800.1, 4)];
    for name in ["alt_increased", "ast_increased"] {
        for baseline in [20.0, 100.0] {
            check(&table, name, baseline, &expected);
        }
    }
}

/// v5.0 with an abnormal baseline: "1.5 - 3.0 x baseline", ">3.0 - 5.0", ">5.0 - 20.0", ">20.0".
#[test]
fn aminotransferases_in_version_5_are_multiples_of_an_abnormal_baseline() {
    let table = table("ctcae_v5_0.toml");
    let normal =
        [(40.0, 0), (40.1, 1), (120.0, 1), (120.1, 2), (200.0, 2), (200.1, 3), (800.0, 3), (800.1, 4)];
    let abnormal = [
        (100.0, 0),
        (149.9, 0),
        (150.0, 1),
        (300.0, 1),
        (300.1, 2),
        (500.0, 2),
        (500.1, 3),
        (2000.0, 3),
        (2000.1, 4),
    ];
    for name in ["alt_increased", "ast_increased"] {
        check(&table, name, 20.0, &normal);
        check(&table, name, 40.0, &normal);
        check(&table, name, 100.0, &abnormal);
    }
}

/// g/g for g per 24 hours: "urinary protein 1.0 - 3.4" (v4.03), ">=3.5"; grade 1 from 0.15 assumed.
#[test]
fn proteinuria_has_three_grades() {
    for table in BOTH.map(table) {
        check(
            &table,
            "proteinuria",
            0.1,
            &[(0.149, 0), (0.151, 1), (0.99, 1), (1.0, 2), (3.49, 2), (3.5, 3), (20.0, 3)],
        );
        assert_eq!(term(&table, "proteinuria").conditions.last(), Some(&None));
    }
    // ">=ULN" in v5.0 alone.
    assert_eq!(BOTH.map(|file| grade(&table(file), "proteinuria", 0.15, 0.1)), [0, 1]);
}

/// The higher of the grades by ULN (1.2) and by baseline; grade 4 by ULN alone, and in v5.0 grade 1 too.
#[test]
fn creatinine_takes_the_higher_of_two_grades() {
    for table in BOTH.map(table) {
        // Baseline at the limit: one scale. (3 x 1.2 is not exact in binary: values lie beside it.)
        check(
            &table,
            "creatinine_increased",
            1.2,
            &[(1.2, 0), (1.21, 1), (1.79, 1), (1.81, 2), (3.59, 2), (3.61, 3), (7.19, 3), (7.21, 4)],
        );
        // Baseline 0.6: 1.5 x and 3 x baseline are reached before the limit's multiples.
        check(
            &table,
            "creatinine_increased",
            0.6,
            &[(0.6, 0), (0.91, 2), (1.3, 2), (1.81, 3), (7.19, 3), (7.21, 4)],
        );
        // Baseline 2: the limit's multiples come first.
        check(&table, "creatinine_increased", 2.0, &[(2.0, 2), (3.61, 3), (7.21, 4)]);
    }
    // ">1 - 1.5 x baseline" is grade 1 in v4.03 alone.
    assert_eq!(BOTH.map(|file| grade(&table(file), "creatinine_increased", 0.7, 0.6)), [1, 0]);
}

/// The project's own scale: 5, 25 and 50 % of the epithelium, on 4 times the fraction.
#[test]
fn cornea_is_graded_by_the_affected_fraction() {
    let table = table("cornea.toml");
    check(&table, "cornea", 0.0, &[(0.2, 0), (0.21, 1), (1.0, 1), (1.01, 2), (2.0, 2), (2.01, 3), (4.0, 3)]);
}
