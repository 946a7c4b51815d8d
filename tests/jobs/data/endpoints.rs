//! Endpoints of patients of a data set, against closed forms.

use super::*;

/// One who is seen before the first dose, one whose clock begins late, and one who comes at steady state and is reset.
const DATA: &str = "ID,TIME,AMT,EVID,II,SS,WT\n7,-1,.,0,.,.,70\n7,0,100,1,0,0,70\n7,4,.,0,.,.,70\n7,10,50,1,0,0,70\n7,20,.,0,.,.,70\n\
                    8,30,100,1,0,0,70\n8,36,.,0,.,.,70\n9,0,100,1,12,1,70\n9,6,.,0,.,.,70\n9,8,.,3,.,.,70\n9,10,.,0,.,.,70\n";

const ENDPOINTS: &str = r#"
[endpoints.peak]
of = "Cc"
statistic = "max"
[endpoints.time_of_peak]
of = "Cc"
statistic = "time_of_max"
[endpoints.lowest]
of = "Cc"
statistic = "min"
window = ["1 h", "4 h"]
[endpoints.auc]
of = "Cc"
statistic = "auc"
[endpoints.auc_day]
of = "Cc"
statistic = "auc"
window = ["0 h", "24 h"]
[endpoints.mean]
of = "Cc"
statistic = "mean"
[endpoints.mean_10]
of = "Cc"
statistic = "mean"
window = ["0 h", "10 h"]
[endpoints.at_8]
of = "Cc"
statistic = "value"
at = "8 h"
[endpoints.at_10]
of = "Cc"
statistic = "value"
at = "10 h"
[endpoints.above]
of = "Cc"
statistic = "time_above"
threshold = 0.5
window = ["0 h", "24 h"]
[endpoints.below]
of = "Cc"
statistic = "first_below"
threshold = 0.5
window = ["1 h", "24 h"]
"#;

#[test]
fn in_closed_form() {
    let model = MODEL.replace("etacl ~ 0.09", "etacl <- 0");
    let place = Place::new(&model, DATA, "replicates = 2", &format!("{TIGHT}\n{ENDPOINTS}"));
    let (run, finished) = place.run("run");
    let left = |hours: f64| (-0.1 * hours).exp();
    // 5 L/h in 50 L: the area under a concentration is ten times what it loses.
    let (at_10, at_rest) = (2.0 * left(10.0) + 1.0, 2.0 / (1.0 - left(12.0)));
    let first = 20.0 * (1.0 - left(10.0));
    let auc = [
        first + 10.0 * at_10 * (1.0 - left(10.0)),
        20.0 * (1.0 - left(6.0)),
        10.0 * at_rest * (1.0 - left(8.0)),
    ];
    let last_above = 10.0 + 10.0 * (at_10 / 0.5).ln();
    let none = f64::NAN;
    let expected = [
        ("peak", [2.0, 2.0, at_rest]),
        ("time_of_peak", [0.0, 30.0, 0.0]),
        ("lowest", [2.0 * left(4.0), none, at_rest * left(4.0)]),
        ("auc", auc),
        ("auc_day", [first + 10.0 * at_10 * (1.0 - left(14.0)), none, auc[2]]),
        ("mean", [auc[0] / 21.0, auc[1] / 6.0, auc[2] / 10.0]),
        ("mean_10", [first / 10.0, none, auc[2] / 10.0]),
        ("at_8", [2.0 * left(8.0), none, at_rest * left(8.0)]),
        ("at_10", [2.0 * left(10.0), none, 0.0]),
        ("above", [last_above, none, 8.0]),
        ("below", [last_above, none, 8.0]),
    ];
    for (name, expected) in expected {
        let found = column(&run, Set::Outcomes, name);
        assert_eq!(found.len(), 6);
        for (patient, found) in found.into_iter().enumerate() {
            let expected = expected[patient / 2];
            // Crossings are searched for within steps.
            let within = if ["above", "below"].contains(&name) { 1e-6 } else { 1e-7 };
            let is_close = (found - expected).abs() <= within * expected.abs() + 1e-9;
            assert!(
                is_close || found.is_nan() && expected.is_nan(),
                "{name} of {patient}: {found}, {expected}"
            );
        }
    }
    assert_eq!(column(&run, Set::Outcomes, "id"), [7., 7., 8., 8., 9., 9.]);
    assert_eq!(column(&run, Set::Outcomes, "replicate"), [0., 1., 0., 1., 0., 1.]);
    // What is read at records is as without endpoints, and the distribution is that of the outcomes.
    let plain = Place::new(&model, DATA, "replicates = 2", TIGHT);
    let (plain, _) = plain.run("run");
    let [with, without] = [&run, &plain].map(|run| column(run, Set::Observations, "Cc"));
    with.iter().zip(&without).for_each(|(with, without)| assert!((with - without).abs() < 1e-8));
    assert!(finished.distributions.rows() > 0 && !finished.manifest.failed());
}

/// A device leaves endpoints of data sets to the CPU, and says so.
#[cfg(feature = "gpu")]
#[test]
fn on_the_cpu_alone() {
    let place = Place::new(MODEL, DATA, "", ENDPOINTS);
    let refused = vpop::engine::gpu::fits(&place.job().program).unwrap_err();
    assert_eq!(refused.to_string(), "endpoints of a data set are followed on the CPU");
}

#[test]
fn what_cannot_be_asked_of_a_data_set() {
    let of = |endpoint: &str| format!("[endpoints.it]\nof = \"Cc\"\n{endpoint}");
    let cases = [
        (of("statistic = \"max\"\non = \"visits\""), "a data set has no visits"),
        (
            of("statistic = \"max\"\nobserve = \"with_error\""),
            "endpoints beside [data] are without residual error",
        ),
        (of("statistic = \"change\"\nat = \"8 h\""), "`change` is from the value before the first dose"),
        (
            of("statistic = \"max\"").replace("endpoints.it", "endpoints.id"),
            "`id` is a column that vpop writes itself",
        ),
        ("[visits]\nevery = \"1 day\"".to_owned(), "`visits` cannot stand beside [data]"),
        ("[response]\nsize = \"Cc\"".to_owned(), "`response` cannot stand beside [data]"),
    ];
    for (more, expected) in cases {
        let place = Place::new(MODEL, DATA, "", &more);
        let problems = Job::load(&place.path("cohort.toml"), &Changes::default()).unwrap_err();
        assert!(problems.to_string().contains(expected), "{expected}: {problems}");
    }
}
