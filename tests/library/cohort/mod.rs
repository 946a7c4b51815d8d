//! Cohort files: what is read from good ones, and what is said about bad ones.

mod dosing;
mod scenarios;
mod tables;
mod treatment;

use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};

use proptest::prelude::*;
use vpop::cohort::{
    AtTime, Cohort, CovariateDistribution, Infusion, Per, ReadOn, Side, Taken, load, parse, schema,
};
use vpop::diagnostic::{Problems, Source};
use vpop::plan::AccumulatorKind;
use vpop::probability;
use vpop::unit::Unit;

const DAY: u32 = 86_400;

/// The smallest cohort file there is.
const SMALLEST: &str = r#"
name = "smallest"
model = "model.R"
patients = 3
[regimen]
arms = ["1 mg"]
into = ["central"]
[visits]
until = "2 day"
"#;

fn read(text: &str) -> Result<Cohort, Problems> {
    parse(&Source::new("cohort.toml", text), Path::new("folder"))
}

fn shipped(name: &str) -> Cohort {
    let path = Path::new("cohorts").join(name);
    let source = Source::new(path.display().to_string(), fs::read_to_string(&path).unwrap());
    parse(&source, Path::new("cohorts")).unwrap_or_else(|problems| panic!("{}: {problems}", path.display()))
}

fn distribution<'c>(cohort: &'c Cohort, name: &str) -> &'c CovariateDistribution {
    &cohort.population.covariates.iter().find(|covariate| covariate.name.value == name).unwrap().distribution
}

fn told(problems: &Problems) -> String {
    let mut text = String::new();
    for problem in &problems.0 {
        if let Some(place) = &problem.place {
            let (line, column) = place.line_column();
            if place.source.name.contains("tables/") {
                write!(text, "{} ", place.source.name).unwrap();
            }
            write!(text, "{line}:{column}: ").unwrap();
        }
        writeln!(text, "{}", problem.cause).unwrap();
        if let Some(help) = problem.cause.help() {
            writeln!(text, "    help: {help}").unwrap();
        }
    }
    text
}

#[test]
fn faulty_files_are_explained() {
    insta::glob!("../../faults/cohorts", "*.toml", |path| {
        // Relative, so that the messages name no folder of this machine.
        let path = path.strip_prefix(env!("CARGO_MANIFEST_DIR")).unwrap();
        match load(path) {
            Err(problems) => insta::assert_snapshot!(told(&problems)),
            Ok(_) => panic!("nothing is wrong with {}", path.display()),
        }
    });
}

#[test]
fn a_file_that_is_not_there_is_named() {
    let problems = load(Path::new("no/such/cohort.toml")).unwrap_err();
    assert_eq!(problems.to_string(), "cannot read no/such/cohort.toml: entity not found");
}

#[test]
fn a_file_with_its_model_beside_it_loads() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("model.R"), "").unwrap();
    fs::write(folder.path().join("cohort.toml"), SMALLEST).unwrap();
    let cohort = load(&folder.path().join("cohort.toml")).unwrap();
    assert_eq!(cohort.model.value, folder.path().join("model.R"));
}

#[test]
fn defaults_are_as_documented() {
    let cohort = read(SMALLEST).unwrap();
    assert_eq!((cohort.patients, cohort.seed), (3, 1));
    assert_eq!(cohort.model.value, PathBuf::from("folder/model.R"));
    assert_eq!(cohort.regimen.times(None), [0]);
    assert_eq!(cohort.regimen.arms[0].courses[0].infusion.value, Infusion::Bolus);
    assert_eq!((cohort.visits.times, cohort.visits.until), (vec![0, DAY, 2 * DAY], 2 * DAY));
    assert_eq!((cohort.solver.rtol, cohort.solver.atol, cohort.solver.max_steps), (1e-6, 1e-6, 100_000));
    assert_eq!((cohort.eligibility.max_attempts, cohort.trajectories), (1_000, None));
}

#[test]
fn regimens_are_read() {
    let cohort = read(
        r#"
name = "regimens"
model = "model.R"
patients = 3
[regimen]
arms = ["100 mg/m2", "350 umol", "1.2 nmol/kg"]
into = ["depot", "central"]
rate = "2 mg/min"
times = ["12 h", "7 day"]
loading = { doses = 2, factor = 1.5 }
[visits]
times = ["1 day", "10 day"]
[population.derived]
WT = "70"
BSA = "1.8"
[endpoints.low]
of = "log(Cc)"
statistic = "longest_below"
threshold = 0.5
window = ["1 day", "2 week"]
[endpoints.late]
of = "Cc"
statistic = "value"
at = "36 h"
[solver]
scale = { central = 2, depot = 0.5 }
"#,
    );
    let problems = cohort.unwrap_err();
    assert_eq!(told(&problems).lines().next(), Some("20:10: `2 week` is after the end of the run, 10 day"));

    let text = problems.0[0].place.as_ref().unwrap().source.text.replace("2 week", "1 week");
    let cohort = read(&text).unwrap();
    let doses = cohort.regimen.doses();
    let arms: Vec<_> =
        doses.iter().map(|dose| (dose.value.amount, dose.value.unit.clone(), dose.value.per)).collect();
    let expected = [
        (100.0, Unit::parse("mg"), Per::SquareMetre),
        (350.0, Unit::parse("umol"), Per::Patient),
        (1.2, Unit::parse("nmol"), Per::Kilogram),
    ];
    assert_eq!(arms, expected);
    let rate = Infusion::Rate { amount_per_hour: 120.0, unit: Unit::parse("mg") };
    assert_eq!(cohort.regimen.arms[0].courses[0].infusion.value, rate);
    let [loading, later] = cohort.regimen.arms[0].courses.as_slice() else { panic!("not two courses") };
    assert_eq!((loading.loading, loading.factor, &loading.times), (true, 1.5, &vec![DAY / 2, 7 * DAY]));
    assert_eq!((later.loading, later.factor, &later.times), (false, 1.0, &Vec::new()));
    assert_eq!((cohort.visits.times, cohort.visits.until), (vec![0, DAY, 10 * DAY], 10 * DAY));
    assert_eq!(cohort.endpoints[0].window, [DAY, 7 * DAY]);
    assert!(matches!(
        &cohort.endpoints[0].statistic.of,
        Taken::Threshold(AccumulatorKind::LongestTrue, Side::Below, x) if x.value == "0.5"
    ));
    assert_eq!(cohort.endpoints[1].statistic.of, Taken::At(AtTime::Value, DAY * 3 / 2));
    let scale: Vec<_> = cohort.solver.scale.iter().map(|(name, size)| (name.value.as_str(), *size)).collect();
    assert_eq!(scale, [("central", 2.0), ("depot", 0.5)]);
}

#[test]
fn every_distribution_is_read() {
    let cohort = read(
        &(SMALLEST.to_owned()
            + r#"
[population.A]
distribution = "normal"
mean = 1
sd = 2
truncate = [-1, 3]
[population.B]
distribution = "lognormal"
log_mean = 0.5
cv = 1
rounded = true
[population.C]
distribution = "uniform"
low = -1
high = 1
[population.D]
distribution = "loguniform"
low = 1
high = 10
[population.E]
distribution = "beta"
alpha = 2
beta = 3
high = 4
[population.F]
distribution = "gamma"
shape = 2
scale = 3
[population.G]
distribution = "poisson"
mean = 4
[population.H]
distribution = "bernoulli"
p = 0.25
[population.I]
distribution = "fixed"
value = 7
[population.J]
distribution = "by_class"
by = "H"
of.1 = { distribution = "poisson", mean = 1 }
of.0 = { distribution = "fixed", value = 2 }
"#),
    )
    .unwrap();
    // At scores: of the truncated normal its centre is its median.
    let at = |name: &str, score: f64| match distribution(&cohort, name) {
        CovariateDistribution::OfAll(of) => of.value(score),
        CovariateDistribution::ByClass(_) => panic!("{name} is by class"),
    };
    assert_eq!((at("A", 0.0), at("A", 40.0), at("A", -40.0)), (1.0, 3.0, -1.0));
    // Rounded; a lognormal CV of 1 is a log-variance of log(2).
    assert_eq!(at("B", 0.0), 0.5_f64.exp().round());
    assert_eq!(at("B", 5.0), (0.5 + 5.0 * std::f64::consts::LN_2.sqrt()).exp().round());
    assert_eq!((at("C", -40.0), at("C", 0.0), at("C", 40.0)), (-1.0, 0.0, 1.0));
    assert!((at("D", 0.0) - 10_f64.sqrt()).abs() < 1e-14 && at("D", -40.0) == 1.0);
    // The median of Beta(2, 3) by its polynomial, and the ends.
    let median = at("E", 0.0) / 4.0;
    assert!((median * median * (6.0 - 8.0 * median + 3.0 * median * median) - 0.5).abs() < 1e-12);
    assert_eq!(at("E", 40.0), 4.0);
    // The median m of Gamma(2, 3): 1 - (1 + m / 3) exp(-m / 3) = 1/2.
    let median = at("F", 0.0) / 3.0;
    assert!(((1.0 + median) * (-median).exp() - 0.5).abs() < 1e-12);
    assert_eq!(at("G", 0.0), 4.0);
    // The quantile of 3/4 is where ones begin.
    assert_eq!((at("H", 0.6), at("H", 0.7)), (0.0, 1.0));
    assert_eq!(at("I", 3.0), 7.0);
    // Classes come in the order of the labels, however the file orders them.
    let CovariateDistribution::ByClass(classes) = distribution(&cohort, "J") else { panic!("not a mixture") };
    assert_eq!(classes.by().value, "H");
    let medians: Vec<_> =
        classes.of().iter().map(|(label, of)| (label.value.as_str(), of.value(0.0))).collect();
    assert_eq!(medians, [("0", 2.0), ("1", 1.0)]);
}

#[test]
fn shipped_cohorts_are_right_and_called_like_their_files() {
    let mut count = 0;
    for entry in fs::read_dir("cohorts").unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|extension| extension == "toml") {
            let file = path.file_name().unwrap().to_str().unwrap();
            assert_eq!(shipped(file).name + ".toml", file);
            count += 1;
        }
    }
    assert_eq!(count, 11);
}

#[test]
fn phase1_is_the_documented_population() {
    let cohort = shipped("phase1.toml");
    let names: Vec<_> =
        cohort.population.covariates.iter().map(|covariate| covariate.name.value.as_str()).collect();
    let expected = "WT SEXF AGE HT ALB EGFR LINES LIVMET PLT0 HB0 ALT0 AST0 UPCR0 TUMSZ FGFR2 FPOS NREC";
    assert_eq!(names.join(" "), expected);
    // Median 66 kg, CV 22 %: log-sd sqrt(log(1 + 0.22^2)) = 0.2174055944
    let CovariateDistribution::OfAll(weight) = distribution(&cohort, "WT") else { panic!("by class") };
    assert!((weight.value(0.0) - 66.0).abs() < 1e-12);
    assert!(((weight.value(1.0) / 66.0).ln() - 0.217_405_594_4).abs() < 1e-10);
    let CovariateDistribution::OfAll(sex) = distribution(&cohort, "SEXF") else { panic!("by class") };
    let lowest_score_of_a_woman = -probability::score(0.55);
    let near = |off: f64| sex.value(lowest_score_of_a_woman + off);
    assert_eq!((near(-1e-9), near(1e-9)), (0.0, 1.0));
    let CovariateDistribution::ByClass(classes) = distribution(&cohort, "FPOS") else {
        panic!("not a mixture")
    };
    let names: Vec<_> = classes.of().iter().map(|(label, _)| label.value.as_str()).collect();
    assert_eq!(names, ["none_or_low", "low", "high"]);
    let high = &classes.of()[2].1;
    assert!((high.value(-40.0) - 0.1).abs() < 1e-15 && (high.value(40.0) - 1.0).abs() < 1e-15);
    let arms: Vec<_> = cohort.regimen.doses().iter().map(|dose| dose.value.amount).collect();
    assert_eq!(arms, [0.1, 0.2, 0.4, 0.8, 1.3]);
    assert_eq!(cohort.regimen.times(None), [0, 21 * DAY, 42 * DAY]);
    assert_eq!(cohort.regimen.arms[0].courses[0].infusion.value, Infusion::Duration(3_600));
    assert_eq!((cohort.visits.times.len(), cohort.visits.until), (64, 63 * DAY));
    assert_eq!(cohort.endpoints.len(), 25);
    let auc = cohort.endpoints.iter().find(|endpoint| endpoint.name.value == "auc_c1").unwrap();
    assert_eq!(
        (&auc.statistic.of, auc.on, auc.window),
        (&Taken::Values(AccumulatorKind::Auc), ReadOn::Continuous, [0, 21 * DAY])
    );
    let trajectories = cohort.trajectories.unwrap();
    assert_eq!((trajectories.patients, trajectories.times.len()), (200, 64));
}

#[test]
fn shipped_correlations_are_positive_definite() {
    for (file, pairs) in [
        ("phase1.toml", 9 * 8 / 2 + 1),
        ("normal_kidneys_first_line.toml", 8 * 7 / 2 + 1),
        ("fgfr2_high.toml", 9 * 8 / 2 + 1),
        ("reduced_renal_function.toml", 9 * 8 / 2 + 1),
    ] {
        let cohort = shipped(file);
        assert_eq!(cohort.population.correlations.len(), pairs, "{file}");
        let names: Vec<_> =
            cohort.population.covariates.iter().map(|covariate| &covariate.name.value).collect();
        let position = |name: &String| names.iter().position(|other| *other == name).unwrap();
        let mut matrix = nalgebra::DMatrix::<f64>::identity(names.len(), names.len());
        for correlation in &cohort.population.correlations {
            let (i, j) = (position(&correlation.pair[0]), position(&correlation.pair[1]));
            matrix[(i, j)] = correlation.value;
            matrix[(j, i)] = correlation.value;
        }
        let least = matrix.symmetric_eigenvalues().min();
        assert!(least > 0.05, "{file}: smallest eigenvalue {least}");
    }
}

#[test]
fn expressions_keep_their_places() {
    for file in ["phase1.toml", "preclinical_style.toml"] {
        let cohort = shipped(file);
        let derived = cohort.population.derived.iter().map(|covariate| &covariate.expression);
        let changed = cohort.parameters.iter().map(|(_, expression)| expression);
        let observed = cohort.endpoints.iter().map(|endpoint| &endpoint.of);
        let mut count = 0;
        for text in derived.chain(changed).chain(observed).chain(&cohort.eligibility.require) {
            assert_eq!(cohort.source.text[text.span.clone()], text.value);
            count += 1;
        }
        assert!(count > 25, "{file}: {count} expressions");
    }
}

#[test]
fn the_committed_schema_is_current() {
    let committed = fs::read_to_string("cohorts/schema.json").unwrap_or_default();
    let current = format!("{:#}\n", schema());
    assert!(committed == current, "cohorts/schema.json is stale: run `vpop schema > cohorts/schema.json`");
}

#[test]
fn the_schema_describes_every_key() {
    fn visit(value: &serde_json::Value, path: &str, count: &mut usize) {
        if let Some(properties) = value.get("properties").and_then(|properties| properties.as_object()) {
            for (key, property) in properties {
                let described = property.get("description").is_some();
                assert!(described, "{path}.{key} has no description");
                *count += 1;
            }
        }
        for (key, inner) in value.as_object().into_iter().flatten() {
            visit(inner, &format!("{path}.{key}"), count);
        }
    }
    let mut count = 0;
    visit(&schema(), "", &mut count);
    assert!(count > 80, "{count} keys");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    /// Whatever a slip of the hand does to a file, it is read or explained, and places lie in the text.
    #[test]
    fn no_slip_makes_it_panic(
        at in any::<prop::sample::Index>(),
        length in 0_usize..40,
        typed in prop_oneof!["[a-z0-9.\"=\\[\\]{},# \n-]{0,6}", any::<String>()],
    ) {
        let text = fs::read_to_string("cohorts/phase1.toml").unwrap();
        let start = at.index(text.len());
        let end = (start + length).min(text.len());
        let text = text[..start].to_owned() + &typed + &text[end..];
        if let Err(problems) = read(&text) {
            prop_assert!(!problems.0.is_empty());
            for problem in &problems.0 {
                let place = problem.place.as_ref().unwrap();
                prop_assert!(text.get(place.span.clone()).is_some(), "{problem}");
            }
        }
    }
}
