//! The built-in cases: cohort files and models that are part of the program.

use super::closed_form as forms;
use super::functions::functions;
use super::{Case, Expected, Origin};
use crate::job::Job;

/// A model that is shipped.
macro_rules! shipped {
    ($file:literal) => {
        include_str!(concat!("../../models/", $file))
    };
}

/// A file beside the cases.
macro_rules! built_in {
    ($file:literal) => {
        include_str!(concat!("cases/", $file))
    };
}

/// What can be reached in f32 where nothing but rounding and the integrator's tolerance come in.
const CLOSE: f64 = 1e-4;
/// What is promised of endpoints: that of the audit in all but one in a thousand.
const PROMISED: f64 = crate::engine::audit::Promise::ENGINE.usual;

/// Every case.
pub const CASES: &[Case] = &[
    Case {
        name: "one_compartment_infusions",
        about: "one compartment, three infusions",
        cohort: built_in!("one_compartment_infusions.toml"),
        model: shipped!("one_compartment_infusion.R"),
        expected: Expected::Trajectories(Origin::ClosedForm, forms::one_compartment),
        tolerance: CLOSE,
    },
    Case {
        name: "one_compartment_boluses",
        about: "one compartment, three boluses",
        cohort: built_in!("one_compartment_boluses.toml"),
        model: shipped!("one_compartment_infusion.R"),
        expected: Expected::Trajectories(Origin::ClosedForm, forms::one_compartment),
        tolerance: CLOSE,
    },
    Case {
        name: "two_compartment_infusions",
        about: "two compartments, three infusions",
        cohort: built_in!("two_compartment_infusions.toml"),
        model: shipped!("two_compartment_infusion.R"),
        expected: Expected::Trajectories(Origin::ClosedForm, forms::two_compartments),
        tolerance: CLOSE,
    },
    Case {
        name: "three_compartment_infusions",
        about: "three compartments, three infusions",
        cohort: built_in!("three_compartment_infusions.toml"),
        model: shipped!("three_compartment_infusion.R"),
        expected: Expected::Trajectories(Origin::ClosedForm, forms::three_compartments),
        tolerance: CLOSE,
    },
    Case {
        name: "three_compartments_implicit",
        about: "three compartments, three infusions, by the implicit method",
        cohort: built_in!("three_compartments_implicit.toml"),
        model: shipped!("three_compartment_infusion.R"),
        expected: Expected::Trajectories(Origin::ClosedForm, forms::three_compartments),
        tolerance: CLOSE,
    },
    Case {
        name: "three_compartments_closed_form",
        about: "three compartments, three infusions, in closed form",
        cohort: built_in!("three_compartments_closed_form.toml"),
        model: shipped!("three_compartment_infusion.R"),
        expected: Expected::Trajectories(Origin::ClosedForm, forms::three_compartments),
        tolerance: CLOSE,
    },
    Case {
        name: "michaelis_menten_bolus",
        about: "one compartment with saturable elimination, a bolus",
        cohort: built_in!("michaelis_menten_bolus.toml"),
        model: shipped!("two_compartment_michaelis_menten.R"),
        expected: Expected::Trajectories(Origin::ClosedForm, forms::michaelis_menten),
        tolerance: CLOSE,
    },
    Case {
        name: "functions",
        about: "every function and operator of the model language",
        cohort: built_in!("functions.toml"),
        model: built_in!("functions.R"),
        expected: Expected::Trajectories(Origin::ClosedForm, functions),
        tolerance: CLOSE,
    },
    Case {
        name: "visit_program",
        about: "every kind of endpoint, of a parabola and an infusion",
        cohort: built_in!("visit_program.toml"),
        model: built_in!("clock.R"),
        expected: Expected::Endpoints(Origin::ClosedForm, forms::visit_program),
        tolerance: CLOSE,
    },
    Case {
        name: "typical_patient",
        about: "the typical patient under aprutumab ixadotin, five doses; the model's own approximation differs by \
                2e-4 from the full one that was solved",
        cohort: built_in!("typical_patient.toml"),
        model: shipped!("aprutumab_ixadotin.R"),
        expected: Expected::Trajectories(Origin::OtherSolver, typical_patient),
        tolerance: PROMISED,
    },
    Case {
        name: "trastuzumab_emtansine",
        about: "exposure to trastuzumab emtansine, 16 patients, two doses",
        cohort: built_in!("trastuzumab_emtansine.toml"),
        model: shipped!("tdm1_lu_2014.R"),
        expected: Expected::Cpu,
        tolerance: PROMISED,
    },
    Case {
        name: "paclitaxel",
        about: "leukocytes under paclitaxel, 16 patients, two doses",
        cohort: built_in!("paclitaxel.toml"),
        model: shipped!("friberg_2002_paclitaxel.R"),
        expected: Expected::Cpu,
        tolerance: PROMISED,
    },
    Case {
        name: "amplified",
        about: "FGFR2 amplified and payload lost fast: many short steps, 16 patients, two doses",
        cohort: built_in!("amplified.toml"),
        model: shipped!("aprutumab_ixadotin.R"),
        expected: Expected::Cpu,
        tolerance: PROMISED,
    },
    Case {
        name: "target_mediated",
        about: "full binding to a target by the implicit method, infusions held by a rule, 16 patients, two doses",
        cohort: built_in!("target_mediated.toml"),
        model: shipped!("tmdd_two_compartment.R"),
        expected: Expected::Cpu,
        tolerance: PROMISED,
    },
    Case {
        name: "extreme_patients",
        about: "the corners of the phase I population at its largest dose, 64 patients",
        cohort: built_in!("extreme_patients.toml"),
        model: shipped!("aprutumab_ixadotin.R"),
        expected: Expected::Cpu,
        tolerance: PROMISED,
    },
];

/// `[arm][time][observable]` of `typical_patient.csv`, behind its dose and day.
fn typical_patient(_: &Job) -> Vec<f64> {
    let rows = built_in!("typical_patient.csv").lines().filter(|line| !line.starts_with('#')).skip(1);
    rows.flat_map(|row| row.split(',').skip(2)).map(|field| field.parse().unwrap_or(f64::NAN)).collect()
}

#[cfg(test)]
#[expect(clippy::unwrap_used, clippy::panic, reason = "tests")]
mod tests {
    use std::path::PathBuf;

    use super::*;
    use crate::job::Changes;

    #[test]
    fn the_files_are_cohorts_with_these_models() {
        let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("src/verify/cases");
        for case in CASES {
            let path = folder.join(case.name).with_extension("toml");
            let file = Job::load(&path, &Changes::default()).unwrap_or_else(|problems| panic!("{problems}"));
            assert_eq!(file.cohort.name, case.name);
            assert_eq!((&*file.cohort.source.text, &*file.model.source.text), (case.cohort, case.model));
        }
    }

    #[test]
    fn the_typical_patient_is_the_reference_of_the_tests() {
        let text = include_str!("../../tests/data/typical_patient.json");
        let reference: serde_json::Value = serde_json::from_str(text).unwrap();
        let names = ["adc_mg_per_l", "metabolite_nm", "platelets", "upcr", "egfr", "cornea", "alt"];
        let names = names.into_iter().chain(["sld_change_pct", "payload_tumour_nm"]);
        let arms = reference["arms"].as_array().unwrap();
        let rows = arms.iter().flat_map(|arm| (0..64).step_by(7).map(move |day| (arm, day)));
        let values =
            rows.flat_map(|(arm, day)| names.clone().map(move |name| &arm["observables"][name][day]));
        let expected: Vec<f64> = values.map(|value| value.as_f64().unwrap()).collect();
        let case = CASES.iter().find(|case| case.name == "typical_patient").unwrap();
        assert_eq!(typical_patient(&case.job().unwrap()), expected);
    }
}
