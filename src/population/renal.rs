//! Renal function: CKD-EPI 2021 in both directions, and Cockcroft-Gault.
//!
//! Serum creatinine is in mg/dL, age in years; `sexf` is 1 for women and 0 for men.

use crate::model::graph::{Binary, Graph, NodeId};

/// Coefficients of CKD-EPI 2021 for creatinine, without race: Inker et al., N Engl J Med
/// 2021;385:1737-1749, table S12.
mod ckd_epi_2021 {
    pub(super) const SCALE: f64 = 142.0;
    pub(super) const SCALE_FEMALE: f64 = 1.012;
    pub(super) const KAPPA: Sexes = Sexes { female: 0.7, male: 0.9 };
    /// Exponent below kappa.
    pub(super) const ALPHA: Sexes = Sexes { female: -0.241, male: -0.302 };
    /// Exponent above kappa.
    pub(super) const SLOPE: f64 = -1.200;
    pub(super) const PER_YEAR: f64 = 0.9938;

    /// A coefficient that differs between the sexes.
    pub(super) struct Sexes {
        pub(super) female: f64,
        pub(super) male: f64,
    }
}

/// Estimated glomerular filtration rate, mL/min/1.73 m2, by CKD-EPI 2021:
/// `142 min(SCR/k, 1)^a max(SCR/k, 1)^-1.200 0.9938^AGE`, times 1.012 for women, with k 0.7 and
/// a -0.241 for women, k 0.9 and a -0.302 for men.
pub fn ckd_epi_2021_egfr(graph: &mut Graph, scr: NodeId, age: NodeId, sexf: NodeId) -> NodeId {
    let kappa = by_sex(graph, sexf, &ckd_epi_2021::KAPPA);
    let alpha = by_sex(graph, sexf, &ckd_epi_2021::ALPHA);
    let [slope, one] = [ckd_epi_2021::SLOPE, 1.0].map(|x| graph.constant(x));
    let ratio = graph.binary(Binary::Div, scr, kappa);
    let low = graph.binary(Binary::Min, ratio, one);
    let high = graph.binary(Binary::Max, ratio, one);
    let low = graph.binary(Binary::Pow, low, alpha);
    let high = graph.binary(Binary::Pow, high, slope);
    let shape = graph.binary(Binary::Mul, low, high);
    let at_kappa = egfr_at_kappa(graph, age, sexf);
    graph.binary(Binary::Mul, at_kappa, shape)
}

/// Serum creatinine, mg/dL, at which CKD-EPI 2021 gives this estimated glomerular filtration rate
/// (mL/min/1.73 m2): the formula falls with creatinine, so each branch is solved on its own. With
/// `g` the rate over its value at `SCR = k`, `SCR = k g^(1/a)` for `g >= 1` and
/// `k g^(-1/1.200)` below.
pub fn ckd_epi_2021_creatinine(graph: &mut Graph, egfr: NodeId, age: NodeId, sexf: NodeId) -> NodeId {
    let kappa = by_sex(graph, sexf, &ckd_epi_2021::KAPPA);
    let alpha = by_sex(graph, sexf, &ckd_epi_2021::ALPHA);
    let [slope, one] = [ckd_epi_2021::SLOPE, 1.0].map(|x| graph.constant(x));
    let at_kappa = egfr_at_kappa(graph, age, sexf);
    let ratio = graph.binary(Binary::Div, egfr, at_kappa);
    let below_kappa = graph.binary(Binary::LessEqual, one, ratio);
    let exponent = graph.select(below_kappa, alpha, slope);
    let inverse = graph.binary(Binary::Div, one, exponent);
    let power = graph.binary(Binary::Pow, ratio, inverse);
    graph.binary(Binary::Mul, kappa, power)
}

/// Creatinine clearance, mL/min, by Cockcroft and Gault, Nephron 1976;16:31-41:
/// `(140 - AGE) WT / (72 SCR)`, times 0.85 for women. `wt` in kg.
pub fn cockcroft_gault(graph: &mut Graph, age: NodeId, wt: NodeId, scr: NodeId, sexf: NodeId) -> NodeId {
    let [oldest, divisor, female, male] = [140.0, 72.0, 0.85, 1.0].map(|x| graph.constant(x));
    let years = graph.binary(Binary::Sub, oldest, age);
    let product = graph.binary(Binary::Mul, years, wt);
    let sex = graph.select(sexf, female, male);
    let numerator = graph.binary(Binary::Mul, product, sex);
    let denominator = graph.binary(Binary::Mul, divisor, scr);
    graph.binary(Binary::Div, numerator, denominator)
}

/// `142 0.9938^AGE`, times 1.012 for women: CKD-EPI 2021 at `SCR = k`.
fn egfr_at_kappa(graph: &mut Graph, age: NodeId, sexf: NodeId) -> NodeId {
    let scales = ckd_epi_2021::Sexes {
        female: ckd_epi_2021::SCALE * ckd_epi_2021::SCALE_FEMALE,
        male: ckd_epi_2021::SCALE,
    };
    let scale = by_sex(graph, sexf, &scales);
    let per_year = graph.constant(ckd_epi_2021::PER_YEAR);
    let ageing = graph.binary(Binary::Pow, per_year, age);
    graph.binary(Binary::Mul, scale, ageing)
}

fn by_sex(graph: &mut Graph, sexf: NodeId, of: &ckd_epi_2021::Sexes) -> NodeId {
    let [female, male] = [of.female, of.male].map(|x| graph.constant(x));
    graph.select(sexf, female, male)
}
