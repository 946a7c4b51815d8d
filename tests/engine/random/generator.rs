//! Small models and regimens that nobody has thought of, each made from a number.
//!
//! One to five amounts, all of which stay positive: eliminated linearly or by saturation, passed on with or without
//! inhibition, produced with or without feedback, fading with time. Doses enter the first, as boluses or infusions, late
//! and in part. Everything is smooth, so that a solution's error is that of its integration.

use std::fmt::Write;

use rand::rngs::ChaCha8Rng;
use rand::{RngExt, SeedableRng};

/// Days that are simulated.
pub(crate) const DAYS: u32 = 10;
/// Patients of each.
pub(crate) const PATIENTS: u64 = 3;

/// The texts of a model and of its cohort file.
pub(crate) struct Made {
    pub(crate) model: String,
    pub(crate) cohort: String,
}

/// Makes the model and cohort of a number.
pub(crate) fn make(number: u64) -> Made {
    let mut make = Maker { random: ChaCha8Rng::seed_from_u64(number), parameters: Vec::new() };
    let states = 1 + make.below(5);
    let equations = make.equations(states);
    let (dosing, regimen) = make.doses();
    Made { model: make.model(&equations, &dosing), cohort: make.cohort(states, &regimen) }
}

struct Maker {
    random: ChaCha8Rng,
    /// Values of `p0`, `p1`, ...
    parameters: Vec<f64>,
}

impl Maker {
    fn below(&mut self, end: usize) -> usize {
        self.random.random_range(0..end)
    }

    fn chance(&mut self, percent: usize) -> bool {
        self.below(100) < percent
    }

    /// A number whose logarithm is uniform.
    fn number(&mut self, low: f64, high: f64) -> f64 {
        let number = (self.random.random_range(low.ln()..high.ln())).exp();
        (number * 1e4).round() / 1e4
    }

    /// The name of a new parameter between two values.
    fn parameter(&mut self, low: f64, high: f64) -> String {
        let value = self.number(low, high);
        self.parameters.push(value);
        format!("p{}", self.parameters.len() - 1)
    }

    /// What leaves a state per time, without what it is proportional to when there is little of it.
    fn rate(&mut self, state: usize, states: usize) -> String {
        let rate = self.parameter(0.05, 8.0);
        match self.below(6) {
            0 => format!("{rate} * s{state} / (1 + s{state} / {})", self.parameter(0.5, 50.0)),
            1 => format!("{rate} * s{state} / (1 + s{} / {})", self.below(states), self.parameter(0.5, 50.0)),
            2 => format!("{rate} * s{state} * exp(-t / {})", self.parameter(2.0, 30.0)),
            3 => format!(
                "{rate} * s{state} * (1 + tanh(s{} / {}))",
                self.below(states),
                self.parameter(1.0, 50.0)
            ),
            _ => format!("{rate} * s{state}"),
        }
    }

    fn equations(&mut self, states: usize) -> String {
        let mut gains = vec![Vec::new(); states];
        let mut losses = vec![Vec::new(); states];
        let mut flows = String::new();
        for state in 0..states {
            let elimination = self.rate(state, states);
            let _ = writeln!(flows, "    out{state} <- {elimination}");
            losses[state].push(format!("out{state}"));
            for other in (0..states).filter(|&other| other != state) {
                if self.chance(35) {
                    let flow = self.rate(state, states);
                    let _ = writeln!(flows, "    flow{state}_{other} <- {flow}");
                    losses[state].push(format!("flow{state}_{other}"));
                    gains[other].push(format!("flow{state}_{other}"));
                }
            }
            if self.chance(30) {
                let production = self.parameter(0.1, 10.0);
                let feedback = match self.below(3) {
                    0 => format!(" / (1 + s{} / {})", self.below(states), self.parameter(0.5, 50.0)),
                    1 => format!(" * sqrt(1 + s{} / {})", self.below(states), self.parameter(0.5, 50.0)),
                    _ => String::new(),
                };
                gains[state].push(format!("{production}{feedback}"));
            }
        }
        for state in 0..states {
            if self.chance(40) {
                let _ = writeln!(flows, "    s{state}(0) <- {}", self.parameter(0.5, 20.0));
            }
            let gained = gains[state].iter().map(|gain| format!(" + {gain}")).collect::<String>();
            let lost = losses[state].iter().map(|loss| format!(" - {loss}")).collect::<String>();
            let _ = writeln!(
                flows,
                "    d/dt(s{state}) <-{}",
                format!("{gained}{lost}").trim_start_matches(" +")
            );
        }
        flows
    }

    /// Lines of the model, and of the cohort file.
    fn doses(&mut self) -> (String, String) {
        let mut model = String::new();
        if self.chance(40) {
            let _ = writeln!(
                model,
                "    f(s0) <- {} / ({} + WT / 70)",
                self.parameter(0.5, 2.0),
                self.parameter(1.0, 2.0)
            );
        }
        if self.chance(40) {
            let _ = writeln!(model, "    alag(s0) <- {}", self.parameter(0.01, 0.6));
        }
        let infusion = ["bolus", "30 min", "4 h", "30 h"][self.below(4)];
        let first = 1 + self.below(90);
        let times = match self.below(3) {
            0 => "times = [\"0 h\"]".to_owned(),
            1 => format!("every = \"{} h\"\ncycles = {}", 12 + self.below(60), 2 + self.below(3)),
            _ => format!("times = [\"0 h\", \"{first} h\", \"{} h\"]", first + 1 + self.below(90)),
        };
        let arms = [self.number(1.0, 20.0), self.number(25.0, 300.0)];
        let regimen = format!(
            "arms = [\"{} mg\", \"{} mg\"]\ninto = [\"s0\"]\ninfusion = \"{infusion}\"\n{times}",
            arms[0], arms[1]
        );
        (model, regimen)
    }

    fn model(&mut self, equations: &str, dosing: &str) -> String {
        let mut ini = String::new();
        let mut individual = String::new();
        for (i, value) in self.parameters.clone().into_iter().enumerate() {
            let _ = writeln!(ini, "    l{i} <- log({value})");
            let effect = if self.chance(30) {
                let _ = writeln!(ini, "    eta{i} ~ {}", self.number(0.01, 0.2));
                format!(" + eta{i}")
            } else {
                String::new()
            };
            let covariate = if self.chance(20) { " * (WT / 70)^0.75" } else { "" };
            let _ = writeln!(individual, "    p{i} <- exp(l{i}{effect}){covariate}");
        }
        format!(
            "random <- function() {{\n  units <- list(time = \"day\", dosing = \"mg\", concentration = \"mg/L\")\n  \
             covariateData <- list(WT = list(description = \"Body weight\", units = \"kg\"))\n  ini({{\n{ini}  }})\n  \
             model({{\n{individual}{equations}{dosing}    Cc <- s0 / 5\n  }})\n}}\n"
        )
    }

    fn cohort(&mut self, states: usize, regimen: &str) -> String {
        let mut endpoints = String::new();
        for state in 0..states {
            let _ = write!(
                endpoints,
                "[endpoints.max_{state}]\nof = \"s{state}\"\nstatistic = \"max\"\non = \"continuous\"\n\
                 [endpoints.min_{state}]\nof = \"s{state}\"\nstatistic = \"min\"\non = \"continuous\"\n\
                 [endpoints.end_{state}]\nof = \"s{state}\"\nstatistic = \"value\"\nat = \"{DAYS} day\"\n\
                 [endpoints.area_{state}]\nof = \"s{state}\"\nstatistic = \"auc\"\non = \"continuous\"\n"
            );
        }
        format!(
            "name = \"random\"\nmodel = \"random.R\"\npatients = {PATIENTS}\nseed = {seed}\n[population.WT]\nunit = \"kg\"\n\
             distribution = \"lognormal\"\nmedian = 70\ncv = 0.3\nbetween = [35, 140]\n[regimen]\n{regimen}\n[visits]\n\
             every = \"{every} h\"\nuntil = \"{DAYS} day\"\n[solver]\nrtol = 1e-9\natol = 1e-11\n{endpoints}",
            seed = self.below(1_000_000),
            every = [6, 24, 48][self.below(3)],
        )
    }
}
