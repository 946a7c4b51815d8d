//! Runs of data sets in the forms of other programs.

use super::*;
use vpop::export::{Form, Settings as ExportSettings, export};
use vpop::table;

fn exported(run: &Path, form: Form, output: &Path) -> table::Table {
    let settings = ExportSettings {
        run: run.to_owned(),
        form,
        of: Vec::new(),
        dv: None,
        output: output.to_owned(),
        replace: false,
    };
    let rows = export(&settings).unwrap_or_else(|problems| panic!("{problems}"));
    let table = table::read(output, |_| true).unwrap_or_else(|problem| panic!("{problem}"));
    assert_eq!(table.rows() as u64, rows);
    table
}

fn numbers(table: &table::Table, name: &str) -> Vec<f64> {
    table.column(name).unwrap_or_else(|| panic!("no {name}")).values.numbers()
}

/// What is exported in NONMEM's form is a data set of the same individuals: run again with their clearances, it gives the
/// same predictions.
#[test]
fn the_nonmem_form_runs_again() {
    let data = "ID,TIME,AMT,RATE,EVID,CMT,II,ADDL,SS,WT\n1,0,100,0,1,central,12,2,0,70\n1,4,.,.,0,.,.,.,.,70\n\
                1,30,50,10,1,1,12,0,1,70\n1,33,.,.,0,.,.,.,.,70\n2,1,100,0,4,1,0,0,0,80\n2,7,.,.,2,.,.,.,.,80\n";
    let model = MODEL
        .replace("exp(lcl + etacl) * WT / 70", "exp(lcl + etacl)")
        .replace("v <- exp(lv)", "v <- exp(lv) * WT / 70");
    let place = Place::new(&model, data, "replicates = 3", TIGHT);
    let (run, _) = place.run("run");
    let output = place.path("nonmem.csv");
    let table = exported(&run, Form::Nonmem, &output);
    assert_eq!(table.rows(), 18);
    assert_eq!(numbers(&table, "ID")[..5], [1., 1., 1., 1., 2.]);
    assert_eq!(numbers(&table, "REP")[..5], [1., 1., 1., 1., 2.]);
    assert_eq!(numbers(&table, "MDV")[..4], [1., 0., 1., 0.]);
    let read: Vec<f64> = numbers(&table, "DV").into_iter().filter(|dv| !dv.is_nan()).collect();
    assert_eq!(read, column(&run, Set::Observations, "Cc_sim"));

    let cl = column(&run, Set::Patients, "cl");
    let mut again = String::new();
    for (number, line) in std::fs::read_to_string(&output).unwrap().lines().enumerate() {
        let patient: usize = line.split(',').next().unwrap().parse().unwrap_or(0);
        let last = if number == 0 { "cl".into() } else { cl[patient - 1].to_string() };
        writeln!(again, "{line},{last}").unwrap();
    }
    let second = Place::new(&model, &again, "", TIGHT);
    let (other, _) = second.run("run");
    let [before, after] = [&run, &other].map(|run| column(run, Set::Observations, "Cc"));
    assert_eq!(before.len(), after.len());
    for (before, after) in before.iter().zip(&after) {
        assert_close(*after, *before, 1e-9, "again");
    }
}

#[test]
fn tables_flavoured_as_adams() {
    let data = "ID,TIME,AMT,EVID,II,ADDL,WT\n7,0,.,0,.,.,70\n7,1,100,1,24,2,70\n7,2,.,0,.,.,70\n7,30,.,0,.,.,70\n8,0,50,1,0,0,60\n8,1,.,0,.,.,60\n";
    let place = Place::new(MODEL, data, "", "");
    let (run, _) = place.run("run");
    let observed = column(&run, Set::Observations, "Cc");
    let adpc = exported(&run, Form::Adpc, &place.path("adpc.parquet"));
    // Two parameters: the concentration, and as it would be observed.
    assert_eq!(adpc.rows(), 8);
    assert_eq!(numbers(&adpc, "AVAL").iter().step_by(2).copied().collect::<Vec<_>>(), observed);
    assert_eq!(numbers(&adpc, "AFRLT").iter().step_by(2).copied().collect::<Vec<_>>(), [-1., 1., 29., 1.]);
    assert_eq!(numbers(&adpc, "ADY").iter().step_by(2).copied().collect::<Vec<_>>(), [-1., 1., 2., 1.]);
    let adlb = exported(&run, Form::Adlb, &place.path("adlb.csv"));
    let (base, change) = (numbers(&adlb, "BASE"), numbers(&adlb, "CHG"));
    // Nothing is there before the first dose.
    assert_eq!((base[0], base[2]), (0.0, 0.0));
    assert!(change[0].is_nan() && change[2] == observed[1] && base[6].is_nan());
    let adex = exported(&run, Form::Adex, &place.path("adex.csv"));
    // The third dose would come after the last record.
    assert_eq!(numbers(&adex, "AVAL"), [100., 100., 50.]);
    assert_eq!(numbers(&adex, "AFRLT"), [0., 24., 0.]);
}

/// Runs of cohorts have time courses and a ledger of doses.
#[test]
fn cohorts_are_exported_too() {
    let place = Place::new(MODEL, TWO_DOSES, "", "");
    let cohort = "name = \"c\"\nmodel = \"model.R\"\npatients = 5\n[population.WT]\ndistribution = \"fixed\"\nvalue = 70\n\
                  [regimen]\narms = [\"100 mg\", \"50 mg\"]\ninto = [\"central\"]\nevery = \"24 h\"\ncycles = 2\n\
                  [visits]\nevery = \"12 h\"\n[output]\ndoses = true\n[output.trajectories]\npatients = 3\nof = [\"Cc\"]\nobserve = \"with_error\"\n";
    std::fs::write(place.path("cohort.toml"), cohort).unwrap();
    let (run, _) = place.run("run");
    assert_eq!(column(&run, Set::Trajectories, "Cc_sim").len(), 3 * 2 * 5);
    let adpc = exported(&run, Form::Adpc, &place.path("adpc.csv"));
    assert_eq!(adpc.rows(), 2 * 3 * 2 * 5);
    let adex = exported(&run, Form::Adex, &place.path("adex.csv"));
    assert_eq!(adex.rows(), 5 * 2 * 2);
    assert_eq!(numbers(&adex, "AVAL")[..4], [100., 100., 50., 50.]);
}

#[test]
fn what_is_not_there_is_not_exported() {
    let place = Place::new(MODEL, TWO_DOSES, "", "");
    let (run, _) = place.run("run");
    let run = run.to_str().unwrap();
    let said = |arguments: &[&str]| {
        let ran = vpop(&[&["export", run], arguments].concat());
        assert_eq!(ran.status.code(), Some(2));
        String::from_utf8_lossy(&ran.stderr).into_owned()
    };
    assert!(said(&["--of", "Cd"]).contains("did you mean `Cc`?"));
    assert!(said(&["--dv", "Cc_sin"]).contains("did you mean `Cc_sim`?"));
    assert!(said(&["-o", "x.xpt"]).contains("neither .csv nor .parquet"));
    let ran = vpop(&["export", run, "--of", "Cc"]);
    assert!(ran.status.success(), "{}", String::from_utf8_lossy(&ran.stderr));
    assert!(said(&["--of", "Cc"]).contains("already exists"));
}

/// A cohort in NONMEM's form is a data set: run again with the individuals' values, it gives the same time courses.
#[test]
fn a_cohort_in_nonmems_form_runs_again() {
    let model = MODEL.replace("WT / 70", "(WT / 70)");
    let place = Place::new(&model, TWO_DOSES, "", "");
    let solver = "[solver]\nrtol = 1e-9\natol = 1e-10\n";
    let cohort = format!(
        "name = \"c\"\nmodel = \"model.R\"\npatients = 4\n[population.WT]\ndistribution = \"lognormal\"\nmedian = 70\ncv = 0.2\n\
         [drugs.a]\ninto = [\"central\"]\ninfusion = \"2 h\"\n[drugs.b]\ninto = [\"central\"]\nrate = \"20 mg/h\"\n\
         [[arms]]\nname = \"steady\"\ndoses = [\"2 mg/kg of a q12h x 4 at steady state\", \"30 mg of b q24h x 2 after 6 h\"]\n\
         [[arms]]\nname = \"bolus\"\ndoses = [\"50 mg of a as a bolus q24h x 2\"]\n\
         [[regimen.modify]]\ndrug = \"a\"\nwhen = \"cycle == 3\"\nthen = \"reduce 50 %\"\n\
         [visits]\nevery = \"6 h\"\nuntil = \"48 h\"\n{solver}[output]\ndoses = true\n\
         [output.trajectories]\npatients = 3\nof = [\"Cc\"]\nobserve = \"with_error\"\n"
    );
    std::fs::write(place.path("cohort.toml"), cohort).unwrap();
    let (run, _) = place.run("run");
    let output = place.path("nonmem.csv");
    let table = exported(&run, Form::Nonmem, &output);
    let of = |name: &str| numbers(&table, name);
    // Of each of three patients: a steady state, six doses and nine readings in the first arm, two and nine in the second.
    assert_eq!(table.rows(), 3 * (1 + 6 + 9 + 2 + 9));
    assert_eq!((of("TIME")[0], of("SS")[0], of("II")[0], of("EVID")[0]), (-12.0, 1.0, 12.0, 1.0));
    let read: Vec<f64> = of("DV").into_iter().filter(|dv| !dv.is_nan()).collect();
    assert_eq!(read, column(&run, Set::Trajectories, "Cc_sim"));

    let again = std::fs::read_to_string(&output).unwrap();
    let second = Place::new(&model, &again, "", solver);
    let (other, _) = second.run("run");
    let before = column(&run, Set::Trajectories, "Cc");
    let after = column(&other, Set::Observations, "Cc");
    assert_eq!((before.len(), before.len()), (3 * 2 * 9, after.len()));
    for (before, after) in before.iter().zip(&after) {
        assert!((after - before).abs() <= 1e-6 * before.abs(), "{after} and {before}");
    }
}

/// The ledger does not say at which of several rates a dose was infused.
#[test]
fn infusions_of_one_drug_at_several_rates_are_not_exported() {
    let place = Place::new(MODEL, TWO_DOSES, "", "");
    let cohort = "name = \"c\"\nmodel = \"model.R\"\npatients = 2\npopulation.WT = 70\n[drugs.a]\ninto = [\"central\"]\n\
                  rate = \"20 mg/h\"\n[[arms]]\nname = \"both\"\ndoses = [\"30 mg of a q24h x 2\"]\n\
                  [[arms]]\nname = \"slow\"\ndoses = [\"30 mg of a at 10 mg/h q24h x 2\"]\n\
                  [visits]\nevery = \"6 h\"\nuntil = \"48 h\"\n[output]\ndoses = true\n\
                  [output.trajectories]\npatients = 2\nof = [\"Cc\"]\n";
    std::fs::write(place.path("cohort.toml"), cohort).unwrap();
    let (run, _) = place.run("run");
    let ran = vpop(&["export", run.to_str().unwrap(), "-o", place.path("x.csv").to_str().unwrap()]);
    let told = String::from_utf8_lossy(&ran.stderr).into_owned();
    assert_eq!(ran.status.code(), Some(2), "{told}");
    assert!(told.contains("the drug `a` is infused at several rates"), "{told}");
    assert!(!place.path("x.csv").exists());
}
