//! The forms in which `ini` gives the covariance of random effects: variances and covariances, standard deviations
//! with `sd(...)`, correlations with `cor(...)`, a Cholesky factor with `chol(...)`.

use super::ast::{Expr, Infix, Kind};
use super::errors::IniError;

/// What the numbers of a triangle are.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Form {
    /// The diagonal holds standard deviations.
    is_sd: bool,
    /// Beside the diagonal are correlations.
    is_correlation: bool,
    /// It is the lower Cholesky factor.
    is_cholesky: bool,
    /// Whether it is in `fix(...)`.
    pub(super) fixed: bool,
}

/// What stands before a `|` on the right of `~`, and the occasions that effects belong to, if not to the patient.
///
/// # Errors
/// Where what follows the `|` is no name.
pub(super) fn level(right: &Expr) -> Result<(&Expr, Option<&str>), IniError> {
    let Kind::Infix(Infix::Or, inner, level) = &right.kind else { return Ok((right, None)) };
    // `id(nu = 4)` says how sure estimates are.
    let name = match &level.kind {
        Kind::Name(name) | Kind::Call(name, _) => name,
        _ => return Err(IniError::Level),
    };
    Ok((inner, (!name.eq_ignore_ascii_case("id")).then_some(name)))
}

/// The expressions that hold the numbers of effects, and what these are.
pub(super) fn form(right: &Expr) -> (Vec<&Expr>, Form) {
    match &right.kind {
        Kind::Call(name, arguments) => {
            let wraps: fn(&mut Form) = match name.as_str() {
                "sd" => |form| form.is_sd = true,
                "cor" => |form| form.is_correlation = true,
                "chol" => |form| form.is_cholesky = true,
                "fix" | "fixed" => |form| form.fixed = true,
                "var" | "cov" | "c" => |_| {},
                _ => return (vec![right], Form::default()),
            };
            let (mut numbers, mut found) = (Vec::new(), Form::default());
            for argument in arguments {
                let (inner, of_inner) = form(&argument.value);
                numbers.extend(inner);
                found = found.with(of_inner);
            }
            wraps(&mut found);
            (numbers, found)
        }
        _ => (vec![right], Form::default()),
    }
}

impl Form {
    fn with(self, other: Self) -> Self {
        Self {
            is_sd: self.is_sd || other.is_sd,
            is_correlation: self.is_correlation || other.is_correlation,
            is_cholesky: self.is_cholesky || other.is_cholesky,
            fixed: self.fixed || other.fixed,
        }
    }

    /// The covariance of `n` effects, lower triangle by rows; numbers of another size as they are.
    pub(super) fn covariance(self, numbers: Vec<f64>, n: usize) -> Vec<f64> {
        if numbers.len() != n * (n + 1) / 2 {
            return numbers;
        }
        let entry = |row: usize, column: usize| numbers[row * (row + 1) / 2 + column];
        let cells = (0..n).flat_map(|row| (0..=row).map(move |column| (row, column)));
        if self.is_cholesky {
            let product = |row, column| (0..=column).map(|k| entry(row, k) * entry(column, k)).sum();
            return cells.map(|(row, column)| product(row, column)).collect();
        }
        let sd = |i: usize| if self.is_sd { entry(i, i) } else { entry(i, i).sqrt() };
        let covariance = |(row, column)| match (row == column, self.is_sd, self.is_correlation) {
            (true, true, _) => entry(row, row) * entry(row, row),
            (false, _, true) => entry(row, column) * sd(row) * sd(column),
            _ => entry(row, column),
        };
        cells.map(covariance).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_form_by_hand() {
        let numbers = vec![0.3, 0.5, 0.4];
        let of = |form: Form| form.covariance(numbers.clone(), 2);
        assert_eq!(of(Form::default()), [0.3, 0.5, 0.4]);
        let sd = Form { is_sd: true, ..Form::default() };
        assert_eq!(of(sd), [0.3 * 0.3, 0.5, 0.4 * 0.4]);
        assert_eq!(of(Form { is_correlation: true, ..sd }), [0.3 * 0.3, 0.5 * 0.4 * 0.3, 0.4 * 0.4]);
        let cholesky = Form { is_cholesky: true, ..Form::default() };
        assert_eq!(of(cholesky), [0.3 * 0.3, 0.5 * 0.3, 0.5 * 0.5 + 0.4 * 0.4]);
        assert_eq!(sd.covariance(vec![1.0], 2), [1.0], "the size is refused elsewhere");
    }
}
