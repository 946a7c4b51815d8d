//! The shipped models: what they hold, and their equations against an independent program.

use std::collections::HashMap;
use std::path::Path;

use vpop::model::graph::{NodeId, Stage, Symbol};
use vpop::model::{Model, load};

fn shipped(name: &str) -> Model {
    load(&Path::new("models").join(format!("{name}.R"))).unwrap()
}

fn parameter(model: &Model, name: &str) -> f64 {
    model.parameters.iter().find(|p| p.name == name).unwrap().value
}

fn state_names(model: &Model) -> String {
    model.states.iter().map(|s| s.name.as_str()).collect::<Vec<_>>().join(" ")
}

fn assert_close(got: f64, expected: f64, tolerance: f64, what: &str) {
    assert!((got - expected).abs() <= tolerance * expected.abs(), "{what}: got {got}, expected {expected}");
}

/// Where the symbols take their values from, by name.
#[derive(Default)]
struct At<'a> {
    states: &'a [(&'a str, f64)],
    covariates: &'a [(&'a str, f64)],
    effects: &'a [f64],
}

impl At<'_> {
    fn evaluate(&self, model: &Model, roots: &[NodeId]) -> Vec<f64> {
        let states: HashMap<_, _> = self.states.iter().copied().collect();
        let covariates: HashMap<_, _> = self.covariates.iter().copied().collect();
        model.graph.evaluate(roots, |symbol| match symbol {
            Symbol::Parameter(i) => model.parameters[i as usize].value,
            Symbol::Effect(i) => self.effects.get(i as usize).copied().unwrap_or(0.0),
            Symbol::Covariate(i) => covariates[model.covariates[i as usize].name.as_str()],
            Symbol::State(i) => states[model.states[i as usize].name.as_str()],
            _ => 0.0,
        })
    }

    fn variable(&self, model: &Model, name: &str) -> f64 {
        let variable = model.variables.iter().find(|v| v.name == name).unwrap();
        self.evaluate(model, &[variable.node])[0]
    }

    fn derivative(&self, model: &Model, name: &str) -> f64 {
        let state = model.states.iter().find(|s| s.name == name).unwrap();
        self.evaluate(model, &[state.derivative])[0]
    }
}

const COVARIATES: &str = "WT ALB SEXF LIVMET NREC FPOS LINES PLT0 EGFR HB0 UPCR0 ALT0 AST0 TUMSZ";

#[test]
fn every_shipped_model_loads_with_its_states_parameters_and_covariates() {
    let rest = "Al Pt X0 X1 X2 X3 X4 Em S Pr T1 T2 T3 Plt Hb Ep Inj U G Ec C1 C2 C3 El ALT AST";
    let binding = format!("Tc Tp Pc Pp L M Ct R AR {rest}");
    let steady = format!("Tc Tp Pc Pp L M A B {rest}");
    let chain = "A8 P8 A7 P7 A6 P6 A5 P5 A4 P4 A3 P3 A2 P2 A1 P1 A0 P0 DM4 MeDM4";
    let expected = [
        ("aprutumab_ixadotin", steady.as_str(), 73, 22, COVARIATES),
        ("aprutumab_ixadotin_binding", &binding, 73, 22, COVARIATES),
        ("one_compartment_infusion", "central", 3, 2, ""),
        ("one_compartment_oral_renal", "depot central", 4, 2, "CRCL"),
        ("two_antibodies", "depot bispecific partner", 6, 2, "WT"),
        ("two_compartment_infusion", "central peripheral1", 6, 2, ""),
        ("three_compartment_infusion", "central peripheral1 peripheral2", 7, 2, ""),
        ("two_compartment_michaelis_menten", "central peripheral1", 7, 2, ""),
        ("friberg_2002_paclitaxel", "central peripheral1 prol transit1 transit2 transit3 circ", 9, 3, ""),
        ("tdm1_lu_2014", "central peripheral1", 5, 4, ""),
        ("tmdd_two_compartment", "central peripheral1 target complex", 11, 5, ""),
        ("tusamitamab_dar_chain", chain, 29, 10, ""),
    ];
    assert_eq!(std::fs::read_dir("models").unwrap().count(), expected.len(), "every model is listed here");
    for (name, states, parameters, effects, covariates) in expected {
        let model = shipped(name);
        assert_eq!(model.name, name, "the function is named as its file");
        assert_eq!(state_names(&model), states, "{name}");
        assert_eq!(model.parameters.len(), parameters, "{name}");
        assert_eq!(model.effects(), effects, "{name}");
        let found: Vec<_> = model.covariates.iter().map(|c| c.name.as_str()).collect();
        assert_eq!(found.join(" "), covariates, "{name}");
        assert!(model.metadata.description.is_some() && model.metadata.reference.is_some(), "{name}");
        assert!(model.states.iter().all(|s| s.unit.is_some() && s.description.is_some()), "{name}");
        assert!(model.covariates.iter().all(|c| c.unit.is_some() && c.description.is_some()), "{name}");
        assert!(model.parameters.iter().all(|p| p.label.is_some()), "{name}");
    }
}

/// Every parameter and random effect is tagged with the basis of its value.
#[test]
fn every_parameter_of_the_shipped_models_has_a_provenance_tag() {
    let tags = ["[V]", "[R]", "[D]", "[A]", "[T]", "[A/T]", "[T/A]"];
    for file in std::fs::read_dir("models").unwrap() {
        let text = std::fs::read_to_string(file.unwrap().path()).unwrap();
        let ini = text.split("  ini({\n").nth(1).unwrap().split("  })\n").next().unwrap();
        let lines: Vec<_> = ini.lines().collect();
        for (i, line) in lines.iter().enumerate() {
            if line.trim_start().starts_with('#') {
                continue;
            }
            let tagged = |l: &str| l.split('#').nth(1).is_some_and(|c| tags.iter().any(|t| c.contains(t)));
            let above = i > 0 && lines[i - 1].trim_start().starts_with('#') && tagged(lines[i - 1]);
            assert!(tagged(line) || above, "{line}");
        }
    }
}

/// T-DM1 at 1 mg in each compartment: rates are CL/Vc, Q/Vc and Q/Vp of Lu 2014.
#[test]
fn tdm1_has_the_published_rates() {
    let model = shipped("tdm1_lu_2014");
    let at = At { states: &[("central", 1.0), ("peripheral1", 1.0)], ..At::default() };
    let expected = -0.676 / 3.127 - 1.534 / 3.127 + 1.534 / 0.66;
    assert_close(at.derivative(&model, "central"), expected, 1e-14, "central");
    assert_eq!(model.omega[0].covariance, [0.03585, 0.011, 0.01351]);
    assert_eq!((model.metadata.time_unit.as_str(), model.metadata.dosing_unit.as_str()), ("day", "mg"));
}

/// Friberg 2002: without drug everything rests at 7.21; with 0.01 umol/L at the nadir of the
/// feedback, the proliferation is ktr Prol ((1 - slope C) (circ0 / circ)^gamma - 1).
#[test]
fn friberg_rests_without_drug_and_follows_its_formula_with_it() {
    let model = shipped("friberg_2002_paclitaxel");
    assert_eq!(model.metadata.time_unit, "hour");
    let cells = ["prol", "transit1", "transit2", "transit3", "circ"];
    let initial: Vec<_> = model.states.iter().map(|s| s.initial).collect();
    let initial = At::default().evaluate(&model, &initial);
    let mut states: Vec<_> = model.states.iter().map(|s| s.name.as_str()).zip(initial).collect();
    for name in cells {
        let at = At { states: &states, ..At::default() };
        assert!(at.derivative(&model, name).abs() < 1e-15, "{name} rests");
    }
    states[0].1 = 2.9;
    states[6].1 = 3.0;
    let at = At { states: &states, ..At::default() };
    let expected = 4.0 / 124.0 * 7.21 * ((1.0 - 28.9 * 2.9 / 290.0) * (7.21_f64 / 3.0).powf(0.239) - 1.0);
    assert_close(at.derivative(&model, "prol"), expected, 1e-13, "prol");
}

/// Saturable elimination: at Cc = Km it runs at half its largest rate.
#[test]
fn michaelis_menten_is_half_at_km() {
    let model = shipped("two_compartment_michaelis_menten");
    let amount = 4.45 * 3.58;
    let at = At { states: &[("central", amount), ("peripheral1", 2.71 * 4.45)], ..At::default() };
    assert_close(at.derivative(&model, "central"), -0.311 * 4.45 - 1.4, 1e-13, "central");
}

/// The published parts of a dose sum to 0.998; what the species receive sums to the dose.
#[test]
fn a_dose_of_the_chain_is_shared_among_its_species() {
    let model = shipped("tusamitamab_dar_chain");
    let factors: Vec<_> = model.states.iter().map(|s| s.bioavailability).collect();
    let factors = At::default().evaluate(&model, &factors);
    let central = model.states.iter().zip(&factors).filter(|(state, _)| state.name.starts_with('A'));
    assert_close(central.map(|(_, factor)| factor).sum(), 1.0, 1e-14, "all of it");
    assert_close(factors[0], 0.009 / 0.998, 1e-14, "f(A8)");
    assert_close(factors[16], 0.071 / 0.998, 1e-14, "f(A0)");
}

/// Without antibody the target rests at synthesis over loss; bound, it leaves with the antibody.
#[test]
fn the_target_rests_without_antibody_and_binds_it() {
    let model = shipped("tmdd_two_compartment");
    let rest = 2.4 / 2.2;
    let states = [("central", 0.0), ("peripheral1", 0.0), ("target", rest), ("complex", 0.0)];
    let at = At { states: &states, ..At::default() };
    for (name, _) in states {
        assert!(at.derivative(&model, name).abs() < 1e-14, "{name} rests");
    }
    let at = At {
        states: &[("central", 28.0), ("peripheral1", 0.0), ("target", rest), ("complex", 0.5)],
        ..At::default()
    };
    let bound = 43.2 * 10.0 * rest - 45.32 * 0.5;
    assert_close(at.derivative(&model, "complex"), bound - 2.2 * 0.5, 1e-13, "complex");
    assert_close(at.derivative(&model, "central"), -0.3 * 10.0 - 1.7 * 10.0 - bound * 2.8, 1e-13, "central");
}

// A patient unlike the typical one, so that every covariate and random effect counts.
const PATIENT: &[(&str, f64)] = &[
    ("WT", 72.0),
    ("ALB", 35.0),
    ("SEXF", 1.0),
    ("EGFR", 70.0),
    ("LINES", 6.0),
    ("LIVMET", 1.0),
    ("PLT0", 210.0),
    ("ALT0", 30.0),
    ("AST0", 28.0),
    ("HB0", 11.0),
    ("UPCR0", 0.2),
    ("NREC", 5e4),
    ("FPOS", 0.3),
    ("TUMSZ", 65.0),
];

/// The parameter that each random effect belongs to, in the order in which [`effects`] numbers
/// them.
const VARYING: &str = "cl vc vp vmax kdec kl clh clr kp kout kg kc50 ec50_mk mtt kcirc ke_pod ec50_pod krep ec50_cor kc \
                       ke_liv ec50_liv";

/// `(-1)^i 0.02 (i + 1)` for the i-th of [`VARYING`], by the model's own order.
fn effects(model: &Model) -> Vec<f64> {
    let size = |name: &str| {
        let i = VARYING.split_whitespace().position(|v| name == format!("etal{v}")).unwrap();
        let sign = if i % 2 == 0 { 1.0 } else { -1.0 };
        sign * 0.02 * (i + 1) as f64
    };
    model.effect_names().map(size).collect()
}

/// State, its value, its derivative without infusion, its initial value: from an independent
/// program of the same equations (Python with numpy 2, f64, its right-hand side called once), for
/// [`PATIENT`] with each varying parameter times `exp(effect)`.
const REFERENCE: &[(&str, f64, f64, f64)] = &[
    ("Tc", 147.0, -50.51716148843677, 0.0),
    ("Tp", 97.8, 16.326434474617397, 0.0),
    ("Pc", 582.0, -271.31279307357875, 0.0),
    ("Pp", 230.0, 109.02346133209359, 0.0),
    ("L", 138.0, 49.69085399028499, 0.0),
    ("M", 31.9, -72.20343057982149, 0.0),
    ("Ct", 4.42, -847.6221302653269, 0.0),
    ("R", 5.84, -209.2939915350382, 7.472600464961807),
    ("AR", 1.4, 205.326592, 0.0),
    ("Al", 2.82, 2.78, 0.0),
    ("Pt", 23.7, 4.373526362401814, 0.0),
    ("X0", 0.606, 0.017443329720800507, 0.7),
    ("X1", 0.342, -0.01954820561199183, 0.3),
    ("X2", 0.104, -0.02260753900102174, 0.0),
    ("X3", 0.0545, 0.024749999999999998, 0.0),
    ("X4", 0.0337, 0.0104, 0.0),
    ("Em", 62.5, 128.38014293329138, 0.0),
    ("S", 1.01, -0.019137499999999998, 1.0),
    ("Pr", 214.0, -7.365490883356783, 39.92940519697219),
    ("T1", 187.0, 40.82800563784091, 39.92940519697219),
    ("T2", 173.0, 21.170076997398994, 39.92940519697219),
    ("T3", 130.0, 65.02237934915405, 39.92940519697219),
    ("Plt", 106.0, 93.54348719704707, 210.0),
    ("Ep", 97.9, 6.153474898993752, 0.0),
    ("Inj", 0.244, 0.047187025569818256, 0.0),
    ("U", 0.554, 0.10812959999999995, 0.2),
    ("G", 1.0, -0.007319999999999999, 1.0),
    ("Ec", 52.1, 19.9241211305487, 0.0),
    ("C1", 0.238, -0.03871010270172247, 0.0),
    ("C2", 0.113, 0.035910002466194954, 0.0),
    ("C3", 0.0836, 0.008446032580049058, 0.0),
    ("El", 60.0, 111.10555708750768, 0.0),
    ("ALT", 39.4, 18.545996116606563, 30.0),
    ("AST", 36.2, 34.76255238854887, 28.0),
    ("Hb", 8.98, -0.027981830768829905, 11.0),
];

/// Observables at the same state, from the same program.
const OBSERVED: &[(&str, f64)] = &[
    ("Cc", 7.231799229689132),
    ("metabolite", 1.8903703703703703),
    ("platelets", 106.0),
    ("haemoglobin", 8.98),
    ("upcr", 0.554),
    ("egfr", 70.0),
    ("cornea", 0.3344),
    ("alt", 39.4),
    ("ast", 36.2),
    ("sld_change_pct", 4.470501353825362),
    ("payload_tumour", 79.0),
];

/// Largest relative difference that counts as rounding, also after sums that cancel.
const ROUNDING: f64 = 1e-12;

#[test]
fn the_binding_model_agrees_with_an_independent_program() {
    let model = shipped("aprutumab_ixadotin_binding");
    let states: Vec<_> = REFERENCE.iter().map(|&(name, value, ..)| (name, value)).collect();
    let effects = effects(&model);
    let at = At { states: &states, covariates: PATIENT, effects: &effects };
    for &(name, _, derivative, initial) in REFERENCE {
        assert_close(at.derivative(&model, name), derivative, ROUNDING, &format!("d/dt({name})"));
        let state = model.states.iter().find(|s| s.name == name).unwrap();
        assert_close(at.evaluate(&model, &[state.initial])[0], initial, ROUNDING, &format!("{name}(0)"));
    }
    for &(name, value) in OBSERVED {
        assert_close(at.variable(&model, name), value, ROUNDING, name);
    }
    assert_close(at.variable(&model, "sld"), 65.0 * 1.044_705_013_538_253_6, ROUNDING, "sld");
}

/// A and B with their derivatives, and that of Al: from the other root formula,
/// `(s - sqrt(s^2 - 4 A B)) / 2`, in 60-digit decimal arithmetic.
#[test]
fn the_quasi_steady_state_model_agrees_with_an_independent_program() {
    let model = shipped("aprutumab_ixadotin");
    let mut states: Vec<_> = REFERENCE.iter().map(|&(name, value, ..)| (name, value)).collect();
    states.extend([("A", 7.3), ("B", 4.1)]);
    let effects = effects(&model);
    let at = At { states: &states, covariates: PATIENT, effects: &effects };
    for (name, derivative) in
        [("A", -9.22126319851926), ("B", -7.825273330739285), ("Al", 12.110498394268124)]
    {
        assert_close(at.derivative(&model, name), derivative, ROUNDING, &format!("d/dt({name})"));
    }
    let shared = |name: &&(&str, f64, f64, f64)| !["Ct", "R", "AR", "Al"].contains(&name.0);
    for &(name, _, derivative, _) in REFERENCE.iter().filter(shared) {
        assert_close(at.derivative(&model, name), derivative, ROUNDING, &format!("d/dt({name})"));
    }
    for &(name, value) in OBSERVED {
        assert_close(at.variable(&model, name), value, ROUNDING, name);
    }
}

/// An amount in mg becomes nmol of antibody, and DAR0 times as much payload.
#[test]
fn doses_of_the_conjugate_are_scaled_to_nmol() {
    let model = shipped("aprutumab_ixadotin");
    let factors: Vec<_> = model.states.iter().map(|s| s.bioavailability).collect();
    let factors = At::default().evaluate(&model, &factors);
    assert_close(factors[0], 1000.0 / 150.0, 1e-15, "f(Tc)");
    assert_close(factors[2], 4000.0 / 150.0, 1e-15, "f(Pc)");
    assert!(factors[3..].iter().all(|&f| f == 1.0));
}

/// Typical values and variances of the parameter table.
#[test]
fn typical_values_of_the_conjugate_follow_the_table() {
    let model = shipped("aprutumab_ixadotin");
    let covariates: Vec<_> = PATIENT
        .iter()
        .map(|&(name, value)| match name {
            "WT" => (name, 64.0),
            "ALB" => (name, 38.0),
            "SEXF" | "LIVMET" => (name, 0.0),
            "LINES" => (name, 4.0),
            "EGFR" => (name, 85.0),
            _ => (name, value),
        })
        .collect();
    let at = At { covariates: &covariates, ..At::default() };
    for (name, value) in [
        ("cl", 0.40),
        ("vc", 3.58),
        ("q", 0.952),
        ("vp", 2.71),
        ("vmax", 2.80e3 / 150.0),
        ("km", 4.45e3 / 150.0),
        ("clh", 70.0),
        ("clr", 30.0),
        ("vm", 15.0),
        ("kp", 0.143),
        ("ec50_mk", 75.0),
        ("ec50_pod", 110.0),
        ("ec50_cor", 105.0),
        ("ec50_liv", 330.0),
        ("kc50", 62.0),
        ("gam_i", 0.20),
        ("ktr", 4.0 / 3.5),
        ("kc", 3.0 / 7.0),
    ] {
        assert_close(at.variable(&model, name), value, 1e-14, name);
    }
    assert_close(parameter(&model, "lec50_mk"), 75.0_f64.ln(), 1e-15, "lec50_mk");
    let cv = "29 15 50 80 25 30 45 45 40 30 50 60 75 15 25 25 70 30 60 20 20 55";
    let cv: HashMap<_, _> = VARYING.split_whitespace().zip(cv.split_whitespace()).collect();
    for block in &model.omega {
        let name = &block.names[0];
        let cv: f64 = cv[name.strip_prefix("etal").unwrap()].parse().unwrap();
        assert_close(block.covariance[0], (1.0 + (cv / 100.0).powi(2)).ln(), 1e-14, name);
    }
}

/// Individual parameters, powers of constants and ratios of covariates are known per patient; what
/// is left for the right-hand side stays small.
#[test]
fn the_right_hand_side_holds_only_what_moves() {
    let model = shipped("aprutumab_ixadotin");
    let derivatives: Vec<_> = model.states.iter().map(|s| s.derivative).collect();
    let needed = model.graph.reachable(&derivatives);
    let dynamic = needed.iter().filter(|id| model.graph.stage(**id) == Stage::Dynamic).count();
    assert!(dynamic <= 215, "{dynamic} dynamic nodes for 34 states");
    let individual = ["cl", "vc", "vmax", "ec50_mk", "gam_i", "r0", "pr0", "kss"];
    for name in individual {
        let variable = model.variables.iter().find(|v| v.name == name).unwrap();
        assert_eq!(model.graph.stage(variable.node), Stage::Patient, "{name}");
    }
}

#[test]
fn units_come_from_the_output_list_or_follow_from_labels() {
    let model = shipped("aprutumab_ixadotin");
    let unit = |name: &str| model.variables.iter().find(|v| v.name == name).unwrap().unit.clone();
    assert_eq!(unit("Cc").as_deref(), Some("mg/L"));
    assert_eq!(unit("cl").as_deref(), Some("L/day"), "from the label of lcl");
    assert_eq!(unit("vmax").as_deref(), Some("nmol/day"), "not the mg/day of its label");
    assert_eq!(unit("internalised").as_deref(), Some("nM/day"), "a rate times a concentration");
    assert_eq!(unit("k21").as_deref(), Some("1/day"), "a quotient");
    assert_eq!(unit("nmol_per_mg").as_deref(), Some("nmol/mg"), "so that doses become amounts");
}
