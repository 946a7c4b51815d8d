//! When and how fast doses enter.

use vpop::engine::Status;

use super::Case;

/// One compartment with a depot, in the given unit of time.
fn model(unit: &str, parameters: &str, lines: &str) -> String {
    format!(
        r#"
one <- function() {{
  units <- list(time = "{unit}", dosing = "mg", concentration = "mg/L")
  ini({{ {parameters} }})
  model({{
    {lines}
  }})
}}
"#
    )
}

/// A cohort of one patient; `AT` is a covariate with this value.
fn cohort(at: f64, regimen: &str, visits: &str, endpoints: &[(&str, &str, &str)]) -> String {
    let endpoint = |(name, of, at): &(&str, &str, &str)| {
        format!("[endpoints.{name}]\nof = \"{of}\"\nstatistic = \"value\"\nat = \"{at}\"\n")
    };
    let endpoints: String = endpoints.iter().map(endpoint).collect();
    format!(
        r#"
name = "doses"
model = "case.R"
patients = 1
[population.AT]
distribution = "fixed"
value = {at:?}
[regimen]
{regimen}
[visits]
{visits}
{endpoints}
[solver]
rtol = 1e-9
atol = 1e-9
"#
    )
}

fn case(name: &'static str, source: &'static str, model: String, cohort: String) -> Case {
    Case { name, source, model, cohort, status: Status::Ok, values: Vec::new(), tolerance: 1e-6 }
}

const ORAL: &str = "d/dt(depot) <- -ka * depot
    d/dt(central) <- ka * depot - ke * central";
const MINUTES: &str = "every = \"1 min\"\nuntil = \"10 min\"";

fn oral(after: f64) -> f64 {
    let (ka, ke) = (2.0, 0.1);
    100.0 * ka / (ka - ke) * ((-ke * after).exp() - (-ka * after).exp())
}

/// What an infusion of 100 over a time leaves after another, at 0.1 per time.
fn infused(over: f64, after: f64) -> f64 {
    let ke: f64 = 0.1;
    let given = over.min(after);
    100.0 / over / ke * (1.0 - (-ke * given).exp()) * (-ke * (after - given)).exp()
}

pub(super) fn cases() -> Vec<Case> {
    let mut cases = vec![
        Case {
            values: vec![(0, "early", oral(1.0 - 0.0123)), (0, "late", oral(9.0 - 0.0123))],
            ..case(
                "a lag of less than a second",
                "first-order absorption from the lag on",
                model("minute", "ka <- 2; ke <- 0.1", &format!("{ORAL}\n alag(depot) <- AT")),
                cohort(
                    0.0123,
                    "arms = [\"100 mg\"]\ninto = [\"depot\"]",
                    MINUTES,
                    &[("early", "central", "1 min"), ("late", "central", "9 min")],
                ),
            )
        },
        Case {
            values: vec![(0, "one", infused(0.0123, 1.0)), (1, "one", 2.0 * infused(0.0123, 1.0))],
            ..case(
                "a modelled duration of less than a second",
                "zero-order input over that time",
                model(
                    "minute",
                    "ke <- 0.1",
                    "d/dt(central) <- -ke * central
                     dur(central) <- AT",
                ),
                cohort(
                    0.0123,
                    "arms = [\"100 mg\", \"200 mg\"]\ninto = [\"central\"]\ninfusion = \"model\"",
                    MINUTES,
                    &[("one", "central", "1 min")],
                ),
            )
        },
        Case {
            values: vec![(0, "inside", 100.0 / 1.7345 * 1.00001), (0, "after", 100.0)],
            ..case(
                "a lag and a duration with fractions of seconds",
                "a constant input",
                model(
                    "minute",
                    "over <- 1.7345",
                    "d/dt(central) <- 0 * central
                     alag(central) <- AT
                     dur(central) <- over",
                ),
                cohort(
                    0.99999,
                    "arms = [\"100 mg\"]\ninto = [\"central\"]\ninfusion = \"model\"\ntimes = [\"0 min\", \"3 min\"]",
                    MINUTES,
                    &[("inside", "central", "2 min"), ("after", "central", "3 min")],
                ),
            )
        },
        Case {
            values: vec![(0, "first", 4392.3), (0, "second", 6662.4), (0, "third", 3443.5)],
            tolerance: 1e-4,
            ..case(
                "bioavailability of an infusion given by its rate",
                "NONMEM: 480 mg at 10 mg/h with a bioavailability of 0.5 take 24 h",
                model(
                    "hour",
                    "cl <- 1.1; v <- 20; f1 <- 0.5",
                    "d/dt(central) <- -cl / v * central
                     f(central) <- f1
                     CP <- central / (v / 1000)",
                ),
                cohort(
                    1.0,
                    "arms = [\"480 mg\"]\ninto = [\"central\"]\nrate = \"10 mg/h\"",
                    "every = \"12 h\"\nuntil = \"48 h\"",
                    &[("first", "CP", "12 h"), ("second", "CP", "24 h"), ("third", "CP", "36 h")],
                ),
            )
        },
        Case {
            values: vec![(0, "middle", 240.0), (0, "end", 480.0)],
            ..case(
                "a conversion of units within the factor of an infusion given by its rate",
                "480 mg at 10 mg/h of 0.001 mol per g: 480 umol in 48 h",
                model(
                    "hour",
                    "perg <- 0.001",
                    "d/dt(central) <- 0 * central
                     f(central) <- perg * 1e3",
                )
                .replace("ini(", "compartmentData <- list(central = list(units = \"umol\"))\n  ini("),
                cohort(
                    1.0,
                    "arms = [\"480 mg\"]\ninto = [\"central\"]\nrate = \"10 mg/h\"",
                    "every = \"12 h\"\nuntil = \"60 h\"",
                    &[("middle", "central", "24 h"), ("end", "central", "60 h")],
                ),
            )
        },
        Case {
            values: vec![(0, "middle", 120_000.0), (0, "end", 240_000.0)],
            ..case(
                "a bioavailability in other units of mass",
                "half of 480 mg in ug, at 10 mg/h: 24 h",
                model(
                    "hour",
                    "f1 <- 500",
                    "d/dt(central) <- 0 * central
                     f(central) <- f1",
                )
                .replace("ini(", "compartmentData <- list(central = list(units = \"ug\"))\n  ini("),
                cohort(
                    1.0,
                    "arms = [\"480 mg\"]\ninto = [\"central\"]\nrate = \"10 mg/h\"",
                    "every = \"12 h\"\nuntil = \"48 h\"",
                    &[("middle", "central", "12 h"), ("end", "central", "48 h")],
                ),
            )
        },
        Case {
            values: vec![(0, "middle", 12.0 * 5.0), (0, "end", 240.0)],
            ..case(
                "a file that says that the time stays",
                "half of 10 mg/h for 48 h",
                model(
                    "hour",
                    "f1 <- 0.5",
                    "d/dt(central) <- 0 * central
                     f(central) <- f1",
                ),
                cohort(
                    1.0,
                    "arms = [\"480 mg\"]\ninto = [\"central\"]\nrate = \"10 mg/h\"\nbioavailability = \"rate\"",
                    "every = \"12 h\"\nuntil = \"60 h\"",
                    &[("middle", "central", "12 h"), ("end", "central", "60 h")],
                ),
            )
        },
        Case {
            values: vec![(0, "plateau", 2400.0)],
            ..case(
                "an infusion of more than a thousand years",
                "the rate over the rate constant",
                model("day", "ke <- 1", "d/dt(central) <- -ke * central"),
                cohort(
                    1.0,
                    "arms = [\"1000000000 mg\"]\ninto = [\"central\"]\nrate = \"100 mg/h\"",
                    "every = \"10 day\"\nuntil = \"40 day\"",
                    &[("plateau", "central", "40 day")],
                ),
            )
        },
        Case {
            values: vec![(0, "some", 10.0)],
            ..case(
                "a duration beyond all times",
                "the amount over the duration",
                model(
                    "day",
                    "over <- 1e15",
                    "d/dt(central) <- 0 * central
                     dur(central) <- over",
                ),
                cohort(
                    1.0,
                    "arms = [\"1000000000000 g\"]\ninto = [\"central\"]\ninfusion = \"model\"",
                    "every = \"10 day\"\nuntil = \"10 day\"",
                    &[("some", "central", "10 day")],
                ),
            )
        },
        Case {
            values: vec![(0, "some", 1e-4)],
            ..case(
                "a modelled rate of almost nothing",
                "the rate times the time",
                model(
                    "day",
                    "k <- 0",
                    "d/dt(central) <- k * central
                     rate(central) <- AT",
                ),
                cohort(
                    1e-5,
                    "arms = [\"100 mg\"]\ninto = [\"central\"]\ninfusion = \"model\"",
                    "every = \"10 day\"\nuntil = \"10 day\"",
                    &[("some", "central", "10 day")],
                ),
            )
        },
    ];
    for (name, function, value) in [
        ("no rate", "rate", 0.0),
        ("a negative rate", "rate", -1.0),
        ("a negative bioavailability", "f", -0.5),
        ("a negative lag", "alag", -0.1),
        ("a negative duration", "dur", -0.1),
    ] {
        let infusion = if matches!(function, "rate" | "dur") { "infusion = \"model\"" } else { "" };
        let model =
            model("day", "k <- 0.1", &format!("d/dt(central) <- -k * central\n {function}(central) <- AT"));
        let regimen = format!("arms = [\"100 mg\"]\ninto = [\"central\"]\n{infusion}");
        let cohort = cohort(
            value,
            &regimen,
            "every = \"10 day\"\nuntil = \"10 day\"",
            &[("some", "central", "10 day")],
        );
        cases.push(Case {
            status: Status::BadDose,
            values: vec![(0, "some", f64::NAN)],
            ..case(name, "such a dose cannot be given", model, cohort)
        });
    }
    cases
}
