//! What a cohort file begins with, of a model alone: doses, covariates, endpoints.

use vpop::diagnostic::{Problems, Source};
use vpop::draft::cohort;
use vpop::engine::Engine;
use vpop::engine::cpu::{Cpu, Isa};
use vpop::job::Job;
use vpop::model::{Model, parse};

/// Clearance 2 L/h, volume 20 L.
const INI: &str = "lcl <- log(2)\nlv <- log(20)\naddSd <- 0.1";
const PARAMETERS: &str = "cl <- exp(lcl)\nv <- exp(lv)\n";
const ONE: &str = "d/dt(central) <- -cl / v * central\nCc <- central / v\nCc ~ add(addSd)";

/// A model in hours.
fn source(metadata: &str, ini: &str, equations: &str) -> std::sync::Arc<Source> {
    let text = format!(
        "m <- function() {{\nunits <- list(time = \"h\", dosing = \"mg\")\n{metadata}\nini({{\n{ini}\n}})\nmodel({{\n{equations}\n}})\n}}\n"
    );
    Source::new("m.R", text)
}

fn read(source: &std::sync::Arc<Source>) -> Model {
    parse(source).unwrap_or_else(|problems| panic!("{problems}"))
}

fn job(cohort: &str, model: &std::sync::Arc<Source>) -> Result<Job, Problems> {
    Job::from_texts(&Source::new("cohort.toml", cohort), model)
}

/// The endpoints of a typical patient, by the name of the endpoint.
fn endpoints(job: &Job) -> Vec<(String, f64)> {
    let solution = Cpu::new(&job.plan, Isa::detect()).solve(&job.typical(Isa::detect()).unwrap()).unwrap();
    job.plan.endpoints.iter().map(|e| (e.name.clone(), solution.endpoint(e.value, 0))).collect()
}

/// The cohort of a model, and the endpoints that its typical patient has.
#[track_caller]
fn drafted(metadata: &str, ini: &str, equations: &str) -> (String, Vec<(String, f64)>) {
    let source = source(metadata, ini, equations);
    let text = cohort(&read(&source), "m.R");
    let job = job(&text, &source).unwrap_or_else(|problems| panic!("{problems}\n{text}"));
    let values = endpoints(&job);
    (text, values)
}

#[track_caller]
fn line<'a>(text: &'a str, beginning: &str) -> &'a str {
    text.lines().find(|line| line.starts_with(beginning)).unwrap_or_else(|| panic!("{beginning}\n{text}"))
}

/// A change of 1 - 3 x 50 / (50 + 50) at a dose of 50 mg, without an equation.
#[test]
fn algebra_has_endpoints() {
    let about = "covariateData <- list(DOSE = list(units = \"mg\", notes = \"median 50 mg\"))";
    let ini = "e0 <- 1\nemax <- -3\ned50 <- 50\neta ~ 0.1\naddSd <- 0.5";
    let equations = "share <- DOSE / (ed50 + DOSE)\nchange <- e0 + eta + emax * share";
    for (lines, names) in [
        ("\nchange ~ add(addSd)", vec!["change_max_1"]),
        ("\nother <- 2 * share", vec!["change_max_1", "other_max_2"]),
    ] {
        let ini = if lines.contains('~') { ini } else { &ini.replace("\naddSd <- 0.5", "") };
        let (text, values) = drafted(about, ini, &format!("{equations}{lines}"));
        let found: Vec<&str> = values.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(found, names, "{text}");
        assert!((values[0].1 + 0.5).abs() < 1e-12, "{values:?}");
    }
}

#[test]
fn a_run_without_endpoints_is_warned_of() {
    let source = source("", INI, &format!("{PARAMETERS}{ONE}"));
    let text = "name = \"c\"\nmodel = \"m.R\"\npatients = 2\n[regimen]\narms = [\"1 mg\"]\ninto = [\"central\"]\ntimes = [\"0 h\"]\n\
                [visits]\nevery = \"1 h\"\nuntil = \"4 h\"\n";
    let job = job(text, &source).unwrap();
    let told = job.notices.iter().find(|notice| notice.message.starts_with("there is no endpoint")).unwrap();
    assert!(told.help.as_ref().unwrap().contains("measures Cc"), "{told:?}");
}

/// A dose that begins to work at once: 100 / 20, in whatever unit it is.
#[test]
fn doses_are_in_the_unit_that_the_model_says() {
    for (dosing, arm) in [
        ("mg of glucose (iv)", "\"100 mg\""),
        ("mg (first a bolus)", "\"100 mg\""),
        ("mg/kg", "\"100 mg/kg\""),
        ("umol/L", "\"100\""),
        ("dose_unit", "\"100\""),
        ("given as the paper says, which is not at all clear to anybody", "\"100\""),
    ] {
        let about = format!("units <- list(time = \"h\", dosing = \"{dosing}\")");
        let (text, values) = drafted(&about, INI, &format!("{PARAMETERS}{ONE}"));
        assert!(line(&text, "arms = ").starts_with(&format!("arms = [{arm}]")), "{text}");
        // An hour after the second dose, with what is left of the first.
        let right = 5.0 * (-0.1_f64).exp() * (1.0 + (-2.4_f64).exp());
        assert!((values[0].1 / right - 1.0).abs() < 1e-6, "{dosing}: {values:?}");
    }
}

#[test]
fn a_dose_of_another_kind_says_what_to_write() {
    let told = |dosing: &str, arm: &str| {
        let about = format!("units <- list(time = \"h\", dosing = \"{dosing}\")");
        let source = source(&about, INI, &format!("{PARAMETERS}{ONE}"));
        let text = cohort(&read(&source), "m.R");
        let dose = line(&text, "arms = ").to_owned();
        let problems = job(&text.replace(&dose, &format!("arms = [\"{arm}\"]")), &source).unwrap_err();
        let Problems(problems) = problems;
        format!("{}: {}", problems[0].cause, problems[0].cause.help().unwrap_or_default())
    };
    for (dosing, arm, right) in [
        (
            "mg",
            "100",
            "the dose has no unit, and the model takes doses in mg: write the unit behind the number, as \"100 mg\"",
        ),
        (
            "umol/L",
            "20 mg",
            "the dose is in mg, and the model takes doses in umol/L, which is no amount: write the number alone: it is in \
             the model's own unit, whatever that is",
        ),
        (
            "mg",
            "20 mg/kg",
            "a dose per kg needs the covariate `WT`, which the cohort does not have: add [population.WT], or give a flat dose",
        ),
        (
            "mg",
            "100 mg/m2",
            "a dose per m2 needs the covariate `BSA`, which the cohort does not have: add it to [population.derived], for \
             example BSA = \"bsa_mosteller(WT, HT)\"",
        ),
    ] {
        assert_eq!(told(dosing, arm), right);
    }
    assert!(told("mg/kg", "20 mg").contains("mg/kg"), "{}", told("mg/kg", "20 mg"));
    assert!(
        told("per the paper, which has a long name for it", "20 mg")
            .contains("per the paper, which has a lon ...")
    );
}

#[test]
fn states_that_take_doses() {
    let chain = "d/dt(transit1) <- -transit1\nd/dt(depot) <- transit1 - depot\nd/dt(central) <- depot - cl / v * central\n\
                 Cc <- central / v\nCc ~ add(addSd)";
    let two = "d/dt(depot_a) <- -depot_a\nd/dt(central_a) <- depot_a - cl / v * central_a * (1 + 0 * central_b)\n\
               d/dt(depot_b) <- -depot_b\nd/dt(central_b) <- depot_b - cl / v * central_b * (1 + central_a)\n\
               Ca <- central_a / v\nCb <- central_b / v\nCa ~ add(addSd)\nCb ~ add(addSd)";
    let plasma = "d/dt(liver) <- plasma - liver\nd/dt(plasma) <- liver - plasma - cl / v * plasma\nCc <- plasma / v\nCc ~ add(addSd)";
    for (about, equations, into) in [
        ("", chain.to_owned(), "into = [\"depot\"]  # guessed: by the names of the states"),
        (
            "",
            format!("f(transit1) <- 0.5\n{chain}"),
            "into = [\"transit1\"]  # guessed: the model gives it f(), alag(), rate() or dur()",
        ),
        (
            "dosing <- c(\"transit1\", \"else\")",
            chain.to_owned(),
            "into = [\"transit1\"]  # guessed: the model calls it `dosing`",
        ),
        ("", plasma.to_owned(), "into = [\"plasma\"]  # guessed: by the names of the states"),
        (
            "units <- list(time = \"h\", dosing = \"mg (into the liver compartment)\")",
            plasma.to_owned(),
            "into = [\"liver\"]  # guessed: the model calls it `dosing`",
        ),
        (
            "dosing <- \"liver\"",
            plasma.to_owned(),
            "into = [\"liver\"]  # guessed: the model calls it `dosing`",
        ),
        (
            "",
            two.to_owned(),
            "into = [\"depot_a\", \"depot_b\"]  # guessed: by the names of the states; without a dose into each, Cb would stay \
             0. Drugs of their own are in [drugs.NAME]",
        ),
    ] {
        let (text, values) = drafted(about, INI, &format!("{PARAMETERS}{equations}"));
        assert_eq!(line(&text, "into = "), into);
        assert!(values.iter().all(|(_, value)| *value > 0.0), "{values:?}");
    }
}

/// An equation that produces by itself needs no dose for its second state.
#[test]
fn what_begins_with_something_needs_no_dose() {
    let equations = format!(
        "{PARAMETERS}{ONE}\nd/dt(effect) <- 1 - effect * (1 + Cc)\neffect(0) <- 1\neffect ~ add(addSd)"
    );
    let (text, _) = drafted("", INI, &equations);
    assert!(line(&text, "into = ").starts_with("into = [\"central\"]"), "{text}");
}

#[test]
fn covariates_are_what_the_file_says() {
    let about = "covariateData <- list(HCT = list(units = \"L/L (volume fraction)\"), \
                 DIS = list(units = \"(binary)\", reference_category = \"1 (patients)\"), \
                 PCT = list(units = \"%\", reference_category = \"100% (all of them)\"), \
                 TUM = list(units = \"mm\", notes = \"mean 70.2 mm, median 59.5 mm\"), \
                 FPG = list(units = \"mmol/L (fasting; times 18 in mg/dL)\", notes = \"The cohort median (approximately 7.67 mmol/L).\"), \
                 ALB = list(units = \"g/L\"), CRCL = list(units = \"mL/min\"), WT = list(units = \"kg\"), AGE = list(units = \"years\"), \
                 SEXF = list(units = \"(binary)\"), VIRUS = list(units = \"copies/mL\"))";
    let ini = format!("{INI}\nalb_ref <- fixed(44.6)");
    let equations = format!(
        "capped <- min(CRCL, 150)\ncl <- exp(lcl) * (WT / 8.43)^0.75 * (0.2 + HCT) * (1 - 0.3 * (1 - DIS)) * (100 - PCT) / 100 * \
         (1 + 0.01 * (alb_ref - ALB)) * (capped / 99.35) * (AGE * 12 + 1) * (1 + SEXF)\nv <- exp(lv) + 0 * TUM + 0 * FPG + log10(VIRUS)\n{ONE}"
    );
    let source = source(about, &ini, &equations);
    let text = cohort(&read(&source), "m.R");
    let value = |name: &str| -> f64 {
        let table = text.split(&format!("[population.{name}]")).nth(1).unwrap();
        let value = line(table, "value = ").trim_start_matches("value = ");
        value.split_whitespace().next().unwrap().parse().unwrap()
    };
    for (name, right) in [
        ("HCT", 0.42),
        ("DIS", 1.0),
        ("PCT", 100.0),
        ("TUM", 59.5),
        ("FPG", 7.67),
        ("ALB", 44.6),
        ("CRCL", 99.35),
        ("WT", 8.43),
        ("SEXF", 0.0),
        ("VIRUS", 10.0),
        // (8.43 - 4) / 6 years, by Advanced Paediatric Life Support.
        ("AGE", 0.738),
    ] {
        assert!((value(name) - right).abs() < 1e-9, "{name}: {}, {right}\n{text}", value(name));
    }
    assert!(job(&text, &source).is_ok());
}

/// e^(-0.1 t) of a hazard of 0.1 per hour over 48 h.
#[test]
fn the_least_of_what_survives() {
    let (text, values) = drafted("", "h <- 0.1", "d/dt(cumhaz) <- h\nsurvival <- exp(-cumhaz)");
    assert!(text.contains("[endpoints.survival_min_1]") && text.contains("statistic = \"min\""), "{text}");
    assert!((values[0].1 - (-4.8_f64).exp()).abs() < 1e-8, "{values:?}");
}

#[test]
fn spans_go_with_the_unit_of_time() {
    for (unit, spans) in [
        ("h", ["24 h", "1 h", "48 h"]),
        ("min", ["24 h", "30 min", "48 h"]),
        ("day", ["28 day", "1 day", "56 day"]),
        ("week", ["12 week", "1 week", "24 week"]),
        ("month", ["6 month", "1 month", "12 month"]),
    ] {
        let about = format!("units <- list(time = \"{unit}\", dosing = \"mg\")");
        let (text, _) = drafted(&about, INI, &format!("{PARAMETERS}{ONE}"));
        let [every, visits, end] = spans.map(|span| format!("\"{span}\"  # guessed"));
        let (regimen, after) = text.split_once("[visits]").unwrap();
        assert!(regimen.contains(&format!("every = {every}")), "{text}");
        assert!(after.contains(&format!("every = {visits}\nuntil = {end}")), "{text}");
    }
}
