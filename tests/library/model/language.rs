//! The model language: what each construct means, by values worked out by hand or by R's rules.

use std::collections::HashMap;

use super::letters::{Letters, value};
use vpop::diagnostic::{Place, Source};
use vpop::model::expression::read;
use vpop::model::graph::{Binary, Graph, NodeId, Stage, Symbol};
use vpop::model::{Model, parse};

#[test]
fn operators_bind_as_in_r() {
    // Values as R prints them.
    for (text, expected) in [
        ("-2^2", -4.0),
        ("2^3^2", 512.0),
        ("2**3**2", 512.0),
        ("2^-1", 0.5),
        ("2^-a^2", 0.0625),
        ("-a^b", -8.0),
        ("1 - 2 - 3", -4.0),
        ("12 / 2 / 3", 2.0),
        ("2 * b ^ 2", 18.0),
        ("-a * b", -6.0),
        ("2 + 3 * 4", 14.0),
        ("(2 + 3) * 4", 20.0),
        ("+a - -b", 5.0),
        ("!a == 2", 0.0),
        ("!d", 1.0),
        ("!d + 1", 0.0),
        ("1 + 1 < 3 & 1", 1.0),
        ("1 | 0 & 0", 1.0),
        ("(1 | 0) & 0", 0.0),
        ("TRUE || FALSE && FALSE", 1.0),
        ("a < b", 1.0),
        ("a > b", 0.0),
        ("b >= 3", 1.0),
        ("a <= 1", 0.0),
        ("a == 2", 1.0),
        ("a != 2", 0.0),
        ("2 && 0.1", 1.0),
        ("5.5 %% a", 1.5),
        ("-5 %% b", 1.0),
        ("5 %% -b", -1.0),
        ("2 * 7 %% 4", 6.0),
        ("2^3 %% b", 2.0),
        ("7 %/% b * 2", 4.0),
        ("-7 %/% a", -4.0),
        ("-1:2", f64::NAN),
    ] {
        match value(text) {
            Ok(got) => assert_eq!(got, expected, "{text}"),
            Err(message) => assert!(expected.is_nan(), "{text}: {message}"),
        }
    }
}

#[test]
fn numbers_and_names_are_read_as_in_r() {
    for (text, expected) in [
        ("1e-3", 1e-3),
        (".5", 0.5),
        ("5.", 5.0),
        ("671L", 671.0),
        ("1E+2", 100.0),
        ("pi", std::f64::consts::PI),
        ("log10(1000)", 3.0),
        ("log10(0.001)", -3.0),
        ("log2(8)", 3.0),
        ("log(exp(1))", 1.0),
        ("TRUE + FALSE", 1.0),
        ("time + t", 14.0),
        ("a\n  + b # a comment", 5.0),
        ("twice(b)", 6.0),
    ] {
        assert_eq!(value(text), Ok(expected), "{text}");
    }
}

#[test]
fn every_function_is_that_of_the_standard_library() {
    type Expected = (&'static str, fn(f64) -> f64);
    let functions: [Expected; 15] = [
        ("exp(x)", f64::exp),
        ("log(x)", f64::ln),
        ("log10(x)", f64::log10),
        ("log2(x)", f64::log2),
        ("log1p(x)", f64::ln_1p),
        ("expm1(x)", f64::exp_m1),
        ("sqrt(x)", f64::sqrt),
        ("abs(-x)", f64::abs),
        ("floor(x)", f64::floor),
        ("ceiling(x)", f64::ceil),
        ("tanh(x)", f64::tanh),
        ("expit(x)", |x| 1.0 / (1.0 + (-x).exp())),
        ("expit(x, 2, 5)", |x| 2.0 + 3.0 / (1.0 + (-x).exp())),
        ("logit(x, 0, 10)", |x| (x / (10.0 - x)).ln()),
        ("pow(x, 1.7)", |x| x.powf(1.7)),
    ];
    for (text, expected) in functions {
        for (letter, x) in [("a", 2.0), ("b", 3.0), ("c", 0.5)] {
            // Once from a name, once folded from a number.
            for argument in [letter.to_owned(), x.to_string()] {
                let text = text.replace('x', "#").replace("e#", "ex").replace('#', &argument);
                let got = value(&text).unwrap();
                assert!((got - expected(x)).abs() <= 4e-16 * got.abs(), "{text}: {got}");
            }
        }
    }
    assert_eq!(value("logit(c)"), Ok(0.0));
    assert_eq!(value("min(a, b, c, e)"), Ok(-1.5));
    assert_eq!(value("max(a, b, c)"), Ok(3.0));
    assert_eq!(value("max(a)"), Ok(2.0));
    assert_eq!(value("ifelse(a > b, 1, ifelse(d, 2, 3))"), Ok(3.0));
    assert_eq!(value("ifelse(0.1, a, b)"), Ok(2.0));
}

#[test]
fn problems_of_a_cohort_expression_point_into_the_cohort_file() {
    let file = "when = \"platlets < 75 && exp(a, b) && twice() && 1 <\"\n";
    let source = Source::new("cohort.toml", file);
    let (start, end) = (8, file.len() - 2);
    let mut graph = Graph::default();
    let told = |text: &str, graph: &mut Graph| {
        let place = Place::new(&source, start..end);
        read(text, &place, graph, &mut Letters).unwrap_err().to_string()
    };
    assert_eq!(
        told(&file[start..end], &mut graph),
        "cohort.toml:1:53: expected a value, found the end of the text"
    );
    assert_eq!(
        told("platlets < 75 && exp(a, b) && twice()", &mut graph),
        "cohort.toml:1:9: `platlets` is not defined\n\
         cohort.toml:1:26: `exp` takes one argument, not 2\n\
         cohort.toml:1:39: `twice`: it doubles one value"
    );
    assert_eq!(told("d/dt(a)", &mut graph), "cohort.toml:1:9: there is no function `dt`");
}

/// A model with the given lines in its blocks.
fn model_of(metadata: &str, ini: &str, model: &str) -> Model {
    let text = format!(
        "m <- function() {{\n{metadata}\nunits <- list(time = \"day\", dosing = \"mg\")\n\
         ini({{\n{ini}\n}})\nmodel({{\n{model}\n}})\n}}\n"
    );
    parse(&Source::new("m.R", text)).unwrap_or_else(|problems| panic!("{problems}"))
}

/// The value of a variable with the given names; states are 1 unless named.
fn variable(model: &Model, name: &str, at: &[(&str, f64)]) -> f64 {
    let node = model.variables.iter().find(|v| v.name == name).unwrap().node;
    at_node(model, node, at)
}

fn at_node(model: &Model, node: NodeId, at: &[(&str, f64)]) -> f64 {
    let at: HashMap<_, _> = at.iter().copied().collect();
    let effects: Vec<_> = model.effect_names().collect();
    model.graph.evaluate(&[node], |symbol| match symbol {
        Symbol::Parameter(i) => model.parameters[i as usize].value,
        Symbol::Effect(i) => at[effects[i as usize]],
        Symbol::Covariate(i) => at[model.covariates[i as usize].name.as_str()],
        Symbol::State(i) => at.get(model.states[i as usize].name.as_str()).copied().unwrap_or(1.0),
        Symbol::Time => at["time"],
        Symbol::Residual(_) => at["score"],
        Symbol::SegmentTime
        | Symbol::Accumulated(_)
        | Symbol::Treatment(..)
        | Symbol::Linear(_)
        | Symbol::Elapsed
        | Symbol::Dose(..) => f64::NAN,
    })[0]
}

const STATE: &str = "d/dt(x) <- -x\n";

#[test]
fn lines_run_in_order_and_names_can_be_reassigned() {
    let model = model_of("", "k <- 2", &format!("{STATE}y <- k; y <- y * 3\nz = y + WT\ny <- y + 1"));
    assert_eq!(variable(&model, "z", &[("WT", 10.0)]), 16.0);
    assert_eq!(variable(&model, "y", &[]), 7.0, "the final value");
    let names: Vec<_> = model.variables.iter().map(|v| v.name.as_str()).collect();
    assert_eq!(names, ["y", "z"], "in order of first assignment");
}

#[test]
fn branches_are_merged_line_by_line() {
    let model = model_of(
        "",
        "",
        "y <- 1
         if (A > 10) {
           y <- 2
           z <- y + 5
         } else if (A > 5) {
           y <- 3
           z <- y * 7
           if (B) y <- 4
         } else
           z <- 0
         d/dt(x) <- y
         if (B == 1) { d/dt(x) <- -x } # changes the equation",
    );
    let derivative = model.states[0].derivative;
    for (a, b, y, z) in
        [(11.0, 0.0, 2.0, 7.0), (6.0, 0.0, 3.0, 21.0), (6.0, 1.0, 4.0, 21.0), (1.0, 1.0, 1.0, 0.0)]
    {
        let at = [("A", a), ("B", b), ("x", 9.0)];
        assert_eq!(variable(&model, "y", &at), y, "y at {at:?}");
        assert_eq!(variable(&model, "z", &at), z, "z at {at:?}");
        assert_eq!(at_node(&model, derivative, &at), if b == 1.0 { -9.0 } else { y }, "d/dt at {at:?}");
    }
}

#[test]
fn derivatives_in_both_branches_are_one_equation() {
    let model = model_of("", "", "if (A > 0) { d/dt(x) <- 5 } else { d/dt(x) <- -x }\nrate_of_x <- d/dt(x)");
    assert_eq!(model.states.len(), 1);
    assert_eq!(variable(&model, "rate_of_x", &[("A", 1.0)]), 5.0);
    assert_eq!(variable(&model, "rate_of_x", &[("A", 0.0), ("x", 3.0)]), -3.0);
}

#[test]
fn states_have_their_properties_and_may_be_read_before_their_equation() {
    let model = model_of(
        "compartmentData <- list(depot = list(description = \"Gut\", units = \"mg\", scale = 50))",
        "ka <- 1.5",
        "rate_in <- ka * depot
         d/dt(depot) <- -rate_in
         d/dt(central) <- rate_in - 0.1 * central
         depot(0) <- 3
         f(depot) <- 0.8; alag(depot) <- WT / 100
         dur(central) <- 2
         lag(central) <- 1",
    );
    let [depot, central] = model.states.as_slice() else { panic!("two states") };
    assert_eq!((depot.name.as_str(), central.name.as_str()), ("depot", "central"));
    assert_eq!(model.graph.as_constant(depot.initial), Some(3.0));
    assert_eq!(model.graph.as_constant(central.initial), Some(0.0));
    assert_eq!(model.graph.as_constant(depot.bioavailability), Some(0.8));
    assert_eq!(model.graph.as_constant(central.bioavailability), Some(1.0));
    assert_eq!(at_node(&model, depot.lag.unwrap(), &[("WT", 70.0)]), 0.7);
    assert_eq!(model.graph.as_constant(central.lag.unwrap()), Some(1.0));
    assert_eq!(model.graph.as_constant(central.duration.unwrap()), Some(2.0));
    assert_eq!((depot.rate, depot.duration), (None, None));
    assert_eq!((depot.scale, central.scale), (50.0, 1.0));
    assert_eq!((depot.unit.as_deref(), depot.description.as_deref()), (Some("mg"), Some("Gut")));
    assert_eq!(at_node(&model, depot.derivative, &[("depot", 4.0)]), -6.0);
}

#[test]
fn ini_holds_values_bounds_labels_and_fixes() {
    let model = model_of(
        "",
        "lcl <- log(0.4); label(\"Clearance (CL, L/day)\")
         a <- c(0, 0.5, 1)
         b <- c(-Inf, -2)
         d = fix(3)   # a comment
         e <- fixed(c(0, 1, Inf))
         g <- c(0, fix(2))
         q.1 <- 2^3 - sqrt(16)
         label(\"Exponent (unitless)\")",
        &format!("{STATE}cl <- exp(lcl)\ny <- a + b + d + e + g + q.1"),
    );
    let got: Vec<_> =
        model.parameters.iter().map(|p| (p.name.as_str(), p.value, p.lower, p.upper, p.fixed)).collect();
    let (low, high) = (f64::NEG_INFINITY, f64::INFINITY);
    assert_eq!(
        got,
        [
            ("lcl", 0.4_f64.ln(), low, high, false),
            ("a", 0.5, 0.0, 1.0, false),
            ("b", -2.0, low, high, false),
            ("d", 3.0, low, high, true),
            ("e", 1.0, 0.0, high, true),
            ("g", 2.0, 0.0, high, true),
            ("q.1", 4.0, low, high, false),
        ]
    );
    assert_eq!(model.parameters[0].label.as_deref(), Some("Clearance (CL, L/day)"));
    assert_eq!(model.parameters[6].label.as_deref(), Some("Exponent (unitless)"));
    let unit = |name: &str| model.variables.iter().find(|v| v.name == name).unwrap().unit.clone();
    assert_eq!(unit("cl").as_deref(), Some("L/day"));
    assert_eq!(unit("y").as_deref(), Some("1"), "as `q.1`");
}

#[test]
fn random_effects_are_numbered_through_their_blocks() {
    let model = model_of(
        "",
        "e1 ~ 0.09
         e2 + e3 + e4 ~ c(1,
                          0.5, 1,   # by rows
                          0.2, -0.3, 2)
         e5 ~ fix(0.01)
         e6 + e7 ~ fix(0, 0, 0.25)",
        &format!("{STATE}y <- e1 + 10*e2 + 100*e3 + 1000*e4 + 1e4*e5 + 1e5*e6 + 1e6*e7"),
    );
    let names: Vec<_> = model.effect_names().collect();
    assert_eq!(names, ["e1", "e2", "e3", "e4", "e5", "e6", "e7"]);
    assert_eq!(model.effects(), 7);
    assert_eq!(model.omega[1].covariance, [1.0, 0.5, 1.0, 0.2, -0.3, 2.0]);
    assert_eq!(model.omega[3].covariance, [0.0, 0.0, 0.25], "a row of zeros is allowed");
    let at: Vec<_> = names.iter().copied().zip([1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0]).collect();
    assert_eq!(variable(&model, "y", &at), 7_654_321.0);
}

/// A correlation of 1 or -1, as a product, as digits, and between three.
#[test]
fn effects_may_be_fully_correlated() {
    for block in [
        "e1 + e2 ~ c(0.09, 0.06, 0.04)",
        "e1 + e2 ~ c(0.09, -0.06, 0.04)",
        "e1 + e2 ~ c(0.05, 0.0547723, 0.06)",
        "e1 + e2 ~ c(0.1, sqrt(0.02), 0.2)",
    ] {
        let model = model_of("", block, &format!("{STATE}y <- e1 + e2"));
        assert_eq!(model.effects(), 2, "{block}");
    }
    let three = "e1 + e2 + e3 ~ c(0.01, 0.02, 0.04, -0.03, -0.06, 0.09)";
    assert_eq!(model_of("", three, &format!("{STATE}y <- e1 + e2 + e3")).effects(), 3);
}

#[test]
fn residual_lines_add_error_to_the_prediction() {
    let lines = "y <- 4 * x
                 z <- y + 1
                 w <- 2
                 v <- 3
                 y ~ prop(b) + add(a)
                 z ~ prop(b)
                 w ~ add(a)
                 v ~ lnorm(a)";
    let model = model_of("", "a <- 0.6; b <- 0.1", &format!("{STATE}{lines}"));
    let at = [("x", 2.0), ("score", 1.5)];
    let names: Vec<_> = model.residuals.iter().map(|r| r.name.as_str()).collect();
    assert_eq!(names, ["y", "z", "w", "v"]);
    // combined2: the sd at 8 is sqrt(0.6^2 + 0.8^2) = 1.
    for (residual, prediction, observed) in [
        (0, 8.0, 8.0 + 1.5),
        (1, 9.0, 9.0 + 1.5 * 0.9),
        (2, 2.0, 2.0 + 1.5 * 0.6),
        (3, 3.0, 3.0 * (0.9_f64).exp()),
    ] {
        let residual = &model.residuals[residual];
        assert_eq!(at_node(&model, residual.prediction.unwrap(), &at), prediction);
        let got = at_node(&model, residual.observed, &at);
        assert!((got - observed).abs() < 1e-14, "{}: {got}", residual.name);
    }
}

#[test]
fn metadata_is_read_as_r_literals() {
    let model = model_of(
        r#"description <- "Ein \"Modell\"\tmit \u00e4 \u{2264} \x41 'x'"
           reference <- paste("A", paste0("B", 'C'), "D", sep = "; ")
           population <- list(n = 671L, ages = c(23, 86), sex = NA_real_, note = NULL)
           vignette = "x"
           limit <- 1e-3
           covariateData <- list(
             WT = list(description = "Weight", units = "kg", type = "continuous", notes = paste("a", "b")),
             AGE = "Age in years"
           )
           outputData <- list(y = list(description = "Why", units = "kg"))"#,
        "",
        &format!("{STATE}y <- WT + AGE"),
    );
    let about = &model.metadata;
    assert_eq!(about.description.as_deref(), Some("Ein \"Modell\"\tmit \u{e4} \u{2264} A 'x'"));
    assert_eq!(about.reference.as_deref(), Some("A; BC; D"));
    assert_eq!((about.time_unit.as_str(), about.dosing_unit.as_str()), ("day", "mg"));
    assert_eq!(about.concentration_unit, None);
    let other: HashMap<_, _> = about.other.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
    assert_eq!(
        other["population"], "list(n = 671L, ages = c(23, 86), sex = NA_real_, note = NULL)",
        "kept as text"
    );
    assert_eq!((other["vignette"], other["limit"]), ("x", "1e-3"));
    let [wt, age] = model.covariates.as_slice() else { panic!("two covariates") };
    assert_eq!((wt.unit.as_deref(), wt.description.as_deref()), (Some("kg"), Some("Weight")));
    assert_eq!((age.unit.as_deref(), age.description.as_deref()), (None, Some("Age in years")));
    assert_eq!(&model.source.text[wt.span.clone()], "WT");
    let y = model.variables.iter().find(|v| v.name == "y").unwrap();
    assert_eq!((y.unit.as_deref(), y.description.as_deref()), (Some("kg"), Some("Why")));
}

#[test]
fn units_of_time_have_one_name_each() {
    for (written, name) in [("h", "hour"), ("hr", "hour"), ("min", "minute"), ("days", "day")] {
        let text = format!(
            "m <- function() {{ units <- c(time = '{written}', dosing = 'nmol', concentration = 'nM')
             ini({{ }}); model({{ d/dt(x) <- 0 }}) }}"
        );
        let about = parse(&Source::new("m.R", text)).unwrap().metadata;
        assert_eq!(about.time_unit, name);
        assert_eq!((about.dosing_unit.as_str(), about.concentration_unit.as_deref()), ("nmol", Some("nM")));
    }
}

#[test]
fn what_does_not_move_is_known_per_patient() {
    let model = model_of("", "k <- 2", &format!("{STATE}a <- 2^0.3\nb <- k * WT\nc <- b * x\nd <- b * time"));
    let stages: Vec<_> = model.variables.iter().map(|v| model.graph.stage(v.node)).collect();
    assert_eq!(stages, [Stage::Constant, Stage::Patient, Stage::Dynamic, Stage::Dynamic]);
}

#[test]
fn a_square_is_a_product_and_a_half_power_a_root() {
    let mut graph = Graph::default();
    let x = graph.symbol(Symbol::Time);
    let (two, half) = (graph.constant(2.0), graph.constant(0.5));
    let product = graph.binary(Binary::Mul, x, x);
    assert_eq!(graph.binary(Binary::Pow, x, two), product);
    let root = graph.binary(Binary::Pow, x, half);
    assert_eq!(graph.evaluate(&[product, root], |_| 9.0), [81.0, 3.0]);
}

/// A model of one place in the documentation: a whole function, blocks, or lines of `model`.
fn of_example(text: &str) -> String {
    let begin = "m <- function() {\nunits <- list(time = \"h\", dosing = \"mg\")\n";
    if text.contains("function()") {
        text.to_owned()
    } else if text.contains("ini({") {
        format!("{begin}{text}\n}}\n")
    } else {
        format!("{begin}ini({{ }})\nmodel({{\n{text}\n}})\n}}\n")
    }
}

#[test]
fn every_example_of_the_documentation_is_read() {
    let mut examples = 0;
    for page in ["docs/model.md", "docs/coming_from.md", "README.md"] {
        let text = std::fs::read_to_string(page).unwrap();
        for block in text.split("```r\n").skip(1) {
            let example = block.split("```").next().unwrap();
            if example.contains("library(") {
                continue;
            }
            let model = of_example(example);
            if let Err(problems) = parse(&Source::new(page, model.as_str())) {
                panic!("{page}: {problems}\n{model}");
            }
            examples += 1;
        }
    }
    assert!(examples >= 13, "{examples}");
}

#[test]
fn observations_are_made_on_their_scales() {
    let lines = "y <- 4 * x
                 z <- x / 10
                 v <- 3 * x
                 w <- 2
                 y ~ add(a) + prop(b) + combined1()
                 z ~ logitNorm(a, 0, 1) | cond
                 v ~ add(a) + boxCox(l)
                 w ~ add(c) + var()
                 x ~ pow(b, l)";
    let model = model_of("", "a <- 0.6; b <- 0.1; l <- 0.5; c <- 0.36", &format!("{STATE}{lines}"));
    let at = [("x", 2.0), ("score", 1.5)];
    let box_cox = (6.0_f64.sqrt() - 1.0) / 0.5 + 0.9;
    for (name, expected) in [
        ("y", 8.0 + 1.5 * (0.6 + 0.8)),
        ("z", 1.0 / (1.0 + (-((0.2_f64 / 0.8).ln() + 0.9)).exp())),
        ("v", (1.0 + 0.5 * box_cox).powi(2)),
        ("w", 2.0 + 1.5 * 0.6),
        ("x", 2.0 + 1.5 * 0.1 * 2.0_f64.sqrt()),
    ] {
        let residual = model.residuals.iter().find(|r| r.name == name).unwrap();
        let got = at_node(&model, residual.observed, &at);
        assert!((got - expected).abs() < 1e-13, "{name}: {got}, {expected}");
    }
}

/// Standard deviations of Yeo and Johnson's scale: with lambda 1 it is none.
#[test]
fn yeo_johnson_is_the_identity_at_1_and_continuous_at_0() {
    let model = model_of(
        "",
        "a <- 0.5; one <- 1; l <- 0.4",
        &format!("{STATE}y <- x\nz <- x\ny ~ add(a) + yeoJohnson(one)\nz ~ add(a) + yeoJohnson(l)"),
    );
    let of = |line: usize, x: f64, score: f64| {
        at_node(&model, model.residuals[line].observed, &[("x", x), ("score", score)])
    };
    for (x, score) in [(2.0, 1.5), (-2.0, 0.3), (0.4, -3.0)] {
        assert!((of(0, x, score) - (x + 0.5 * score)).abs() < 1e-13);
        assert!((of(1, x, 0.0) - x).abs() < 1e-13);
    }
    // log-like above 0: y = ((1.5^0.4 - 1) / 0.4 + 0.5) back.
    let there = (1.5_f64.powf(0.4) - 1.0) / 0.4 + 0.5;
    assert!((of(1, 0.5, 1.0) - ((1.0 + 0.4 * there).powf(2.5) - 1.0)).abs() < 1e-13);
}

#[test]
fn what_is_assumed_and_taken_is_said() {
    let text = "m <- function() { ini({ k <- 1; label(\"Rate (1/day)\") }); model({ d/dt(x) <- -k * x * WT / 70 }) }";
    let model = parse(&Source::new("m.R", text)).unwrap();
    let told: Vec<&str> = model.notices.iter().map(|notice| notice.message.as_str()).collect();
    assert_eq!(
        told,
        [
            "`units` does not say the unit of time: it is taken to be day",
            "`units` does not say the unit of doses: it is taken to be mg",
            "taken as covariates, for nothing assigns them: `WT`",
        ]
    );
    for (written, time) in [("year (since infection)", "year"), ("h", "hour"), ("(none)", "hour")] {
        let text = format!(
            "m <- function() {{ units <- list(time = \"{written}\", dosing = \"mg/kg\"); ini({{ }}); model({{ d/dt(x) <- 0 }}) }}"
        );
        let about = parse(&Source::new("m.R", text)).unwrap().metadata;
        assert_eq!((about.time_unit.as_str(), about.dosing_unit.as_str()), (time, "mg/kg"), "{written}");
    }
}

#[test]
fn a_long_model_is_refused_at_once() {
    let lines: String = (0..100_000).map(|i| format!("v{i} <- x * {i}\n")).collect();
    let text = format!(
        "m <- function() {{ units <- list(time = 'h', dosing = 'mg'); ini({{ }}); model({{\n{STATE}{lines}}}) }}"
    );
    let start = std::time::Instant::now();
    let problems = parse(&Source::new("m.R", text)).unwrap_err().to_string();
    assert!(problems.contains("has 100001 statements; a model may have 20000"), "{problems}");
    assert!(start.elapsed().as_secs() < 5, "{:?}", start.elapsed());
}

/// A published estimate of a variance may be large; a percentage in its place is refused, by a file in `tests/faults`.
#[test]
fn large_variances_with_digits_are_warned_of() {
    let model = model_of("", "lk <- 1\neta ~ 20.6", &format!("k <- exp(lk + eta)\n{STATE}"));
    let told: Vec<&str> = model.notices.iter().map(|notice| notice.message.as_str()).collect();
    assert!(told.iter().any(|told| told.starts_with("the variance of `eta` is 20.6")), "{told:?}");
}

/// A cohort file for every shipped model and every published one: it is right, and its patients are solved.
#[test]
fn a_cohort_file_to_begin_with_runs() {
    use vpop::engine::cpu::{Cpu, Isa};
    use vpop::engine::{Engine, Status};
    let mut models = 0;
    for folder in ["models", "tests/published"] {
        for file in std::fs::read_dir(folder).unwrap() {
            let path = file.unwrap().path();
            if path.extension().is_none_or(|extension| extension != "R") {
                continue;
            }
            let text = std::fs::read_to_string(&path).unwrap();
            let model = Source::new(path.display().to_string(), text);
            let cohort = vpop::draft::cohort(&parse(&model).unwrap(), "model.R");
            let source = Source::new("cohort.toml", cohort.as_str());
            let job = vpop::job::Job::from_texts(&source, &model)
                .unwrap_or_else(|problems| panic!("{}: {problems}\n{cohort}", path.display()));
            let solution =
                Cpu::new(&job.plan, Isa::detect()).solve(&job.typical(Isa::detect()).unwrap()).unwrap();
            assert!(
                solution.status.iter().all(|status| *status == Status::Ok),
                "{}: {:?}",
                path.display(),
                solution.status
            );
            let guesses = cohort.matches("# guessed").count();
            assert!(guesses >= 4, "{}: {guesses}", path.display());
            models += 1;
        }
    }
    assert_eq!(models, 73);
}
