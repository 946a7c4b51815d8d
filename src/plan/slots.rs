//! Individual values: what is known once per patient and needed while the patient is integrated.

use std::collections::BTreeSet;

use crate::model::graph::{Graph, NodeId, Stage};

/// The patient-stage nodes that `dynamic` expressions read, and those among `values` themselves,
/// in graph order. They are all that an engine needs to know of a patient.
pub(super) fn slots(graph: &Graph, dynamic: &[NodeId], values: &[NodeId]) -> Vec<NodeId> {
    let is_patient = |id: &NodeId| graph.stage(*id) == Stage::Patient;
    let mut found: BTreeSet<NodeId> = dynamic.iter().chain(values).copied().filter(is_patient).collect();
    for id in graph.reachable(dynamic) {
        if graph.stage(id) == Stage::Dynamic {
            found.extend(graph.operands(id).filter(is_patient));
        }
    }
    found.into_iter().collect()
}
