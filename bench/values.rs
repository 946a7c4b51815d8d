//! Individual values of the aprutumab models.

use vpop::job::Job;
use vpop::model::graph::{NodeId, Symbol};
use vpop::population::Patients;

/// Individual values by the model's own names.
macro_rules! values {
    ($($name:ident),+ $(,)?) => {
        #[expect(non_snake_case, reason = "the model's own names")]
        pub(crate) struct Values { $(pub(crate) $name: f64,)+ }
        /// Names of the values.
        pub(crate) const NAMES: &[&str] = &[$(stringify!($name)),+];
        impl Values {
            pub(crate) fn new(values: &[f64]) -> Self {
                let mut values = values.iter().copied();
                Self { $($name: values.next().expect("a value for each name")),+ }
            }
        }
    };
}

values!(
    nmol_per_mg,
    cl,
    vc,
    q,
    vp,
    vmax,
    km,
    kdec,
    kl,
    clh,
    clr,
    vm,
    kp,
    kout,
    kg,
    kc50,
    r0,
    ec50_mk,
    gam_i,
    ktr,
    kcirc,
    pr0,
    ke_pod,
    ec50_pod,
    krep,
    ec50_cor,
    kc,
    ke_liv,
    ec50_liv,
    EGFR,
    FPOS,
    PLT0,
    HB0,
    UPCR0,
    ALT0,
    AST0,
    WT,
    dar0,
    eps,
    kon,
    kd,
    kdegr,
    kint,
    klys,
    kmax,
    k1,
    ke_mk,
    emax_mk,
    th,
    ks,
    kst,
    kmin,
    khb,
    imax_hb,
    fr,
    kinj,
    umax,
    ku,
    kg_egfr,
    fg,
    ke_cor,
    wm,
    kalt,
    kast,
    s_alt,
    s_ast,
);

/// A name of the model.
fn variable(job: &Job, name: &str) -> NodeId {
    job.model.variables.iter().find(|v| v.name == name).expect("a variable of the model").node
}

/// The patients' values by name, from the model's own graph.
pub(crate) fn patients(job: &Job, drawn: &Patients) -> Vec<Values> {
    let graph = &job.model.graph;
    (0..drawn.count)
        .map(|i| {
            let symbol = |symbol: Symbol| match symbol {
                Symbol::Covariate(c) => drawn.covariates[c as usize][i],
                Symbol::Effect(e) => drawn.effects[e as usize][i],
                Symbol::Parameter(p) => job.plan.parameters[p as usize],
                _ => f64::NAN,
            };
            let value = |name: &&str| {
                let covariate = job.model.covariates.iter().position(|c| c.name == *name);
                let parameter = job.model.parameters.iter().position(|p| p.name == *name);
                match (covariate, parameter) {
                    (Some(c), _) => drawn.covariates[c][i],
                    (_, Some(p)) => job.plan.parameters[p],
                    _ => graph.evaluate(&[variable(job, name)], symbol)[0],
                }
            };
            Values::new(&NAMES.iter().map(value).collect::<Vec<_>>())
        })
        .collect()
}
