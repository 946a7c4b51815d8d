//! Incomplete gamma and beta functions, with both tails and the density. GPU twin: `shaders/quantiles.wgsl`.
//!
//! Series and continued fractions (Abramowitz and Stegun 1964, 6.5.29, 6.5.31 and 26.5.8), multiplied by a density that
//! is computed from deviances, as Loader does (2000, "Fast and accurate computation of binomial probabilities"): no
//! large terms cancel, however large the shapes are.

use std::f64::consts::TAU;

use super::Probability;

/// Terms of a series or of a continued fraction: enough for shapes of 1e7.
const MOST_TERMS: u32 = 20_000;
/// In the place of 0 in a continued fraction.
const TINY: f64 = 1e-300;

/// `t - log(r)` of `r = 1 + t`: both are given, for the one loses its digits where the other is small.
fn deviance(t: f64, r: f64) -> f64 {
    if t.abs() > 0.3 {
        return t - r.ln();
    }
    // log(1 + t) = 2 (s + s^3 / 3 + ...)
    let s = t / (2.0 + t);
    let z = s * s;
    let (mut power, mut sum) = (1.0, 0.0);
    for k in 1..16 {
        power *= z;
        sum += power / f64::from(2 * k + 1);
    }
    s * (t - 2.0 * sum)
}

/// What Stirling's formula lacks: `log(gamma(a)) - (a - 1/2) log(a) + a - log(2 pi) / 2`.
fn stirling(mut a: f64) -> f64 {
    let mut shift = 0.0;
    while a < 10.0 {
        shift += (a + 0.5) * (1.0 / a).ln_1p() - 1.0;
        a += 1.0;
    }
    let z = 1.0 / (a * a);
    let series = 1.0 / 12.0 - z * (1.0 / 360.0 - z * (1.0 / 1260.0 - z * (1.0 / 1680.0 - z / 1188.0)));
    shift + series / a
}

/// `x^a e^-x / gamma(a)`: the density of a gamma distribution by `log(x)`.
fn gamma_density(a: f64, x: f64) -> f64 {
    (-a * deviance((x - a) / a, x / a) - stirling(a)).exp() * (a / TAU).sqrt()
}

/// The gamma distribution of shape `a` at `x`, and its density by `log(x)`.
pub(super) fn gamma_at(a: f64, x: f64) -> (Probability, f64) {
    if x <= 0.0 {
        return (Probability { below: 0.0, above: 1.0 }, 0.0);
    }
    let density = gamma_density(a, x);
    let tails = if x < a + 1.0 {
        let below = density * gamma_series(a, x);
        Probability { below, above: 1.0 - below }
    } else {
        let above = density * gamma_fraction(a, x);
        Probability { below: 1.0 - above, above }
    };
    (tails, density)
}

fn gamma_series(a: f64, x: f64) -> f64 {
    let (mut term, mut sum, mut n) = (1.0 / a, 1.0 / a, a);
    for _ in 0..MOST_TERMS {
        n += 1.0;
        term *= x / n;
        sum += term;
        if term < sum * f64::EPSILON {
            break;
        }
    }
    sum
}

fn gamma_fraction(a: f64, x: f64) -> f64 {
    let mut b = x + 1.0 - a;
    let (mut c, mut d) = (1.0 / TINY, 1.0 / b);
    let mut value = d;
    for i in 1..MOST_TERMS {
        let i = f64::from(i);
        b += 2.0;
        let factor = next_factor(-i * (i - a), b, &mut c, &mut d);
        value *= factor;
        if (factor - 1.0).abs() < f64::EPSILON {
            break;
        }
    }
    value
}

/// One step of a continued fraction by Lentz's method.
fn next_factor(numerator: f64, b: f64, c: &mut f64, d: &mut f64) -> f64 {
    let not_zero = |x: f64| if x.abs() < TINY { TINY } else { x };
    *d = 1.0 / not_zero(b + numerator * *d);
    *c = not_zero(b + numerator / *c);
    *c * *d
}

/// `x^a y^b / B(a, b)`: the density of a beta distribution by `log(x / y)`.
fn beta_density(a: f64, b: f64, x: f64, y: f64) -> f64 {
    let n = a + b;
    // From the smaller of the two, which has all its digits.
    let difference = if x < y { x - a / n } else { b / n - y };
    let exponent = a * deviance(difference * n / a, x * n / a) + b * deviance(-difference * n / b, y * n / b);
    let correction = stirling(n) - stirling(a) - stirling(b);
    (correction - exponent).exp() * (a / n * b / TAU).sqrt()
}

/// The beta distribution at `x`, where `y = 1 - x`, and its density by `log(x / y)`.
pub(super) fn beta_at(a: f64, b: f64, x: f64, y: f64) -> (Probability, f64) {
    if x <= 0.0 {
        return (Probability { below: 0.0, above: 1.0 }, 0.0);
    }
    if y <= 0.0 {
        return (Probability { below: 1.0, above: 0.0 }, 0.0);
    }
    let density = beta_density(a, b, x, y);
    let tails = if x * (a + b + 2.0) < a + 1.0 {
        let below = density * beta_fraction(a, b, x) / a;
        Probability { below, above: 1.0 - below }
    } else {
        let above = density * beta_fraction(b, a, y) / b;
        Probability { below: 1.0 - above, above }
    };
    (tails, density)
}

fn beta_fraction(a: f64, b: f64, x: f64) -> f64 {
    let (mut c, mut d) = (1.0, 1.0 / (1.0 - (a + b) * x / (a + 1.0)));
    let mut value = d;
    for m in 1..MOST_TERMS {
        let m = f64::from(m);
        let of = a + 2.0 * m;
        value *= next_factor(m * (b - m) * x / ((of - 1.0) * of), 1.0, &mut c, &mut d);
        let odd = -(a + m) * (a + b + m) * x / (of * (of + 1.0));
        let factor = next_factor(odd, 1.0, &mut c, &mut d);
        value *= factor;
        if (factor - 1.0).abs() < f64::EPSILON {
            break;
        }
    }
    value
}
