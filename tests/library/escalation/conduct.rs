//! How a trial goes on: waiting, replacement, the end; by hand.

use vpop::cohort::{Accrual, WhenFull};
use vpop::escalation::Trials;
use vpop::escalation::candidates::{Candidates, Fate, FromRun};
use vpop::escalation::conduct::{Conducted, End, Limits};
use vpop::escalation::settings::Planned;
use vpop::population::stream::{Draws, Stream};

use super::planned;

/// Patients who come in this order, whatever the dose.
struct Script(Vec<Fate>);

impl Candidates for Script {
    type Patient = usize;

    fn draw(&self, _: &mut Draws, before: &[usize]) -> usize {
        before.len()
    }

    fn fate(&self, patient: usize, _: usize) -> Fate {
        self.0[patient]
    }

    fn toxicity(&self) -> Vec<f64> {
        vec![f64::NAN; 2]
    }
}

fn evaluable() -> Fate {
    Fate {
        known_day: 21.0,
        evaluable: true,
        dlt: false,
        causes: 0,
        moderate: false,
        second_dose: true,
        response: false,
    }
}

fn with_dlt(known_day: f64) -> Fate {
    Fate { known_day, dlt: true, causes: 0b10, second_dose: false, ..evaluable() }
}

fn leaves(known_day: f64) -> Fate {
    Fate { known_day, evaluable: false, second_dose: false, ..evaluable() }
}

/// So many a month that nobody is waited for.
const AT_ONCE: Accrual = Accrual { patients_per_month: 1e12, when_full: WhenFull::Wait };

fn conduct(script: Vec<Fate>, design: &Planned, accrual: Accrual, replicates: u64) -> Vec<Conducted> {
    let trials = Trials { candidates: &Script(script), doses: 2, causes: 2, accrual, seed: 3, replicates };
    let mut all = Vec::new();
    let done: Result<(), ()> = trials.conduct(design, |_, conducted| {
        all.extend_from_slice(conducted);
        Ok(())
    });
    done.expect("nothing is written");
    all
}

/// Two a cohort, one replaced: toxicity on day 5; one leaves on day 10 and is replaced then until day 31. The
/// second cohort opens on day 31; both leave, on days 3 and 4, and one is replaced from day 34 to 55.
#[test]
fn cohorts_wait_and_replace() {
    let design = planned("[patients]\ncohort = 2\nreplaced = 1\n[fixed]", 2);
    let script = vec![with_dlt(5.0), leaves(10.0), evaluable(), leaves(3.0), leaves(4.0), evaluable()];
    let [trial] = <[Conducted; 1]>::try_from(conduct(script, &design, AT_ONCE, 1)).expect("one trial");
    let [first, second] = trial.cohorts.as_slice() else { panic!("{trial:?}") };
    let close = |a: f64, b: f64| (a - b).abs() < 1e-6;
    assert!(close(first.opened, 0.0) && close(first.complete, 31.0), "{first:?}");
    assert!(close(second.opened, 31.0) && close(second.complete, 55.0), "{second:?}");
    assert_eq!((first.tally.treated, first.tally.evaluable, first.tally.dlts), (3, 2, 1));
    assert_eq!(first.causes, [0, 1]);
    assert_eq!((second.tally.treated, second.tally.evaluable, second.tally.second_dose), (3, 1, 1));
    assert_eq!(trial.end, End::Design);
}

#[test]
fn all_are_replaced_up_to_the_most_patients() {
    let design = planned("[patients]\ncohort = 2\nmaximum = 5\n[boin]", 2);
    let [trial] =
        <[Conducted; 1]>::try_from(conduct(vec![leaves(1.0); 5], &design, AT_ONCE, 1)).expect("one");
    assert_eq!((trial.cohorts.len(), trial.tallies[0].treated, trial.end), (1, 5, End::AllPatients));
    assert_eq!(trial.declared, None);
    let enough = planned("[patients]\ncohort = 3\nat_dose = 3\n[boin]\ntarget = 0.3", 2);
    let script = vec![with_dlt(1.0), evaluable(), evaluable()];
    let [trial] = <[Conducted; 1]>::try_from(conduct(script, &enough, AT_ONCE, 1)).expect("one");
    assert_eq!((trial.end, trial.declared), (End::EnoughAtDose, Some(0)));
}

/// Ten arrivals at 2 a month take 152 days on average (10 x 30.4375 / 2), with a standard deviation of 48.1 (of
/// a gamma distribution); turned away while three weeks of waiting last, patients come one by one: cohorts of
/// one take 10 x (15.2 + 21) days.
#[test]
fn patients_come_at_the_rate_that_is_given() {
    let duration = |size: u32, when_full| {
        let text = format!("[patients]\ncohort = {size}\nmaximum = 10\n[boin]");
        let accrual = Accrual { patients_per_month: 2.0, when_full };
        let trials = conduct(vec![evaluable(); 10], &planned(&text, 2), accrual, 4_000);
        let last = |trial: &Conducted| trial.cohorts.last().map_or(0.0, |cohort| cohort.complete);
        trials.iter().map(last).sum::<f64>() / trials.len() as f64
    };
    let error = 48.1 / 4_000_f64.sqrt();
    assert!((duration(10, WhenFull::Wait) - 152.19 - 21.0).abs() < 4.0 * error);
    assert!((duration(1, WhenFull::TurnedAway) - 10.0 * (15.21875 + 21.0)).abs() < 4.0 * error);
    assert!(duration(1, WhenFull::Wait) < duration(1, WhenFull::TurnedAway));
}

/// The same trials whatever the number of threads and of trials; the same first patients under two designs.
#[test]
fn trials_are_reproducible() {
    let fates = (0..500).flat_map(|i| {
        [evaluable(), if i % 3 == 0 { with_dlt(f64::from(i % 21)) } else { leaves(f64::from(i % 20)) }]
    });
    let candidates = FromRun { fates: fates.collect(), doses: 2 };
    let all = |design: &Planned, replicates, threads| {
        let trials = Trials {
            candidates: &candidates,
            doses: 2,
            causes: 2,
            accrual: Accrual::default(),
            seed: 5,
            replicates,
        };
        let mut all: Vec<Conducted> = Vec::new();
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("threads");
        let done: Result<(), ()> = pool.install(|| {
            trials.conduct(design, |first, conducted| {
                assert_eq!(first as usize, all.len());
                all.extend_from_slice(conducted);
                Ok(())
            })
        });
        done.expect("nothing is written");
        all
    };
    let boin = planned("[boin]", 2);
    let crm = planned("[crm]", 2);
    let one = all(&boin, 5_000, 1);
    assert_eq!(one, all(&boin, 5_000, 3));
    assert_eq!(one[..4_100], all(&boin, 4_100, 2));
    let same = one.iter().zip(all(&crm, 5_000, 2)).all(|(a, b)| a.cohorts[0] == b.cohorts[0]);
    assert!(same, "the first cohorts are the same patients on the same days");
    assert!(one.iter().any(|trial| trial.cohorts[0] != one[0].cohorts[0]));
}

#[test]
fn nobody_is_drawn_twice() {
    let candidates = FromRun { fates: vec![evaluable(); 40], doses: 2 };
    let mut draws = Stream::new(1, "test").patient(0);
    let mut drawn: Vec<usize> = Vec::new();
    for _ in 0..candidates.count() {
        let next = candidates.draw(&mut draws, &drawn);
        drawn.push(next);
    }
    drawn.sort_unstable();
    assert!(drawn.into_iter().eq(0..20));
}

/// The limits of a design are those of its file.
#[test]
fn limits_are_those_of_the_file() {
    let limits = planned("[patients]\nmaximum = 33\nat_dose = 9\nreplaced = 0\n[mtpi2]", 3).limits;
    assert_eq!(limits, Limits { patients: 33, at_dose: Some(9), replacements: Some(0) });
}
