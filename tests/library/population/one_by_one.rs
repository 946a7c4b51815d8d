//! Patients are drawn by columns: each is, to the last bit, who is drawn alone by what the documentation says.

use std::path::Path;

use vpop::cohort::{self, Cohort, CovariateDistribution};
use vpop::dataset::Dataset;
use vpop::diagnostic::Source;
use vpop::model;
use vpop::population::stream::{Draws, Stream};
use vpop::population::{Patients, Sampler};

use super::helper::{
    self, at, bernoulli, by_class, correlation, derived, drawing, lognormal, loguniform, normal, rows,
    truncated,
};

/// More than one chunk, from the middle of one.
const PATIENTS: std::ops::Range<u64> = 500..3_000;
/// Of X and Y.
const CORRELATION: f64 = 0.6;

/// Every kind of draw, of which one in 10 is eligible.
fn all_kinds() -> Cohort {
    let classes = [
        ("low", normal(3.0, 0.5)),
        ("middle", loguniform(1.0, 10.0)),
        ("high", "distribution = 'gamma', shape = 2.5, scale = 3".to_owned()),
    ];
    let mut cohort = drawing([
        ("Z", by_class("C", classes)),
        ("X", normal(1.0, 2.0)),
        ("Y", lognormal(0.1, 0.7)),
        ("S", bernoulli(0.3)),
        (
            "C",
            "distribution = 'categorical', probabilities = { low = 0.5, middle = 0.3, high = 0.2 }"
                .to_owned(),
        ),
        ("T", truncated(normal(0.0, 1.0), [-1.0, 3.0])),
        ("N", "distribution = 'poisson', mean = 4".to_owned()),
        ("B", "distribution = 'beta', alpha = 2, beta = 3".to_owned()),
    ]);
    cohort.population.correlations = vec![correlation("X", "Y", CORRELATION)];
    cohort.population.derived = vec![derived("SUM", "X + sqrt(Y) * Z^0.3")];
    cohort.population.covariates[1].between = Some(at([-4.0, 4.0]));
    cohort.eligibility.require = vec![at("SUM > 5".into()), at("S == 1 || T < 0.5".into())];
    cohort
}

/// The draws of one patient, by the names of covariates.
fn draws(cohort: &Cohort, patient: u64) -> Vec<Draws> {
    let of = |name: &str| Stream::new(cohort.seed, &format!("covariate:{name}")).patient(patient);
    cohort.population.covariates.iter().map(|drawn| of(&drawn.name.value)).collect()
}

/// The value of a score, given the class.
fn value(distribution: &CovariateDistribution, score: f64, class: f64) -> f64 {
    match distribution {
        CovariateDistribution::OfAll(of) => of.value(score),
        CovariateDistribution::ByClass(classes) => classes.of()[class as usize].1.value(score),
    }
}

/// Covariates in file order, computed ones last, and the number of draws.
fn alone(cohort: &Cohort, patient: u64) -> (Vec<f64>, u32) {
    let mut draws = draws(cohort, patient);
    let kinds: Vec<_> = cohort.population.covariates.iter().map(|drawn| &drawn.distribution).collect();
    for attempt in 1.. {
        let mut scores: Vec<f64> = draws.iter_mut().map(Draws::score).collect();
        scores[2] = CORRELATION * scores[1] + (1.0 - CORRELATION * CORRELATION).sqrt() * scores[2];
        let class = value(kinds[4], scores[4], f64::NAN);
        let mut values: Vec<f64> =
            kinds.iter().zip(scores).map(|(kind, score)| value(kind, score, class)).collect();
        let sum = values[1] + values[2].sqrt() * values[0].powf(0.3);
        if (-4.0..=4.0).contains(&values[1]) && sum > 5.0 && (values[3] == 1.0 || values[5] < 0.5) {
            values.push(sum);
            return (values, attempt);
        }
    }
    panic!("never eligible")
}

/// The effects of the test's model: `L z` of each block.
fn effects(cohort: &Cohort, patient: u64) -> [f64; 4] {
    let score = |name| Stream::new(cohort.seed, &format!("effect:{name}")).patient(patient).score();
    let [cl, vc, zero, q] = ["etalcl", "etalvc", "etazero", "etalq"].map(score);
    let of_vc = 0.03 / 0.04_f64.sqrt();
    let rest = (0.16 - of_vc * of_vc).sqrt();
    let nothing = 0.0 * vc + 0.0 * zero;
    [0.09_f64.sqrt() * cl, 0.04_f64.sqrt() * vc, nothing, of_vc * vc + 0.0 * zero + rest * q]
}

fn bits(values: impl IntoIterator<Item = f64>) -> Vec<u64> {
    values.into_iter().map(f64::to_bits).collect()
}

/// A patient's row of columns.
fn row(columns: &[Vec<f64>], i: usize) -> Vec<u64> {
    bits(columns.iter().map(|column| column[i]))
}

fn columns(patients: &Patients) -> Vec<Vec<f64>> {
    patients.columns.iter().map(|column| column.values.numbers()).collect()
}

#[test]
fn of_every_distribution() {
    let mut cohort = all_kinds();
    cohort.eligibility.max_attempts = 1_000;
    let patients = Sampler::new(&cohort, &helper::model(&[])).unwrap().sample(PATIENTS).unwrap();
    let columns = columns(&patients);
    for (i, patient) in PATIENTS.enumerate() {
        let (values, attempts) = alone(&cohort, patient);
        assert_eq!((row(&columns, i), patients.attempts[i]), (bits(values), attempts), "patient {patient}");
        assert_eq!(row(&patients.effects, i), bits(effects(&cohort, patient)), "patient {patient}");
    }
    // Beyond the first block of the generator, and beyond several.
    assert!(patients.attempts.iter().any(|&attempts| attempts > 40));
}

/// A row is drawn anew with everything else.
#[test]
fn of_rows_of_a_table() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("p.csv");
    std::fs::write(&path, "WT\n50\n60\n70\n80\n95\n").unwrap();
    let mut cohort = drawing([("AGE", normal(50.0, 10.0))]);
    cohort.population.rows = Some(rows(path, &[], true));
    cohort.eligibility.require = vec![at("AGE < WT - 30".into())];
    let patients = Sampler::new(&cohort, &helper::model(&[])).unwrap().sample(PATIENTS).unwrap();
    let columns = columns(&patients);
    for (i, patient) in PATIENTS.enumerate() {
        let of = |purpose| Stream::new(cohort.seed, purpose).patient(patient);
        let (mut table, mut ages) = (of("rows"), of("covariate:AGE"));
        let draw = || {
            let weight = [50.0, 60.0, 70.0, 80.0, 95.0][(table.uniform() * 5.0) as usize];
            [weight, 50.0 + 10.0 * ages.score()]
        };
        let mut drawn = (1..).zip(std::iter::repeat_with(draw));
        let (attempts, expected) = drawn.find(|(_, [weight, age])| *age < weight - 30.0).unwrap();
        assert_eq!((row(&columns, i), patients.attempts[i]), (bits(expected), attempts), "patient {patient}");
    }
    assert!(patients.attempts.iter().any(|&attempts| attempts > 8));
}

/// What the data set says stays, what it does not say is drawn.
#[test]
fn of_individuals_of_a_data_set() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("data.csv");
    let weights = [50.0, 64.0, 81.0];
    let records =
        (1..).zip(weights).map(|(id, weight)| format!("{id},0,100,1,{weight}\n{id},5,0,0,{weight}\n"));
    std::fs::write(&file, format!("ID,TIME,AMT,EVID,WT\n{}", records.collect::<String>())).unwrap();
    let text = format!(
        "name = 'data'\nmodel = 'model.R'\nseed = 7\n[data]\nfile = '{}'\nreplicates = 500\n[population.AGE]\n\
         distribution = 'normal'\nmean = 50\nsd = 10\nbetween = [40, 45]\n",
        file.display()
    );
    let cohort = cohort::parse(&Source::new("cohort.toml", text), Path::new("")).unwrap();
    let model = model::load(Path::new("tests/faults/datasets/model.R")).unwrap();
    let data = Dataset::open(&cohort, &model).unwrap();
    let patients = Sampler::of_data(&cohort, &model, data).unwrap().sample(0..1_500).unwrap();
    let (weight, age) = (patients.numbers("WT"), patients.numbers("AGE"));
    for patient in 0..1_500_u64 {
        let i = patient as usize;
        let mut ages = Stream::new(7, "covariate:AGE").patient(patient);
        let mut drawn = (1..).zip(std::iter::repeat_with(|| 50.0 + 10.0 * ages.score()));
        let (attempts, expected) = drawn.find(|(_, age)| (40.0..=45.0).contains(age)).unwrap();
        assert_eq!((weight[i], patients.attempts[i]), (weights[i / 500], attempts), "patient {patient}");
        assert_eq!(age[i].to_bits(), expected.to_bits(), "patient {patient}");
    }
    assert!(patients.attempts.iter().any(|&attempts| attempts > 8));
}
