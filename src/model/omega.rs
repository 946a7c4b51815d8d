//! Whether the covariance of a block of random effects is possible.

use super::OmegaBlock;
use super::errors::IniError;
use crate::cholesky::cholesky;

/// How far the square of a covariance may exceed the product of its variances: one that is written with
/// six digits is no further off.
const ROUNDING: f64 = 1e-5;

/// Checks the size of the triangle, each variance, each pair, and then the whole by a Cholesky
/// factorisation. A correlation of 1 is possible.
pub(super) fn check(block: &OmegaBlock) -> Result<(), IniError> {
    let n = block.names.len();
    let found = block.covariance.len();
    let expected = n * (n + 1) / 2;
    if found != expected {
        return Err(IniError::Triangle { names: block.names.clone(), expected, found });
    }
    if block.covariance.iter().any(|x| x.is_nan()) {
        // What could not be read has been said.
        return Ok(());
    }
    let entry = |row: usize, column: usize| block.covariance[row * (row + 1) / 2 + column];
    for (i, name) in block.names.iter().enumerate() {
        if entry(i, i) < 0.0 {
            return Err(IniError::NegativeVariance { name: name.clone(), value: entry(i, i) });
        }
        for j in 0..i {
            let (covariance, variances) = (entry(i, j), [entry(j, j), entry(i, i)]);
            if covariance * covariance > (1.0 + ROUNDING) * variances[0] * variances[1] {
                let (first, second) = (block.names[j].clone(), name.clone());
                return Err(IniError::Correlation { first, second, covariance, variances });
            }
        }
    }
    cholesky(n, &block.covariance).map(drop).map_err(|row| {
        let row = block.names[row].clone();
        IniError::NotPositiveDefinite { names: block.names.clone(), row }
    })
}
