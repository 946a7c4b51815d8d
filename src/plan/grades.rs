//! Grades of laboratory values: from a grading table's conditions to expressions and endpoints.

use crate::cohort::{GradedTerm, GradingTable, ReadOn, Term, Ticks};
use crate::diagnostic::{Place, Problems};
use crate::model::expression::{self, Functions, Scope};
use crate::model::graph::{Binary, Graph, NodeId};

use super::baseline::baseline;
use super::program::{VisitProgram, days};
use super::{AccumulatorKind, EndpointKind, TermEndpoints};

/// Grades of a term.
#[derive(Clone, Copy)]
struct Grades {
    /// The present one.
    now: NodeId,
    /// The same by the limits of normal, which is that of the baseline.
    at_start: NodeId,
}

/// The names in the conditions of a grading table.
#[derive(Clone)]
struct TermScope<'a> {
    term: &'a str,
    x: NodeId,
    baseline: Result<NodeId, String>,
    uln: Option<NodeId>,
    lln: Option<NodeId>,
}

impl Scope for TermScope<'_> {
    fn name(&mut self, _: &mut Graph, name: &str) -> Option<NodeId> {
        match name {
            "x" => Some(self.x),
            "baseline" => self.baseline.clone().ok(),
            "uln" => self.uln,
            "lln" => self.lln,
            _ => None,
        }
    }

    fn known(&self) -> Vec<String> {
        ["x", "baseline", "uln", "lln"].map(String::from).into()
    }

    fn absent(&self, name: &str) -> Option<String> {
        match name {
            "baseline" => self.baseline.clone().err(),
            "uln" | "lln" => {
                let term = self.term;
                Some(format!("the term has none: give `{name}` in the cohort file's [grades.terms.{term}]"))
            }
            _ => None,
        }
    }
}

impl Functions for TermScope<'_> {}

impl VisitProgram<'_> {
    /// Defines the grade of every term, and adds the endpoints of each.
    pub(super) fn grades(&mut self) -> Vec<TermEndpoints> {
        let grades = &self.cohort.grades;
        let mut endpoints = Vec::new();
        for graded in &grades.terms {
            let (table, term) = graded.term;
            let table = &grades.tables[table];
            let term = &table.terms[term];
            self.readings.subject = format!("grades.terms.{}", graded.name.value);
            let Some(of) = self.read(&graded.of) else { continue };
            let taken = (graded.name.value.as_str(), term.unit.as_str());
            let Some(of) = self.in_unit(of, &graded.of, graded.unit.as_deref(), taken) else { continue };
            let grades = self.term_grades(graded, table, term, of);
            self.defined.grades.push((graded.name.value.clone(), grades.now));
            endpoints.push(self.term_endpoints(graded, table, term, grades));
        }
        endpoints
    }

    fn term_grades(&mut self, graded: &GradedTerm, table: &GradingTable, term: &Term, x: NodeId) -> Grades {
        let mut limit = |own: Option<f64>, of_table| own.or(of_table).map(|limit| self.graph.constant(limit));
        let (uln, lln) = (limit(graded.uln, term.uln), limit(graded.lln, term.lln));
        let baseline = baseline(&mut self.graph, self.model, x);
        let scope = TermScope { term: &graded.name.value, x, baseline, uln, lln };
        let known = self.problems.len();
        let now = self.grade(table, term, scope.clone());
        let at_start = match scope.baseline {
            Ok(before) if self.problems.len() == known => {
                let normal = nearest_normal(&mut self.graph, before, uln, lln);
                self.grade(table, term, TermScope { baseline: Ok(normal), ..scope })
            }
            _ => now,
        };
        Grades { now, at_start }
    }

    /// The highest grade whose condition holds, else 0.
    fn grade(&mut self, table: &GradingTable, term: &Term, mut scope: TermScope<'_>) -> NodeId {
        let graph = &mut self.graph;
        let mut grade = graph.constant(0.0);
        for (number, condition) in (1..).zip(&term.conditions) {
            let Some(condition) = condition else { continue };
            let place = Place::new(&table.source, condition.span.clone());
            match expression::read(&condition.value, &place, graph, &mut scope) {
                Ok(holds) => {
                    let number = graph.constant(f64::from(number));
                    grade = graph.select(holds, number, grade);
                }
                Err(Problems(found)) => self.problems.extend(found),
            }
        }
        grade
    }

    fn term_endpoints(
        &mut self,
        graded: &GradedTerm,
        table: &GradingTable,
        term: &Term,
        grades: Grades,
    ) -> TermEndpoints {
        let name = graded.name.value.clone();
        let title = format!("{} ({})", term.title, table.name);
        let worst = |program: &mut Self, window, name, meaning| {
            let worst = program.keep(AccumulatorKind::Max, grades.now, window, ReadOn::Visits);
            program.column(name, meaning, EndpointKind::Grade, worst)
        };
        // Known before integration, so that no engine's rounding decides it.
        let known = |program: &mut Self, grade| {
            let known = baseline(&mut program.graph, program.model, grade).unwrap_or(grades.now);
            program.value_at(known, 0, false)
        };
        let (at_start, before) = (known(self, grades.at_start), known(self, grades.now));
        let (column, meaning) =
            (format!("{name}_grade_baseline"), format!("grade before the first dose: {title}"));
        self.column(column, meaning, EndpointKind::Grade, at_start);
        let whole = worst(self, self.whole(), format!("{name}_grade"), format!("worst grade: {title}"));
        let windows = self.cohort.grades.windows.iter().map(|(label, window)| {
            let meaning = format!("worst grade from {}: {title}", span(*window));
            (label.clone(), worst(self, *window, format!("{name}_grade_{label}"), meaning))
        });
        let windows = windows.collect();
        for &number in &graded.days {
            self.at_grade(graded, grades.now, number, AccumulatorKind::TimeTrue, &title);
        }
        for &number in &graded.onset {
            self.at_grade(graded, grades.now, number, AccumulatorKind::FirstTrue, &title);
        }
        TermEndpoints { name, title: term.title.clone(), worst: whole, windows, before }
    }

    /// The time at a grade or above, or when it was first reached.
    fn at_grade(
        &mut self,
        graded: &GradedTerm,
        grade: NodeId,
        number: u8,
        kind: AccumulatorKind,
        title: &str,
    ) {
        let least = self.graph.constant(f64::from(number));
        let reached = self.graph.binary(Binary::LessEqual, least, grade);
        let kept = self.keep(kind, reached, self.whole(), ReadOn::Visits);
        let (word, what, column) = match kind {
            AccumulatorKind::FirstTrue => ("onset", "first time", EndpointKind::FirstTime),
            _ => ("days", "total time", EndpointKind::Number),
        };
        let name = format!("{}_{word}_grade_{number}", graded.name.value);
        let meaning = format!("{what} at grade {number} or above: {title}");
        self.column(name, meaning, column, kept);
    }
}

/// The baseline before there is one: the normal value nearest to that of the patient, so that an abnormal one is
/// graded by the limits of normal. "If baseline was abnormal" (CTCAE v5.0) is said of what comes after.
fn nearest_normal(graph: &mut Graph, x: NodeId, uln: Option<NodeId>, lln: Option<NodeId>) -> NodeId {
    let x = uln.map_or(x, |uln| graph.binary(Binary::Min, x, uln));
    lln.map_or(x, |lln| graph.binary(Binary::Max, x, lln))
}

fn span([from, to]: [Ticks; 2]) -> String {
    format!("{} to {} day", days(from), days(to))
}
