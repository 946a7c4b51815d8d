//! Who is drawn: pinned numbers, and independence of everything that is not the patient.

use crate::strict::zip_equal;
use vpop::population::stream::Stream;
use vpop::population::{Patients, Sampler};

use super::helper::{NORMAL, drawn, model};
use super::phase1::cohort;

const PATIENT: u64 = 4711;

fn sampler() -> Sampler {
    Sampler::new(&cohort(), &model(&["WT", "EGFR", "SCR"])).unwrap()
}

/// The values of one patient of a sample, by column, then effects, then draws made.
fn patient(patients: &Patients, index: u64) -> Vec<u64> {
    let i = (index - patients.first) as usize;
    let columns = patients.columns.iter().map(|column| column.values.numbers()[i]);
    let effects = patients.effects.iter().map(|effect| effect[i]);
    columns.chain(effects).chain([f64::from(patients.attempts[i])]).map(f64::to_bits).collect()
}

#[test]
fn alone_in_a_crowd_and_with_any_threads() {
    let sampler = sampler();
    let alone = sampler.sample(PATIENT..PATIENT + 1).unwrap();
    let expected = patient(&alone, PATIENT);
    for range in [0..10_000, 4000..4712, 4711..9000, 4000..5500] {
        assert_eq!(patient(&sampler.sample(range).unwrap(), PATIENT), expected);
    }
    let with = |threads| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| sampler.sample(3000..6000).unwrap())
    };
    assert_eq!(with(1), with(2));
    assert_eq!(patient(&with(2), PATIENT), expected);
}

/// Another covariate, wherever it is put, moves no other as long as no patient is rejected for it.
#[test]
fn another_covariate_moves_no_other() {
    let mut wider = cohort();
    wider.population.covariates.insert(0, drawn("EXTRA", NORMAL));
    let wider = Sampler::new(&wider, &model(&[])).unwrap().sample(0..500).unwrap();
    let before = sampler().sample(0..500).unwrap();
    for column in &before.columns {
        assert_eq!(before.numbers(&column.meta.name), wider.numbers(&column.meta.name));
    }
    assert_eq!(before.effects, wider.effects);
}

#[test]
fn the_seed_moves_everything() {
    let mut other = cohort();
    other.seed += 1;
    let other = Sampler::new(&other, &model(&[])).unwrap().sample(0..1).unwrap();
    let before = sampler().sample(0..1).unwrap();
    for (a, b) in before.effects.iter().zip(&other.effects).filter(|(a, _)| a[0] != 0.0) {
        assert_ne!(a, b);
    }
    assert_ne!(before.numbers("WT"), other.numbers("WT"));
}

#[test]
fn residual_scores_belong_to_patient_line_and_time() {
    let sampler = sampler();
    let score = sampler.residual_score(PATIENT, 86_400, 1);
    assert_eq!(score, sampler.residual_score(PATIENT, 86_400, 1));
    assert_ne!(score, sampler.residual_score(PATIENT, 86_401, 1));
    assert_ne!(score, sampler.residual_score(PATIENT, 86_400, 0));
    assert_ne!(score, sampler.residual_score(PATIENT + 1, 86_400, 1));
    let direct = Stream::new(20_150_324, "residual:platelets").patient_at(PATIENT, 86_400).score();
    assert_eq!(score, direct);
}

/// Pinned: whoever has run a cohort must find the same patients. `uniform` is exact on every
/// machine, and comes out alike from SHA-256 and ChaCha written anew in Python; values pass through `exp` and `log` of the platform, so they are held to 1e-12.
#[test]
fn values_are_stable() {
    let uniform = Stream::new(20_150_324, "covariate:WT").patient(PATIENT).uniform();
    assert_eq!(uniform, UNIFORM);
    let patients = sampler().sample(PATIENT..PATIENT + 1).unwrap();
    for (name, expected) in COVARIATES {
        let got = patients.numbers(name)[0];
        assert!((got / expected - 1.0).abs() < 1e-12, "{name}: {got:?}");
    }
    let got: Vec<f64> = patients.effects.iter().map(|effect| effect[0]).collect();
    for (got, expected) in zip_equal(got.iter(), EFFECTS) {
        assert!((got - expected).abs() < 1e-12, "{got:?}");
    }
}

const UNIFORM: f64 = 0.0016735717192298827;

const COVARIATES: [(&str, f64); 5] = [
    ("WT", 118.561_804_203_911_54),
    ("EGFR", 110.044_960_739_641_06),
    ("SCR", 0.527_331_735_593_506_7),
    ("FPOS", 0.003_382_455_746_634_937_4),
    ("TUMSZ", 98.764_082_807_040_08),
];

const EFFECTS: [f64; 4] = [0.436_078_642_343_528_17, 0.374_839_342_906_932_1, 0.0, 0.955_831_112_091_390_4];
