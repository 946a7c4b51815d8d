//! Whether visits miss what happens between them: by what an accumulator comes to at visits, and on the curve. NaN is
//! never.

/// How much of an extreme may be missed, as a fraction.
const MISSED: f64 = 0.1;

/// The two differ by a tenth or more.
pub(super) fn differs(at_visits: f64, of_curve: f64) -> bool {
    let largest = at_visits.abs().max(of_curve.abs());
    (at_visits - of_curve).abs() > MISSED * largest
}

/// What the curve has, visits have not at all.
pub(super) fn is_not_seen(at_visits: f64, of_curve: f64) -> bool {
    at_visits == 0.0 && of_curve > 0.0
}

/// What comes on the curve never comes at visits.
pub(super) fn is_never_seen(at_visits: f64, of_curve: f64) -> bool {
    at_visits.is_nan() && !of_curve.is_nan()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_missed() {
        assert!(differs(1.0, 2.0) && !differs(1.95, 2.0));
        assert!(differs(1.0, 0.1) && !differs(0.0, 0.0));
        assert!(is_never_seen(f64::NAN, 3.0) && !is_never_seen(4.0, 3.2));
        assert!(is_not_seen(0.0, 0.2) && !is_not_seen(5.0, 4.2));
    }
}
