//! Design files: those that are shipped, what is wrong with others, tables that are given.

use std::fs;
use std::path::Path;

use vpop::diagnostic::Source;
use vpop::escalation::design::decision_table::Move;
use vpop::escalation::doses::Doses;
use vpop::escalation::settings;

use super::{planned, seen, tally};

/// What is wrong with a design for five levels, one line for each problem.
fn problems(text: &str) -> String {
    let found = settings::parse(&Source::new("design.toml", text), &Doses::levels(5));
    found.expect_err("a wrong design file").to_string()
}

fn doses() -> Doses {
    vpop::escalation::question::doses(Some(&["10 mg".into(), "20 mg".into(), "50 mg".into()]), 3)
        .expect("doses")
}

#[test]
fn shipped_designs_are_right_and_hold_the_standard_ones() {
    let mut names = Vec::new();
    for entry in fs::read_dir("designs").expect("a folder") {
        let path = entry.expect("a file").path();
        if path.extension().is_some_and(|ending| ending == "toml") {
            names.push(settings::load(&path, &doses()).unwrap_or_else(|found| panic!("{found}")).name);
        }
    }
    let none: [&Path; 0] = [];
    let standard = settings::load_all(&none, &doses()).expect("right");
    let others: Vec<_> =
        names.iter().filter(|name| standard.iter().all(|design| design.name != **name)).collect();
    assert_eq!(others, ["i3+3"]);
    assert_eq!(names.len(), standard.len() + others.len());
}

#[test]
fn the_schema_is_current() {
    let committed = fs::read_to_string("designs/schema.json").expect("a file");
    assert_eq!(committed.trim_end(), format!("{:#}", settings::schema()), "run `vpop schema design`");
}

/// Every key that designs have and that their texts misuse.
#[test]
fn wrong_files_are_told_what_and_where() {
    let cases = [
        ("", "`name` is missing"),
        ("name = 'x'", "nothing says what kind of design it is"),
        ("name = 'x'\n[boin]\n[crm]", "3:1: `boin` and `crm` are both given"),
        ("name = 'x'\n[boin]\ntargt = 0.3", "3:1: unknown key `targt`"),
        ("name = 'x'\n[boin]\ntarget = 1.3", "3:10: `target` is 1.3, and must lie between 0 and 1"),
        ("name = 'x'\n[boin]\ntoo_low = 0.4", "3:11: `too_low` must rise from 0.4 to 0.3"),
        ("name = 'x'\nstart = 'level 9'\n[boin]", "2:9: `level 9` is not a dose of this trial"),
        ("name = 'x'\n[patients]\ncohort = 2\n[three_plus_three]", "3:10: `cohort` means nothing"),
        ("name = 'x'\n[patients]\nmaximum = 0\n[boin]", "3:11: `maximum` is 0"),
        ("name = 'x'\n[mtpi2]\ninterval = [0.4, 0.2]", "3:12: `interval` goes from 0.4 to 0.2"),
        ("name = 'x'\n[crm]\nskeleton = [0.1, 0.2]", "3:12: `skeleton` has 2 values for 5 doses"),
        ("name = 'x'\n[crm]\nskeleton = [0.1, 0.2, 0.2, 0.4, 0.5]", "3:23: `skeleton` must rise"),
        ("name = 'x'\n[crm]\nhalf_width = 0.3", "3:14: `half_width` must rise from 0.3 to 0.3"),
        (
            "name = 'x'\n[crm]\nmodel = 'logistic'\nintercept = -0.85",
            "2:1: by its settings no skeleton rises",
        ),
        ("name = 'x'\n[crm]\nmodel = 'logistic'\nintercept = -5", "2:1: `intercept` is -5, not above"),
        (
            "name = 'x'\n[mtpi2]\ninterval = [0.5, 0.6]",
            "3:12: the interval from 0.5 to 0.6 must hold the target",
        ),
        ("name = 'x'\n[mtpi2]\ninterval = [0.3, 0.3000001]", "at least 0.001 wide"),
        (
            "name = 'x'\n[i3_plus_three]\ninterval = [0.1, 0.2]",
            "3:12: the interval from 0.1 to 0.2 must hold the target",
        ),
        ("name = 'x'\n[crm]\nvariance = 0", "3:12: `variance` is 0, and must be above 0"),
        ("name = 'x'\n[blrm]", "2:1: [blrm] needs the doses themselves"),
        ("name = 'x'\n[table]", "`file` is missing from [table]"),
        ("name = 'x'\n[table]\nfile = 'nowhere.csv'", "nowhere.csv"),
        ("name = 'x'\n[table]\ndecisions = { 1 = ['E', 'X'] }", "3:25: `X` is not a decision"),
        (
            "name = 'x'\n[table]\ndecisions = { 2 = ['E', 'D'] }",
            "3:19: decisions: 2 decisions after `2` patients",
        ),
        ("name = 'x'\n[table]\ndecisions = {}", "`decisions` is empty"),
        ("name = 'x'\n[fixed]\nevaluable = 0", "3:13: `evaluable` is 0"),
        ("name = 'x'\n[accelerated_titration]\ngrade = 5", "3:9: `grade` is 5"),
    ];
    for (text, expected) in cases {
        let found = problems(text);
        assert!(found.contains(expected), "{text}\n--- {found}\n--- {expected}");
    }
}

#[test]
fn models_of_doses_know_them() {
    let wrong = |text: &str| {
        settings::parse(&Source::new("design.toml", text), &doses()).expect_err("wrong").to_string()
    };
    let reference = wrong("name = 'x'\n[blrm]\nreference = '1 mg/kg'");
    assert!(reference.contains("3:13: `1 mg/kg` is of another kind"), "{reference}");
    let steep = wrong("name = 'x'\n[blrm]\nlargest_increase = 100");
    assert!(steep.contains("from 20 mg to 50 mg the dose rises by more than 100 %"), "{steep}");
    let sd = wrong("name = 'x'\n[blrm]\nsd = [0.0, 1.0]");
    assert!(sd.contains("`sd` is 0, and must lie between 0.01 and 10"), "{sd}");
}

/// A table that is written reads back as the same table.
#[test]
fn tables_survive_writing_and_reading() {
    let folder = tempfile::tempdir().expect("a folder");
    let boin = planned("[boin]", 5).table.expect("a table");
    let rows = boin.rows().map(|(n, y, decision)| format!("{n},{y},{}\n", decision.code()));
    fs::write(
        folder.path().join("boin.csv"),
        format!("patients,dlts,decision\n{}", rows.collect::<String>()),
    )
    .expect("written");
    let file = folder.path().join("design.toml");
    fs::write(&file, "name = 'x'\n[table]\nfile = 'boin.csv'").expect("written");
    let read = settings::load(&file, &Doses::levels(5)).expect("right");
    assert_eq!(read.table, Some(boin));
}

/// By hand: a table for 3 and 6 patients stays in between, and closes no dose after 2 of 3.
#[test]
fn a_table_decides_what_it_says() {
    let text =
        "[table]\ndecisions = { 3 = ['E', 'S', 'D', 'DU'], 6 = ['E', 'E', 'D', 'D', 'DU', 'DU', 'DU'] }";
    let design = planned(text, 3);
    let table = design.table.expect("a table");
    assert_eq!(table.decision(0, 2), Some(Move::Stay));
    assert_eq!((table.decision(3, 3), table.largest()), (Some(Move::Eliminate), 6));
    let next = |tallies: [_; 3], current| {
        design.design.next(&seen(&tallies, current)).map(|cohort| (cohort.dose, cohort.patients))
    };
    let nobody = tally(0, 0);
    assert_eq!(next([tally(1, 3), nobody, nobody], 0), Some((0, 3)));
    assert_eq!(next([tally(0, 5), nobody, nobody], 0), Some((0, 1)));
    assert_eq!(next([tally(1, 6), tally(2, 3), nobody], 1), None);
    assert_eq!(next([tally(1, 6), nobody, nobody], 0), Some((1, 3)));
}

mod properties {
    use proptest::prelude::*;
    use vpop::escalation::design::{Tally, TrialData};
    use vpop::escalation::paths::paths;

    use super::*;

    const KINDS: [&str; 8] = [
        "[three_plus_three]",
        "[three_plus_three]\nde_escalate = true",
        "[accelerated_titration]",
        "[boin]",
        "[mtpi2]",
        "[i3_plus_three]",
        "[crm]",
        "[fixed]",
    ];

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        /// Whatever was seen, no design skips a dose, treats nobody, or declares a dose of which nothing is known.
        #[test]
        fn designs_make_sense(
            kind in prop::sample::select(KINDS.to_vec()),
            outcomes in prop::collection::vec((0_u32..=6, 0_u32..=6), 1..12),
        ) {
            let design = planned(kind, 5).design;
            let mut seen = TrialData::nobody(5);
            for (lost, dlts) in outcomes {
                let Some(cohort) = design.next(&seen) else { break };
                prop_assert!(cohort.patients >= 1);
                let highest = seen.tallies.iter().rposition(|tally| tally.treated > 0);
                prop_assert!(cohort.dose <= highest.map_or(0, |highest| highest + 1));
                let evaluable = cohort.patients - lost.min(cohort.patients);
                let dlts = dlts.min(evaluable);
                let last = Tally { treated: cohort.patients, evaluable, dlts, moderate: dlts, second_dose: 0 };
                let tally = &mut seen.tallies[cohort.dose];
                tally.treated += last.treated;
                tally.evaluable += last.evaluable;
                tally.dlts += last.dlts;
                (seen.current, seen.last) = (Some(cohort.dose), last);
            }
            let declared = design.declare(&seen);
            prop_assert!(declared.is_none_or(|dose| seen.tallies[dose].evaluable > 0), "{declared:?} {seen:?}");
        }

        #[test]
        fn no_text_makes_it_panic(text in "(\\[?(boin|crm|table|fixed|blrm|patients)\\]?|[ =\\n0-9.'\\[\\]]|target|file){0,12}") {
            let _ = settings::parse(&Source::new("x", format!("name = 'x'\n{text}")), &doses());
        }
    }

    /// Paths of two cohorts of BOIN, by hand: 0 to 3 toxicities in the first; 3 ends it; the others go on.
    #[test]
    fn paths_are_all_there() {
        let found = paths(&*planned("[boin]", 5).design, 5, 2);
        assert_eq!(found.len(), 4 + 3 * 4);
        let ends = found.iter().filter(|path| path.next.is_none()).count();
        assert_eq!(ends, 4, "3 of 3; 1 and 3 of 6; 2 and 2 or 3 of 6");
    }
}
