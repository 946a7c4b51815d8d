//! Comparisons that a short side cannot pass.

/// Pairs of two sequences, which must have one length, and not that of nothing.
pub(crate) fn zip_equal<A, B>(
    got: impl IntoIterator<Item = A>,
    expected: impl IntoIterator<Item = B>,
) -> impl Iterator<Item = (A, B)> {
    let got: Vec<A> = got.into_iter().collect();
    let expected: Vec<B> = expected.into_iter().collect();
    assert_eq!(got.len(), expected.len(), "as many as are expected");
    assert!(!got.is_empty(), "there is something to compare");
    got.into_iter().zip(expected)
}
