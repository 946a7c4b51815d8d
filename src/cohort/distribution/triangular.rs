//! Triangular distribution, whole or truncated.

use super::given::Given;
use super::key::{Key, TRUNCATE};
use super::kind::Kind;
use crate::probability::{Probability, Window};

/// A density that rises in a straight line from `min` to `mode`, and falls in one to `max`. The value of a score with
/// `p = Phi(z)` is `min + sqrt(p (max - min) (mode - min))` up to the mode, which is the quantile of
/// `(mode - min) / (max - min)`, and from there `max - sqrt((1 - p) (max - min) (max - mode))`.
///
/// Mean `(min + mode + max) / 3`, variance
/// `(min^2 + mode^2 + max^2 - min mode - min max - mode max) / 18`, before truncation.
///
/// Limits: `min < max`, `min <= mode <= max`, all finite. Source: Kotz and van Dorp, Beyond Beta (2004), chapter 1.
#[derive(Debug, Clone, PartialEq)]
pub struct Triangular {
    min: f64,
    mode: f64,
    max: f64,
    truncation: Option<(Window, [f64; 2])>,
}

impl Kind for Triangular {
    const NAME: &'static str = "triangular";
    const DOC: &'static str = "From `min` up to `mode` and down to `max`, in straight lines.";
    const KEYS: &'static [Key] = &[
        Key::number("min", "Smallest value."),
        Key::number("mode", "Most likely value, from `min` to `max`."),
        Key::number("max", "Largest value."),
        TRUNCATE,
    ];

    fn check(given: &mut Given<'_, '_>) -> Option<Self> {
        let ends = given.ends(["min", "max"], None);
        let is_number = given.finite("mode").is_some();
        let [min, max] = ends?;
        let mode = given.number("mode").filter(|_| is_number)?;
        let mode = given.report.within("mode", mode, [min, max])?;
        let truncate = given.truncate([min, max])?;
        given.is_left(truncate, Self::new([min, mode, max], truncate))
    }

    fn value(&self, score: f64) -> f64 {
        let p = Probability::of_score(score);
        match self.truncation {
            None => self.quantile(p),
            Some((window, [low, high])) => self.quantile(window.rescale(p)).clamp(low, high),
        }
    }

    fn support(&self) -> [f64; 2] {
        let [low, high] = self.truncation.map_or([self.min, self.max], |(_, limits)| limits);
        [low.max(self.min), high.min(self.max)]
    }
}

impl Triangular {
    /// `None` if nothing is left by truncation.
    fn new([min, mode, max]: [f64; 3], truncate: Option<[f64; 2]>) -> Option<Self> {
        let whole = Self { min, mode, max, truncation: None };
        let Some(limits) = truncate else { return Some(whole) };
        let [from, to] = limits.map(|limit| whole.tails(limit));
        Some(Self { truncation: Some((Window::new(from, to)?, limits)), ..whole })
    }

    /// Both tails at `x`.
    fn tails(&self, x: f64) -> Probability {
        let x = x.clamp(self.min, self.max);
        let (up, down, width) = (self.mode - self.min, self.max - self.mode, self.max - self.min);
        // Of a side without width nothing lies before or behind the mode.
        let part = |to_end: f64, side: f64| if side > 0.0 { to_end * to_end / (width * side) } else { 0.0 };
        if x <= self.mode {
            let below = part(x - self.min, up);
            Probability { below, above: 1.0 - below }
        } else {
            let above = part(self.max - x, down);
            Probability { below: 1.0 - above, above }
        }
    }

    fn quantile(&self, p: Probability) -> f64 {
        let (up, down, width) = (self.mode - self.min, self.max - self.mode, self.max - self.min);
        if p.below * width <= up {
            self.min + (p.below * width * up).sqrt()
        } else {
            self.max - (p.above * width * down).sqrt()
        }
    }
}

#[cfg(test)]
#[expect(clippy::expect_used, reason = "tests")]
mod tests {
    use super::*;
    use crate::probability::score;

    fn triangular(parameters: [f64; 3], truncate: Option<[f64; 2]>) -> Triangular {
        Triangular::new(parameters, truncate).expect("something is left")
    }

    fn assert_close(got: f64, expected: f64, tolerance: f64) {
        assert!((got - expected).abs() <= tolerance, "{got}, expected {expected}");
    }

    /// By hand, of 0, 2 and 10: the mode is the quantile of a fifth; a twentieth is at half of it; the median is
    /// `10 - sqrt(40)`, and nine tenths `10 - sqrt(8)`.
    #[test]
    fn known_quantiles() {
        let triangle = triangular([0.0, 2.0, 10.0], None);
        let known = [(0.05, 1.0), (0.2, 2.0), (0.5, 10.0 - 40_f64.sqrt()), (0.9, 10.0 - 8_f64.sqrt())];
        for (u, expected) in known {
            assert_close(triangle.value(score(u)), expected, 1e-13);
        }
        assert_eq!((triangle.value(-40.0), triangle.value(40.0)), (0.0, 10.0));
    }

    /// The mode at an end: `sqrt(u)` of 0 to 1, and its mirror image.
    #[test]
    fn one_side_alone() {
        for u in [1e-12, 0.01, 0.3, 0.5, 0.99] {
            assert_close(triangular([0.0, 1.0, 1.0], None).value(score(u)), u.sqrt(), 1e-14);
            assert_close(triangular([0.0, 0.0, 1.0], None).value(score(u)), 1.0 - (1.0 - u).sqrt(), 1e-14);
        }
    }

    /// Means over equal parts of the probability, against the closed forms.
    #[test]
    fn moments() {
        const PARTS: i32 = 200_000;
        for [min, mode, max] in [[0.0, 2.0, 10.0], [-3.0, -3.0, 5.0], [20.0, 70.0, 70.0], [-1.0, 0.0, 1.0]] {
            let triangle = triangular([min, mode, max], None);
            let values =
                || (0..PARTS).map(|i| triangle.value(score((f64::from(i) + 0.5) / f64::from(PARTS))));
            let mean = values().sum::<f64>() / f64::from(PARTS);
            let variance = values().map(|x| (x - mean) * (x - mean)).sum::<f64>() / f64::from(PARTS);
            let squares = min * min + mode * mode + max * max - min * mode - min * max - mode * max;
            assert_close(mean, (min + mode + max) / 3.0, 1e-6 * (max - min));
            assert_close(variance, squares / 18.0, 1e-5 * (max - min) * (max - min));
        }
    }

    /// By hand: the right half of a symmetric triangle over 0 to 2 is the falling side alone; between its quartiles
    /// the median stays, and a quarter is the quantile of 3/8, `sqrt(3/4)`.
    #[test]
    fn truncated() {
        let right = triangular([0.0, 1.0, 2.0], Some([1.0, 5.0]));
        for u in [0.01, 0.5, 0.97] {
            assert_close(right.value(score(u)), 2.0 - (1.0 - u).sqrt(), 1e-14);
        }
        assert_eq!(right.support(), [1.0, 2.0]);
        let quartiles = [0.5_f64.sqrt(), 2.0 - 0.5_f64.sqrt()];
        let middle = triangular([0.0, 1.0, 2.0], Some(quartiles));
        assert_close(middle.value(0.0), 1.0, 1e-14);
        assert_close(middle.value(score(0.25)), 0.75_f64.sqrt(), 1e-14);
        assert_eq!((middle.value(-40.0), middle.value(40.0)), (quartiles[0], quartiles[1]));
        assert_eq!(Triangular::new([0.0, 1.0, 2.0], Some([3.0, 4.0])), None);
    }
}
