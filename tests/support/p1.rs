//! P1: an antibody-drug conjugate with platelets, liver, cornea and tumour; 14 states.
//!
//! Two-compartment antibody with linear and saturable elimination, payload formed from what is
//! eliminated, Friberg's platelet model with a saturable effect, transaminase turnover, three
//! transit compartments for corneal exposure, Simeoni tumour growth with a delayed kill rate.
//! Units: day, mg, L, mg/L; payload ng/mL; platelets 1e9/L.

use vpop::cohort::ReadOn;
use vpop::plan::{AccumulatorKind, Plan};

use super::{DAY, Sketch};

/// Name and value of what is the same for everyone.
pub(crate) const FIXED: [(&str, f64); 23] = [
    ("Q", 0.8),
    ("Vp", 2.5),
    ("VM", 1.0),
    ("KM", 1.5),
    ("FPAY", 0.02),
    ("KPAY", 8.0),
    ("VPAY", 12.0),
    ("GAMMA", 0.2),
    ("EMAX", 1.0),
    ("KOUT", 0.4),
    ("ALT0", 25.0),
    ("SMAX", 1.5),
    ("SC50", 3.0),
    ("KTC", 0.2),
    ("L0", 0.02),
    ("L1", 1.0),
    ("PSI", 20.0),
    ("KTAU", 0.3),
    ("KKILL", 0.004),
    ("W0", 50.0),
    ("DOSE", 84.0),
    ("TINF", 1.0 / 24.0),
    ("HORIZON", 84.0),
];

/// What differs between patients, in the order of the parameter file's columns after `id`.
pub(crate) const INDIVIDUAL: [&str; 5] = ["CL", "Vc", "MTT", "SLOPE", "CIRC0"];

const STATES: [&str; 14] =
    ["Ac", "Ap", "Apay", "PROL", "TR1", "TR2", "TR3", "CIRC", "ALT", "K1", "K2", "K3", "KD", "W"];

/// 84 mg over 1 h on days 0, 21, 42 and 63, read every day to day 84. Accumulators: the smallest
/// CIRC, its day, areas under C and CIRC by trapezoids over days.
pub(crate) fn plan(rtol: f64) -> Plan {
    let mut s = Sketch::new(&STATES);
    for (name, value) in FIXED {
        s.parameter(name, value);
    }
    for name in INDIVIDUAL {
        s.covariate(name);
    }
    s.define("C", "Ac/Vc");
    s.define("Cp", "Ap/Vp");
    s.define("EL", "CL*C + VM*C/(KM+C)");
    s.define("cpay", "1000*Apay/VPAY");
    s.define("ktr", "4/MTT");
    s.define("s", "SLOPE*C");
    s.define("E", "EMAX*s/(EMAX+s)");
    let equations = [
        "Q*Cp - Q*C - EL",
        "Q*C - Q*Cp",
        "FPAY*EL - KPAY*Apay",
        "ktr*PROL*(1-E)*(CIRC0/CIRC)^GAMMA - ktr*PROL",
        "ktr*(PROL - TR1)",
        "ktr*(TR1 - TR2)",
        "ktr*(TR2 - TR3)",
        "ktr*(TR3 - CIRC)",
        "KOUT*ALT0*(1 + SMAX*cpay/(SC50 + cpay)) - KOUT*ALT",
        "KTC*(C - K1)",
        "KTC*(K1 - K2)",
        "KTC*(K2 - K3)",
        "KTAU*(KKILL*C - KD)",
        "L0*W/(1 + (L0*W/L1)^PSI)^(1/PSI) - KD*W",
    ];
    for (i, text) in equations.iter().enumerate() {
        s.equation(i, text);
    }
    for i in 3..=7 {
        s.initial(i, "CIRC0");
    }
    s.initial(8, "ALT0");
    s.initial(13, "W0");
    s.route(0, "1", "0", Some("TINF"));
    s.arm(&[(0, "DOSE"), (21 * DAY, "DOSE"), (42 * DAY, "DOSE"), (63 * DAY, "DOSE")]);
    s.visits((0..=84).map(|day| day * DAY));
    let all = [0, 84 * DAY];
    s.accumulate(AccumulatorKind::Min, "CIRC", all, ReadOn::Visits);
    s.accumulate(AccumulatorKind::TimeOfMin, "CIRC", all, ReadOn::Visits);
    s.accumulate(AccumulatorKind::Auc, "C", all, ReadOn::Visits);
    s.accumulate(AccumulatorKind::Auc, "CIRC", all, ReadOn::Visits);
    s.plan.rtol = rtol;
    // Typical sizes: mg, mg, mg, 1e9/L, U/L, mg/L, 1/day, mm.
    let sizes = [10.0, 10.0, 0.01, 100.0, 100.0, 100.0, 100.0, 100.0, 10.0, 1.0, 1.0, 1.0, 0.01, 10.0];
    for (state, size) in s.plan.states.iter_mut().zip(sizes) {
        state.atol = rtol * 1e-2 * size;
    }
    s.plan()
}

/// The columns of a CSV file without its header, `[column][row]`.
pub(crate) fn columns(text: &str) -> Vec<Vec<f64>> {
    let mut columns = Vec::new();
    for line in text.lines().skip(1) {
        for (i, field) in line.split(',').enumerate() {
            if columns.len() == i {
                columns.push(Vec::new());
            }
            columns[i].push(field.parse().unwrap_or(f64::NAN));
        }
    }
    columns
}
