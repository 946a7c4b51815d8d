//! The model with full receptor binding: patients times arms per second on one thread, of the engine and of
//! diffsol's implicit methods on the same patients, and of the engine in the quasi-steady-state model.
//!
//! diffsol integrates the equations below, compiled, with products of their Jacobian by dual numbers and a
//! dense factorisation. Errors are those of the endpoints against the engine at tight tolerance.

#![expect(clippy::expect_used, clippy::print_stdout, reason = "a benchmark")]

mod dual;
mod values;

use std::path::Path;
use std::time::Instant;

use diffsol::{NalgebraLU, NalgebraMat, OdeBuilder, OdeSolverMethod, OdeSolverStopReason, VectorCommon};
use dual::{Dual, Number};
use values::{Values, patients};
use vpop::diagnostic::Source;
use vpop::engine::cpu::{Cpu, Isa};
use vpop::engine::{Engine, Solution};
use vpop::job::Job;

use vpop::plan::Method;

const PATIENTS: u64 = 64;
const DOSES: [f64; 5] = [0.1, 0.2, 0.4, 0.8, 1.3];
const STATES: usize = 35;
const DAYS: usize = 63;
const ROUNDS: usize = 3;

/// The model's equations; `rate` is the infusion of antibody in nmol/day.
fn derivatives<N: Number>(p: &Values, rate: f64, x: &[N; STATES]) -> [N; STATES] {
    let n = N::of;
    let [tc, tp, pc, pp, l, m, ct, r, ar, al, pt, x0, x1, x2, x3, x4, em, s, ..] = *x;
    let [.., pr, t1, t2, t3, plt, hb, ep, inj, u, g, ec, c1, c2, c3, el, alt, ast] = *x;
    let (ctab, cac, cm) = (tc * n(1.0 / p.vc), pc * n(1.0 / p.vc), m * n(1.0 / p.vm));
    let unsaturated = n(1.0) / (ctab + n(p.km));
    let clt = unsaturated * n(p.vmax) + n(p.cl);
    let k21 = p.q / p.vp;
    let exchange_t = ctab * n(p.q) - tp * n(k21);
    let exchange_p = cac * n(p.q) - pp * n(k21);
    let cleared = clt * cac;
    let bound = (ct * r - ar * n(p.kd)) * n(p.kon);
    let internalised = ar * n(p.kint);
    let dar = (pc / tc.max(1e-9)).max(0.0).min(p.dar0);
    let degraded = al * n(p.klys);
    let killed = pt * n(p.kmax) / (pt + n(p.kc50 * p.FPOS)) * x1;
    let power = |x: N| {
        let x = x.max(0.0);
        x * x.sqrt()
    };
    let em_h = power(em);
    let e_mk = em_h / (em_h + n(p.ec50_mk.powf(1.5)));
    let feedback = (s * n(p.PLT0) / plt).max(0.0).powf(p.gam_i);
    let driver = cac * (unsaturated * n(p.fr * p.km) + n(1.0 - p.fr));
    let ep_h = power(ep);
    let injury = inj.max(0.0);
    let ec_h = ec.max(0.0) * ec.max(0.0);
    let el_h = power(el);
    let e_liv = el_h / (el_h + n(p.ec50_liv.powf(1.5)));
    [
        n(rate) - clt * ctab - exchange_t,
        exchange_t,
        n(p.dar0 * rate) - cleared - pc * n(p.kdec) - exchange_p,
        exchange_p - pp * n(p.kdec),
        cleared - l * n(p.kl),
        l * n(p.kl) + (pc + pp) * n(p.kdec) - (g * n(p.clr * p.EGFR / 85.0) + n(p.clh)) * cm,
        ((ctab - ct) * n(p.kp) - bound) * n(1.0 / p.eps),
        (n(p.r0) - r) * n(p.kdegr) - bound,
        bound - internalised,
        internalised - degraded,
        dar * degraded - pt * n(p.kout),
        x0 * n(p.kg),
        x1 * n(p.kg) - killed,
        killed - x2 * n(p.k1),
        (x2 - x3) * n(p.k1),
        (x3 - x4) * n(p.k1),
        (cac - em) * n(p.ke_mk),
        (n(1.0) - s) * n(p.ks) - em * s * n(p.kst),
        pr * ((n(1.0) - e_mk * n(p.emax_mk)) * feedback - n(1.0)) * n(p.ktr) + (n(p.pr0) - pr) * n(p.kmin),
        (pr - t1) * n(p.ktr),
        (t1 - t2) * n(p.ktr),
        (t2 - t3) * n(p.ktr),
        t3 * (n(1.0) - e_mk * n(p.th)) * n(p.ktr) - plt * n(p.kcirc),
        ((n(1.0) - e_mk * n(p.imax_hb)) * n(p.HB0) - hb) * n(p.khb),
        (driver - ep) * n(p.ke_pod),
        ep_h / (ep_h + n(p.ec50_pod.powf(1.5))) * (n(1.0) - inj) * n(p.kinj) - inj * n(p.krep),
        (injury * injury * n(p.umax) + n(p.UPCR0) - u) * n(p.ku),
        (n(1.0) - inj * n(p.fg) - g) * n(p.kg_egfr),
        (driver - ec) * n(p.ke_cor),
        (ec_h / (ec_h + n(p.ec50_cor.powi(2))) - c1) * n(p.kc),
        (c1 - c2) * n(p.kc),
        (c2 - c3) * n(p.kc),
        (cac + cm * n(p.wm) - el) * n(p.ke_liv),
        ((e_liv * n(p.s_alt) + n(1.0)) * n(p.ALT0) - alt) * n(p.kalt),
        ((e_liv * n(p.s_ast) + n(1.0)) * n(p.AST0) - ast) * n(p.kast),
    ]
}

fn initial(p: &Values) -> [f64; STATES] {
    let mut x = [0.0; STATES];
    (x[7], x[11], x[12], x[17]) = (p.r0, 1.0 - p.FPOS, p.FPOS, 1.0);
    x[18..=21].fill(p.pr0);
    (x[22], x[23], x[26], x[27], x[33], x[34]) = (p.PLT0, p.HB0, p.UPCR0, 1.0, p.ALT0, p.AST0);
    x
}

/// What is kept of a patient: the largest concentration, the smallest platelets, the largest proteinuria and
/// the largest payload in the tumour, on the days.
#[derive(Clone, Copy)]
struct Kept([f64; 4]);

impl Kept {
    fn add(&mut self, p: &Values, x: &[f64]) {
        let [concentration, platelets, proteinuria, payload] = &mut self.0;
        *concentration = concentration.max(x[0] / p.vc / p.nmol_per_mg);
        *platelets = platelets.min(x[22]);
        *proteinuria = proteinuria.max(x[26]);
        *payload = payload.max(x[10] / p.FPOS);
    }
}

/// Integrates one patient by one of diffsol's methods.
macro_rules! integrate {
    ($name:ident, $method:ident) => {
        fn $name(p: &Values, dose: f64, rtol: f64, atol: &[f64]) -> Option<Kept> {
            let mut x = initial(p);
            let mut kept = Kept([0.0, f64::INFINITY, 0.0, 0.0]);
            kept.add(p, &x);
            let mut day = 1;
            for segment in 0..6 {
                let infusing = segment % 2 == 0;
                let rate = if infusing { dose * p.WT * 24.0 * p.nmol_per_mg } else { 0.0 };
                let start = (segment / 2 * 21) as f64 + if infusing { 0.0 } else { 1.0 / 24.0 };
                let end = if infusing { start + 1.0 / 24.0 } else { ((segment / 2 + 1) * 21) as f64 };
                let first = x;
                let problem = OdeBuilder::<NalgebraMat<f64>>::new()
                    .t0(start)
                    .rtol(rtol)
                    .atol(atol.to_vec())
                    .rhs_implicit(
                        |x: &[f64], _: &[f64], _: f64, d: &mut [f64]| {
                            d.copy_from_slice(&derivatives(p, rate, &array(x)));
                        },
                        |x: &[f64], _: &[f64], _: f64, v: &[f64], d: &mut [f64]| {
                            let x: [Dual; STATES] = std::array::from_fn(|i| Dual(x[i], v[i]));
                            for (d, slope) in d.iter_mut().zip(derivatives(p, rate, &x)) {
                                *d = slope.1;
                            }
                        },
                    )
                    .init(|_: &[f64], _: f64, x: &mut [f64]| x.copy_from_slice(&first), STATES)
                    .build()
                    .ok()?;
                let mut solver = problem.$method::<NalgebraLU<f64>>().ok()?;
                solver.set_stop_time(end).ok()?;
                loop {
                    let stopped = solver.step().ok()? == OdeSolverStopReason::TstopReached;
                    while day as f64 <= solver.state().t && (day as f64) < end {
                        let row = solver.interpolate(day as f64).ok()?;
                        kept.add(p, row.inner().as_slice());
                        day += 1;
                    }
                    if stopped {
                        break;
                    }
                }
                x = array(solver.state().y.inner().as_slice());
                if !infusing {
                    kept.add(p, &x);
                    day += 1;
                }
            }
            Some(kept)
        }
    };
}

integrate!(bdf, bdf);
integrate!(tr_bdf2, tr_bdf2);
integrate!(esdirk34, esdirk34);

fn array(x: &[f64]) -> [f64; STATES] {
    std::array::from_fn(|i| x[i])
}

/// A job of phase I's population with planned doses and four endpoints.
fn job(model: &str) -> Job {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let read = |path: &str| std::fs::read_to_string(root.join(path)).expect("a file of the repository");
    let phase1 = read("cohorts/phase1.toml");
    let population = phase1.find("[population.WT]").zip(phase1.find("[regimen]"));
    let (from, to) = population.expect("a population");
    let text = format!(
        "name = \"stiff\"\nmodel = \"{model}.R\"\npatients = {PATIENTS}\nseed = 1\n{}\n[regimen]\narms = [\"0.1 mg/kg\", \
         \"0.2 mg/kg\", \"0.4 mg/kg\", \"0.8 mg/kg\", \"1.3 mg/kg\"]\ninto = [\"Tc\", \"Pc\"]\ninfusion = \"1 h\"\nevery = \
         \"21 day\"\ncycles = 3\n[visits]\nevery = \"1 day\"\nuntil = \"{DAYS} day\"\n{}",
        &phase1[from..to],
        [("Cc", "max"), ("platelets", "min"), ("upcr", "max"), ("payload_tumour", "max")]
            .map(|(of, statistic)| format!(
                "[endpoints.{}]\nof = \"{of}\"\nstatistic = \"{statistic}\"\n",
                of.to_lowercase()
            ))
            .join(""),
    );
    let model = format!("models/{model}.R");
    Job::from_texts(&Source::new("cohort.toml", text), &Source::new(model.clone(), read(&model)))
        .unwrap_or_else(|problems| unreachable!("{problems}"))
}

/// The solution at a tolerance, in seconds.
fn solve(job: &Job, method: Method, rtol: f64) -> (Solution, f64) {
    let mut plan = job.plan.clone();
    plan.method = method;
    plan.states.iter_mut().for_each(|state| state.atol *= rtol / plan.rtol);
    plan.rtol = rtol;
    plan.max_steps = 10_000_000;
    let engine = Cpu::new(&plan, Isa::detect());
    let (_, individuals) = job.individuals(0..PATIENTS, Isa::detect()).expect("patients");
    let mut fastest = f64::INFINITY;
    let mut solution = None;
    for _ in 0..ROUNDS {
        let start = Instant::now();
        solution = Some(engine.solve(&individuals).expect("the CPU"));
        fastest = fastest.min(start.elapsed().as_secs_f64());
    }
    (solution.expect("a round"), fastest)
}

/// The largest and the median error of the four values over items; values below 1e-3 are measured by that.
fn errors(got: impl Fn(usize, usize) -> f64, exact: &Solution) -> [f64; 2] {
    let items = exact.status.len();
    let error = |k: usize, item: usize| {
        let expected = exact.accumulators[k][item];
        (got(k, item) - expected).abs() / expected.abs().max(1e-3)
    };
    let mut all: Vec<f64> =
        (0..items).map(|item| (0..4).map(|k| error(k, item)).fold(0.0, f64::max)).collect();
    all.sort_by(f64::total_cmp);
    [all[items - 1], all[items / 2]]
}

fn main() {
    let pool = rayon::ThreadPoolBuilder::new().num_threads(1).build().expect("one thread");
    pool.install(compare);
}

fn compare() {
    let (job, simple) = (job("aprutumab_ixadotin_binding"), job("aprutumab_ixadotin"));
    let (drawn, _) = job.individuals(0..PATIENTS, Isa::detect()).expect("patients");
    let values = patients(&job, &drawn);
    let (exact, _) = solve(&job, Method::Rosenbrock, 1e-10);
    let items = exact.status.len() as f64;
    let mean = |counts: &[u32]| counts.iter().map(|&n| f64::from(n)).sum::<f64>() / items;
    let report = |name: &str, solution: &Solution, seconds: f64, exact: &Solution| {
        let [worst, median] = errors(|k, item| solution.accumulators[k][item], exact);
        println!(
            "  {name:24} {:8.0} per second, {:6.1} + {:4.1} steps, error {worst:.1e} (median {median:.1e})",
            items / seconds,
            mean(&solution.steps),
            mean(&solution.rejected)
        );
    };
    let (exact_simple, _) = solve(&simple, Method::Tsit5, 1e-10);
    for rtol in [1e-4, 1e-6, 1e-8] {
        println!("rtol {rtol:.0e}");
        let (solution, seconds) = solve(&job, Method::Rosenbrock, rtol);
        report("rosenbrock", &solution, seconds, &exact);
        if rtol == 1e-6 {
            let (solution, seconds) = solve(&job, Method::Tsit5, rtol);
            report("tsit5", &solution, seconds, &exact);
        }
        let (solution, seconds) = solve(&simple, Method::Tsit5, rtol);
        report("quasi-steady, tsit5", &solution, seconds, &exact_simple);
        let (solution, seconds) = solve(&simple, Method::Rosenbrock, rtol);
        report("quasi-steady, rosenbrock", &solution, seconds, &exact_simple);
        let states = job.plan.states.iter().take(STATES);
        let atol: Vec<f64> = states.map(|state| state.atol * rtol / job.plan.rtol).collect();
        for (name, method) in [
            ("diffsol bdf", bdf as fn(&Values, f64, f64, &[f64]) -> Option<Kept>),
            ("diffsol tr_bdf2", tr_bdf2),
            ("diffsol esdirk34", esdirk34),
        ] {
            let start = Instant::now();
            let solved: Vec<Option<Kept>> =
                values.iter().flat_map(|p| DOSES.map(|dose| method(p, dose, rtol, &atol))).collect();
            let seconds = start.elapsed().as_secs_f64();
            let failed = solved.iter().filter(|kept| kept.is_none()).count();
            let value =
                |k: usize, item: usize| solved[item].map_or(exact.accumulators[k][item], |kept| kept.0[k]);
            let [worst, median] = errors(value, &exact);
            println!(
                "  {name:24} {:8.0} per second, {failed} failed, error {worst:.1e} (median {median:.1e})",
                items / seconds
            );
        }
    }
}
