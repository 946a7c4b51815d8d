//! P1 by diffsol's explicit pair (Tsitouras 5(4), as the engine's), with the scalar program's right-hand side.

use diffsol::{NalgebraMat, OdeBuilder, OdeSolverMethod, OdeSolverStopReason, VectorCommon};

use crate::Patient;
use crate::compare::{ROUNDS, on_one_thread, quartiles, seconds};
use crate::scalar::{Setting, System};

/// Prints patients per second of the engine and of diffsol, on one thread and in turns, with the relative errors of the
/// smallest CIRC that they give, and how many times as fast the engine is.
pub(crate) fn compare(
    engine: &(dyn Fn() -> Vec<f64> + Sync),
    patients: &[Patient],
    setting: &Setting<14>,
    reference: &[f64],
) {
    let diffsol = || patients.iter().map(|patient| nadir(patient, setting).expect("a solution")).collect();
    on_one_thread(|| {
        let (own, others): (Vec<f64>, Vec<f64>) = (engine(), diffsol());
        let [mut rates, mut of_diffsol, mut ratios] = [const { Vec::new() }; 3];
        for _ in 0..ROUNDS {
            let rate = own.len() as f64 / seconds(engine);
            let of_peer = others.len() as f64 / seconds(|| -> Vec<f64> { diffsol() });
            rates.push(rate);
            of_diffsol.push(of_peer);
            ratios.push(rate / of_peer);
        }
        for (name, rates, values) in [("vpop", &rates, &own), ("diffsol tsit45", &of_diffsol, &others)] {
            let errors = values.iter().zip(reference).map(|(value, exact)| (value - exact).abs() / exact);
            let mut errors: Vec<f64> = errors.collect();
            errors.sort_by(f64::total_cmp);
            let (median, worst) = (errors[errors.len() / 2], errors[errors.len() - 1]);
            let rate = quartiles(rates)[1];
            println!("  {name:16} {rate:.0} per second, error {worst:.1e} (median {median:.1e})");
        }
        let [low, middle, high] = quartiles(&ratios);
        println!("  {middle:.2} times ({low:.2} to {high:.2})");
    });
}

/// The smallest CIRC of a patient on the days.
fn nadir(patient: &Patient, setting: &Setting<14>) -> Option<f64> {
    let mut x = [0.0; 14];
    x[3..=7].fill(patient.circ0);
    (x[8], x[13]) = (25.0, 50.0);
    let (mut nadir, mut day) = (x[7], 1.0);
    for segment in 0..2 * setting.cycles {
        let infusing = if segment % 2 == 0 { 1.0 } else { 0.0 };
        let cycle = f64::from(segment / 2) * 21.0;
        let (start, end) =
            if segment % 2 == 0 { (cycle, cycle + 1.0 / 24.0) } else { (cycle + 1.0 / 24.0, cycle + 21.0) };
        let first = x;
        let problem = OdeBuilder::<NalgebraMat<f64>>::new()
            .t0(start)
            .rtol(setting.rtol)
            .atol(setting.atol.to_vec())
            .rhs(|x: &[f64], _: &[f64], _: f64, d: &mut [f64]| {
                let mut slopes = [0.0; 14];
                patient.derivatives(infusing, &std::array::from_fn(|i| x[i]), &mut slopes);
                d.copy_from_slice(&slopes);
            })
            .init(|_: &[f64], _: f64, x: &mut [f64]| x.copy_from_slice(&first), 14)
            .build()
            .ok()?;
        let mut solver = problem.tsit45().ok()?;
        solver.set_stop_time(end).ok()?;
        loop {
            let stopped = solver.step().ok()? == OdeSolverStopReason::TstopReached;
            while day <= solver.state().t && day < end {
                nadir = nadir.min(solver.interpolate(day).ok()?.inner()[7]);
                day += 1.0;
            }
            if stopped {
                break;
            }
        }
        x = std::array::from_fn(|i| solver.state().y.inner()[i]);
        if segment % 2 == 1 {
            nadir = nadir.min(x[7]);
            day += 1.0;
        }
    }
    Some(nadir)
}
