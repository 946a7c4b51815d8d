//! Whether the covariance of a block of random effects is possible.

use super::OmegaBlock;
use super::errors::IniError;

/// Largest deficit of a pivot, relative to its variance, that counts as rounding.
const ROUNDING: f64 = 1e-12;

/// Checks the size of the triangle, each variance, each pair, and then the whole by a Cholesky
/// factorisation in which rows of zeros are left out.
pub(super) fn check(block: &OmegaBlock) -> Result<(), IniError> {
    let n = block.names.len();
    let found = block.covariance.len();
    let expected = n * (n + 1) / 2;
    if found != expected {
        return Err(IniError::Triangle { names: block.names.clone(), expected, found });
    }
    let entry = |row: usize, column: usize| block.covariance[row * (row + 1) / 2 + column];
    for (i, name) in block.names.iter().enumerate() {
        if entry(i, i) < 0.0 {
            return Err(IniError::NegativeVariance { name: name.clone(), value: entry(i, i) });
        }
        for j in 0..i {
            let (covariance, variances) = (entry(i, j), [entry(j, j), entry(i, i)]);
            if covariance != 0.0 && covariance * covariance >= variances[0] * variances[1] {
                let (first, second) = (block.names[j].clone(), name.clone());
                return Err(IniError::Correlation { first, second, covariance, variances });
            }
        }
    }
    match failing_row(n, entry) {
        Some(row) => {
            let row = block.names[row].clone();
            Err(IniError::NotPositiveDefinite { names: block.names.clone(), row })
        }
        None => Ok(()),
    }
}

/// The first row at which a Cholesky factorisation meets a pivot that is not positive.
fn failing_row(n: usize, entry: impl Fn(usize, usize) -> f64) -> Option<usize> {
    let mut factor = vec![vec![0.0; n]; n];
    for i in 0..n {
        if entry(i, i) == 0.0 {
            continue;
        }
        for j in 0..=i {
            let dot: f64 = (0..j).map(|k| factor[i][k] * factor[j][k]).sum();
            let rest = entry(i, j) - dot;
            if i == j {
                if rest <= ROUNDING * entry(i, i) {
                    return Some(i);
                }
                factor[i][i] = rest.sqrt();
            } else if factor[j][j] > 0.0 {
                factor[i][j] = rest / factor[j][j];
            }
        }
    }
    None
}
