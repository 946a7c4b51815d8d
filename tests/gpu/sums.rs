//! Sums of thousands of terms: compensated, so that their error does not grow with the number of terms.

use crate::strict::zip_equal;
use vpop::cohort::ReadOn;
use vpop::engine::Engine;
use vpop::engine::gpu::Adapter;
use vpop::plan::AccumulatorKind;

use crate::adapter::gpu;
use crate::support::{DAY, Sketch, individuals};

const DAYS: u32 = 60;

/// Roundings of the rate, of the six products that make a step's slope, and of the sum as it is read.
/// Without compensation, or with steps that do not add up to the time, it is 1e-6 and more.
const BOUND: f64 = 4e-7;

/// `d/dt area = 0.1` beside a fast oscillation that keeps the steps short, and the trapezoid of 0.1 over
/// hourly visits: both are a tenth of the time.
pub(crate) fn are_compensated(adapter: &Adapter) {
    let mut s = Sketch::new(&["X", "Y", "area"]);
    s.covariate("rate");
    s.equation(0, "20*Y");
    s.equation(1, "0 - 20*X");
    s.equation(2, "rate");
    s.initial(0, "1");
    s.plan.states[2].atol = f64::INFINITY;
    s.arm(&[]);
    s.visits((0..=24 * DAYS).map(|hour| hour * DAY / 24));
    let end = DAYS * DAY;
    s.accumulate(AccumulatorKind::At, "area", [end; 2], ReadOn::Visits);
    s.accumulate(AccumulatorKind::Auc, "rate + 0*X", [0, end], ReadOn::Visits);
    let plan = s.plan();
    let rates = vec![0.1, 0.3, 0.7];
    let solution = gpu(&plan, adapter).solve(&individuals(&plan, std::slice::from_ref(&rates))).unwrap();
    assert!(solution.steps.iter().all(|&steps| steps > 2_000), "{:?}", solution.steps);
    for (sums, what) in zip_equal(solution.accumulators.iter(), ["area", "area over visits"]) {
        for (sum, rate) in zip_equal(sums.iter(), &rates) {
            let error = (sum / (rate * f64::from(DAYS)) - 1.0).abs();
            assert!(error <= BOUND, "{what} at {rate}: {error:e}");
        }
    }
}
