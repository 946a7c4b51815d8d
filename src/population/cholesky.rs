//! Cholesky factors of small symmetric matrices, kept as lower triangles by rows:
//! `[11, 21, 22, 31, 32, 33, ...]`.

/// A pivot below this part of its diagonal element counts as 0: the matrix is then as good as
/// singular.
const RELATIVE_PIVOT: f64 = 1e-12;

/// Row `i` of a triangle, its diagonal element last.
pub(super) fn row(triangle: &[f64], i: usize) -> &[f64] {
    &triangle[i * (i + 1) / 2..(i + 1) * (i + 2) / 2]
}

/// The factor `L` with `L L' = matrix`. A row and column of zeros stays one.
///
/// # Errors
/// The first row at which the matrix is not positive definite.
pub(super) fn cholesky(size: usize, matrix: &[f64]) -> Result<Vec<f64>, usize> {
    let mut factor = Vec::with_capacity(matrix.len());
    for i in 0..size {
        let (left, diagonal) = row(matrix, i).split_at(i);
        let solved = substitute(&factor, left).ok_or(i)?;
        let pivot = diagonal[0] - norm2(&solved);
        let nothing = diagonal[0] == 0.0 && left.iter().all(|&x| x == 0.0);
        let positive = pivot > RELATIVE_PIVOT * diagonal[0];
        if !positive && !nothing {
            return Err(i);
        }
        factor.extend(solved);
        factor.push(pivot.max(0.0).sqrt());
    }
    Ok(factor)
}

/// `x` with `L x = right`; `None` if an empty row of `L` would have to give something.
fn substitute(factor: &[f64], right: &[f64]) -> Option<Vec<f64>> {
    let mut x: Vec<f64> = Vec::with_capacity(right.len());
    for (i, &b) in right.iter().enumerate() {
        let (left, diagonal) = row(factor, i).split_at(i);
        let rest = b - dot(left, &x);
        x.push(match diagonal[0] {
            0.0 if rest == 0.0 => 0.0,
            0.0 => return None,
            pivot => rest / pivot,
        });
    }
    Some(x)
}

/// The open interval of values of element `(i, j)`, `j < i`, for which the first `i + 1` rows of a
/// correlation matrix are positive definite, all other elements being as they are; `None` if there
/// is no such value.
pub(super) fn permitted(matrix: &[f64], i: usize, j: usize) -> Option<[f64; 2]> {
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
        substitute(&factor, &right)
    };
    // What the others leave of `i` and `j`: their partial variances bound the partial covariance.
    let (by_i, by_j) = (explained(i)?, explained(j)?);
    let (left_i, left_j) = (element(i, i) - norm2(&by_i), element(j, j) - norm2(&by_j));
    if left_i <= 0.0 || left_j <= 0.0 {
        return None;
    }
    let (centre, reach) = (dot(&by_i, &by_j), (left_i * left_j).sqrt());
    Some([centre - reach, centre + reach])
}

/// Scalar product over the shorter length.
pub(super) fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(x, y)| x * y).sum()
}

fn norm2(x: &[f64]) -> f64 {
    dot(x, x)
}

#[cfg(test)]
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
        assert_eq!(cholesky(2, &[1.0, 1.0, 1.0]), Err(1));
        assert_eq!(cholesky(3, &[1.0, 0.9, 1.0, 0.9, -0.9, 1.0]), Err(2));
        assert_eq!(cholesky(1, &[f64::NAN]), Err(0));
    }

    /// By hand: with r12 = r13 = 0.9, `r23` lies within `0.81 +- (1 - 0.81)`.
    #[test]
    fn permitted_interval_of_three() {
        let interval = permitted(&[1.0, 0.9, 1.0, 0.9, -0.9, 1.0], 2, 1);
        assert!(interval.is_some_and(|[low, high]| (low - 0.62).abs() < 1e-14 && (high - 1.0).abs() < 1e-14));
    }
}
