//! The shipped protocols of several doses: what is understood of them, and the ledger of one, worked out by hand.

use vpop::engine::cpu::{Cpu, Isa, Precision};
use vpop::engine::{Engine, Status};
use vpop::job::Job;
use vpop::outcome::doses::doses;
use vpop::table::Table;

use crate::common::{job, root, vpop};
use crate::ledgers::{labels, of};
use crate::{levels, steady};

/// The step-up protocol for patients of one weight, with a rule for the stepped-up drug.
fn step_up(weight: f64) -> Job {
    let text = std::fs::read_to_string(root().join("cohorts/step_up.toml")).unwrap();
    let (head, rest) = text.split_once("distribution = \"lognormal\"").unwrap();
    let (_, rest) = rest.split_once("between = [38, 150]").unwrap();
    let rule = "[[regimen.modify]]\ndrug = \"bispecific\"\nname = \"half\"\nwhen = \"cycle == 4\"\nthen = \"reduce 50 %\"\n";
    let text = format!("{head}distribution = \"fixed\"\nvalue = {weight}\n{rest}\n{rule}");
    job(&text.replace("../models", "MODELS").replace("patients = 1_000", "patients = 1"))
}

fn ledger(job: &Job) -> Table {
    let individuals = job.typical(Isa::detect()).unwrap();
    let solution = Cpu::new(&job.plan, Isa::detect()).solve(&individuals).unwrap();
    doses(&job.plan, 0, &solution, &job.amounts(&individuals))
}

#[test]
fn the_ledger_of_a_step_up_protocol_by_hand() {
    // 120 kg: of 100 kg 6, 30 and 150 mg, the last capped at 140; halved 75, which are 37.5 vials of 2 mg, so 38.
    let job = step_up(120.0);
    let table = ledger(&job);
    let bispecific = of(&table, "weekly", "bispecific");
    let first: Vec<_> = bispecific
        .iter()
        .take(5)
        .map(|(day, planned, given, action)| (*day, *planned, *given, action.as_str()))
        .collect();
    let expected = [
        (1.0, 6.0, 6.0, "given"),
        (4.0, 30.0, 30.0, "given"),
        (8.0, 140.0, 140.0, "given"),
        (15.0, 140.0, 76.0, "reduced"),
        (22.0, 140.0, 76.0, "given"),
    ];
    for (row, expected) in first.iter().zip(expected) {
        assert!((row.0 - expected.0).abs() < 1e-9 && row.3 == expected.3, "{row:?} {expected:?}");
        assert!(
            (row.1 - expected.1).abs() < 1e-9 && (row.2 - expected.2).abs() < 1e-9,
            "{row:?} {expected:?}"
        );
    }
    assert_eq!(bispecific.len(), 13);
    // The rule is about one drug: the other has what is planned, 1000 mg from 80 kg on, on six days.
    let partner = of(&table, "weekly", "partner");
    let days: Vec<f64> = partner.iter().map(|row| row.0.round()).collect();
    assert_eq!(days, [1.0, 8.0, 15.0, 22.0, 29.0, 57.0]);
    assert!(
        partner.iter().all(|row| (row.1 - 1000.0).abs() < 1e-9 && (row.2 - 1000.0).abs() < 1e-9),
        "{partner:?}"
    );
    // Weekly from day 8 to 78, and every two weeks.
    assert_eq!(of(&table, "every two weeks", "bispecific").len(), 8);
}

#[test]
fn check_prints_what_was_understood() {
    let check = vpop(&["check", &root().join("cohorts/tablets.toml").display().to_string()]);
    let said = String::from_utf8(check.stdout).unwrap();
    for line in [
        "  doses       by renal function: of tablet into depot as a bolus every 12 h until end (28 doses, day 1 to 14.5); 2.5 \
         mg where CRCL is below 30 mL/min, 5 mg where CRCL is below 60 mL/min, 10 mg otherwise; rounded up to whole 2.5 mg\n",
        "              loading dose: 20 mg of tablet into depot as a bolus every 12 h x 1 (1 dose, day 1); rounded up to whole \
         2.5 mg\n",
        "              loading dose: 10 mg of tablet into depot as a bolus every 12 h until end (27 doses, day 1.5 to 14.5); \
         rounded up to whole 2.5 mg\n",
    ] {
        assert!(said.contains(line), "{said}");
    }
}

/// A patient misses the same doses whatever else is run: in both arms, alone and among others.
#[test]
fn missed_doses_are_of_the_patient() {
    let text = |patients: u32| {
        format!(
            "name = \"missed\"\nmodel = \"MODELS/one_compartment_oral_renal.R\"\npatients = {patients}\nseed = 7\n\
             [population.CRCL]\ndistribution = \"fixed\"\nvalue = 90\n[drugs.tablet]\ninto = [\"depot\"]\n\
             missed = {{ probability = 0.3, run = 2 }}\n[[arms]]\nname = \"low\"\ndoses = [\"5 mg bid x 20\"]\n\
             [[arms]]\nname = \"high\"\ndoses = [\"10 mg bid x 20\"]\n[visits]\nevery = \"12 h\"\nuntil = \"11 day\"\n"
        )
    };
    let actions = |patients: u32| {
        let job = job(&text(patients));
        let (_, individuals) = job.individuals(0..u64::from(patients), Isa::detect()).unwrap();
        let solution = Cpu::new(&job.plan, Isa::detect()).solve(&individuals).unwrap();
        let table = doses(&job.plan, 0, &solution, &job.amounts(&individuals));
        let amounts = table.column("amount").unwrap().values.numbers().to_vec();
        let planned = table.column("planned_amount").unwrap().values.numbers().to_vec();
        let actions = labels(&table, "action");
        for (row, action) in actions.iter().enumerate() {
            assert_eq!(amounts[row], if action == "missed" { 0.0 } else { planned[row] });
        }
        actions
    };
    let all = actions(50);
    assert_eq!(all.len(), 50 * 2 * 20);
    assert_eq!(actions(3), all[..3 * 2 * 20]);
    for patient in all.chunks(40) {
        assert_eq!(patient[..20], patient[20..]);
    }
    let missed = all.iter().filter(|action| *action == "missed").count();
    // 0.3 of 1000 draws in runs of two: a standard error of 0.02.
    assert!((missed as f64 / all.len() as f64 - 0.3).abs() < 0.08, "{missed}");
}

#[test]
fn steady_states_are_superpositions() {
    let mut faults = Vec::new();
    for (doses, arms) in steady::cases() {
        for method in ["tsit5", "closed_form"] {
            let job = steady::of_case(doses, method);
            let solution = steady::solve(&job, &Cpu::new(&job.plan, Isa::detect()));
            faults.extend(steady::check(doses, &arms, &solution, 1e-8));
            let single = Cpu::with_precision(&job.plan, Isa::detect(), Precision::F32);
            faults.extend(steady::check(doses, &arms, &steady::solve(&job, &single), 1e-4));
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

/// An area begins with time 0: over an interval at steady state it is that of all of a dose (F D / k), and the largest value
/// is none from before.
#[test]
fn nothing_is_seen_before_time_0() {
    let (doses, arms) = steady::cases().swap_remove(0);
    for method in ["tsit5", "closed_form"] {
        let job = steady::of_case(doses, method);
        let solution = steady::solve(&job, &Cpu::new(&job.plan, Isa::detect()));
        let endpoint = |name: &str| {
            let endpoint = job.plan.endpoints.iter().find(|endpoint| endpoint.name == name).unwrap();
            solution.endpoint(endpoint.value, 0)
        };
        assert!((endpoint("area") - 0.7 * 100.0 / 0.08).abs() < 1e-5, "{}", endpoint("area"));
        let largest =
            (0..60_000).map(|i| steady::expected(&arms[0], f64::from(i) / 1000.0)).fold(0.0, f64::max);
        assert!((endpoint("largest") / largest - 1.0).abs() < 1e-6, "{} {largest}", endpoint("largest"));
    }
}

#[test]
fn steady_states_of_saturable_systems_are_those_of_500_doses() {
    let [settled, written_out] = steady::saturable(true)
        .map(|job| steady::solve(&job, &Cpu::new(&job.plan, Isa::detect())).trajectories);
    assert_eq!(settled.len(), 9);
    for (settled, written_out) in settled.iter().zip(&written_out[1000..]) {
        assert!((settled - written_out).abs() < 1e-8 * written_out.max(1.0), "{settled} {written_out}");
    }
}

#[test]
fn a_state_that_never_settles_is_a_status() {
    let model = "integral <- function() {\n units <- list(time = \"hour\", dosing = \"mg\")\n ini({ k <- 0.1 })\n model({\n \
         d/dt(central) <- -k * central\n d/dt(sum) <- central\n })\n}\n";
    let doses = "[regimen]\ninto = [\"central\"]\narms = [\"10 mg q12h x 3 ss\", \"20 mg q12h x 3\"]\n";
    let job = steady::job(model, doses, "48 h", "every = \"1 h\"\n[solver]\nmax_steps = 10000000\n");
    let individuals = job.typical(Isa::detect()).unwrap();
    let solution = Cpu::new(&job.plan, Isa::detect()).solve(&individuals).unwrap();
    assert_eq!(solution.status, [Status::NoSteadyState, Status::Ok]);
}

#[test]
fn several_drugs_have_levels_of_their_own() {
    let job = job(levels::COHORT);
    for precision in [Precision::F64, Precision::F32] {
        let individuals = job.typical(Isa::detect()).unwrap();
        let solution = Cpu::with_precision(&job.plan, Isa::detect(), precision).solve(&individuals).unwrap();
        levels::check(&doses(&job.plan, 0, &solution, &job.amounts(&individuals)));
    }
}
