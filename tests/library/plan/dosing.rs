//! Drugs, schedules and amounts, as the plan has them.

use std::collections::HashMap;
use std::path::Path;

use vpop::cohort::{self, RoundTo};
use vpop::diagnostic::{Problems, Source};
use vpop::model::graph::{NodeId, Symbol};
use vpop::plan::{self, Plan};

use super::helper::{DAY, model};

const MODEL: &str = "given <- function() {
  units <- list(time = \"day\", dosing = \"mg\")
  covariateData <- list(
    WT = list(description = \"Body weight\", units = \"kg\"),
    CRCL = list(description = \"Creatinine clearance\", units = \"mL/min\")
  )
  ini({ k <- 0.1; lcl <- log(2) })
  model({
    cl <- exp(lcl) * WT / 70
    renal <- CRCL
    d/dt(depot) <- -k * depot
    d/dt(central) <- k * depot - cl * central
    d/dt(partner) <- -k * partner
  })
}";

const COVARIATES: [&str; 5] = ["WT", "CRCL", "BSA", "GFR", "SEX"];

/// A cohort with this dosing.
fn cohort(dosing: &str) -> String {
    let covariate = |name| format!("[population.{name}]\ndistribution = \"fixed\"\nvalue = 1\n");
    let covariates: String = COVARIATES[..4].iter().map(covariate).collect();
    let sex =
        "[population.SEX]\ndistribution = \"categorical\"\nprobabilities = { man = 0.5, woman = 0.5 }\n";
    let visits = if dosing.contains("[visits]") { "" } else { "\n[visits]\nuntil = \"84 day\"\n" };
    format!("name = \"given\"\nmodel = \"given.R\"\npatients = 1\n{covariates}{sex}{dosing}{visits}")
}

fn try_plan(dosing: &str) -> Result<Plan, Problems> {
    let cohort = cohort::parse(&Source::new("cohort.toml", cohort(dosing)), Path::new(""))?;
    plan::build(&cohort, &model(MODEL), &COVARIATES.map(String::from), None)
}

fn plan(dosing: &str) -> Plan {
    try_plan(dosing).unwrap_or_else(|problems| panic!("{problems}\n{dosing}"))
}

/// What is said of a plan that cannot be made.
fn complaint(dosing: &str) -> String {
    let Err(problems) = try_plan(dosing) else { panic!("no problem: {dosing}") };
    let text = |problem: &vpop::diagnostic::Problem| {
        format!("{}; {}", problem.cause, problem.cause.help().unwrap_or_default())
    };
    problems.0.iter().map(text).collect::<Vec<_>>().join("\n")
}

/// The value of a node for a patient with these covariates.
fn value(plan: &Plan, node: NodeId, covariates: &[(&str, f64)]) -> f64 {
    let known: HashMap<&str, f64> = covariates.iter().copied().collect();
    let of = |symbol| match symbol {
        Symbol::Covariate(i) => known.get(plan.covariates[i as usize].as_str()).copied().unwrap_or(f64::NAN),
        Symbol::Parameter(i) => plan.parameters[i as usize],
        _ => f64::NAN,
    };
    plan.graph.evaluate(&[node], of)[0]
}

/// The blocks of a document that are cohort files but for their beginning.
fn blocks(text: &str) -> Vec<&str> {
    text.split("```toml\n").skip(1).filter_map(|rest| rest.split("```").next()).collect()
}

#[test]
fn every_example_of_the_documents_is_a_plan() {
    let text = std::fs::read_to_string("docs/dosing.md").unwrap();
    let blocks = blocks(&text);
    assert_eq!(blocks.len(), 7);
    let arms: Vec<usize> = blocks.iter().map(|block| plan(block).arms.len()).collect();
    assert_eq!(arms, [2, 3, 2, 3, 1, 2, 1]);
}

#[test]
fn doses_of_several_drugs_are_one_list_by_time() {
    let plan = plan(
        r#"
[drugs.a]
into = ["depot"]
[drugs.b]
into = ["partner"]
infusion = "1 h"
[[arms]]
name = "both"
doses = ["2 mg of a q1w x 3", "100 mg of b q2w x 2", "1000 ug of a over 1 h into central after 8 day"]
[[arms]]
name = "b alone"
doses = ["0.1 g of b q2w x 2"]
[[arms]]
name = "nothing"
doses = []
"#,
    );
    let drugs: Vec<_> = plan.drugs.iter().map(|drug| [drug.name.as_str(), drug.unit.as_str()]).collect();
    assert_eq!(drugs, [["a", "mg"], ["b", "mg"]]);
    // a into depot, b into partner, a into central over an hour.
    let states: Vec<Vec<usize>> =
        plan.administrations.iter().map(|way| way.routes.iter().map(|route| route.state).collect()).collect();
    assert_eq!(states, [[0], [2], [1]]);
    let doses: Vec<_> = plan.arms[0]
        .doses
        .iter()
        .map(|dose| (dose.tick / DAY, dose.administration.index(), dose.dose))
        .collect();
    assert_eq!(doses, [(0, 0, 2.0), (0, 1, 100.0), (7, 0, 2.0), (8, 2, 1.0), (14, 0, 2.0), (14, 1, 100.0)]);
    assert!(plan.arms[0].dose.is_nan());
    assert_eq!((plan.arms[1].dose, plan.arms[1].unit.as_str()), (100.0, "mg"));
    assert!(plan.arms[2].doses.is_empty());
}

#[test]
fn amounts_depend_on_covariates() {
    let plan = plan(
        r#"
[drugs.a]
into = ["central"]
size_at_most = "2 m2"
cap = "1 g"
round = { to = "0.05 g", how = "up" }
[drugs.b]
into = ["central"]
[[arms]]
name = "surface"
doses = ["75 mg/m2 of a q3w x 2"]
[[arms]]
name = "own clearance"
doses = [{ drug = "b", amount = "10 * cl * ifelse(SEX == 'woman', 1, 2)", unit = "mg" }]
[[arms]]
name = "classes"
doses = [{ drug = "a", by = "CRCL", tiers = [{ below = "0.03 L/min", dose = "1 mg" }, { below = "60 mL/min", dose = "2 mg" }, { dose = "4 mg/m2" }] }]
"#,
    );
    let amount =
        |arm: usize, covariates: &[(&str, f64)]| value(&plan, plan.arms[arm].doses[0].amount, covariates);
    assert_eq!(amount(0, &[("BSA", 1.5)]), 112.5);
    assert_eq!(amount(0, &[("BSA", 2.4)]), 150.0);
    let dose = &plan.arms[0].doses[0];
    assert_eq!(value(&plan, dose.cap.unwrap(), &[]), 1000.0);
    assert_eq!(dose.round.map(|round| (round.unit, round.to)), Some((50.0, RoundTo::Up)));
    // 10 x exp(log(2)) x 35 / 70.
    assert!((amount(1, &[("WT", 35.0), ("SEX", 1.0)]) - 10.0).abs() < 1e-12);
    assert!((amount(1, &[("WT", 35.0), ("SEX", 0.0)]) - 20.0).abs() < 1e-12);
    let class = |clearance| amount(2, &[("CRCL", clearance), ("BSA", 1.5)]);
    assert_eq!([29.0, 30.0, 59.9, 60.0, 120.0].map(class), [1.0, 2.0, 2.0, 6.0, 6.0]);
    // Of whom nothing is known, no engine takes a dose.
    assert_eq!(class(f64::NAN), -1.0);
}

#[test]
fn what_cannot_be_given() {
    let arm =
        |dose: &str| format!("[drugs.a]\ninto = [\"central\"]\n[[arms]]\nname = \"one\"\ndoses = [{dose}]\n");
    for (dose, said) in [
        (
            "{ amount = \"2 * central\", unit = \"mg\" }",
            "`2 * central` is not known before the first dose; use covariates",
        ),
        ("{ amount = \"CRCL\", unit = \"mg\" }", "`CRCL` is in mL/min"),
        ("{ amount = \"WT\", unit = \"mg\" }", "`WT` is in kg, which is no amount of drug; say how much"),
        (
            "{ amount = \"min(WT, 100)\", unit = \"mg\" }",
            "`min(WT, 100)` is in kg, which is no amount of drug",
        ),
        ("\"(CRCL + 25) mg\"", "`CRCL + 25` is in mL/min"),
        ("{ amount = \"5 * nothing\", unit = \"mg\" }", "`nothing` is not defined"),
        ("{ amount = \"5 * WT\", unit = \"nmol\" }", "`molecular_weight = \"150 kDa\"` in [drugs.a]"),
        ("{ amount = \"5 * WT\", unit = \"mg\", cap = \"5 nmol\" }", "in [drugs.a]"),
        ("{ by = \"WT\", tiers = [{ below = \"50 mL\", dose = \"1 mg\" }, { dose = \"2 mg\" }] }", "mL"),
        (
            "{ by = \"2 * GFR\", tiers = [{ below = \"50 mL/min\", dose = \"1 mg\" }, { dose = \"2 mg\" }] }",
            "the limit is 50 mL/min, and the unit of `2 * GFR` is not known",
        ),
        ("\"1 mg into centrall\"", "did you mean `central`?"),
        ("\"1 mg as modelled\"", "in [drugs.a]"),
    ] {
        let found = complaint(&arm(dose));
        assert!(found.contains(said), "{dose}: {found}");
    }
}

/// A number in a product may have any unit: of Calvert's formula it is the target, mg min/mL.
#[test]
fn a_share_is_no_weight() {
    let missed = |probability: &str| {
        format!(
            "[drugs.a]\ninto = [\"central\"]\nmissed = {{ probability = \"{probability}\" }}\n[[arms]]\nname = \"one\"\n\
             doses = [\"(5 * (CRCL + 25)) mg q3w x 2\"]\n"
        )
    };
    assert!(complaint(&missed("WT")).contains("`WT` is in kg"));
    assert_eq!(plan(&missed("0.001 * WT")).dose_draws.len(), 2);
}

/// The same patient misses the same doses in every arm, whatever else is given in it.
#[test]
fn missed_doses_belong_to_the_patient() {
    let plan = plan(
        r#"
[drugs.a]
into = ["depot"]
missed = { probability = 0.2, run = 2 }
[drugs.b]
into = ["partner"]
[[arms]]
name = "a"
doses = ["2 mg of a daily x 3"]
[[arms]]
name = "both"
doses = ["100 mg of b daily x 9", "4 mg of a bid x 5"]
"#,
    );
    let numbers: Vec<_> = plan.dose_draws.iter().map(|draw| (draw.drug.index(), draw.dose)).collect();
    assert_eq!(numbers, [(0, 0), (0, 1), (0, 2), (0, 3), (0, 4)]);
    let names = plan.covariates[plan.covariates.len() - 2..].to_vec();
    assert_eq!(names, ["draw of dose 4", "draw of dose 5"]);
    let caps = |arm: usize| plan.arms[arm].doses.iter().filter_map(|dose| dose.cap).collect::<Vec<_>>();
    assert_eq!(caps(0), caps(1)[..3]);
    let draws = |values: [f64; 5]| {
        let named =
            ["draw of dose 1", "draw of dose 2", "draw of dose 3", "draw of dose 4", "draw of dose 5"];
        let covariates: Vec<_> = named.into_iter().zip(values).collect();
        caps(1).into_iter().map(|cap| value(&plan, cap, &covariates) == 0.0).collect::<Vec<_>>()
    };
    // 0.2 for the first; then 0.5 after a missed one, 0.2 / (0.8 x 2) = 0.125 after one that was taken.
    assert_eq!(draws([0.19, 0.49, 0.51, 0.13, 0.12]), [true, true, false, false, true]);
    assert_eq!(draws([0.21, 0.13, 0.12, 0.3, 0.6]), [false, false, true, true, false]);
}
