//! What equations ask of doses, as rxode2 calls it: `tad()`, `tafd()`, `tlast()`, `tfirst()`, `podo()`, `dosenum()`, each
//! of every dose or of those into one state, and `transit()`.
//!
//! Doses count from when they begin to enter, `alag(state)` included, also where nothing of them enters. Before the
//! first, `tad()`, `tafd()`, `podo()` and `dosenum()` are 0, and `tlast()` and `tfirst()` are not a number.

use super::functions;
use super::graph::{Binary, DoseValue, Dosed, Graph, NodeId, Symbol, Unary};

/// The names.
pub(super) const NAMES: [&str; 9] =
    ["tad", "tafd", "tlast", "tfirst", "podo", "dosenum", "tad0", "tafd0", "podo0"];

/// Whether a name is one of them.
pub(super) fn is_known(name: &str) -> bool {
    NAMES.contains(&name)
}

/// The value of a name, of doses that go where is said; `None` if there is none of that name.
pub(super) fn value(graph: &mut Graph, name: &str, dosed: Dosed) -> Option<NodeId> {
    Some(match name {
        "tad" | "tad0" => since(graph, DoseValue::Last, dosed),
        "tafd" | "tafd0" => since(graph, DoseValue::First, dosed),
        "tlast" => graph.symbol(Symbol::Dose(DoseValue::Last, dosed)),
        "tfirst" => graph.symbol(Symbol::Dose(DoseValue::First, dosed)),
        "podo" | "podo0" => graph.symbol(Symbol::Dose(DoseValue::Amount, dosed)),
        "dosenum" => graph.symbol(Symbol::Dose(DoseValue::Count, dosed)),
        _ => return None,
    })
}

/// Time since a dose, 0 before the first.
fn since(graph: &mut Graph, value: DoseValue, dosed: Dosed) -> NodeId {
    let zero = graph.constant(0.0);
    let [time, at, count] = [Symbol::Time, Symbol::Dose(value, dosed), Symbol::Dose(DoseValue::Count, dosed)]
        .map(|symbol| graph.symbol(symbol));
    let since = graph.binary(Binary::Sub, time, at);
    graph.select(count, since, zero)
}

/// What comes out of `n` transit compartments with the mean transit time `mtt` (Savic et al. 2007):
/// `bio podo ktr (ktr tad)^n e^(-ktr tad) / gamma(n + 1)` with `ktr = (n + 1) / mtt`.
pub(super) fn transit(graph: &mut Graph, dosed: Dosed, n: NodeId, mtt: NodeId, bio: NodeId) -> NodeId {
    // So small that its power is 0, and large enough that its logarithm is a number.
    let [one, least] = [1.0, 1e-30].map(|number| graph.constant(number));
    let stages = graph.binary(Binary::Add, n, one);
    let rate = graph.binary(Binary::Div, stages, mtt);
    let since = since(graph, DoseValue::Last, dosed);
    let amount = graph.symbol(Symbol::Dose(DoseValue::Amount, dosed));
    let turned = graph.binary(Binary::Mul, rate, since);
    let positive = graph.binary(Binary::Max, turned, least);
    let log = graph.unary(Unary::Log, positive);
    let power = graph.binary(Binary::Mul, n, log);
    let exponent = graph.binary(Binary::Sub, power, turned);
    let factorial = functions::log_factorial(graph, n);
    let exponent = graph.binary(Binary::Sub, exponent, factorial);
    let e = graph.unary(Unary::Exp, exponent);
    let scale = graph.binary(Binary::Mul, bio, rate);
    let flux = graph.binary(Binary::Mul, scale, e);
    graph.binary(Binary::Mul, amount, flux)
}
