//! A patient has the same result, to the last bit, in any batch and at any position.

use vpop::engine::gpu::{Adapter, Fault, Faults};
use vpop::engine::{Engine, EngineError, Individuals, Solution};

use crate::adapter::gpu;
use crate::visits;

/// Everything that came out for each patient; of the accumulators the bits, for many are not a number.
fn by_patient(solution: &Solution, patients: usize) -> Vec<Vec<u64>> {
    let arms = solution.status.len() / patients;
    let of_item = |item: usize| {
        let values = solution.accumulators.iter().map(move |values| values[item].to_bits());
        let [status, steps, rejected] =
            [solution.status[item] as u32, solution.steps[item], solution.rejected[item]].map(u64::from);
        values.chain([status, steps, rejected])
    };
    (0..patients).map(|patient| (patient * arms..(patient + 1) * arms).flat_map(of_item).collect()).collect()
}

pub(crate) fn a_patient_does_not_depend_on_the_batch(adapter: &Adapter) {
    let plan = visits::plan();
    let all = visits::patients(&plan);
    let engine = gpu(&plan, adapter);
    let solve = |individuals: &Individuals| engine.solve(individuals).unwrap();
    let once = solve(&all);
    let expected = by_patient(&once, all.count);
    let courses = |solution: &Solution| solution.trajectories.iter().map(|v| v.to_bits()).collect::<Vec<_>>();

    // In memory of its own, and in that of more and of fewer patients.
    let few = solve(&all.select(&[3, 1, 2]));
    for spent in [Solution::default(), once.clone(), few] {
        let again = engine.solve_in(&all, spent).unwrap();
        assert!(by_patient(&again, all.count) == expected && courses(&again) == courses(&once));
        // Everything else.
        assert!(format!("{again:?}") == format!("{once:?}"));
    }

    let positions: Vec<usize> = (0..all.count).collect();
    for size in [1, 7, 64] {
        let parts = positions.chunks(size).take(10);
        let parts = parts.flat_map(|part| by_patient(&solve(&all.select(part)), part.len()));
        let parts: Vec<_> = parts.collect();
        assert!(parts == expected[..parts.len()], "in batches of {size}");
    }
    let reversed: Vec<usize> = positions.into_iter().rev().collect();
    let mut turned = by_patient(&solve(&all.select(&reversed)), all.count);
    turned.reverse();
    assert!(turned == expected, "reversed");

    // Lanes that meet more often, and dispatches that end between two orders of the items.
    for engine in [engine.with_turns(1), gpu(&plan, adapter).with_turns(3).with_most_visits(10)] {
        let solution = engine.solve(&all).unwrap();
        assert!(by_patient(&solution, all.count) == expected && courses(&solution) == courses(&once));
    }
}

pub(crate) fn a_selection_is_of_the_same_patients(adapter: &Adapter) {
    let plan = visits::plan();
    let all = visits::patients(&plan);
    let chosen = [3, 41, 42, 68];
    let selected = all.select(&chosen);
    assert_eq!((selected.count, selected.trajectories), (4, 0));
    let engine = gpu(&plan, adapter);
    let expected = by_patient(&engine.solve(&all).unwrap(), all.count);
    let got = engine.solve(&selected).unwrap();
    assert!(got.trajectories.is_empty());
    assert!(by_patient(&got, 4).iter().eq(chosen.iter().map(|&patient| &expected[patient])));
}

/// A driver in software ends the loops of a dispatch once they have turned often enough: what came of it is refused.
pub(crate) fn loops_ended_before_their_time_are_found_out(adapter: &Adapter) {
    let plan = visits::plan();
    let all = visits::patients(&plan);
    let faults = Faults::new([None, Some(Fault::Unbounded)]);
    let engine = gpu(&plan, &adapter.clone().with_faults(faults));
    let expected = by_patient(&engine.solve(&all).unwrap(), all.count);
    match engine.solve(&all) {
        Ok(solution) => {
            assert!(!adapter.name.starts_with("llvmpipe"), "it ends loops");
            assert!(by_patient(&solution, all.count) == expected);
        }
        Err(error) => assert!(matches!(error, EngineError::CutShort { .. }), "{error}"),
    }
}
