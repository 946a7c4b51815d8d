//! Cholesky factors of small symmetric matrices, kept as lower triangles by rows:
//! `[11, 21, 22, 31, 32, 33, ...]`.

/// The part of its variance by which what is left of a row may miss 0 and still count as 0: numbers that
/// are written with six digits are no further off.
const ROUNDING: f64 = 1e-5;
/// The part of its variance below which what is left of a row is no more than the rounding of sums.
const NOTHING: f64 = 1e-12;

/// Row `i` of a triangle, its diagonal element last.
pub(crate) fn row(triangle: &[f64], i: usize) -> &[f64] {
    &triangle[i * (i + 1) / 2..(i + 1) * (i + 2) / 2]
}

/// The factor `L` with `L L' = matrix`. A row that those above it determine, as one of zeros or with a
/// correlation of 1, has a diagonal element of 0.
///
/// # Errors
/// The first row at which the matrix is not positive semidefinite.
pub(crate) fn cholesky(size: usize, matrix: &[f64]) -> Result<Vec<f64>, usize> {
    let mut factor = Vec::with_capacity(matrix.len());
    for i in 0..size {
        let (left, diagonal) = row(matrix, i).split_at(i);
        let variance = diagonal[0];
        let solved = substitute(&factor, left, |j| (variance * row(matrix, j)[j]).sqrt()).ok_or(i)?;
        let rest = variance - norm2(&solved);
        if variance < 0.0 || rest.is_nan() || rest < -ROUNDING * variance {
            return Err(i);
        }
        factor.extend(solved);
        factor.push(if rest > NOTHING * variance { rest.sqrt() } else { 0.0 });
    }
    Ok(factor)
}

/// `x` with `L x = right`; `None` if a row of `L` that others determine would have to give something.
/// `size` is the largest that each element of `right` can be.
fn substitute(factor: &[f64], right: &[f64], size: impl Fn(usize) -> f64) -> Option<Vec<f64>> {
    let mut x: Vec<f64> = Vec::with_capacity(right.len());
    for (i, &b) in right.iter().enumerate() {
        let (left, diagonal) = row(factor, i).split_at(i);
        let rest = b - dot(left, &x);
        x.push(match diagonal[0] {
            0.0 if rest.abs() <= ROUNDING * size(i) => 0.0,
            0.0 => return None,
            pivot => rest / pivot,
        });
    }
    Some(x)
}

/// The interval of values of element `(i, j)`, `j < i`, for which the first `i + 1` rows of a correlation
/// matrix are positive semidefinite, all other elements being as they are; `None` if there is no such
/// value.
pub(crate) fn permitted(matrix: &[f64], i: usize, j: usize) -> Option<[f64; 2]> {
    let element = |a: usize, b: usize| row(matrix, a.max(b))[a.min(b)];
    let others: Vec<usize> = (0..i).filter(|&k| k != j).collect();
    let minor: Vec<f64> = others
        .iter()
        .enumerate()
        .flat_map(|(n, &a)| others[..=n].iter().map(move |&b| element(a, b)))
        .collect();
    let factor = cholesky(others.len(), &minor).ok()?;
    let explained = |of: usize| {
        let right: Vec<f64> = others.iter().map(|&k| element(of, k)).collect();
        substitute(&factor, &right, |_| 1.0)
    };
    // What the others leave of `i` and `j`: their partial variances bound the partial covariance.
    let (by_i, by_j) = (explained(i)?, explained(j)?);
    let (left_i, left_j) = (element(i, i) - norm2(&by_i), element(j, j) - norm2(&by_j));
    if left_i.min(left_j) < -ROUNDING {
        return None;
    }
    let (centre, reach) = (dot(&by_i, &by_j), (left_i.max(0.0) * left_j.max(0.0)).sqrt());
    Some([centre - reach, centre + reach])
}

/// Scalar product over the shorter length.
pub(crate) fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(x, y)| x * y).sum()
}

fn norm2(x: &[f64]) -> f64 {
    dot(x, x)
}

#[cfg(test)]
#[expect(clippy::panic, reason = "tests")]
mod tests {
    use super::*;

    /// By hand: `[[4, 2], [2, 5]] = L L'` with `L = [[2, 0], [1, 2]]`.
    #[test]
    fn factor_of_two_by_two() {
        assert_eq!(cholesky(2, &[4.0, 2.0, 5.0]), Ok(vec![2.0, 1.0, 2.0]));
    }

    #[test]
    fn rows_of_zeros_stay() {
        assert_eq!(cholesky(3, &[4.0, 0.0, 0.0, 2.0, 0.0, 5.0]), Ok(vec![2.0, 0.0, 0.0, 1.0, 0.0, 2.0]));
        assert_eq!(cholesky(2, &[0.0, 1.0, 1.0]), Err(1));
    }

    #[test]
    fn the_row_that_fails() {
        assert_eq!(cholesky(2, &[1.0, 1.1, 1.0]), Err(1));
        assert_eq!(cholesky(3, &[1.0, 0.9, 1.0, 0.9, -0.9, 1.0]), Err(2));
        assert_eq!(cholesky(1, &[f64::NAN]), Err(0));
        assert_eq!(cholesky(1, &[-1.0]), Err(0));
        assert_eq!(cholesky(2, &[1.0, f64::NAN, 1.0]), Err(1));
    }

    /// By hand: a row that is the one above it, or its opposite, leaves nothing, and what comes after must
    /// agree with both.
    #[test]
    fn rows_that_others_determine() {
        for sign in [1.0, -1.0] {
            let (v1, v2) = (0.05_f64, 0.06_f64);
            let covariance = sign * (v1 * v2).sqrt();
            let Ok(factor) = cholesky(2, &[v1, covariance, v2]) else { panic!("not accepted") };
            assert_eq!(factor[2], 0.0);
            assert!((factor[1] - sign * v2.sqrt()).abs() < 1e-15);
        }
        // With six digits, up or down.
        for rounded in [0.0547722, 0.0547723] {
            assert!(cholesky(2, &[0.05, rounded, 0.06]).is_ok());
        }
        assert_eq!(cholesky(3, &[1.0; 6]), Ok(vec![1.0, 1.0, 0.0, 1.0, 0.0, 0.0]));
        assert!(cholesky(3, &[1.0, 1.0, 1.0, 0.5, 0.5, 1.0]).is_ok());
        assert_eq!(cholesky(3, &[1.0, 1.0, 1.0, 0.5, 0.4, 1.0]), Err(2));
    }

    /// By hand: with r12 = r13 = 0.9, `r23` lies within `0.81 +- (1 - 0.81)`.
    #[test]
    fn permitted_interval_of_three() {
        let interval = permitted(&[1.0, 0.9, 1.0, 0.9, -0.9, 1.0], 2, 1);
        assert!(interval.is_some_and(|[low, high]| (low - 0.62).abs() < 1e-14 && (high - 1.0).abs() < 1e-14));
        // With r12 = 1, `r23` is `r13`.
        let one = permitted(&[1.0, 1.0, 1.0, 0.5, 0.0, 1.0], 2, 1);
        assert_eq!(one, Some([0.5, 0.5]));
    }
}
