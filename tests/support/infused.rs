//! A rule that changes how long doses are infused, worked out by hand, for any engine.

use vpop::engine::{DoseRecord, FixedDose, Individuals, Solution};
use vpop::plan::{DrugId, Infuse, Plan};

use crate::support::{DAY, Sketch, individuals};

/// Doses of 50 over half a day on days 0, 10 and 20; from day 9 on over two days. Nothing is lost. Given again as they
/// were decided, whatever the rules, it is the same.
pub(crate) fn more_slowly(within: f64, solve: &dyn Fn(&Plan, &Individuals) -> Solution) {
    let mut s = Sketch::new(&["y"]);
    s.route(0, "1", "0", Some("0.5"));
    s.arm(&[(0, "50"), (10 * DAY, "50"), (20 * DAY, "50")]);
    s.visits((0..=30).map(|day| day * DAY));
    let [when, shows] = ["9 < t", "t"].map(|text| s.observe(text));
    s.plan.trajectories = vec![s.observe("y")];
    let mut plan = s.plan();
    plan.protocol.infusions =
        vec![Infuse { label: "slower".into(), when, shows, drug: DrugId::new(0), over: 2 * DAY }];
    let mut patients = individuals(&plan, &[]);
    patients.trajectories = 1;
    let solution = solve(&plan, &patients);
    let expected = [(1, 50.0), (10, 50.0), (11, 75.0), (12, 100.0), (20, 100.0), (21, 125.0), (30, 150.0)];
    for (day, amount) in expected {
        let found = solution.trajectories[day];
        assert!((found - amount).abs() < within, "day {day}: {found} instead of {amount}");
    }
    let over: Vec<_> = solution.doses_of(0).iter().map(|record| record.over).collect();
    assert_eq!(over, [None, Some(2 * DAY), Some(2 * DAY)]);
    let infused: Vec<_> = solution.doses_of(0).iter().map(|r| r.infused.map(|d| d.tick / DAY)).collect();
    assert_eq!(infused, [None, Some(10), None]);
    let fixed =
        |record: &DoseRecord| FixedDose { tick: record.given, factor: record.factor, over: record.over };
    patients.fixed_doses = Some(solution.doses.iter().map(fixed).collect());
    assert_eq!(solve(&plan, &patients).trajectories, solution.trajectories);
}
