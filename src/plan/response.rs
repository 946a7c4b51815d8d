//! Response of the tumour at each scan, RECIST 1.1: Eisenhauer et al., Eur J Cancer 2009;45:228-247.

use crate::cohort::{self, ReadOn, Ticks};
use crate::diagnostic::Problem;
use crate::model::comparison::compare;
use crate::model::graph::{Binary, NodeId};

use super::baseline::baseline;
use super::program::{VisitProgram, days};
use super::readings::{accumulated, has_come};
use super::{AccumulatorKind, EndpointKind, PlanError, ResponseEndpoints};

/// Codes of the response at a scan; there is none where the patient has left.
const PROGRESSIVE: f64 = 1.0;
const STABLE: f64 = 2.0;
const PARTIAL: f64 = 3.0;
const COMPLETE: f64 = 4.0;

impl VisitProgram<'_> {
    /// Adds the response at each scan to the endpoints. Also returned is whether a scan has shown
    /// progression.
    pub(super) fn response(&mut self) -> Option<(ResponseEndpoints, NodeId)> {
        let response = self.cohort.response.as_ref()?;
        self.readings.subject = "response".into();
        let sum = self.read(&response.of)?;
        let sum = self.in_unit(sum, &response.of, response.unit.as_deref(), ("response", "mm"))?;
        let before = match baseline(&mut self.graph, self.model, sum) {
            Ok(before) => before,
            Err(reason) => {
                let error = PlanError::NoBaseline { of: response.of.value.clone(), reason };
                self.problems.push(Problem::at(error, self.cohort.place(&response.of.span)));
                return None;
            }
        };
        let code = self.response_code(response, sum, before);
        let scans = response.scans.iter().map(|&tick| (tick, self.scan(response, code, tick))).collect();
        let progressive = self.graph.constant(PROGRESSIVE);
        let progressive = self.graph.binary(Binary::Equal, code, progressive);
        let first = self.keep(AccumulatorKind::FirstTrue, progressive, self.whole(), ReadOn::Scans);
        let endpoints = ResponseEndpoints {
            scans,
            confirmation: response.confirmation,
            stable_from: response.stable_from,
            control_at: response.control_at,
        };
        Some((endpoints, has_come(&mut self.graph, first)))
    }

    /// The response by the sum of diameters alone. A sum that has grown enough from the smallest so far is
    /// progression, even where it is still far below the baseline.
    fn response_code(&mut self, response: &cohort::Response, sum: NodeId, before: NodeId) -> NodeId {
        let smallest = self.keep(AccumulatorKind::Min, sum, self.whole(), ReadOn::Scans);
        let graph = &mut self.graph;
        let smallest = accumulated(graph, smallest);
        let nadir = graph.binary(Binary::Min, before, smallest);

        let limit = graph.constant(response.complete_below);
        let is_complete = compare(graph, Binary::Less, sum, limit);
        let share = graph.constant(1.0 - response.partial);
        let limit = graph.binary(Binary::Mul, share, before);
        let is_partial = compare(graph, Binary::LessEqual, sum, limit);
        let share = graph.constant(1.0 + response.progression);
        let limit = graph.binary(Binary::Mul, share, nadir);
        let has_grown = compare(graph, Binary::LessEqual, limit, sum);
        let least = graph.constant(response.progression_at_least);
        let limit = graph.binary(Binary::Add, nadir, least);
        let by_enough = compare(graph, Binary::LessEqual, limit, sum);
        let is_progressive = graph.binary(Binary::And, has_grown, by_enough);

        [(is_partial, PARTIAL), (is_progressive, PROGRESSIVE), (is_complete, COMPLETE)].into_iter().fold(
            graph.constant(STABLE),
            |otherwise, (when, code)| {
                let code = graph.constant(code);
                graph.select(when, code, otherwise)
            },
        )
    }

    fn scan(&mut self, response: &cohort::Response, code: NodeId, tick: Ticks) -> usize {
        self.reads.push(tick);
        let kept = self.keep(AccumulatorKind::At, code, [tick, tick], ReadOn::Scans);
        let day = days(tick);
        let name = format!("response_{day}");
        let meaning = format!("response by `{}` at the scan on day {day}", response.of.value);
        self.column(name, meaning, EndpointKind::Response, kept)
    }
}
