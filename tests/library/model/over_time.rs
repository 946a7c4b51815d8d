//! What changes while a patient is followed: occasions, and covariates that are held constant.

use vpop::diagnostic::Source;
use vpop::job::Job;
use vpop::model::{Model, OverTime, parse};

const MODEL: &str = r#"m <- function() {
  units <- list(time = "day", dosing = "mg")
  covariateData <- list(
    WT = list(units = "kg", notes = "Time-varying in the source; 70 kg is typical."),
    ALB = list(description = "Albumin, not time-varying"),
    OCC = list(description = "Occasion"),
    visitno = list(description = "Number of the visit")
  )
  ini({
    lcl <- log(4)
    etalcl ~ 0.09
    iovcl + iovv ~ c(0.02, 0.01, 0.03) | visitno
    e ~ 0.1 | id(nu = 4)
  })
  model({
    cl <- exp(lcl + etalcl + iovcl + e) * WT / 70 * (ALB / 40) * (1 + OCC) * (1 + visitno)
    v <- 50 * exp(iovv)
    d/dt(central) <- -cl / v * central
  })
}
"#;

fn model() -> Model {
    parse(&Source::new("m.R", MODEL)).unwrap_or_else(|problems| panic!("{problems}"))
}

#[test]
fn effects_belong_to_the_patient_or_to_occasions() {
    let model = model();
    let occasions: Vec<_> = model.omega.iter().map(|block| block.occasion.as_deref()).collect();
    assert_eq!(occasions, [None, Some("visitno"), None]);
    assert_eq!(model.omega[1].covariance, [0.02, 0.01, 0.03]);
    let told: Vec<&str> = model.notices.iter().map(|notice| notice.message.as_str()).collect();
    assert!(told.contains(&"`iovcl` and `iovv` are drawn anew for each occasion, by `visitno`"), "{told:?}");
}

#[test]
fn covariates_say_that_they_change() {
    let of =
        |name: &str| model().covariates.iter().find(|c| c.name == name).and_then(|c| c.over_time.clone());
    assert_eq!(of("WT"), Some(OverTime::Said("Time-varying in the source".into())));
    assert_eq!(of("ALB"), None);
    assert_eq!(of("OCC"), Some(OverTime::Occasion));
    assert_eq!(of("visitno"), Some(OverTime::Occasion), "effects are drawn by it");
}

/// Covariates as bare numbers, and what is said of those that the cohort holds constant.
#[test]
fn what_is_held_constant_is_said() {
    let cohort = r#"
name = "constant"
model = "m.R"
patients = 3
[population]
WT = "154 lb"
ALB = 40
OCC = 1
visitno = 1.0
[regimen]
arms = ["1 mg"]
into = ["central"]
[visits]
until = "2 day"
"#;
    let job = Job::from_texts(&Source::new("c.toml", cohort), &Source::new("m.R", MODEL))
        .unwrap_or_else(|problems| panic!("{problems}"));
    let told = |words: &str| job.notices.iter().filter(|notice| notice.message.contains(words)).count();
    assert_eq!(told("is one number for each patient"), 3);
    assert_eq!(
        told("`WT` is one number for each patient, where the model says \"Time-varying in the source\""),
        1
    );
    let patients = job.sampler.sample(0..3).unwrap_or_else(|problem| panic!("{problem}"));
    assert_eq!(patients.covariates[1], [40.0; 3]);
    // A pound is 0.45359237 kg.
    assert!((patients.covariates[0][2] - 154.0 * 0.453_592_37).abs() < 1e-9, "{:?}", patients.covariates[0]);
}
