//! What can be wrong with grades and grading tables.

use thiserror::Error;

use crate::diagnostic::{Cause, did_you_mean};

/// What can be wrong with grades.
#[derive(Debug, Error)]
pub enum GradesError {
    /// A term that no table has.
    #[error("no grading table has the term `{term}`")]
    UnknownTerm {
        /// The term.
        term: String,
        /// The terms there are.
        terms: Vec<String>,
    },
    /// A term that two tables have.
    #[error("`{term}` is a term of {first} and of {second}")]
    TermOfTwo {
        /// The term.
        term: String,
        /// One table.
        first: String,
        /// The other.
        second: String,
    },
    /// A grade that a term does not have.
    #[error("`{term}` has no grade {grade}")]
    NoSuchGrade {
        /// The term.
        term: String,
        /// The grade.
        grade: i64,
        /// The grades that it has.
        grades: Vec<u8>,
    },
    /// A window whose column every term has anyway.
    #[error("`baseline` is not the name of a window: every term has its grade at baseline")]
    Baseline,
    /// A term without any grade.
    #[error("`{term}` has no grade at all")]
    NoGrades {
        /// The term.
        term: String,
    },
}

impl Cause for GradesError {
    fn help(&self) -> Option<String> {
        Some(match self {
            Self::UnknownTerm { term, terms } => did_you_mean(term, terms.iter().map(String::as_str))
                .unwrap_or_else(|| format!("terms of the tables: {}", terms.join(", "))),
            Self::TermOfTwo { .. } => "leave one of the two out of `tables`".into(),
            Self::NoSuchGrade { grades, .. } => {
                let grades: Vec<_> = grades.iter().map(u8::to_string).collect();
                format!("its grades: {}", grades.join(", "))
            }
            Self::Baseline => "choose another name".into(),
            Self::NoGrades { .. } => "add `grade_1 = ...`".into(),
        })
    }
}
