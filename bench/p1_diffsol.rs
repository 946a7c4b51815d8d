//! P1 by diffsol's explicit pair (Tsitouras 5(4), as the engine's), with the scalar program's right-hand side.

use diffsol::{NalgebraMat, OdeBuilder, OdeSolverMethod, OdeSolverStopReason, VectorCommon};

use crate::Patient;
use crate::compare::{ROUNDS, on_one_thread, quartiles, seconds};
use crate::scalar::{Setting, System};

/// An engine's smallest CIRC of all patients, by how many times the tolerance.
pub(crate) type Contender<'a> = (f64, Box<dyn Fn() -> Vec<f64> + Sync + 'a>);

/// Prints patients per second of diffsol, and of the engine at the same tolerance and at the largest at which neither its
/// median nor its largest relative error of the smallest CIRC is above diffsol's; on one thread and in turns, with these
/// errors and how many times as fast the engine is.
pub(crate) fn compare(
    contenders: &[Contender<'_>],
    patients: &[Patient],
    setting: &Setting<14>,
    reference: &[f64],
) {
    let diffsol = || -> Vec<f64> {
        patients.iter().map(|patient| nadir(patient, setting).expect("a solution")).collect()
    };
    let errors = |values: &[f64]| {
        let errors = values.iter().zip(reference).map(|(value, exact)| (value - exact).abs() / exact);
        let mut errors: Vec<f64> = errors.collect();
        errors.sort_by(f64::total_cmp);
        [errors[errors.len() / 2], errors[errors.len() - 1]]
    };
    on_one_thread(|| {
        let of_peer = errors(&diffsol());
        let is_as_good = |(_, engine): &&Contender<'_>| {
            errors(&engine()[..reference.len()]).iter().zip(of_peer).all(|(own, peer)| *own <= peer)
        };
        let equal = contenders.iter().rfind(is_as_good);
        let taken: Vec<&Contender<'_>> = contenders.iter().take(1).chain(equal).collect();
        let (mut of_diffsol, mut rates) = (Vec::new(), vec![Vec::new(); taken.len()]);
        for _ in 0..ROUNDS {
            of_diffsol.push(patients.len() as f64 / seconds(diffsol));
            for (rates, (_, engine)) in rates.iter_mut().zip(&taken) {
                let mut count = 0;
                let elapsed = seconds(|| count = engine().len());
                rates.push(count as f64 / elapsed);
            }
        }
        let [median, worst] = of_peer;
        let rate = quartiles(&of_diffsol)[1];
        println!(
            "  diffsol tsit45             {rate:.0} per second, error {worst:.1e} (median {median:.1e})"
        );
        for (rates, (times, engine)) in rates.iter().zip(taken) {
            let ratios: Vec<f64> = rates.iter().zip(&of_diffsol).map(|(own, peer)| own / peer).collect();
            let ([median, worst], [low, middle, high]) =
                (errors(&engine()[..reference.len()]), quartiles(&ratios));
            let rate = quartiles(rates)[1];
            println!(
                "  vpop, {times:3.1} times the rtol   {rate:.0} per second, error {worst:.1e} (median {median:.1e}): \
                 {middle:.2} times ({low:.2} to {high:.2})"
            );
        }
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
