//! Doses that cannot be meant are refused.

use std::path::Path;

use vpop::cohort;
use vpop::diagnostic::Source;
use vpop::plan;

use super::helper::model;

/// What is said of a model with these lines in a regimen.
fn complaints(lines: &str, regimen: &str) -> Vec<String> {
    let model = model(&format!(
        "toy <- function() {{
           units <- list(time = \"hour\", dosing = \"mg\")
           ini({{ k <- 0.5; less <- -0.5; none <- 0; more <- 10; etaf ~ 0.1 }})
           model({{
             unused <- less + none + more + etaf
             d/dt(drug) <- -k * drug
             {lines}
           }})
         }}"
    ));
    let cohort = format!(
        "name = \"toy\"
         model = \"toy.R\"
         patients = 1
         [regimen]
         arms = [\"480 mg\"]
         into = [\"drug\"]
         {regimen}
         [visits]
         until = \"2 day\""
    );
    let cohort = cohort::parse(&Source::new("cohort.toml", cohort), Path::new("")).unwrap();
    let Err(problems) = plan::build(&cohort, &model, &[], None) else { return Vec::new() };
    let told = problems
        .0
        .iter()
        .map(|problem| format!("{}; {}", problem.cause, problem.cause.help().unwrap_or_default()));
    told.collect()
}

#[test]
fn doses_that_cannot_enter() {
    let change = "change it in the model file, or the parameters in it";
    for (line, regimen, complaint) in [
        ("f(drug) <- less", "", "`f(drug)` is -0.5, and must be 0 or more"),
        ("alag(drug) <- less", "", "`alag(drug)` is -0.5, and must be 0 or more"),
        ("dur(drug) <- less", "infusion = \"model\"", "`dur(drug)` is -0.5, and must be 0 or more"),
        ("rate(drug) <- none", "infusion = \"model\"", "`rate(drug)` is 0, and must be above 0"),
    ] {
        assert_eq!(complaints(line, regimen), [format!("{complaint}; {change}")]);
    }
}

#[test]
fn a_factor_of_a_rate_is_a_bioavailability_or_a_conversion() {
    let rate = "rate = \"10 mg/h\"";
    for line in ["f(drug) <- more", "f(drug) <- more * exp(etaf)"] {
        let told = complaints(line, rate);
        let expected = "`f(drug)` is 10: a bioavailability, or a conversion of units?; write bioavailability = \"amount\"";
        assert!(told.len() == 1 && told[0].starts_with(expected), "{told:?}");
    }
    for (line, regimen) in [
        ("f(drug) <- more", format!("{rate}\nbioavailability = \"rate\"")),
        ("f(drug) <- more", format!("{rate}\nbioavailability = \"amount\"")),
        ("f(drug) <- exp(etaf)", rate.into()),
        ("f(drug) <- k", rate.into()),
        ("f(drug) <- more", "infusion = \"1 h\"".into()),
    ] {
        assert_eq!(complaints(line, &regimen), [""; 0], "{line} {regimen}");
    }
    let told = complaints("", "bioavailability = \"rate\"");
    assert!(
        told.len() == 1 && told[0].starts_with("no infusion is given by its rate; leave out"),
        "{told:?}"
    );
}
