//! Dimensional analysis of models: contradictions, and units that follow.

use std::fs;

use vpop::diagnostic::{Notice, Source};
use vpop::model::{Model, parse};

/// A model of one compartment in day, mg and L, with some of its lines.
fn model(metadata: &str, ini: &str, equations: &str) -> Model {
    let text = format!(
        "m <- function() {{\n  units <- list(time = \"day\", dosing = \"mg\")\n  {metadata}\n  ini({{\n    {ini}\n  }})\n  \
         model({{\n    {equations}\n  }})\n}}\n"
    );
    parse(&Source::new("m.R", text)).unwrap_or_else(|problems| panic!("{problems}"))
}

fn warnings(model: &Model) -> Vec<String> {
    let told = |notice: &Notice| {
        let place = notice.place.as_ref().unwrap();
        let (line, column) = place.line_column();
        format!("{}:{line}:{column}: {}", place.source.name, notice.message)
    };
    let of_units = model.notices.iter().filter(|notice| !notice.message.starts_with("taken as covariates"));
    of_units.map(told).collect()
}

/// Clearance and volume, and what is said of the compartment.
const INI: &str =
    "lcl <- log(0.4); label(\"Clearance (L/day)\")\n    lvc <- log(3.6); label(\"Central volume (L)\")";
const STATES: &str = "compartmentData <- list(central = list(description = \"Drug\", units = \"mg\"))";

#[track_caller]
fn assert_warned(model: &Model, right: &[&str]) {
    assert_eq!(warnings(model), right, "{}", model.source.text);
}

fn unit_of(model: &Model, name: &str) -> Option<String> {
    let states = model.states.iter().map(|state| (&state.name, &state.unit));
    let variables = model.variables.iter().map(|variable| (&variable.name, &variable.unit));
    states.chain(variables).find(|(known, _)| *known == name).unwrap().1.clone()
}

#[test]
fn nothing_is_said_of_the_models_of_this_repository() {
    let folders =
        ["models", "src/verify/cases", "tests/data", "tests/engine/right/cases", "tests/engine/stiff"];
    let files = folders.iter().filter_map(|folder| fs::read_dir(folder).ok()).flatten();
    let files =
        files.map(|file| file.unwrap().path()).filter(|path| path.extension().is_some_and(|x| x == "R"));
    let mut read = 0;
    for path in files {
        let model = vpop::model::load(&path).unwrap_or_else(|problems| panic!("{problems}"));
        assert_eq!(warnings(&model), Vec::<String>::new(), "{}", path.display());
        read += 1;
    }
    assert!(read >= 10, "{read} models");
}

#[test]
fn nothing_is_said_of_what_people_usually_write() {
    let covariates = "covariateData <- list(WT = list(units = \"kg\"), ALB = list(units = \"g/L\"), CRCL = \
                      list(units = \"mL/min\"), SEXF = list(units = \"(binary)\"), AGE = list(units = \"years\"), HT = \
                      list(units = \"cm\"))";
    for (metadata, ini, equations) in [
        // Allometry, with a label that says nothing and one that does.
        (
            "",
            "e <- 0.75",
            "cl <- exp(lcl) * (WT / 70)^e\n vc <- exp(lvc) * (WT/70)\n d/dt(central) <- -cl/vc*central",
        ),
        (
            covariates,
            "e <- 0.75; label(\"Exponent (unitless)\")\n f <- 0.1; label(\"Effect of sex (fraction)\")\n g <- 0.3",
            "cl <- exp(lcl) * (WT/70)^0.75 * (ALB / 38)^e * (1 + f * SEXF) * (CRCL/100)^0.5 + 0.1 * WT^0.75 * AGE * HT\n\
             vc <- exp(lvc + g * log(WT/70)) * (HT / 170)\n d/dt(central) <- -cl/vc*central",
        ),
        // Absorption, bioavailability, lag, milligrams to nanograms by a number.
        (
            "outputData <- list(Cc = list(units = \"ng/mL\"))\n",
            "lka <- log(1.2); label(\"Absorption rate (1/day)\")\n lfdepot <- log(0.6); label(\"Bioavailability (fraction)\")\n\
             ltlag <- log(0.1); label(\"Lag (day)\")\n add_sd <- 0.1; label(\"Additive error (ng/mL)\")",
            "cl <- exp(lcl)\n vc <- exp(lvc)\n ka <- exp(lka)\n d/dt(depot) <- -ka * depot\n\
             d/dt(central) <- ka * depot - cl/vc*central\n f(depot) <- exp(lfdepot)\n alag(depot) <- exp(ltlag)\n\
             Cc <- central / vc * 1000\n Cc ~ add(add_sd)",
        ),
        // Michaelis-Menten, a Hill curve with a factor, an indirect response.
        (
            "outputData <- list(effect = list(units = \"%\"))",
            "lvm <- log(3); label(\"Largest elimination (mg/day)\")\n km <- 4; label(\"Half saturation (mg/L)\")\n\
             ec50 <- 40; label(\"Half effect (ng/mL)\")\n gam <- 2; label(\"Hill (unitless)\")\n\
             kin <- 1; label(\"Synthesis (U/L/day)\")\n kout <- 0.1; label(\"Loss (1/day)\")\n emax <- 100",
            "vc <- exp(lvc) * exp(0 * lcl)\n Cc <- central / vc\n d/dt(central) <- -exp(lvm) * Cc / (km + Cc)\n\
             hill <- (1000 * Cc)^gam / (ec50^gam + (1000 * Cc)^gam)\n effect <- emax * hill\n\
             d/dt(alt) <- kin * (1 - hill) - kout * alt\n alt(0) <- kin / kout",
        ),
        // A random effect that is added, logit scale, mu referencing, rates by the clock, logarithms.
        (
            "",
            "tvcl <- 0.4; label(\"Clearance (L/day)\")\n logitf <- 0.3; label(\"Logit of bioavailability\")\n\
             lk <- log(0.2); label(\"Rate (1/h)\")\n etacl ~ 0.1",
            "cl <- tvcl + etacl\n mu <- lvc + lcl * 0\n vc <- exp(mu)\n k <- exp(lk) * 24\n\
             d/dt(central) <- -cl/vc*central - k * central * exp(-0.1 * t)\n f(central) <- expit(logitf)\n\
             lcc <- log(central / vc)\n y <- ifelse(t > 10, central, 0)\n clock <- exp(-0.2 / 24 * (t %% 24)) * cl * (t %% 1) + cl * t * 0 + (t %/% 7)",
        ),
    ] {
        let model = model(metadata, &format!("{INI}\n    {ini}"), equations);
        assert_warned(&model, &[]);
    }
}

#[test]
fn a_missing_volume_is_seen() {
    let equations =
        "cl <- exp(lcl)\n    vc <- exp(lvc)\n    d/dt(central) <- -cl * central\n    Cc <- central / vc";
    let right = "m.R:11:22: `d/dt(central)` is in mg/day, and what it is made of is in L mg/day";
    assert_warned(&model(STATES, INI, equations), &[right]);
    // Whatever the compartment is in.
    let found = warnings(&model("", INI, equations));
    assert!(found.len() == 1 && found[0].contains("d/dt(central)"), "{found:?}");
}

#[test]
fn hours_where_the_model_has_days() {
    let ini = INI.replace("L/day", "L/h");
    let model =
        model(STATES, &ini, "cl <- exp(lcl)\n    vc <- exp(lvc)\n    d/dt(central) <- -cl/vc * central");
    assert_warned(&model, &["m.R:11:22: `d/dt(central)` is in mg/day, and what it is made of is in mg/h"]);
    let help = model.notices[0].help.clone().unwrap();
    assert!(help.contains("a factor of 24:"), "{help}");
}

#[test]
fn each_kind_of_contradiction_is_seen() {
    let more = "k <- 0.1; label(\"Rate (1/day)\")\n    c50 <- 3; label(\"Half effect (nM)\")\n    h <- 2; label(\"Hill (day)\")";
    let base = "cl <- exp(lcl)\n vc <- exp(lvc)\n d/dt(central) <- -cl/vc * central\n c <- central / vc\n";
    for (line, right) in [
        ("x <- cl + vc", "`cl` is in L/day and `vc` is in L: they cannot be added"),
        ("x <- central - c", "`central` is in mg and `c` is in mg/L: they cannot be subtracted"),
        ("x <- ifelse(c > vc, 1, 0)", "`c` is in mg/L and `vc` is in L: they cannot be compared"),
        ("x <- max(c, c50)", "`c` is in mg/L and `c50` is in nM: they cannot be compared"),
        (
            "x <- ifelse(t > 1, c, vc)",
            "`c` is in mg/L and `vc` is in L: they cannot be values of one `ifelse`",
        ),
        ("x <- c / (c50 + c)", "`c50` is in nM and `c` is in mg/L: they cannot be added"),
        ("x <- exp(cl)", "the exponential of `cl`, which is in L/day"),
        ("x <- k * log(c)", "a multiple of the logarithm of `log(c)`, which is in mg/L"),
        ("x <- (c / c)^h", "a power with the exponent of `h`, which is in day"),
        ("x <- exp(-k * central)", "the exponential of `-k * central`, which is in mg/day"),
        ("central(0) <- vc", "`central(0)` is in mg, and what it is made of is in L"),
        ("alag(central) <- 1 / k + vc", "`1 / k` is in day and `vc` is in L: they cannot be added"),
        ("d/dt(y) <- k * y - c", ""),
        (
            "if (t > 3) { x <- c } else { x <- vc + c }",
            "`vc` is in L and `c` is in mg/L: they cannot be added",
        ),
    ] {
        let model = model(
            STATES,
            &format!("{INI}\n    {more}"),
            &format!("{base}{line}\n z1 <- k\n z2 <- c50\n z3 <- h"),
        );
        let found = warnings(&model);
        let found: Vec<&str> =
            found.iter().map(|warning| warning.splitn(4, ':').nth(3).unwrap().trim()).collect();
        let right: Vec<&str> = Some(right).filter(|right| !right.is_empty()).into_iter().collect();
        assert_eq!(found, right, "{line}");
    }
}

#[test]
fn an_output_in_another_unit_is_seen() {
    let equations =
        "cl <- exp(lcl)\n    vc <- exp(lvc)\n    d/dt(central) <- -cl/vc * central\n    Cc <- central / vc";
    let output = format!("{STATES}; outputData <- list(Cc = list(units = \"ng/mL\"))");
    let right = "`Cc` is in ng/mL, and what it is made of is in mg/L";
    let found = warnings(&model(&output, INI, equations));
    assert!(found.len() == 1 && found[0].ends_with(right), "{found:?}");
    assert_warned(&model(&output, INI, &format!("{equations} * 1000")), &[]);

    // From the list of units alone, by what the names usually mean.
    let text = format!(
        "m <- function() {{\n units <- list(time = \"day\", dosing = \"mg\", concentration = \"ng/mL\")\n ini({{\n {INI}\n }})\n \
         model({{\n {equations}\n }})\n}}"
    );
    let found = warnings(&parse(&Source::new("m.R", text.clone())).unwrap());
    assert!(found.len() == 1 && found[0].ends_with(right), "{found:?}");
    let found = warnings(&parse(&Source::new("m.R", text.replace("ng/mL", "mg/L"))).unwrap());
    assert_eq!(found, Vec::<String>::new());
}

#[test]
fn the_additive_error_is_in_the_unit_of_the_prediction() {
    let ini = format!("{INI}\n    sd <- 0.1; label(\"Additive error (ng/mL)\")");
    let equations = "cl <- exp(lcl)\n    vc <- exp(lvc)\n    d/dt(central) <- -cl/vc * central\n    Cc <- central / vc\n    \
                     Cc ~ add(sd)";
    let found = warnings(&model(STATES, &ini, equations));
    assert!(found.len() == 1 && found[0].contains("add() of Cc"), "{found:?}");
}

#[test]
fn units_follow_where_the_file_says_none() {
    let model = model(
        "covariateData <- list(WT = list(units = \"kg\"))",
        &format!(
            "{INI}\n    ka <- 1.2\n    lq <- log(2)\n    lvp <- log(3); label(\"Peripheral volume (L)\")"
        ),
        "cl <- exp(lcl) * (WT / 70)^0.75\n vc <- exp(lvc) * WT / 70\n k12 <- exp(lq) / vc\n k21 <- exp(lq) / exp(lvp)\n\
         d/dt(depot) <- -ka * depot\n d/dt(central) <- ka * depot - cl/vc*central - k12 * central + k21 * peripheral1\n\
         d/dt(peripheral1) <- k12 * central - k21 * peripheral1\n Cc <- central / exp(lvc)\n ratio <- peripheral1 / central",
    );
    assert_warned(&model, &[]);
    for (name, right) in [
        ("cl", "L/day"),
        ("Cc", "mg/L"),
        ("central", "mg"),
        ("peripheral1", "mg"),
        ("depot", "mg"),
        ("k21", "1/day"),
        ("ratio", "1"),
    ] {
        assert_eq!(unit_of(&model, name).as_deref(), Some(right), "{name}");
    }
    let inferred =
        |name: &str| model.inferred.iter().find(|(known, _)| known == name).map(|(_, unit)| unit.as_str());
    assert_eq!(inferred("ka"), Some("1/day"));
    assert_eq!(inferred("lq"), Some("L/day"), "of the number, not of its logarithm");
}

#[test]
fn a_reference_group_is_no_unit() {
    let model = model(
        "",
        "ka <- 1.2; label(\"Absorption rate (1/h) in adults (reference)\")",
        "d/dt(depot) <- -ka * depot",
    );
    assert_warned(&model, &[]);
}

/// What a label says beside its unit.
#[test]
fn sizes_and_citations_in_labels_are_no_units() {
    let ini = "lcl <- log(0.4); label(\"Clearance (L/day/70 kg)\")\n    lvc <- log(3.6); label(\"Volume (L); Table 2\")\n    \
               th <- 0.75; label(\"Exponent (Eq 3)\")";
    let equations = "cl <- exp(lcl) * (WT / 70)^th\n    vc <- exp(lvc)\n    d/dt(central) <- -cl/vc * central\n    Cc <- central / vc";
    let model = model(STATES, ini, equations);
    assert_warned(&model, &[]);
    assert_eq!(unit_of(&model, "cl").as_deref(), Some("L/day"));
    assert_eq!(unit_of(&model, "Cc").as_deref(), Some("mg/L"));
}

/// 1000 nmol per mg, or a molar mass, in `f`: the state is not in mg.
#[test]
fn a_number_in_f_leaves_the_unit_of_the_state_open() {
    for (f, right) in [("1000", None), ("1 / mw", None), ("0.6", Some("mg"))] {
        let ini = format!(
            "{INI}\n    mw <- 472.5; label(\"Molar mass (unitless)\")\n    fr <- 0.6; label(\"Share (fraction)\")"
        );
        let f = if right.is_some() { "fr" } else { f };
        let equations = format!(
            "cl <- exp(lcl)\n    vc <- exp(lvc)\n    d/dt(central) <- -cl/vc * central\n    f(central) <- {f}\n    Cc <- central / vc + 0 * mw + 0 * fr"
        );
        let model = model("", &ini, &equations);
        assert_eq!(unit_of(&model, "central").as_deref(), right, "{f}");
    }
}

/// What follows from a contradiction is not warned of again, and many of one kind are counted.
#[test]
fn one_cause_is_told_once() {
    let lines: String =
        (0..9).map(|i| format!("x{i} <- cl + vc\n    y{i} <- x{i} + central\n    ")).collect();
    let equations =
        format!("cl <- exp(lcl)\n    vc <- exp(lvc)\n    {lines}d/dt(central) <- -cl/vc * central");
    let found = warnings(&model(STATES, INI, &equations));
    assert_eq!(found.len(), 3, "{found:?}");
    assert!(found[2].ends_with("they cannot be added; 6 more lines differ by the same unit"), "{found:?}");
}

/// A Weibull hazard whose exponents add up to 0, and a shape that is no sum.
#[test]
fn powers_that_may_cancel_are_not_warned_of() {
    let ini = "tau <- 5; label(\"Scale (day)\")\n    a <- 1.3; label(\"Shape (unitless)\")";
    let equations = "d/dt(cumhaz) <- a * t^(a - 1) * tau^(-a)\n    survival <- exp(-cumhaz)";
    assert_warned(&model("", ini, equations), &[]);
}

/// A share that is an additive error, too, does not make the prediction a share.
#[test]
fn a_proportional_error_says_nothing_of_the_prediction() {
    let ini = format!("{INI}\n    propSd <- 0.2; label(\"Proportional error (fraction)\")");
    let equations = "k <- exp(lcl) / exp(lvc)\n    d/dt(central) <- -k * central\n    y <- central * 3.1\n    y ~ add(propSd)";
    let model = model("", &ini, equations);
    assert_warned(&model, &[]);
    assert_eq!(unit_of(&model, "y"), None);
}

#[test]
fn units_before_a_remark_are_units() {
    let about = format!(
        "{STATES}\n  outputData <- list(Cc = list(units = \"ug/L (total)\"))\n  \
                 covariateData <- list(CONC = list(units = \"ng/L (text)\"))"
    );
    let equations = "cl <- exp(lcl)\n    vc <- exp(lvc)\n    d/dt(central) <- -cl/vc * central\n    Cc <- central / vc * 1000 + 0 * CONC";
    let model = model(&about, INI, equations);
    assert_eq!(unit_of(&model, "Cc").as_deref(), Some("ug/L"));
    assert_eq!(model.covariates[0].unit.as_deref(), Some("ng/L"));
}
