//! P1 by diffsol's Tsitouras 5(4): an independent solver.

use diffsol::{NalgebraMat, OdeBuilder, OdeSolverMethod, OdeSolverStopReason, VectorCommon};

/// Derivatives at a state, for a rate of infusion in mg/day.
pub(crate) type Derivatives<'a> = &'a dyn Fn(f64, &[f64], &mut [f64]);

/// The states of one patient on days 0 to 84, dosed as [`p1::plan`](super::p1::plan).
pub(crate) fn daily(derive: Derivatives<'_>, initial: &[f64], rtol: f64, atol: &[f64]) -> Vec<Vec<f64>> {
    let mut rows = vec![initial.to_vec()];
    let mut state = initial.to_vec();
    for segment in 0..8 {
        let infusing = segment % 2 == 0;
        let rate = if infusing { 2016.0 } else { 0.0 };
        let start = f64::from(segment / 2 * 21) + if infusing { 0.0 } else { 1.0 / 24.0 };
        let end = if infusing { start + 1.0 / 24.0 } else { f64::from((segment / 2 + 1) * 21) };
        let first = state.clone();
        let problem = OdeBuilder::<NalgebraMat<f64>>::new()
            .t0(start)
            .rtol(rtol)
            .atol(atol.to_vec())
            .rhs(|x: &[f64], _: &[f64], _: f64, d: &mut [f64]| derive(rate, x, d))
            .init(|_: &[f64], _: f64, x: &mut [f64]| x.copy_from_slice(&first), first.len())
            .build()
            .unwrap();
        let mut solver = problem.tsit45().unwrap();
        solver.set_stop_time(end).unwrap();
        loop {
            let reason = solver.step().unwrap();
            let stopped = reason == OdeSolverStopReason::TstopReached;
            while (rows.len() as f64) <= solver.state().t && (rows.len() as f64) < end {
                let row = solver.interpolate(rows.len() as f64).unwrap();
                rows.push(row.inner().as_slice().to_vec());
            }
            if stopped {
                break;
            }
        }
        state = solver.state().y.inner().as_slice().to_vec();
        if !infusing {
            rows.push(state.clone());
        }
    }
    rows
}
