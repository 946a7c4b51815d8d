//! An individual value, resolved.

/// A number, or one for each patient.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Value {
    /// The same for everyone.
    Constant(f64),
    /// A column of individual values.
    Column(usize),
    /// What an expression of time, doses or states has come to when a dose is given: its position in
    /// [`Doses::at_dose`](super::schedule::Doses::at_dose).
    AtDose(usize),
}

impl Value {
    /// The value for a patient of `[column][patient]`; not a number if it is known only when a dose is given.
    pub(crate) fn of(self, columns: &[Vec<f64>], patient: usize) -> f64 {
        match self {
            Self::Constant(value) => value,
            Self::Column(column) => columns[column][patient],
            Self::AtDose(_) => f64::NAN,
        }
    }
}
