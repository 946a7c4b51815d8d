//! Time courses: what they hold, and their columns.

use crate::model::graph::Symbol;
use crate::table::ColumnMeta;

use super::ObservedId;
use super::build::name_meta;
use super::program::{Meaning, UNIT_OF_MODEL, VisitProgram};
use super::scope::TREATMENT_VARIABLES;

impl VisitProgram<'_> {
    /// What time courses hold, and its columns.
    pub(super) fn trajectories(&mut self) -> (Vec<ObservedId>, Vec<ColumnMeta>) {
        let mut columns = (Vec::new(), Vec::new());
        let meaning = Meaning { with_error: false, on_study: self.trajectories_on_study() };
        let Some(trajectories) = &self.cohort.trajectories else { return columns };
        let table = if self.cohort.data.is_some() { "data.of" } else { "output.trajectories" };
        for text in &trajectories.of {
            self.readings.subject = format!("{table} `{}`", text.value);
            let Some(node) = self.read_with(text, meaning) else { continue };
            let meta = self.meta(&text.value);
            columns.0.push(self.observe(node));
            columns.1.push(meta.clone());
            if trajectories.with_error
                && let Some(node) = self.read_with(text, Meaning { with_error: true, ..meaning })
                && self.has_symbol(node, |symbol| matches!(symbol, Symbol::Residual(_)))
            {
                columns.0.push(self.observe(node));
                columns.1.push(simulated(&meta));
            }
        }
        columns
    }

    /// Whether time courses end when the patient leaves.
    pub(super) fn trajectories_on_study(&self) -> bool {
        let follows = self.cohort.trajectories.as_ref().is_some_and(|t| t.follows);
        self.someone_may_leave() && !follows
    }

    /// Name, meaning and unit of an expression.
    fn meta(&self, text: &str) -> ColumnMeta {
        let grades = &self.cohort.grades;
        let graded = grades.terms.iter().find(|term| text == format!("grade({})", term.name.value));
        if matches!(text, "time" | "t") || self.is_of_model(text) {
            name_meta(self.model, text)
        } else if let Some((name, _, meaning, unit)) =
            TREATMENT_VARIABLES.iter().find(|(name, ..)| *name == text)
        {
            ColumnMeta::new(*name, *meaning, *unit)
        } else if let Some(term) = graded {
            let (table, position) = term.term;
            let title = &grades.tables[table].terms[position].title;
            ColumnMeta::new(column_name(text), format!("grade: {title}"), "1")
        } else {
            ColumnMeta::new(column_name(text), format!("`{text}`"), UNIT_OF_MODEL)
        }
    }
}

/// The column of what is as it would be observed.
fn simulated(prediction: &ColumnMeta) -> ColumnMeta {
    let ColumnMeta { name, meaning, unit } = prediction;
    ColumnMeta::new(format!("{name}_sim"), format!("{meaning}: simulated, with residual error"), unit)
}

/// An expression as the name of a column: `grade(anaemia)` is `grade_anaemia`.
fn column_name(text: &str) -> String {
    let is_part = |c: char| c.is_alphanumeric() || c == '_' || c == '.';
    let parts: Vec<&str> = text.split(|c| !is_part(c)).filter(|part| !part.is_empty()).collect();
    parts.join("_")
}
