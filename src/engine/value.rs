//! An individual value, resolved.

/// A number, or one for each patient.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Value {
    /// The same for everyone.
    Constant(f64),
    /// A column of individual values.
    Column(usize),
}

impl Value {
    /// The value for a patient of `[column][patient]`.
    pub(crate) fn of(self, columns: &[Vec<f64>], patient: usize) -> f64 {
        match self {
            Self::Constant(value) => value,
            Self::Column(column) => columns[column][patient],
        }
    }
}
