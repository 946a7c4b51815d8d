//! P1 (see `tests/support/p1.rs`): patients per second on one thread, beside a scalar program with the same method, and
//! beside diffsol's explicit pair of the same order at the same tolerances, with the errors of both.

#![expect(clippy::expect_used, clippy::panic, clippy::print_stdout, reason = "a benchmark")]
#![expect(dead_code, reason = "uses a part of the tests' support code")]

mod compare;
mod p1_diffsol;
mod scalar;
#[path = "../tests/support/mod.rs"]
mod support;

use scalar::{Setting, System, solve};
use support::{individuals, p1};
use vpop::engine::Engine;
use vpop::engine::cpu::{Cpu, Isa};
use vpop::plan::Plan;

const PATIENTS: usize = 2000;
/// Patients that diffsol solves.
const PEERS: usize = 200;

/// Individual values, with what can be computed once per patient.
#[derive(Clone, Copy)]
struct Patient {
    cl: f64,
    per_vc: f64,
    ktr: f64,
    slope: f64,
    circ0: f64,
}

impl System<14> for Patient {
    const READ: &'static [usize] = &[0, 7];

    fn derivatives(&self, infusing: f64, x: &[f64; 14], d: &mut [f64; 14]) {
        let [ac, ap, apay, prol, tr1, tr2, tr3, circ, alt, k1, k2, k3, kd, w] = *x;
        let c = ac * self.per_vc;
        let el = self.cl * c + c / (1.5 + c);
        let cpay = apay * (1000.0 / 12.0);
        let s = self.slope * c;
        let e = s / (1.0 + s);
        let ktr = self.ktr;
        let exchange = 0.8 * (c - ap * (1.0 / 2.5));
        let growth = 0.02 * w;
        let g4 = (growth * growth) * (growth * growth);
        let g16 = (g4 * g4) * (g4 * g4);
        d[0] = 2016.0 * infusing - exchange - el;
        d[1] = exchange;
        d[2] = 0.02 * el - 8.0 * apay;
        d[3] = ktr * prol * ((1.0 - e) * (self.circ0 / circ).powf(0.2) - 1.0);
        d[4] = ktr * (prol - tr1);
        d[5] = ktr * (tr1 - tr2);
        d[6] = ktr * (tr2 - tr3);
        d[7] = ktr * (tr3 - circ);
        d[8] = 10.0 * (1.0 + 1.5 * cpay / (3.0 + cpay)) - 0.4 * alt;
        d[9] = 0.2 * (c - k1);
        d[10] = 0.2 * (k1 - k2);
        d[11] = 0.2 * (k2 - k3);
        d[12] = 0.3 * (0.004 * c - kd);
        d[13] = growth / (1.0 + g16 * g4).powf(0.05) - kd * w;
    }
}

/// Smallest CIRC, its day, areas under C and CIRC.
fn outcome(patient: &Patient, setting: &Setting<14>) -> ([f64; 4], u32) {
    let mut initial = [0.0; 14];
    initial[3..=7].fill(patient.circ0);
    (initial[8], initial[13]) = (25.0, 50.0);
    let (mut kept, mut last) = ([f64::INFINITY, 0.0, 0.0, 0.0], [0.0; 2]);
    let steps = solve(patient, setting, initial, |day, x| {
        let [c, circ] = [x[0] * patient.per_vc, x[7]];
        if circ < kept[0] {
            (kept[0], kept[1]) = (circ, f64::from(day));
        }
        if day > 0 {
            kept[2] += 0.5 * (last[0] + c);
            kept[3] += 0.5 * (last[1] + circ);
        }
        last = [c, circ];
    });
    (kept, steps)
}

fn main() {
    // The 200 patients of the test data, repeated: each has other neighbours in its lanes.
    let columns = &p1::columns(include_str!("../tests/data/p1_params.csv"))[1..];
    let covariates: Vec<Vec<f64>> =
        columns.iter().map(|c| c.iter().cycle().take(PATIENTS).copied().collect()).collect();
    let patients: Vec<Patient> = (0..PATIENTS)
        .map(|i| {
            let [cl, vc, mtt, slope, circ0] = [0, 1, 2, 3, 4].map(|c: usize| covariates[c][i]);
            Patient { cl, per_vc: 1.0 / vc, ktr: 4.0 / mtt, slope, circ0 }
        })
        .collect();
    let setting = |plan: &Plan| {
        let mut setting = Setting { rtol: plan.rtol, atol: [0.0; 14], cycles: 4 };
        for (atol, state) in setting.atol.iter_mut().zip(&plan.states) {
            *atol = state.atol;
        }
        setting
    };
    for rtol in [1e-4, 1e-5, 1e-6, 1e-8] {
        let plan = p1::plan(rtol);
        let setting = setting(&plan);
        compare::compare(&format!("P1, rtol {rtol:.0e}"), &plan, &individuals(&plan, &covariates), || {
            patients.iter().map(|patient| outcome(patient, &setting)).collect()
        });
    }
    let reference = &p1::columns(include_str!("../tests/data/p1_reference.csv"))[1];
    let all = |plan: &Plan| individuals(plan, &covariates);
    for rtol in [1e-6, 1e-8] {
        println!("P1, rtol {rtol:.0e}, the smallest CIRC:");
        let contender = |times: f64| {
            let plan = p1::plan(times * rtol);
            let (engine, all) = (Cpu::new(&plan, Isa::detect()), all(&plan));
            let solve = move || engine.solve(&all).expect("the CPU").accumulators[0].clone();
            (times, Box::new(solve) as Box<dyn Fn() -> Vec<f64> + Sync>)
        };
        // The same tolerance, and larger ones, of which the largest counts at which both errors are no larger.
        let contenders = [1.0, 1.5, 2.0, 3.0, 4.0, 5.0, 6.0, 8.0, 10.0, 12.0].map(contender);
        p1_diffsol::compare(&contenders, &patients[..PEERS], &setting(&p1::plan(rtol)), reference);
    }
}
