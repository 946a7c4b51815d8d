//! Every kind of distribution against its analytic distribution function: 20,000 patients, fixed seed, level 1e-4.

use proptest::prelude::*;
use statrs::distribution::{Beta, ChiSquared, ContinuousCDF, Discrete, Gamma, Poisson};
use vpop::cohort::CovariateDistribution;
use vpop::probability;
use vpop::table::Values;

use super::helper::{
    NORMAL, assert_distributed, bernoulli, by_class, drawing, drawn, fixed, lognormal, loguniform, normal,
    phi, sample, truncated, uniform,
};

fn draw(distribution: &str) -> Vec<f64> {
    sample(&drawing([("X", distribution)])).numbers("X")
}

/// The distribution function between two points.
fn within(cdf: impl Fn(f64) -> f64, [low, high]: [f64; 2]) -> impl Fn(f64) -> f64 {
    move |x| (cdf(x) - cdf(low)) / (cdf(high) - cdf(low))
}

#[test]
fn normal_whole_and_truncated() {
    let cdf = |x: f64| phi((x - 58.0) / 11.0);
    assert_distributed(&draw(&normal(58.0, 11.0)), cdf);
    let limits = [50.0, 61.0];
    let inside = draw(&truncated(normal(58.0, 11.0), limits));
    assert!(inside.iter().all(|x| (50.0..=61.0).contains(x)));
    assert_distributed(&inside, within(cdf, limits));
}

/// Beyond 8 standard deviations: `1 - Phi(x)` by its upper tail.
#[test]
fn normal_far_in_the_tail() {
    let tail = |x: f64| phi(-x);
    let cdf = |x: f64| (tail(8.0) - tail(x)) / tail(8.0);
    let above = draw(&truncated(normal(0.0, 1.0), [8.0, f64::INFINITY]));
    assert_distributed(&above, cdf);
    let below = draw(&truncated(normal(0.0, 1.0), [f64::NEG_INFINITY, -8.0]));
    let mirrored: Vec<f64> = below.iter().map(|x| -x).collect();
    assert_distributed(&mirrored, cdf);
}

#[test]
fn lognormal_whole_and_truncated() {
    let (log_mean, log_sd) = (66_f64.ln(), 0.22);
    let cdf = |x: f64| phi((x.ln() - log_mean) / log_sd);
    assert_distributed(&draw(&lognormal(log_mean, log_sd)), cdf);
    let limits = [60.0, 140.0];
    assert_distributed(&draw(&truncated(lognormal(log_mean, log_sd), limits)), within(cdf, limits));
    let from_zero = draw(&truncated(lognormal(log_mean, log_sd), [0.0, 66.0]));
    assert_distributed(&from_zero, |x| 2.0 * cdf(x));
}

#[test]
fn uniform_and_loguniform() {
    assert_distributed(&draw(&uniform(-2.0, 3.0)), |x| (x + 2.0) / 5.0);
    let cdf = |x: f64| (x / 0.001).ln() / 10_f64.ln();
    assert_distributed(&draw(&loguniform(0.001, 0.01)), cdf);
}

#[test]
fn triangular() {
    let rising = |x: f64| (x - 40.0).powi(2) / (80.0 * 20.0);
    let cdf = |x: f64| if x <= 60.0 { rising(x) } else { 1.0 - (120.0 - x).powi(2) / (80.0 * 60.0) };
    let triangle = "distribution = 'triangular', min = 40, mode = 60, max = 120";
    assert_distributed(&draw(triangle), cdf);
    let limits = [50.0, 100.0];
    assert_distributed(&draw(&truncated(triangle.into(), limits)), within(cdf, limits));
}

#[test]
fn beta() {
    for (a, b) in [(2.0, 5.0), (0.3, 0.4), (40.0, 3.0)] {
        let reference = Beta::new(a, b).unwrap();
        let drawn = draw(&format!("distribution = 'beta', alpha = {a:?}, beta = {b:?}, low = 10, high = 30"));
        assert_distributed(&drawn, |x| reference.cdf((x - 10.0) / 20.0));
    }
}

#[test]
fn gamma() {
    for (shape, scale) in [(0.2, 1.0), (2.5, 4.0), (300.0, 0.1)] {
        let reference = Gamma::new(shape, 1.0 / scale).unwrap();
        let gamma = format!("distribution = 'gamma', shape = {shape:?}, scale = {scale:?}");
        assert_distributed(&draw(&gamma), |x| reference.cdf(x));
        let limits = [shape * scale, f64::INFINITY];
        let above = draw(&truncated(gamma, limits));
        assert_distributed(&above, within(|x| reference.cdf(x), limits));
    }
}

#[test]
fn the_same_for_everyone() {
    assert!(draw(&fixed(3.5)).iter().all(|&x| x == 3.5));
}

/// Chi-square over the values 0 to the number of `probabilities`, the last taking all above.
fn assert_counts(sample: &[f64], probabilities: &[f64]) {
    let mut counts = vec![0.0; probabilities.len()];
    for &x in sample {
        assert_eq!(x, x.round());
        counts[(x as usize).min(probabilities.len() - 1)] += 1.0;
    }
    let n = sample.len() as f64;
    let statistic: f64 =
        counts.iter().zip(probabilities).map(|(count, p)| (count - n * p).powi(2) / (n * p)).sum();
    let limit = ChiSquared::new(probabilities.len() as f64 - 1.0).unwrap().inverse_cdf(1.0 - 1e-4);
    assert!(statistic < limit, "{statistic} above {limit}: {counts:?}");
}

/// Fills up to 1 with what is left.
fn with_rest(mut probabilities: Vec<f64>) -> Vec<f64> {
    probabilities.push(1.0 - probabilities.iter().sum::<f64>());
    probabilities
}

#[test]
fn poisson() {
    let reference = Poisson::new(3.7).unwrap();
    let probabilities = with_rest((0..10).map(|k| reference.pmf(k)).collect());
    assert_counts(&draw("distribution = 'poisson', mean = 3.7"), &probabilities);
}

#[test]
fn rounded_lognormal() {
    let (log_mean, log_sd) = (3.7_f64.ln(), 0.45);
    let below = |x: f64| phi((x.ln() - log_mean) / log_sd);
    // P(k) = F(k + 1/2) - F(k - 1/2); 0 takes what lies below 1/2.
    let probabilities = (1..10).map(|k| below(f64::from(k) + 0.5) - below(f64::from(k) - 0.5));
    let drawn = draw(&(lognormal(log_mean, log_sd) + ", rounded = true"));
    let from_one: Vec<f64> = drawn.iter().map(|x| x.max(1.0) - 1.0).collect();
    assert_counts(&from_one, &with_rest(probabilities.collect()));
}

#[test]
fn zero_or_one() {
    assert_counts(&draw(&bernoulli(0.55)), &[0.45, 0.55]);
    assert!(draw(&bernoulli(0.0)).iter().all(|&x| x == 0.0));
    assert!(draw(&bernoulli(1.0)).iter().all(|&x| x == 1.0));
}

const FGFR2: &str =
    "distribution = 'categorical', probabilities = { low = 0.622, medium = 0.216, high = 0.162 }";

#[test]
fn categorical() {
    let patients = sample(&drawing([("FGFR2", FGFR2)]));
    assert_counts(&patients.numbers("FGFR2"), &[0.622, 0.216, 0.162]);
    let Values::Label { codes, labels } = &patients.columns[0].values else { panic!("not labels") };
    assert_eq!(labels.as_ref(), ["low", "medium", "high"]);
    assert_eq!(codes.len(), 20_000);
    let never = "distribution = 'categorical', probabilities = { a = 1, b = 0 }";
    assert!(draw(never).iter().all(|&x| x == 0.0));
}

/// The class may come after what depends on it; within each class the distribution is its own.
#[test]
fn the_class_decides() {
    let decade = |low: f64| loguniform(low, 10.0 * low);
    let of = [("high", decade(0.1)), ("low", decade(0.001)), ("medium", decade(0.01))];
    let patients = sample(&drawing([("FPOS", by_class("FGFR2", of)), ("FGFR2", FGFR2.to_owned())]));
    let (fpos, class) = (patients.numbers("FPOS"), patients.numbers("FGFR2"));
    for (position, low) in [0.001, 0.01, 0.1].into_iter().enumerate() {
        let of_class = fpos.iter().zip(&class).filter(|&(_, &c)| c == position as f64).map(|(&x, _)| x);
        assert_distributed(&of_class.collect::<Vec<f64>>(), |x| (x / low).ln() / 10_f64.ln());
    }
}

#[test]
fn by_sex() {
    let height = by_class("SEXF", [("0", normal(173.0, 7.0)), ("1", normal(160.0, 6.5))]);
    let patients = sample(&drawing([("SEXF", bernoulli(0.55)), ("HT", height)]));
    assert_distributed(&patients.numbers("HT"), |x| {
        0.45 * phi((x - 173.0) / 7.0) + 0.55 * phi((x - 160.0) / 6.5)
    });
}

fn continuous() -> impl Strategy<Value = String> {
    let size = || 0.05..50.0_f64;
    prop_oneof![
        (-50.0..50.0, size()).prop_map(|(mean, sd)| normal(mean, sd)),
        (-50.0..50.0, size(), -3.0..3.0, 0.01..5.0).prop_map(|(mean, sd, a, width): (f64, f64, f64, f64)| {
            truncated(normal(mean, sd), [mean + a * sd, mean + (a + width) * sd])
        }),
        (size(), size()).prop_map(|(a, b)| format!("distribution = 'beta', alpha = {a:?}, beta = {b:?}")),
        (size(), size()).prop_map(|(k, s)| format!("distribution = 'gamma', shape = {k:?}, scale = {s:?}")),
        Just(NORMAL.to_owned()),
    ]
}

proptest! {
    /// A quantile function does not fall, and is finite wherever a stream can point.
    #[test]
    fn quantiles_rise(distribution in continuous(), mut u in prop::collection::vec(1e-15..1.0 - 1e-15, 2..20)) {
        let CovariateDistribution::OfAll(of) = drawn("X", &distribution).distribution else { panic!("of classes") };
        u.sort_by(f64::total_cmp);
        let values: Vec<f64> = u.iter().map(|&u| of.value(probability::score(u))).collect();
        prop_assert!(values.iter().all(|x| x.is_finite()), "{values:?}");
        // Neighbours may come out in the wrong order by the rounding of the iteration.
        let rises = |pair: &[f64]| pair[1] >= pair[0] - 1e-12 * pair[0].abs();
        prop_assert!(values.windows(2).all(rises), "{values:?}");
    }
}
