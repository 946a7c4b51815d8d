//! Which engine is taken on a machine with this adapter alone.

use vpop::diagnostic::Cause;
use vpop::engine::cpu::Isa;
use vpop::engine::gpu::{Adapter, Kind, fits};
use vpop::engine::selection::{Backend, Choice, Selection, SelectionError, choose, select};

use crate::support::{DAY, Sketch, one_compartment};

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

    // By its number, and by the bus, which tell cards of one name apart.
    for name in
        [Some("0"), Some(adapter.pci_bus.as_str()).filter(|bus| !bus.is_empty())].into_iter().flatten()
    {
        let taken = choose(&adapters, &named(name)).unwrap();
        assert!(matches!(taken, Choice::Adapter(taken) if taken.name == adapter.name), "{name}");
    }

    let unknown =
        SelectionError::UnknownAdapter { name: "nonsense".into(), known: vec![adapter.name.clone()] };
    assert_eq!(choose(&adapters, &named("nonsense")).unwrap_err(), unknown);

    let plan = one_compartment::plan(None);
    let of_cpu = Selection { backend: Backend::Cpu, ..named("nonsense") };
    assert_eq!(select(&plan, Isa::detect(), &of_cpu).unwrap_err(), SelectionError::AdapterOfCpu);
    let asked_for = select(&plan, Isa::detect(), &named(&adapter.name)).unwrap();
    assert!(asked_for.engine.name().contains(&adapter.name) && !asked_for.is_reference);
    assert_eq!(asked_for.warning.is_some(), adapter.kind == Kind::Software, "{:?}", asked_for.warning);
}

/// A chain of 250 states: nine vectors of them are more than 8 kB.
pub(crate) fn what_does_not_fit_is_refused(adapter: &Adapter) {
    let names: Vec<String> = (0..250).map(|i| format!("y{i}")).collect();
    let mut s = Sketch::new(&names.iter().map(String::as_str).collect::<Vec<_>>());
    for i in 0..names.len() {
        s.equation(i, &if i == 0 { "-y0".into() } else { format!("y{} - y{i}", i - 1) });
        s.initial(i, "1");
    }
    s.arm(&[]);
    s.visits([0, DAY]);
    let plan = s.plan();
    let refused = fits(&plan).unwrap_err();
    assert!(refused.to_string().contains("private memory"), "{refused}");
    assert!(refused.help().unwrap().contains("--backend cpu"));

    let named = Selection { adapter: Some(adapter.name.clone()), ..Selection::default() };
    let error = select(&plan, Isa::detect(), &named).unwrap_err();
    assert!(error.is_of_input() && error.to_string().contains("private memory"), "{error}");
    let free = select(&plan, Isa::detect(), &Selection::default()).unwrap();
    assert!(free.is_reference, "{}", free.engine.name());
}
