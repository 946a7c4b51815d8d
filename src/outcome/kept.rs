//! Which columns of the outcomes are kept once their distributions are made.

use super::distribution::Endpoint;
use super::exposure_response::OUTCOMES;
use crate::cohort::{Cohort, Output, Spanned, columns};
use crate::diagnostic::{Cause, Problem, did_you_mean};
use crate::table::{LazyColumn, LazyTable};

/// Columns that say whose the outcomes are and how they were solved: they are always kept.
const ALWAYS: [&str; 10] = [
    columns::PATIENT,
    columns::ARM,
    columns::DOSE,
    columns::STATUS,
    columns::NOT_FINITE,
    columns::NOT_FINITE_DAY,
    columns::SOLVED_BY,
    columns::METHOD,
    columns::STEPS,
    columns::REJECTED,
];

/// A column that is to be kept and is not there.
#[derive(Debug, thiserror::Error)]
#[error("the outcomes have no column `{name}`")]
pub struct UnknownColumn {
    /// The name.
    pub name: String,
    /// A similar name, as a question.
    pub similar: Option<String>,
}

impl Cause for UnknownColumn {
    fn help(&self) -> Option<String> {
        self.similar.clone().or_else(|| Some(OUTCOMES.into()))
    }
}

/// Columns of `output.columns` that the outcomes do not have.
pub fn check(cohort: &Cohort, outcomes: &[Endpoint]) -> Vec<Problem> {
    let known = || outcomes.iter().map(|outcome| outcome.meta.name.as_str()).chain(ALWAYS);
    let named = cohort.output.columns.iter().flatten();
    let unknown = named.filter(|column| !known().any(|known| known == column.value));
    let problem = |Spanned { value, span }: &Spanned<String>| {
        let cause = UnknownColumn { name: value.clone(), similar: did_you_mean(value, known()) };
        Problem::at(cause, cohort.place(span))
    };
    unknown.map(problem).collect()
}

/// Takes the columns out of the outcomes that are not kept; `None` if all are kept. Of `endpoints` there are distributions.
pub(crate) fn take_others<'a>(
    output: &Output,
    endpoints: &[Endpoint],
    outcomes: &mut LazyTable<'a>,
) -> Option<LazyTable<'a>> {
    let kept = match (output.outcomes, &output.columns) {
        (true, None) => return None,
        (true, Some(kept)) => kept.as_slice(),
        (false, _) => &[],
    };
    let is_kept = |column: &LazyColumn<'_>| {
        let name = &column.meta.name;
        kept.iter().any(|kept| kept.value == *name)
            || !endpoints.iter().any(|endpoint| endpoint.meta.name == *name)
    };
    let (kept, others): (Vec<_>, Vec<_>) = outcomes.columns.drain(..).partition(is_kept);
    outcomes.columns = kept;
    Some(LazyTable { rows: outcomes.rows, columns: others })
}
