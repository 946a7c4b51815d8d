//! Drugs, schedules and amounts of protocols, worked out by hand: nothing is eliminated, so that the amount in a state is
//! what was given so far.

use vpop::engine::Status;

use super::Case;

const MODEL: &str = r#"
given <- function() {
  units <- list(time = "day", dosing = "mg")
  covariateData <- list(
    WT = list(description = "Body weight", units = "kg"),
    GFR = list(description = "Filtration", units = "mL/min")
  )
  ini({ k <- 0 })
  model({
    d/dt(a) <- -k * a
    d/dt(b) <- -k * b
    weight <- WT
    filtration <- GFR
  })
}
"#;

/// A cohort of a patient with this weight and filtration.
fn cohort([weight, filtration]: [(f64, &str); 2], dosing: &str, reads: &[(&str, &str)]) -> String {
    let covariate = |name: &str, (value, unit): (f64, &str)| {
        format!("[population.{name}]\nunit = \"{unit}\"\ndistribution = \"fixed\"\nvalue = {value:?}\n")
    };
    let [weight, filtration] = [covariate("WT", weight), covariate("GFR", filtration)];
    // Named by the state and the day at which it is read.
    let endpoint = |(of, at): &(&str, &str)| {
        let name = format!("{of}_{}", at.replace('.', "_"));
        format!("[endpoints.{name}]\nof = \"{of}\"\nstatistic = \"value\"\nat = \"{at} day\"\n")
    };
    let endpoints: String = reads.iter().map(endpoint).collect();
    format!(
        "name = \"given\"\nmodel = \"case.R\"\npatients = 1\n{weight}{filtration}{dosing}\n[visits]\nevery = \"12 h\"\n\
         until = \"84 day\"\n{endpoints}"
    )
}

fn case(
    name: &'static str,
    source: &'static str,
    cohort: String,
    values: Vec<(usize, &'static str, f64)>,
) -> Case {
    Case { name, source, model: MODEL.into(), cohort, status: Status::Ok, values, tolerance: 1e-9 }
}

const KG_70: (f64, &str) = (70.0, "kg");
const ML_90: (f64, &str) = (90.0, "mL/min");

pub(super) fn cases() -> Vec<Case> {
    [step_up(), sentences(), amounts(), missed()].into_iter().flatten().collect()
}

/// A step-up by weight up to 100 kg, at most 140 mg, in vials of 2 mg; and a partner by classes of weight.
const STEP_UP: &str = r#"
[drugs.bispecific]
into = ["a"]
size_at_most = "100 kg"
cap = "140 mg"
round = { to = "2 mg", how = "nearest" }
[drugs.partner]
into = ["b"]
infusion = "4 h"
by = "WT"
tiers = [{ below = "50 kg", dose = "600 mg" }, { below = "80 kg", dose = "800 mg" }, { dose = "1000 mg" }]
[[arms]]
name = "weekly"
doses = [
    "0.06 mg/kg of bispecific on day 1 then 0.3 mg/kg on day 4 then 1.5 mg/kg weekly until end from day 8",
    "of partner on days 1, 8, 15, 22 of 28-day cycles for 1 cycle then of partner q4w until end",
]
[[arms]]
name = "every two weeks"
doses = [
    "0.06 mg/kg of bispecific on day 1 then 0.3 mg/kg on day 4 then 1.5 mg/kg q2w until end from day 8",
    { drug = "partner", days = [1, 8, 15, 22] },
    { drug = "partner", every = "28 day", start = "28 day", until = "end" },
]
"#;

fn step_up() -> Vec<Case> {
    let reads =
        [("a", "0.5"), ("a", "3.5"), ("a", "7.5"), ("a", "84"), ("b", "0.5"), ("b", "27.5"), ("b", "84")];
    // First, second and later doses of one drug, and the dose of the other.
    let expected = |[first, second, later, partner]: [f64; 4]| {
        let begun = [("a_0_5", first), ("a_3_5", first + second), ("a_7_5", first + second + later)];
        let both =
            begun.into_iter().chain([("b_0_5", partner), ("b_27_5", 4.0 * partner), ("b_84", 6.0 * partner)]);
        let both = both.flat_map(|(name, value)| [(0, name, value), (1, name, value)]);
        // Days 8 to 78: eleven weekly doses, six every two weeks.
        let ends = [(0, "a_84", first + second + 11.0 * later), (1, "a_84", first + second + 6.0 * later)];
        both.chain(ends).collect()
    };
    let by_weight = |name, source, weight, doses| {
        case(name, source, cohort([weight, ML_90], STEP_UP, &reads), expected(doses))
    };
    vec![
        by_weight(
            "a step-up protocol of two drugs, at the limits of size and amount",
            "100 of 110 kg: 6, 30, 150 mg, of which 140; the class from 80 kg on",
            (110.0, "kg"),
            [6.0, 30.0, 140.0, 1000.0],
        ),
        by_weight(
            "a step-up protocol of two drugs, rounded to vials",
            "67.3 kg: 4.038, 20.19 and 100.95 mg in vials of 2 mg; the class from 50 kg on",
            (67.3, "kg"),
            [4.0, 20.0, 100.0, 800.0],
        ),
        by_weight(
            "a step-up protocol of two drugs, in the lowest class",
            "45 kg: 2.7, 13.5 and 67.5 mg, which are 1.35, 6.75 and 33.75 vials",
            (45.0, "kg"),
            [2.0, 14.0, 68.0, 600.0],
        ),
        by_weight(
            "a weight on the limit of a class belongs to the next",
            "80 kg: 4.8, 24 and 120 mg",
            (80.0, "kg"),
            [4.0, 24.0, 120.0, 1000.0],
        ),
        by_weight(
            "a weight in pounds, and limits in kilograms",
            "99 lb are 44.9056443 kg: 2.694, 13.472 and 67.358 mg, which are 1.35, 6.74 and 33.68 vials",
            (99.0, "lb"),
            [2.0, 14.0, 68.0, 600.0],
        ),
    ]
}

fn sentences() -> Vec<Case> {
    let dosing = |sentences: &[&str]| {
        let arms: Vec<String> = sentences.iter().map(|sentence| format!("{sentence:?}")).collect();
        format!("[regimen]\narms = [{}]\ninto = [\"a\"]\n", arms.join(", "))
    };
    let sentences = [
        "100 mg over 2 h q24h x 7 then 50 mg q12h x 20",
        "5 mg bid until end",
        "10 mg daily, 4 weeks on, 2 weeks off, for 2 cycles",
        "60 mg on days 1, 8 of 21-day cycles for 3 cycles",
        "2 mg bid on days 1-14 of 21-day cycles for 2 cycles",
        "8 mg/kg q3w x 1 then 6 mg/kg q3w x 2",
    ];
    let reads = [("a", "6.25"), ("a", "7.25"), ("a", "29.25"), ("a", "84")];
    let values = [
        // Seven days of 100 mg, then 50 mg at day 8.
        (0, "a_6_25", 700.0),
        (0, "a_7_25", 750.0),
        (0, "a_84", 1700.0),
        (1, "a_6_25", 65.0),
        (1, "a_84", 840.0),
        (2, "a_29_25", 280.0),
        (2, "a_84", 560.0),
        (3, "a_7_25", 120.0),
        (3, "a_29_25", 240.0),
        (3, "a_84", 360.0),
        (4, "a_6_25", 26.0),
        (4, "a_29_25", 56.0 + 34.0),
        (4, "a_84", 112.0),
        (5, "a_6_25", 560.0),
        (5, "a_84", 560.0 + 2.0 * 420.0),
    ];
    vec![case(
        "arms that are sentences",
        "doses counted by hand",
        cohort([KG_70, ML_90], &dosing(&sentences), &reads),
        values.to_vec(),
    )]
}

fn amounts() -> Vec<Case> {
    let arms = r#"
[drugs.carboplatin]
into = ["a"]
infusion = "1 h"
cap = "750 mg"
round = { to = "50 mg", how = "down" }
[[arms]]
name = "Calvert"
doses = [{ amount = "5 * (GFR + 25)", unit = "mg", every = "21 day", cycles = 2 }]
[[arms]]
name = "Calvert in grams, as a sentence"
doses = ["(5 * (GFR + 25) / 1000) g q3w x 2"]
[[arms]]
name = "of a name with a unit"
doses = [{ amount = "GFR", unit = "mg", every = "21 day", cycles = 2, cap = "60 mg", round = { to = "7 mg", how = "up" } }]
"#;
    let reads = [("a", "1"), ("a", "84")];
    let no_unit = |filtration| cohort([KG_70, (filtration, "mL/min")], arms, &reads);
    let source = "Calvert AH et al., J Clin Oncol 7 (1989) 1748: AUC x (GFR + 25)";
    vec![
        case(
            "an amount that is an expression, rounded down",
            source,
            no_unit(90.0).replace("amount = \"GFR\"", "amount = \"2 * GFR - 90\""),
            // 575 mg in vials of 50; 90 capped at 60, in tablets of 7.
            vec![
                (0, "a_1", 550.0),
                (0, "a_84", 1100.0),
                (1, "a_1", 550.0),
                (1, "a_84", 1100.0),
                (2, "a_1", 63.0),
                (2, "a_84", 126.0),
            ],
        ),
        case(
            "an amount that is an expression, capped",
            source,
            no_unit(160.0).replace("amount = \"GFR\"", "amount = \"GFR / 4\""),
            // 925 mg capped at 750; 40 in tablets of 7.
            vec![(0, "a_1", 750.0), (1, "a_84", 1500.0), (2, "a_1", 42.0)],
        ),
        case(
            "a dose of nothing by its rules",
            "20 mg are less than a vial of 50",
            cohort([KG_70, (-21.0, "mL/min")], arms, &reads).replace("amount = \"GFR\"", "amount = \"70\""),
            vec![(0, "a_84", 0.0), (2, "a_1", 63.0)],
        ),
    ]
}

/// All doses, none, and what is not a probability.
fn missed() -> Vec<Case> {
    let dosing = |missed: &str| {
        format!(
            "[drugs.tablet]\ninto = [\"a\"]\nmissed = {missed}\n[[arms]]\nname = \"tablets\"\ndoses = [\"5 mg daily x 40\"]\n"
        )
    };
    let of = |missed: &str| cohort([KG_70, ML_90], &dosing(missed), &[("a", "9.5"), ("a", "84")]);
    vec![
        case(
            "no dose is missed",
            "10 of 5 mg",
            of("{ probability = 0 }"),
            vec![(0, "a_9_5", 50.0), (0, "a_84", 200.0)],
        ),
        case("every dose is missed", "nothing", of("{ probability = \"100 %\" }"), vec![(0, "a_84", 0.0)]),
        Case {
            status: Status::BadDose,
            ..case(
                "a share that is no probability",
                "45 is none",
                of("{ probability = \"GFR / 2\" }"),
                Vec::new(),
            )
        },
    ]
}
