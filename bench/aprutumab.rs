//! The shipped model and population (`cohorts/phase1.toml`): patients times arms per second on one
//! thread. Four endpoints are kept, so that the comparison is of the integration; then the whole
//! plan is measured too.

#![expect(clippy::expect_used, clippy::print_stdout, reason = "a benchmark")]

mod compare;
mod scalar;
mod values;

use std::path::Path;

use scalar::{Setting, System, solve};
use values::{Values, patients};
use vpop::cohort::ReadOn;
use vpop::engine::cpu::Isa;
use vpop::job::{Changes, Job};
use vpop::model::graph::NodeId;
use vpop::plan::{
    Accumulator, AccumulatorKind, EndpointFormula, ObservedId, Plan, Protocol, TreatmentEndpoints,
};

const PATIENTS: u64 = 400;
const STATES: usize = 34;

/// A patient in one arm, with what can be computed once for it.
struct Patient<'a> {
    values: &'a Values,
    /// nmol/day
    rate: f64,
    per_vc: f64,
    per_vm: f64,
    per_eps: f64,
    k21: f64,
    kss: f64,
    clr: f64,
    half: f64,
    ec50_mk: f64,
    ec50_pod: f64,
    ec50_liv: f64,
    ec50_cor: f64,
}

impl<'a> Patient<'a> {
    /// `dose` in mg/kg.
    fn new(values: &'a Values, dose: f64) -> Self {
        Self {
            values,
            rate: dose * values.WT * 24.0 * values.nmol_per_mg,
            per_vc: 1.0 / values.vc,
            per_vm: 1.0 / values.vm,
            per_eps: 1.0 / values.eps,
            k21: values.q / values.vp,
            kss: values.eps * (values.kd + values.kint / values.kon),
            clr: values.clr * values.EGFR / 85.0,
            half: values.kc50 * values.FPOS,
            ec50_mk: values.ec50_mk.powf(1.5),
            ec50_pod: values.ec50_pod.powf(1.5),
            ec50_liv: values.ec50_liv.powf(1.5),
            ec50_cor: values.ec50_cor.powi(2),
        }
    }
}

/// `x^1.5`, as the engine takes it.
fn power_1_5(x: f64) -> f64 {
    let x = x.max(0.0);
    x * x.sqrt()
}

impl System<STATES> for Patient<'_> {
    /// Tc, Plt, U, C3.
    const READ: &'static [usize] = &[0, 21, 25, 30];

    fn derivatives(&self, infusing: f64, x: &[f64; STATES], d: &mut [f64; STATES]) {
        let p = self.values;
        let [tc, tp, pc, pp, l, m, a, b, al, pt, x0, x1, x2, x3, x4, em, s, pr, t1, t2, t3, plt, hb, ..] = *x;
        let [.., ep, inj, u, g, ec, c1, c2, c3, el, alt, ast] = *x;
        let input = infusing * self.rate;
        let (ctab, cac, cm) = (tc * self.per_vc, pc * self.per_vc, m * self.per_vm);
        let unsaturated = 1.0 / (p.km + ctab);
        let clt = p.cl + p.vmax * unsaturated;
        let exchange_t = p.q * ctab - self.k21 * tp;
        let exchange_p = p.q * cac - self.k21 * pp;
        let cleared = clt * cac;
        d[0] = input - clt * ctab - exchange_t;
        d[1] = exchange_t;
        d[2] = p.dar0 * input - cleared - p.kdec * pc - exchange_p;
        d[3] = exchange_p - p.kdec * pp;
        d[4] = cleared - p.kl * l;
        d[5] = p.kl * l + p.kdec * (pc + pp) - (p.clh + self.clr * g) * cm;
        let root = a + b + self.kss;
        let ab = a * b;
        let ar = 2.0 * ab / (root + (root * root - 4.0 * ab).max(0.0).sqrt());
        let ct = (a - ar) * self.per_eps;
        let internalised = p.kint * ar;
        d[6] = p.kp * (ctab - ct) - internalised;
        d[7] = p.kdegr * (p.r0 - b + ar) - internalised;
        let dar = (pc / tc.max(1e-9)).max(0.0).min(p.dar0);
        let degraded = p.klys * al;
        d[8] = internalised - degraded;
        d[9] = dar * degraded - p.kout * pt;
        let killed = p.kmax * pt / (self.half + pt) * x1;
        d[10] = p.kg * x0;
        d[11] = p.kg * x1 - killed;
        d[12] = killed - p.k1 * x2;
        d[13] = p.k1 * (x2 - x3);
        d[14] = p.k1 * (x3 - x4);
        d[15] = p.ke_mk * (cac - em);
        let em_h = power_1_5(em);
        let e_mk = em_h / (self.ec50_mk + em_h);
        d[16] = p.ks * (1.0 - s) - p.kst * em * s;
        let feedback = (p.PLT0 * s / plt).max(0.0).powf(p.gam_i);
        d[17] = p.ktr * pr * ((1.0 - p.emax_mk * e_mk) * feedback - 1.0) + p.kmin * (p.pr0 - pr);
        d[18] = p.ktr * (pr - t1);
        d[19] = p.ktr * (t1 - t2);
        d[20] = p.ktr * (t2 - t3);
        d[21] = p.ktr * t3 * (1.0 - p.th * e_mk) - p.kcirc * plt;
        d[22] = p.khb * (p.HB0 * (1.0 - p.imax_hb * e_mk) - hb);
        let driver = cac * (1.0 - p.fr + p.fr * p.km * unsaturated);
        d[23] = p.ke_pod * (driver - ep);
        let ep_h = power_1_5(ep);
        d[24] = p.kinj * (ep_h / (self.ec50_pod + ep_h)) * (1.0 - inj) - p.krep * inj;
        let injury = inj.max(0.0);
        d[25] = p.ku * (p.UPCR0 + p.umax * injury * injury - u);
        d[26] = p.kg_egfr * (1.0 - p.fg * inj - g);
        d[27] = p.ke_cor * (driver - ec);
        let ec_h = ec.max(0.0) * ec.max(0.0);
        d[28] = p.kc * (ec_h / (self.ec50_cor + ec_h) - c1);
        d[29] = p.kc * (c1 - c2);
        d[30] = p.kc * (c2 - c3);
        d[31] = p.ke_liv * (cac + p.wm * cm - el);
        let el_h = power_1_5(el);
        let e_liv = el_h / (self.ec50_liv + el_h);
        d[32] = p.kalt * (p.ALT0 * (1.0 + p.s_alt * e_liv) - alt);
        d[33] = p.kast * (p.AST0 * (1.0 + p.s_ast * e_liv) - ast);
    }
}

/// Largest concentration, smallest platelets, largest UPCR and cornea over the days.
fn outcome(patient: &Patient<'_>, setting: &Setting<STATES>) -> ([f64; 4], u32) {
    let p = patient.values;
    let mut x = [0.0; STATES];
    (x[7], x[10], x[11], x[16]) = (p.r0, 1.0 - p.FPOS, p.FPOS, 1.0);
    x[17..=20].fill(p.pr0);
    (x[21], x[22], x[25], x[26], x[32], x[33]) = (p.PLT0, p.HB0, p.UPCR0, 1.0, p.ALT0, p.AST0);
    let mut kept = [0.0, f64::INFINITY, 0.0, 0.0];
    let steps = solve(patient, setting, x, |_, x| {
        kept[0] = f64::max(kept[0], x[0] / p.vc / p.nmol_per_mg);
        kept[1] = f64::min(kept[1], x[21]);
        kept[2] = f64::max(kept[2], x[25]);
        kept[3] = f64::max(kept[3], 4.0 * x[30]);
    });
    (kept, steps)
}

/// The plan with nothing but the four endpoints.
fn reduced(job: &Job) -> Plan {
    let mut plan = job.plan.clone();
    plan.states.truncate(STATES);
    let end = plan.observation_times.last().map_or(0, |point| point.tick);
    plan.observed =
        ["cmax_c1", "platelet_nadir", "upcr_max", "cornea_max"].map(|e| observed(&plan, e)).to_vec();
    let kinds = [AccumulatorKind::Max, AccumulatorKind::Min, AccumulatorKind::Max, AccumulatorKind::Max];
    plan.accumulators = (0..4)
        .map(|of| Accumulator {
            kind: kinds[of],
            of: ObservedId::new(of),
            window: [0, end],
            on: ReadOn::Visits,
            since_dose: None,
            ends: false,
            on_study: false,
        })
        .collect();
    plan.endpoints.clear();
    plan.trajectories.clear();
    plan.checks.clear();
    plan.protocol = Protocol::default();
    plan.treatment = TreatmentEndpoints::default();
    plan
}

/// What an endpoint is read from.
fn observed(plan: &Plan, endpoint: &str) -> NodeId {
    let endpoint = plan.endpoints.iter().find(|e| e.name == endpoint).expect("an endpoint of the cohort");
    match endpoint.value {
        EndpointFormula::Of(i) => plan.observed[plan.accumulators[i.index()].of.index()],
        other => unreachable!("{other:?}"),
    }
}

fn main() {
    let cohort = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/cohorts/phase1.toml"));
    let mut job = Job::load(cohort, &Changes::default()).expect("the shipped cohort");
    let full = job.plan.clone();
    job.plan = reduced(&job);
    let (drawn, mut individuals) = job.individuals(0..PATIENTS, Isa::detect()).expect("patients");
    individuals.trajectories = 0;
    let values = patients(&job, &drawn);
    for rtol in [1e-4, 1e-6, 1e-8] {
        let mut plan = job.plan.clone();
        let mut setting = Setting { rtol, atol: [0.0; STATES], cycles: 3 };
        for (atol, state) in setting.atol.iter_mut().zip(&mut plan.states) {
            state.atol *= rtol / plan.rtol;
            *atol = state.atol;
        }
        plan.rtol = rtol;
        compare::compare(&format!("aprutumab ixadotin, rtol {rtol:.0e}"), &plan, &individuals, || {
            let doses = [0.1, 0.2, 0.4, 0.8, 1.3];
            let arms = values.iter().flat_map(|p| doses.map(|dose| Patient::new(p, dose)));
            arms.map(|patient| outcome(&patient, &setting)).collect()
        });
    }
    job.plan = full;
    let (_, individuals) = job.individuals(0..PATIENTS, Isa::detect()).expect("patients");
    compare::rates("aprutumab ixadotin, every endpoint", &job.plan, &individuals);
}
