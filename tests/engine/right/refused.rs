//! What cannot be right as it is written is refused, with what to write instead.

use vpop::diagnostic::Source;
use vpop::job::Job;

/// Oral, one compartment, absorbed within hours.
const ORAL: &str = r#"
oral <- function() {
  units <- list(time = "hour", dosing = "mg", concentration = "mg/L")
  ini({ ka <- 1.2; k <- 0.2; kout <- 0.01 })
  model({
    d/dt(depot) <- -ka * depot
    alag(depot) <- 0.4
    d/dt(central) <- ka * depot - k * central
    response(0) <- 1
    d/dt(response) <- kout * (1 - response) - 0.001 * central * response
    d/dt(clock) <- 1
    Cc <- central / 20
  })
}
"#;

fn job(cohort: &str) -> Result<Job, String> {
    let file =
        Source::new("cohort.toml", format!("name = \"case\"\nmodel = \"case.R\"\npatients = 2\n{cohort}"));
    let told = |problems: vpop::diagnostic::Problems| {
        let one = |problem: &vpop::diagnostic::Problem| {
            format!("{problem}\n{}\n", problem.cause.help().unwrap_or_default())
        };
        problems.0.iter().map(one).collect::<String>()
    };
    Job::from_texts(&file, &Source::new("case.R", ORAL)).map_err(told)
}

fn refused(cohort: &str, parts: &[&str]) {
    let Err(said) = job(cohort) else { panic!("not refused: {cohort}") };
    for part in parts {
        assert!(said.contains(part), "`{part}` is not in: {said}");
    }
}

/// A regimen in hours with its visits and an endpoint.
fn read(every: &str, cycles: u32, visits: &str, endpoint: &str) -> String {
    format!(
        "[regimen]\narms = [\"100 mg\"]\ninto = [\"depot\"]\nevery = \"{every}\"\ncycles = {cycles}\n[visits]\n\
         {visits}\n[endpoints.e]\n{endpoint}\n"
    )
}

#[test]
fn peaks_between_visits_that_are_as_far_apart_as_doses() {
    let largest = "of = \"Cc\"\nstatistic = \"max\"";
    let daily = "every = \"1 day\"";
    let both = ["on = \"continuous\"", "on = \"visits\""];
    let between = ["none lies between the dose at 0 day and 1 day", both[0], both[1]];
    refused(&read("24 h", 5, daily, largest), &between);
    refused(&read("12 h", 5, daily, largest), &["between the dose at 0 day and 12 h"]);
    refused(&read("24 h", 5, "every = \"7 day\"", largest), &between);
    // One dose, and nothing before the end.
    refused(&read("24 h", 1, "until = \"1 day\"", largest), &between);
    // Visits close to the first dose only.
    let first = "times = [\"1 h\", \"2 h\", \"4 h\", \"1 day\", \"2 day\"]";
    refused(&read("24 h", 2, first, largest), &["between the dose at 1 day and 2 day"]);
    for statistic in ["min", "time_of_max", "time_of_min", "auc", "mean"] {
        refused(&read("24 h", 5, daily, &format!("of = \"Cc\"\nstatistic = \"{statistic}\"")), &between);
    }
    for statistic in [
        "time_above",
        "time_below",
        "longest_above",
        "longest_below",
        "first_above",
        "first_below",
        "crossings",
    ] {
        let endpoint = format!("of = \"response\"\nstatistic = \"{statistic}\"\nthreshold = 1");
        refused(&read("24 h", 5, daily, &endpoint), &between[1..]);
    }
    // Said, or seen, or without anything to see.
    for on in both {
        assert!(job(&read("24 h", 5, daily, &format!("{largest}\n{on}"))).is_ok(), "{on}");
    }
    assert!(job(&read("24 h", 5, "every = \"12 h\"", largest)).is_ok(), "twice a day");
    assert!(job(&read("24 h", 5, first, &format!("{largest}\nwindow = [\"0 day\", \"1 day\"]"))).is_ok());
    assert!(job(&read("24 h", 5, daily, "of = \"clock\"\nstatistic = \"max\"")).is_ok(), "no dose moves it");
    assert!(job(&read("24 h", 5, daily, "of = \"Cc\"\nstatistic = \"value\"\nat = \"2 day\"")).is_ok());
    assert!(job(&read("24 h", 5, daily, largest).replace("100 mg", "0 mg")).is_ok(), "nothing is given");
}

#[test]
fn labels_that_are_none() {
    let class = "[population.FGFR2]\ndistribution = \"categorical\"\nprobabilities = { low = 0.5, high = 0.5 }\n\
                 [population.ECOG]\ndistribution = \"categorical\"\nprobabilities = { \"1\" = 0.5, \"2\" = 0.5 }\n\
                 [population.WT]\ndistribution = \"fixed\"\nvalue = 70\n";
    let with = |require: &str| {
        let rest = read("24 h", 2, "every = \"6 h\"", "of = \"Cc\"\nstatistic = \"max\"");
        format!("{class}[eligibility]\nrequire = ['{require}']\n{rest}")
    };
    refused(&with("FGFR2 == \"hihg\""), &["`FGFR2` is never \"hihg\"", "did you mean `high`?"]);
    refused(&with("FGFR2 == \"HER2\""), &["its labels: \"low\", \"high\""]);
    refused(&with("FGFR2 >= \"low\""), &["no order", "FGFR2 == \"low\""]);
    refused(&with("WT == \"low\""), &["no labels"]);
    refused(&with("WTT == \"low\""), &["`WTT` is not defined"]);
    refused(&with("FGFR2 + 1 == \"low\""), &["no labels"]);
    refused(&with("FGFR2 == 2"), &["`FGFR2` is never 2", "FGFR2 == \"low\""]);
    refused(&with("ECOG <= 1"), &["`ECOG` is not the number in its label", "ECOG == \"1\""]);
    refused(&with("ECOG == 1"), &["`ECOG` is not the number in its label"]);
    refused(&with("\"low\""), &["text is not a number"]);
    for right in ["FGFR2 == \"low\"", "\"high\" != FGFR2", "FGFR2 == 1", "ECOG == \"2\" | WT > 3"] {
        assert!(job(&with(right)).is_ok(), "{right}");
    }
    // Where the model is known too.
    let endpoint = "of = \"ifelse(FGFR2 == 'hihg', Cc, 0)\"\nstatistic = \"value\"\nat = \"1 day\"";
    refused(&format!("{class}{}", read("24 h", 2, "every = \"6 h\"", endpoint)), &["did you mean `high`?"]);
}

#[test]
fn tolerances_and_scales_are_warned_of() {
    let curve = "of = \"Cc\"\nstatistic = \"max\"\non = \"continuous\"";
    let rest = read("24 h", 2, "every = \"6 h\"", curve);
    let told = |solver: &str| -> String {
        let job = job(&format!("{rest}[solver]\n{solver}\n")).unwrap_or_else(|said| panic!("{said}"));
        job.notices.iter().map(|notice| format!("{}: {}\n", notice.weight.name(), notice.message)).collect()
    };
    assert_eq!(told("rtol = 1e-3\natol = 1e-4\nscale = { depot = 50 }"), "");
    assert!(told("rtol = 0.05").contains("warning: `rtol` is 0.05: nothing is promised"));
    let loose = told("atol = 1e6");
    assert!(
        loose.contains("`atol` is 1000000: nothing") && loose.contains("`central` stays below"),
        "{loose}"
    );
    let large = told("scale = { central = 1e9 }");
    assert!(large.contains("warning: `central` stays below") && !large.contains("depot"), "{large}");
    let small = job(&rest.replace("100 mg", "0.001 mg")).unwrap_or_else(|said| panic!("{said}"));
    let taken: Vec<_> = small.notices.iter().map(|notice| (notice.weight.name(), &*notice.message)).collect();
    assert!(
        taken.iter().any(|(weight, text)| *weight == "note" && text.contains("`depot` stays below")),
        "{taken:?}"
    );
    refused(&format!("{rest}[solver]\nrtol = 0.9\n"), &["`rtol` is 0.9", "below 0.1"]);
}

/// Seen at visits every 6 h, but hours before or after its peak.
#[test]
fn peaks_that_visits_miss_are_warned_of() {
    let told = |endpoint: &str| -> Vec<String> {
        let job = job(&read("24 h", 2, "every = \"6 h\"", endpoint)).unwrap_or_else(|said| panic!("{said}"));
        job.notices.into_iter().map(|notice| notice.message).collect()
    };
    let missed = told("of = \"Cc\"\nstatistic = \"max\"");
    assert!(
        missed.len() == 1 && missed[0].starts_with("`e` is 1.97 at visits and 3.53 of the curve"),
        "{missed:?}"
    );
    let missed = told("of = \"Cc\"\nstatistic = \"first_above\"\nthreshold = 3");
    assert!(missed.len() == 1 && missed[0].starts_with("`e` is never at visits"), "{missed:?}");
    assert!(told("of = \"Cc\"\nstatistic = \"max\"\non = \"visits\"").is_empty(), "said");
    assert!(told("of = \"Cc\"\nstatistic = \"min\"").is_empty(), "troughs are at visits");
    assert!(told("of = \"response\"\nstatistic = \"min\"").is_empty(), "slow enough");
}
