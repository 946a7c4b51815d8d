//! Which engine is taken on a machine with this adapter alone.

use vpop::engine::cpu::Level;
use vpop::engine::gpu::{Adapter, Kind};
use vpop::engine::selection::{Backend, Choice, Selection, SelectionError, choose, select};

use crate::support::one_compartment;

pub(crate) fn auto_takes_no_software(adapter: &Adapter) {
    let adapters = [adapter.clone()];
    match choose(&adapters, &Selection::default()).unwrap() {
        Choice::Adapter(taken) => assert!(taken.kind != Kind::Software, "{taken}"),
        Choice::Cpu(reason) => {
            assert_eq!(adapter.kind, Kind::Software);
            assert!(reason.contains(&adapter.name) && reason.contains("only when asked for"), "{reason}");
        }
    }
}

pub(crate) fn an_adapter_is_taken_by_its_name(adapter: &Adapter) {
    let adapters = [adapter.clone()];
    let named = |name: &str| Selection { adapter: Some(name.into()), ..Selection::default() };
    let taken = choose(&adapters, &named(&adapter.name.to_uppercase()[..4])).unwrap();
    assert!(matches!(taken, Choice::Adapter(taken) if taken.name == adapter.name));

    let unknown =
        SelectionError::UnknownAdapter { name: "nonsense".into(), known: vec![adapter.name.clone()] };
    assert_eq!(choose(&adapters, &named("nonsense")).unwrap_err(), unknown);

    let plan = one_compartment::plan(None);
    let of_cpu = Selection { backend: Backend::Cpu, ..named("nonsense") };
    assert_eq!(select(&plan, Level::detect(), &of_cpu).unwrap_err(), SelectionError::AdapterOfCpu);
    let asked_for = select(&plan, Level::detect(), &named(&adapter.name)).unwrap();
    assert!(asked_for.engine.name().contains(&adapter.name) && !asked_for.is_reference);
    assert_eq!(asked_for.warning.is_some(), adapter.kind == Kind::Software, "{:?}", asked_for.warning);
}
