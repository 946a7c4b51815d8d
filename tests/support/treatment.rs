//! Patients whose treatment can be worked out by hand: laboratory values are functions of the day, the
//! drug does nothing and stays.
//!
//! Doses of 100 mg are planned on days 0, 7, 14 and 21; the patient is seen every day up to day 28. Times
//! in the conditions lie between visits, so that rounding decides nothing.

use vpop::diagnostic::Source;
use vpop::engine::{Decision, DoseRecord, Engine, Solution, Status};
use vpop::job::Job;

/// Seconds in a day.
const DAY: u32 = 86_400;

/// A patient and what must come of it.
pub(crate) struct Case {
    pub(crate) name: &'static str,
    /// Platelets and urine protein as expressions over the time in days, `t`.
    pub(crate) platelets: &'static str,
    pub(crate) upcr: &'static str,
    /// What the cohort file adds.
    pub(crate) toml: &'static str,
    /// Day and relative dose of every dose that is given.
    pub(crate) doses: &'static [(u32, f64)],
    /// Day and reason of the end of treatment.
    pub(crate) stopped: Option<(u32, &'static str)>,
    /// Day and reason of leaving.
    pub(crate) left: Option<(u32, &'static str)>,
    /// Doses (from 1) that were held: day, rule and the value it saw.
    pub(crate) held: &'static [(usize, u32, &'static str, f64)],
    /// Doses that were changed: day, rule and the value it saw.
    pub(crate) changed: &'static [(usize, u32, &'static str, f64)],
    /// Endpoints; NaN is none.
    pub(crate) endpoints: &'static [(&'static str, f64)],
}

const FULL: [(u32, f64); 4] = [(0, 1.0), (7, 1.0), (14, 1.0), (21, 1.0)];
const NEVER: f64 = f64::NAN;

/// A healthy patient who gets every dose.
const HEALTHY: Case = Case {
    name: "nothing happens",
    platelets: "200",
    upcr: "0.1",
    toml: "",
    doses: &FULL,
    stopped: None,
    left: None,
    held: &[],
    changed: &[],
    endpoints: &[],
};

const GRADES: &str = r#"
[grades]
tables = ["tables/ctcae_v4_03.toml"]
windows = { c1 = ["0 day", "7 day"] }
[grades.terms]
thrombocytopenia = { of = "platelets", days = [3], onset = [3] }
proteinuria = "upcr"
"#;

/// Platelets are low on the visits between two times, else normal.
macro_rules! low {
    ($value:literal, $from:literal, $to:literal) => {
        concat!("ifelse(t > ", $from, " & t < ", $to, ", ", $value, ", 200)")
    };
}

/// Every case.
pub(crate) fn cases() -> Vec<Case> {
    [stops(), holds(), skips(), memory(), changes(), together(), toxicity(), leaving(), statistics()]
        .into_iter()
        .flatten()
        .collect()
}

fn stops() -> Vec<Case> {
    vec![
        HEALTHY,
        Case {
            name: "stopped at a visit between doses",
            platelets: low!("40", "9.5", "30"),
            toml: r#"
                [[regimen.modify]]
                name = "low"
                when = "platelets < 50"
                then = "stop"
            "#,
            doses: &[(0, 1.0), (7, 1.0)],
            stopped: Some((10, "low")),
            ..HEALTHY
        },
        Case {
            name: "a stop that is looked at with doses does not see what was between them",
            platelets: low!("40", "7.5", "12.5"),
            toml: r#"
                [[regimen.modify]]
                name = "low"
                when = "platelets < 50"
                then = "stop"
                at = "dose"
            "#,
            ..HEALTHY
        },
        Case {
            name: "a stop that is looked at with doses, on the day of one",
            platelets: low!("40", "13.5", "14.5"),
            toml: r#"
                [[regimen.modify]]
                when = "platelets < 50"
                then = "stop"
                at = "dose"
            "#,
            doses: &[(0, 1.0), (7, 1.0)],
            stopped: Some((14, "platelets < 50")),
            ..HEALTHY
        },
        Case {
            name: "stopped before the first dose",
            platelets: "40",
            toml: r#"
                [[regimen.modify]]
                name = "low"
                when = "platelets < 50"
                then = "stop"
            "#,
            doses: &[],
            stopped: Some((0, "low")),
            ..HEALTHY
        },
        Case {
            name: "stopped after the last dose",
            platelets: low!("40", "25.5", "30"),
            toml: r#"
                [[regimen.modify]]
                name = "low"
                when = "platelets < 50"
                then = "stop"
            "#,
            stopped: Some((26, "low")),
            ..HEALTHY
        },
        Case {
            name: "a stop for the first two doses only comes too late",
            platelets: low!("40", "13.5", "30"),
            toml: r#"
                [[regimen.modify]]
                name = "low"
                when = "platelets < 50"
                then = "stop"
                at = "dose"
                cycles = [1, 2]
            "#,
            ..HEALTHY
        },
    ]
}

fn holds() -> Vec<Case> {
    vec![
        Case {
            name: "held until the condition no longer holds; later doses count from the actual one",
            platelets: low!("60", "5.5", "8.5"),
            toml: r#"
                [[regimen.modify]]
                name = "low"
                when = "platelets < 75"
                then = "hold"
                at_most = "14 day"
            "#,
            doses: &[(0, 1.0), (9, 1.0), (16, 1.0), (23, 1.0)],
            held: &[(2, 7, "low", 60.0)],
            ..HEALTHY
        },
        Case {
            name: "a dose that is held is looked at again at visits, not wherever else something is read",
            platelets: low!("60", "5.5", "8.3"),
            toml: r#"
                [output.trajectories]
                patients = 1
                every = "6 h"
                of = ["platelets"]
                [[regimen.modify]]
                name = "low"
                when = "platelets < 75"
                then = "hold"
                at_most = "14 day"
            "#,
            doses: &[(0, 1.0), (9, 1.0), (16, 1.0), (23, 1.0)],
            held: &[(2, 7, "low", 60.0)],
            ..HEALTHY
        },
        Case {
            name: "held until another condition holds",
            platelets: "ifelse(t > 5.5 & t < 8.5, 60, ifelse(t > 8.5 & t < 10.5, 80, 200))",
            toml: r#"
                [[regimen.modify]]
                name = "low"
                when = "platelets < 75"
                then = "hold"
                until = "platelets >= 100"
                at_most = "14 day"
            "#,
            doses: &[(0, 1.0), (11, 1.0), (18, 1.0), (25, 1.0)],
            held: &[(2, 7, "low", 60.0)],
            ..HEALTHY
        },
        Case {
            name: "held beyond the longest wait",
            platelets: low!("60", "5.5", "30"),
            toml: r#"
                [[regimen.modify]]
                name = "low"
                when = "platelets < 75"
                then = "hold"
                at_most = "5 day"
            "#,
            doses: &[(0, 1.0)],
            stopped: Some((12, "low")),
            held: &[(2, 7, "low", 60.0)],
            ..HEALTHY
        },
        Case {
            name: "recovered on the last day of the longest wait",
            platelets: low!("60", "5.5", "11.5"),
            toml: r#"
                [[regimen.modify]]
                name = "low"
                when = "platelets < 75"
                then = "hold"
                at_most = "5 day"
            "#,
            doses: &[(0, 1.0), (12, 1.0), (19, 1.0), (26, 1.0)],
            held: &[(2, 7, "low", 60.0)],
            ..HEALTHY
        },
        Case {
            name: "the first dose is held",
            platelets: low!("60", "-1", "2.5"),
            toml: r#"
                [[regimen.modify]]
                name = "low"
                when = "platelets < 75"
                then = "hold"
                at_most = "7 day"
            "#,
            doses: &[(3, 1.0), (10, 1.0), (17, 1.0), (24, 1.0)],
            held: &[(1, 0, "low", 60.0)],
            ..HEALTHY
        },
        Case {
            name: "delayed by a fixed time",
            platelets: low!("60", "6.5", "7.5"),
            toml: r#"
                [[regimen.modify]]
                name = "low"
                when = "platelets < 75"
                then = "delay 3 day"
                at_most = "10 day"
            "#,
            doses: &[(0, 1.0), (10, 1.0), (17, 1.0), (24, 1.0)],
            held: &[(2, 7, "low", 60.0)],
            ..HEALTHY
        },
        Case {
            name: "delayed twice",
            platelets: low!("60", "6.5", "10.5"),
            toml: r#"
                [[regimen.modify]]
                name = "low"
                when = "platelets < 75"
                then = "delay 3 day"
                at_most = "10 day"
            "#,
            doses: &[(0, 1.0), (13, 1.0), (20, 1.0), (27, 1.0)],
            held: &[(2, 7, "low", 60.0)],
            ..HEALTHY
        },
        Case {
            name: "a second delay that exceeds the longest wait",
            platelets: low!("60", "6.5", "10.5"),
            toml: r#"
                [[regimen.modify]]
                name = "low"
                when = "platelets < 75"
                then = "delay 3 day"
                at_most = "5 day"
            "#,
            doses: &[(0, 1.0)],
            stopped: Some((12, "low")),
            held: &[(2, 7, "low", 60.0)],
            ..HEALTHY
        },
        Case {
            name: "another hold takes over when the first is over",
            platelets: low!("60", "6.5", "8.5"),
            upcr: "ifelse(t > 8.5 & t < 10.5, 2, 0.1)",
            toml: r#"
                [[regimen.modify]]
                name = "low"
                when = "platelets < 75"
                then = "hold"
                at_most = "7 day"
                [[regimen.modify]]
                name = "protein"
                when = "upcr > 1"
                then = "hold"
                at_most = "7 day"
            "#,
            doses: &[(0, 1.0), (11, 1.0), (18, 1.0), (25, 1.0)],
            held: &[(2, 7, "low", 60.0)],
            ..HEALTHY
        },
        Case {
            name: "seen once a week, a held dose waits for the next visit",
            platelets: low!("60", "6.5", "7.5"),
            toml: r#"
                [visits]
                every = "7 day"
                [[regimen.modify]]
                name = "low"
                when = "platelets < 75"
                then = "hold"
                at_most = "7 day"
            "#,
            doses: &[(0, 1.0), (14, 1.0), (21, 1.0)],
            held: &[(2, 7, "low", 60.0)],
            ..HEALTHY
        },
        Case {
            name: "a stop ends the wait",
            platelets: low!("60", "5.5", "30"),
            toml: r#"
                [[regimen.modify]]
                name = "too long"
                when = "days_held >= 3"
                then = "stop"
                [[regimen.modify]]
                name = "low"
                when = "platelets < 75"
                then = "hold"
                at_most = "14 day"
            "#,
            doses: &[(0, 1.0)],
            stopped: Some((10, "too long")),
            held: &[(2, 7, "low", 60.0)],
            ..HEALTHY
        },
    ]
}

fn skips() -> Vec<Case> {
    vec![
        Case {
            name: "omitted, and the calendar stays",
            platelets: low!("60", "6.5", "7.5"),
            toml: r#"
                [[regimen.modify]]
                name = "low"
                when = "platelets < 75"
                then = "skip"
            "#,
            doses: &[(0, 1.0), (14, 1.0), (21, 1.0)],
            ..HEALTHY
        },
        Case {
            name: "made up for at the next time, and the last falls behind the end",
            platelets: low!("60", "6.5", "7.5"),
            toml: r#"
                [[regimen.modify]]
                name = "low"
                when = "platelets < 75"
                then = "skip"
                made_up = true
            "#,
            doses: &[(0, 1.0), (14, 1.0), (21, 1.0)],
            ..HEALTHY
        },
        Case {
            name: "a skip comes before a hold, and is counted",
            platelets: low!("60", "6.5", "14.5"),
            toml: r#"
                [[regimen.modify]]
                name = "enough"
                when = "skips >= 2"
                then = "stop"
                [[regimen.modify]]
                name = "held"
                when = "platelets < 75"
                then = "hold"
                at_most = "14 day"
                [[regimen.modify]]
                name = "low"
                when = "platelets < 75"
                then = "skip"
            "#,
            doses: &[(0, 1.0)],
            stopped: Some((15, "enough")),
            ..HEALTHY
        },
        Case {
            name: "reduced twice is enough",
            platelets: low!("60", "6.5", "14.5"),
            toml: r#"
                [[regimen.modify]]
                name = "enough"
                when = "reductions >= 2"
                then = "stop"
                [[regimen.modify]]
                name = "low"
                when = "platelets < 75"
                then = "reduce 50 %"
            "#,
            doses: &[(0, 1.0), (7, 0.5), (14, 0.25)],
            stopped: Some((15, "enough")),
            changed: &[(2, 7, "low", 60.0), (3, 14, "low", 60.0)],
            ..HEALTHY
        },
    ]
}

/// Holds and delays for what was seen since the last dose: platelets fell to 80 on days 3 and 4.
fn memory() -> Vec<Case> {
    vec![
        Case {
            name: "held for a nadir until recovery",
            platelets: "ifelse(t > 2.5 & t < 4.5, 80, ifelse(t < 9.5, 120, 200))",
            toml: r#"
                [[regimen.modify]]
                name = "nadir"
                when = "lowest_since_dose(platelets) < 100"
                then = "hold"
                until = "platelets >= 150"
                at_most = "14 day"
            "#,
            doses: &[(0, 1.0), (10, 1.0), (17, 1.0), (24, 1.0)],
            held: &[(2, 7, "nadir", 80.0)],
            ..HEALTHY
        },
        Case {
            name: "a nadir that is over by the day of the dose does not hold it",
            platelets: low!("80", "2.5", "4.5"),
            toml: r#"
                [[regimen.modify]]
                when = "lowest_since_dose(platelets) < 100"
                then = "hold"
                until = "platelets >= 150"
                at_most = "14 day"
            "#,
            ..HEALTHY
        },
        Case {
            name: "recovered from a nadir, but held for another reason",
            platelets: "ifelse(t > 2.5 & t < 4.5, 80, ifelse(t < 9.5, 120, 200))",
            upcr: "ifelse(t > 9.5 & t < 11.5, 2, 0.1)",
            toml: r#"
                [[regimen.modify]]
                name = "nadir"
                when = "lowest_since_dose(platelets) < 100"
                then = "hold"
                until = "platelets >= 150"
                at_most = "14 day"
                [[regimen.modify]]
                name = "protein"
                when = "upcr > 1"
                then = "hold"
                at_most = "14 day"
            "#,
            doses: &[(0, 1.0), (12, 1.0), (19, 1.0), (26, 1.0)],
            held: &[(2, 7, "nadir", 80.0)],
            ..HEALTHY
        },
        Case {
            name: "what has recovered falls again while another reason holds the dose",
            platelets: "ifelse(t > 2.5 & t < 4.5, 80, ifelse((t > 4.5 & t < 7.5) | (t > 9.5 & t < 12.5), 120, 200))",
            upcr: "ifelse(t > 7.5 & t < 10.5, 2, 0.1)",
            toml: r#"
                [[regimen.modify]]
                name = "nadir"
                when = "lowest_since_dose(platelets) < 100"
                then = "hold"
                until = "platelets >= 150"
                at_most = "14 day"
                [[regimen.modify]]
                name = "protein"
                when = "upcr > 1"
                then = "hold"
                at_most = "14 day"
            "#,
            // Platelets are 200 on days 8 and 9, protein is gone on day 11, platelets are back on day 13.
            doses: &[(0, 1.0), (13, 1.0), (20, 1.0), (27, 1.0)],
            held: &[(2, 7, "nadir", 80.0)],
            ..HEALTHY
        },
        Case {
            name: "never recovered from a nadir",
            platelets: "ifelse(t < 2.5, 200, ifelse(t < 4.5, 80, 120))",
            toml: r#"
                [[regimen.modify]]
                name = "nadir"
                when = "lowest_since_dose(platelets) < 100"
                then = "hold"
                until = "platelets >= 150"
                at_most = "6 day"
            "#,
            doses: &[(0, 1.0)],
            stopped: Some((13, "nadir")),
            held: &[(2, 7, "nadir", 80.0)],
            ..HEALTHY
        },
        Case {
            name: "delayed once for a nadir",
            platelets: low!("80", "2.5", "4.5"),
            toml: r#"
                [[regimen.modify]]
                name = "nadir"
                when = "lowest_since_dose(platelets) < 100"
                then = "delay 3 day"
                at_most = "10 day"
            "#,
            doses: &[(0, 1.0), (10, 1.0), (17, 1.0), (24, 1.0)],
            held: &[(2, 7, "nadir", 80.0)],
            ..HEALTHY
        },
        Case {
            name: "delayed for a nadir, and again for what is still so",
            platelets: low!("80", "2.5", "4.5"),
            upcr: "ifelse(t > 8.5 & t < 11.5, 2, 0.1)",
            toml: r#"
                [[regimen.modify]]
                name = "any"
                when = "lowest_since_dose(platelets) < 100 | upcr > 1"
                then = "delay 3 day"
                at_most = "10 day"
            "#,
            doses: &[(0, 1.0), (13, 1.0), (20, 1.0), (27, 1.0)],
            held: &[(2, 7, "any", 80.0)],
            ..HEALTHY
        },
        Case {
            name: "two delays, one after the other",
            platelets: low!("80", "2.5", "4.5"),
            upcr: "ifelse(t > 2.5 & t < 4.5, 2, 0.1)",
            toml: r#"
                [[regimen.modify]]
                name = "nadir"
                when = "lowest_since_dose(platelets) < 100"
                then = "delay 2 day"
                at_most = "14 day"
                [[regimen.modify]]
                name = "protein"
                when = "highest_since_dose(upcr) > 1"
                then = "delay 3 day"
                at_most = "14 day"
            "#,
            doses: &[(0, 1.0), (12, 1.0), (19, 1.0), (26, 1.0)],
            held: &[(2, 7, "nadir", 80.0)],
            ..HEALTHY
        },
        Case {
            name: "a delay that also waits for recovery",
            platelets: "ifelse(t > 2.5 & t < 4.5, 80, ifelse(t < 11.5, 120, 200))",
            toml: r#"
                [[regimen.modify]]
                name = "nadir"
                when = "lowest_since_dose(platelets) < 100"
                then = "delay 3 day"
                until = "platelets >= 150"
                at_most = "14 day"
            "#,
            doses: &[(0, 1.0), (12, 1.0), (19, 1.0), (26, 1.0)],
            held: &[(2, 7, "nadir", 80.0)],
            ..HEALTHY
        },
    ]
}

fn changes() -> Vec<Case> {
    vec![
        Case {
            name: "a reduction by a percentage persists",
            platelets: low!("60", "6.5", "7.5"),
            toml: r#"
                [[regimen.modify]]
                name = "low"
                when = "platelets < 75"
                then = "reduce 25 %"
            "#,
            doses: &[(0, 1.0), (7, 0.75), (14, 0.75), (21, 0.75)],
            changed: &[(2, 7, "low", 60.0)],
            ..HEALTHY
        },
        Case {
            name: "a second reduction starts from the reduced dose",
            platelets: low!("60", "6.5", "14.5"),
            toml: r#"
                [[regimen.modify]]
                name = "low"
                when = "platelets < 75"
                then = "reduce 25 %"
            "#,
            doses: &[(0, 1.0), (7, 0.75), (14, 0.5625), (21, 0.5625)],
            changed: &[(2, 7, "low", 60.0), (3, 14, "low", 60.0)],
            ..HEALTHY
        },
        Case {
            name: "down two levels, one at a time",
            platelets: low!("60", "6.5", "14.5"),
            toml: r#"
                [[regimen.modify]]
                name = "low"
                when = "platelets < 75"
                then = "reduce 1 level"
            "#,
            doses: &[(0, 1.0), (7, 0.5), (14, 0.25), (21, 0.25)],
            changed: &[(2, 7, "low", 60.0), (3, 14, "low", 60.0)],
            ..HEALTHY
        },
        Case {
            name: "below the lowest level treatment stops",
            platelets: low!("60", "6.5", "30"),
            toml: r#"
                [[regimen.modify]]
                name = "low"
                when = "platelets < 75"
                then = "reduce 1 level"
            "#,
            doses: &[(0, 1.0), (7, 0.5), (14, 0.25)],
            stopped: Some((21, "low")),
            changed: &[(2, 7, "low", 60.0), (3, 14, "low", 60.0), (4, 21, "low", 60.0)],
            ..HEALTHY
        },
        Case {
            name: "at the lowest level the dose stays",
            platelets: low!("60", "6.5", "30"),
            toml: r#"
                [[regimen.modify]]
                name = "low"
                when = "platelets < 75"
                then = "reduce 1 level"
                floor = "50 mg"
                beyond = "stay"
            "#,
            doses: &[(0, 1.0), (7, 0.5), (14, 0.5), (21, 0.5)],
            changed: &[(2, 7, "low", 60.0)],
            ..HEALTHY
        },
        Case {
            name: "a reduction below the floor stops treatment",
            platelets: low!("60", "6.5", "30"),
            toml: r#"
                [[regimen.modify]]
                name = "low"
                when = "platelets < 75"
                then = "reduce 50 %"
                floor = "40 mg"
            "#,
            doses: &[(0, 1.0), (7, 0.5)],
            stopped: Some((14, "low")),
            changed: &[(2, 7, "low", 60.0), (3, 14, "low", 60.0)],
            ..HEALTHY
        },
        Case {
            name: "a reduction below the floor ends at the floor",
            platelets: low!("60", "6.5", "30"),
            toml: r#"
                [[regimen.modify]]
                name = "low"
                when = "platelets < 75"
                then = "reduce 50 %"
                floor = "40 mg"
                beyond = "stay"
            "#,
            doses: &[(0, 1.0), (7, 0.5), (14, 0.4), (21, 0.4)],
            changed: &[(2, 7, "low", 60.0), (3, 14, "low", 60.0)],
            ..HEALTHY
        },
        Case {
            name: "escalated within the patient up to the ceiling",
            toml: r#"
                [[regimen.modify]]
                name = "tolerated"
                when = "cycle >= 2 & platelets > 100"
                then = "escalate 25 %"
                ceiling = "150 mg"
                shows = "platelets"
            "#,
            doses: &[(0, 1.0), (7, 1.25), (14, 1.5), (21, 1.5)],
            changed: &[(2, 7, "tolerated", 200.0), (3, 14, "tolerated", 200.0)],
            ..HEALTHY
        },
        Case {
            name: "other rules in other cycles",
            platelets: "60",
            toml: r#"
                [[regimen.modify]]
                name = "early"
                when = "platelets < 75"
                then = "reduce 50 %"
                cycles = [2, 2]
                [[regimen.modify]]
                name = "late"
                when = "platelets < 75"
                then = "reduce 20 %"
                cycles = [4, 4]
            "#,
            doses: &[(0, 1.0), (7, 0.5), (14, 0.5), (21, 0.4)],
            changed: &[(2, 7, "early", 60.0), (4, 21, "late", 60.0)],
            ..HEALTHY
        },
    ]
}

fn together() -> Vec<Case> {
    vec![
        Case {
            name: "held, and reduced when it is given, for what happened since the last dose",
            platelets: low!("60", "5.5", "8.5"),
            toml: r#"
                [[regimen.modify]]
                name = "low"
                when = "platelets < 75"
                then = "hold"
                at_most = "14 day"
                [[regimen.modify]]
                name = "was low"
                when = "lowest_since_dose(platelets) < 75"
                then = "reduce 25 %"
            "#,
            doses: &[(0, 1.0), (9, 0.75), (16, 0.75), (23, 0.75)],
            held: &[(2, 7, "low", 60.0)],
            changed: &[(2, 9, "was low", 60.0)],
            ..HEALTHY
        },
        Case {
            name: "of two reductions the first in the file",
            platelets: low!("40", "6.5", "7.5"),
            toml: r#"
                [[regimen.modify]]
                name = "moderate"
                when = "platelets < 75"
                then = "reduce 25 %"
                [[regimen.modify]]
                name = "severe"
                when = "platelets < 50"
                then = "reduce 50 %"
            "#,
            doses: &[(0, 1.0), (7, 0.75), (14, 0.75), (21, 0.75)],
            changed: &[(2, 7, "moderate", 40.0)],
            ..HEALTHY
        },
        Case {
            name: "a stop comes before a hold, wherever it stands in the file",
            platelets: low!("40", "6.5", "7.5"),
            toml: r#"
                [[regimen.modify]]
                name = "low"
                when = "platelets < 75"
                then = "hold"
                at_most = "7 day"
                [[regimen.modify]]
                name = "very low"
                when = "platelets < 50"
                then = "stop"
            "#,
            doses: &[(0, 1.0)],
            stopped: Some((7, "very low")),
            ..HEALTHY
        },
        Case {
            name: "a stop when nothing was given for ten days",
            platelets: low!("60", "6.5", "30"),
            toml: r#"
                [[regimen.modify]]
                name = "gap"
                when = "days_since_dose >= 10 & doses_given >= 1"
                then = "stop"
                shows = "doses_given"
                [[regimen.modify]]
                name = "low"
                when = "platelets < 75"
                then = "hold"
                at_most = "14 day"
            "#,
            doses: &[(0, 1.0)],
            stopped: Some((10, "gap")),
            held: &[(2, 7, "low", 60.0)],
            ..HEALTHY
        },
    ]
}

fn toxicity() -> Vec<Case> {
    vec![
        Case {
            name: "a dose that is due on the day of a dose-limiting toxicity is not given",
            platelets: low!("20", "6.5", "9.5"),
            toml: r#"
                [dlt]
                window = "21 day"
                [dlt.causes]
                marrow = ["grade(thrombocytopenia) >= 4"]
                kidney = ["grade(proteinuria) >= 3"]
            "#,
            doses: &[(0, 1.0)],
            stopped: Some((7, "dlt")),
            endpoints: &[
                ("dlt_marrow_day", 7.0),
                ("dlt_kidney_day", NEVER),
                ("thrombocytopenia_grade_baseline", 0.0),
                ("thrombocytopenia_grade", 4.0),
                ("thrombocytopenia_grade_c1", 4.0),
                ("thrombocytopenia_days_grade_3", 3.0),
                ("thrombocytopenia_onset_grade_3", 7.0),
            ],
            ..HEALTHY
        },
        Case {
            name: "a dose-limiting toxicity that does not stop treatment",
            platelets: low!("20", "6.5", "9.5"),
            toml: r#"
                [dlt]
                window = "21 day"
                stops_treatment = false
                [dlt.causes]
                marrow = ["grade(thrombocytopenia) >= 4"]
            "#,
            endpoints: &[("dlt_marrow_day", 7.0)],
            ..HEALTHY
        },
        Case {
            name: "the last day of the window counts",
            platelets: low!("20", "6.5", "7.5"),
            toml: r#"
                [dlt]
                window = "7 day"
                [dlt.causes]
                marrow = ["grade(thrombocytopenia) >= 4"]
            "#,
            doses: &[(0, 1.0)],
            stopped: Some((7, "dlt")),
            endpoints: &[("dlt_marrow_day", 7.0)],
            ..HEALTHY
        },
        Case {
            name: "after the window nothing is dose-limiting",
            platelets: low!("20", "7.5", "9.5"),
            toml: r#"
                [dlt]
                window = "7 day"
                [dlt.causes]
                marrow = ["grade(thrombocytopenia) >= 4"]
            "#,
            endpoints: &[("dlt_marrow_day", NEVER), ("thrombocytopenia_grade_c1", 0.0)],
            ..HEALTHY
        },
        Case {
            name: "days in a grade add up over gaps",
            platelets: "ifelse((t > 1.5 & t < 3.5) | (t > 4.5 & t < 7.5), 40, 200)",
            toml: r#"
                [dlt]
                window = "21 day"
                stops_treatment = false
                [dlt.causes]
                marrow = ["days(grade(thrombocytopenia) >= 3) >= 5"]
            "#,
            // Grade 3 on days 2, 3, 5, 6 and 7, each until the next.
            endpoints: &[("dlt_marrow_day", 8.0), ("thrombocytopenia_days_grade_3", 5.0)],
            ..HEALTHY
        },
        Case {
            name: "the longest run in a grade does not",
            platelets: "ifelse((t > 1.5 & t < 3.5) | (t > 4.5 & t < 7.5), 40, 200)",
            toml: r#"
                [dlt]
                window = "21 day"
                [dlt.causes]
                marrow = ["longest(grade(thrombocytopenia) >= 3) >= 5"]
            "#,
            endpoints: &[("dlt_marrow_day", NEVER)],
            ..HEALTHY
        },
        Case {
            name: "two causes on different days, the first stops",
            platelets: low!("20", "9.5", "12.5"),
            upcr: "ifelse(t > 8.5, 4, 0.1)",
            toml: r#"
                [dlt]
                window = "21 day"
                [dlt.causes]
                marrow = ["grade(thrombocytopenia) >= 4"]
                kidney = ["grade(proteinuria) >= 3"]
            "#,
            doses: &[(0, 1.0), (7, 1.0)],
            stopped: Some((9, "dlt")),
            endpoints: &[("dlt_marrow_day", 10.0), ("dlt_kidney_day", 9.0)],
            ..HEALTHY
        },
        Case {
            name: "re-treatment after recovery of both",
            platelets: low!("60", "6.5", "8.5"),
            upcr: "ifelse(t > 6.5 & t < 10.5, 2, 0.1)",
            toml: r#"
                [[regimen.modify]]
                name = "recovery"
                when = "platelets < 75 | grade(proteinuria) >= 2"
                then = "hold"
                until = "platelets >= 75 & grade(proteinuria) <= 1"
                at_most = "14 day"
            "#,
            doses: &[(0, 1.0), (11, 1.0), (18, 1.0), (25, 1.0)],
            held: &[(2, 7, "recovery", 60.0)],
            ..HEALTHY
        },
    ]
}

fn leaving() -> Vec<Case> {
    vec![
        Case {
            name: "a patient who leaves before the end of the window",
            platelets: low!("20", "11.5", "14.5"),
            toml: r#"
                [events.lesion]
                cumulative_hazard = "ifelse(t > 9.5, 1000, 0)"
                progression = true
                [dlt]
                window = "21 day"
                [dlt.causes]
                marrow = ["grade(thrombocytopenia) >= 4"]
            "#,
            doses: &[(0, 1.0), (7, 1.0)],
            stopped: Some((10, "lesion")),
            left: Some((10, "lesion")),
            // What comes after is not seen.
            endpoints: &[("lesion_day", 10.0), ("dlt_marrow_day", NEVER), ("thrombocytopenia_grade", 0.0)],
            ..HEALTHY
        },
        Case {
            name: "toxicity on the day of leaving is seen",
            platelets: low!("20", "9.5", "14.5"),
            toml: r#"
                [events.lesion]
                cumulative_hazard = "ifelse(t > 9.5, 1000, 0)"
                [dlt]
                window = "21 day"
                [dlt.causes]
                marrow = ["grade(thrombocytopenia) >= 4"]
            "#,
            doses: &[(0, 1.0), (7, 1.0)],
            stopped: Some((10, "dlt")),
            left: Some((10, "lesion")),
            endpoints: &[("lesion_day", 10.0), ("dlt_marrow_day", 10.0)],
            ..HEALTHY
        },
        Case {
            name: "a certain withdrawal at the onset of a toxicity",
            upcr: "ifelse(t > 11.5, 2, 0.1)",
            toml: r#"
                [events.withdrawal]
                probability = 1
                onset = "grade(proteinuria) >= 2"
            "#,
            doses: &[(0, 1.0), (7, 1.0)],
            stopped: Some((12, "withdrawal")),
            left: Some((12, "withdrawal")),
            endpoints: &[("withdrawal_day", 12.0)],
            ..HEALTHY
        },
        Case {
            name: "an impossible withdrawal",
            upcr: "ifelse(t > 11.5, 2, 0.1)",
            toml: r#"
                [events.withdrawal]
                probability = 0
                onset = "grade(proteinuria) >= 2"
            "#,
            endpoints: &[("withdrawal_day", NEVER), ("proteinuria_grade", 2.0)],
            ..HEALTHY
        },
        Case {
            name: "of two events at one visit the first in the file",
            toml: r#"
                [events.withdrawal]
                probability = 1
                onset = "t > 8.5"
                [events.lesion]
                cumulative_hazard = "ifelse(t > 8.5, 1000, 0)"
            "#,
            doses: &[(0, 1.0), (7, 1.0)],
            stopped: Some((9, "withdrawal")),
            left: Some((9, "withdrawal")),
            endpoints: &[("withdrawal_day", 9.0), ("lesion_day", 9.0)],
            ..HEALTHY
        },
        Case {
            name: "an event that ends treatment only",
            platelets: low!("40", "13.5", "15.5"),
            toml: r#"
                [events.intolerance]
                probability = 1
                onset = "t > 8.5"
                then = "stop"
            "#,
            doses: &[(0, 1.0), (7, 1.0)],
            stopped: Some((9, "intolerance")),
            endpoints: &[("intolerance_day", 9.0), ("thrombocytopenia_grade", 3.0)],
            ..HEALTHY
        },
        Case {
            name: "what is read at visits ends with that at which the patient leaves",
            platelets: low!("20", "11.5", "30"),
            toml: r#"
                [events.lesion]
                cumulative_hazard = "ifelse(t > 9.5, 1000, 0)"
                [endpoints]
                nadir = { of = "platelets", statistic = "min", on = "visits" }
                nadir_day = { of = "platelets", statistic = "time_of_min", on = "visits" }
                last = { of = "platelets", statistic = "value", at = "10 day" }
                later = { of = "platelets", statistic = "value", at = "12 day" }
                change = { of = "platelets", statistic = "percent_change", at = "12 day" }
                low = { of = "platelets", statistic = "first_below", threshold = 50, on = "visits" }
                low_days = { of = "platelets", statistic = "time_below", threshold = 50, on = "visits" }
                area = { of = "upcr", statistic = "auc", on = "visits" }
                high_days = { of = "platelets", statistic = "time_above", threshold = 50, window = ["8 day", "20 day"], on = "visits" }
                high = { of = "platelets", statistic = "longest_above", threshold = 50, window = ["8.5 day", "20 day"], on = "visits" }
                area_later = { of = "upcr", statistic = "auc", window = ["12 day", "20 day"], on = "visits" }
                days_later = { of = "platelets", statistic = "time_above", threshold = 50, window = ["12 day", "20 day"], on = "visits" }
                run_later = { of = "platelets", statistic = "longest_above", threshold = 50, window = ["12 day", "20 day"], on = "visits" }
            "#,
            doses: &[(0, 1.0), (7, 1.0)],
            stopped: Some((10, "lesion")),
            left: Some((10, "lesion")),
            endpoints: &[
                ("nadir", 200.0),
                ("nadir_day", 0.0),
                ("last", 200.0),
                ("later", NEVER),
                ("change", NEVER),
                ("low", NEVER),
                ("low_days", 0.0),
                ("area", 1.0),
                ("high_days", 2.0),
                ("high", 1.5),
                ("area_later", NEVER),
                ("days_later", NEVER),
                ("run_later", NEVER),
            ],
            ..HEALTHY
        },
        Case {
            name: "what follows the whole simulated course, and what is read continuously, goes on",
            platelets: low!("20", "11.5", "30"),
            toml: r#"
                [events.lesion]
                cumulative_hazard = "ifelse(t > 9.5, 1000, 0)"
                [endpoints]
                nadir = { of = "platelets", statistic = "min", on = "visits", after_leaving = "follow" }
                later = { of = "platelets", statistic = "value", at = "12 day", after_leaving = "follow" }
                change = { of = "platelets", statistic = "percent_change", at = "12 day", after_leaving = "follow" }
                low = { of = "platelets", statistic = "first_below", threshold = 50, on = "visits", after_leaving = "follow" }
                low_days = { of = "platelets", statistic = "time_below", threshold = 50, on = "visits", after_leaving = "follow" }
                lowest = { of = "lowest(platelets)", statistic = "min", on = "visits", after_leaving = "follow" }
                lowest_seen = { of = "lowest(platelets)", statistic = "min", on = "visits" }
                area = { of = "upcr", statistic = "auc", on = "continuous" }
            "#,
            doses: &[(0, 1.0), (7, 1.0)],
            stopped: Some((10, "lesion")),
            left: Some((10, "lesion")),
            endpoints: &[
                ("nadir", 20.0),
                ("later", 20.0),
                ("change", -90.0),
                ("low", 12.0),
                ("low_days", 16.0),
                ("lowest", 20.0),
                ("lowest_seen", 200.0),
                ("area", 2.8),
            ],
            ..HEALTHY
        },
    ]
}

fn statistics() -> Vec<Case> {
    vec![
        Case {
            name: "stopped for what has accumulated",
            platelets: "ifelse((t > 1.5 & t < 3.5) | (t > 8.5 & t < 10.5), 60, 200)",
            toml: r#"
                [[regimen.modify]]
                name = "four days low"
                when = "days(platelets < 75) >= 4"
                then = "stop"
            "#,
            doses: &[(0, 1.0), (7, 1.0)],
            // Low on days 2, 3, 9 and 10.
            stopped: Some((11, "four days low")),
            ..HEALTHY
        },
        Case {
            name: "days since the last dose begin anew",
            platelets: "ifelse((t > 1.5 & t < 3.5) | (t > 8.5 & t < 10.5), 60, 200)",
            toml: r#"
                [[regimen.modify]]
                name = "three days low in a cycle"
                when = "days_since_dose(platelets < 75) >= 3"
                then = "stop"
            "#,
            ..HEALTHY
        },
        Case {
            name: "progression from the smallest sum so far, seen at scans",
            upcr: "ifelse(t < 1, 100, ifelse(t < 12, 60, ifelse(t < 19, 50, 62)))",
            toml: r#"
                [response]
                of = "upcr"
                scans = ["7 day", "14 day", "21 day"]
                [[regimen.modify]]
                name = "progression"
                when = "progressed"
                then = "stop"
            "#,
            doses: &[(0, 1.0), (7, 1.0), (14, 1.0)],
            // 60 and 50 of 100 are partial responses; 62 is 24 % and 12 above 50, though 38 % below 100.
            stopped: Some((21, "progression")),
            endpoints: &[("response_7", 3.0), ("response_14", 3.0), ("response_21", 1.0)],
            ..HEALTHY
        },
    ]
}

fn text(case: &Case) -> (String, String) {
    let visits = if case.toml.contains("[visits]") { "" } else { "[visits]\nevery = \"1 day\"" };
    let cohort = format!(
        "name = \"case\"\nmodel = \"case.R\"\npatients = 1\noutput.doses = true\n[regimen]\narms = [\"100 mg\"]\ninto = [\"central\"]\n\
         every = \"7 day\"\ncycles = 4\nlevels = [\"25 mg\", \"50 mg\", \"100 mg\"]\n{visits}\n{GRADES}\n{}",
        case.toml
    );
    let model = format!(
        "case <- function() {{\n  units <- list(time = \"day\", dosing = \"mg\")\n  ini({{ k <- 0 }})\n  model({{\n    \
         d/dt(central) <- -k * central\n    platelets <- {}\n    upcr <- {}\n  }})\n}}\n",
        case.platelets, case.upcr
    );
    (cohort, model)
}

/// The job of a case.
pub(crate) fn job(case: &Case) -> Job {
    let (cohort, model) = text(case);
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/cohorts/case.toml");
    Job::from_texts(&Source::new(folder, cohort), &Source::new("case.R", model))
        .unwrap_or_else(|problems| panic!("{}: {problems:?}", case.name))
}

/// What an engine makes of a case against what was worked out, within a relative tolerance: how they differ.
pub(crate) fn check(case: &Case, job: &Job, engine: &dyn Engine, tolerance: f64) -> Vec<String> {
    let mut faults = Vec::new();
    let mut expect = |what: &str, found: String, expected: String| {
        if found != expected {
            faults.push(format!("{}: {what} {found} instead of {expected}", case.name));
        }
    };
    let (_, individuals) = job.individuals(0..1, vpop::engine::cpu::Isa::detect()).unwrap();
    let solution = engine.solve(&individuals).unwrap();
    expect("status", format!("{:?}", solution.status), format!("{:?}", [Status::Ok]));
    let round = |value: f64| (value / tolerance).round() * tolerance;
    let label = |decision: Decision| job.plan.protocol.label(decision.reason).to_owned();
    let records = solution.doses_of(0);
    let given = records.iter().filter_map(|record| Some((record.given? / DAY, round(record.factor))));
    let planned = case.doses.iter().map(|&(day, factor)| (day, round(factor)));
    expect("doses", format!("{:?}", given.collect::<Vec<_>>()), format!("{:?}", planned.collect::<Vec<_>>()));
    let ending = |decision: Option<Decision>| decision.map(|d| (d.tick / DAY, label(d)));
    expect(
        "end of treatment",
        format!("{:?}", ending(solution.endings[0].stopped)),
        format!("{:?}", case.stopped),
    );
    expect("leaving", format!("{:?}", ending(solution.endings[0].left)), format!("{:?}", case.left));
    let decided = |of: fn(&DoseRecord) -> Option<Decision>| -> String {
        let all = records.iter().enumerate();
        let decided = all.filter_map(|(i, r)| of(r).map(|d| (i + 1, d.tick / DAY, label(d), round(d.value))));
        format!("{:?}", decided.collect::<Vec<_>>())
    };
    expect("held", decided(|record| record.held), format!("{:?}", case.held));
    expect("changed", decided(|record| record.changed), format!("{:?}", case.changed));
    for &(endpoint, value) in case.endpoints {
        let found = endpoint_of(job, &solution, endpoint);
        expect(endpoint, format!("{:?}", round(found)), format!("{:?}", round(value)));
    }
    faults
}

fn endpoint_of(job: &Job, solution: &Solution, name: &str) -> f64 {
    let endpoint = job.plan.endpoints.iter().find(|endpoint| endpoint.name == name);
    let endpoint = endpoint.unwrap_or_else(|| {
        let known: Vec<&str> = job.plan.endpoints.iter().map(|e| e.name.as_str()).collect();
        panic!("no endpoint {name} among {known:?}")
    });
    solution.endpoint(endpoint.value, 0)
}
