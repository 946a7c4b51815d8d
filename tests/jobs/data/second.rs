//! Covariates of a second table, at times of their own.

use super::*;

impl Place {
    /// The same with a second table.
    fn with_second(self, second: &str) -> Self {
        std::fs::write(self.path("second.csv"), second).unwrap();
        self
    }
}

/// Some columns of lines, by their positions.
fn taken(text: &str, columns: &[usize]) -> String {
    let line = |line: &str| {
        let cells: Vec<&str> = line.split(',').collect();
        columns.iter().map(|&column| cells[column]).collect::<Vec<_>>().join(",")
    };
    let mut lines: Vec<String> = text.lines().map(line).collect();
    // Records at one time say the same.
    lines.dedup();
    lines.join("\n") + "\n"
}

/// The 30 patients of `tests/data/records` whose covariates are moved into a table of their own give what they gave.
#[test]
fn covariates_that_are_moved_change_nothing() {
    let folder = root().join("tests/data/records");
    let read = |name: &str| std::fs::read_to_string(folder.join(name)).unwrap();
    let data = read("data.csv");
    let columns: Vec<usize> = (0..8).chain(10..13).collect();
    let without: String = data
        .lines()
        .map(|line| {
            let cells: Vec<&str> = line.split(',').collect();
            columns.iter().map(|&column| cells[column]).collect::<Vec<_>>().join(",") + "\n"
        })
        .collect();
    for covariates in ["locf", "nocb", "linear"] {
        let more = format!("covariates = \"{covariates}\"");
        let whole = Place::new(&read("oral_renal.R"), &data, &more, TIGHT);
        let more = format!("{more}\ncovariate_file = \"second.csv\"");
        let parted = Place::new(&read("oral_renal.R"), &without, &more, TIGHT);
        let parted = parted.with_second(&taken(&data, &[0, 1, 8, 9]));
        let [whole, parted] = [whole, parted].map(|place| {
            let (run, _) = place.run("run");
            column(&run, Set::Observations, "Cc")
        });
        for (whole, parted) in whole.iter().zip(&parted) {
            assert_close(*parted, *whole, 1e-6, covariates);
        }
    }
}

/// Boluses at 0 and, as an additional dose, at 6; weights at times that are none of a record's: with clearance in
/// proportion to weight, what is left of a dose is the exponential of the integral of weight.
const DOSES: &str = "ID,TIME,AMT,EVID,II,ADDL\n1,0,100,1,6,1\n1,4,.,0,.,.\n1,10,.,0,.,.\n1,20,.,0,.,.\n";
const WEIGHTS: &str = "ID,TIME,WT\n1,-1,70\n1,2.5,140\n1,7.25,35\n1,30,105\n";

/// The integral of weight over 70 kg, from 0 to a time.
fn integral(by: &str, time: f64) -> f64 {
    let knots = [(-1.0, 70.0), (2.5, 140.0), (7.25, 35.0), (30.0, 105.0)];
    let pieces = knots.windows(2).map(|pair| {
        let [(from, a), (to, b)] = [pair[0], pair[1]];
        let (begins, ends) = (f64::max(from, 0.0), f64::min(to, time));
        let line = |at: f64| a + (b - a) * (at - from) / (to - from);
        let mean = match by {
            "locf" => a,
            "nocb" => b,
            _ => 0.5 * (line(begins) + line(ends)),
        };
        mean / 70.0 * (ends - begins).max(0.0)
    });
    pieces.sum()
}

#[test]
fn changes_between_records_in_closed_form() {
    let model = MODEL.replace("etacl ~ 0.09", "etacl <- 0");
    for by in ["locf", "nocb", "linear"] {
        let more = format!("covariates = \"{by}\"\ncovariate_file = \"second.csv\"");
        let place = Place::new(&model, DOSES, &more, TIGHT).with_second(WEIGHTS);
        let (run, _) = place.run("run");
        let got = column(&run, Set::Observations, "Cc");
        assert_eq!(got.len(), 3);
        for (got, time) in got.into_iter().zip([4.0, 10.0, 20.0]) {
            let left = |given: f64| 2.0 * (-0.1 * (integral(by, time) - integral(by, given))).exp();
            let expected = left(0.0) + if time > 6.0 { left(6.0) } else { 0.0 };
            assert_close(got, expected, 1e-8, &format!("{by} at {time}"));
        }
        let weight = column(&run, Set::Patients, "WT");
        let expected = match by {
            "locf" => 70.0,
            "nocb" => 140.0,
            _ => 90.0,
        };
        assert_close(weight[0], expected, 1e-12, by);
    }
}

/// IDs in another order, more of them, times in days, weights in pounds, and cells that say nothing: a covariate's own
/// rows are those with a value.
#[test]
fn tables_as_they_come() {
    let data = "ID,TIME,AMT,EVID\nb,0,100,1\nb,0.5,.,0\na,0,100,1\na,1,.,0\n";
    let second =
        "SUBJECT,DAY,WT,NOTE\nz,0,1,x\na,0,154.323584,x\na,0.25,.,x\na,0.5,308.647168,x\nb,0,154.323584,\n";
    let more = "covariate_file = \"second.csv\"\ncovariate_columns = { id = \"SUBJECT\", time = \"DAY\" }\n\
                time_unit = \"day\"\nunits = { WT = \"lb\" }";
    let model = MODEL.replace("etacl ~ 0.09", "etacl <- 0");
    let place = Place::new(&model, data, more, TIGHT).with_second(second);
    let (run, _) = place.run("run");
    let got = column(&run, Set::Observations, "Cc");
    assert_close(got[0], 2.0 * (-1.2_f64).exp(), 1e-7, "b: 70 kg for 12 h");
    assert_close(got[1], 2.0 * (-1.2_f64 - 2.4).exp(), 1e-7, "a: 70 kg for 12 h, then 140 kg");
    let said: Vec<String> = place.job().notices.iter().map(|notice| notice.message.clone()).collect();
    assert!(
        said.iter().any(|notice| notice.contains("1 IDs of second.csv are not in the data set")),
        "{said:?}"
    );
    assert!(said.iter().any(|notice| notice.contains("nothing reads NOTE of second.csv")), "{said:?}");
    assert!(run.join("inputs/second.csv").is_file());
    // From its own folder, the run is read again.
    let checked = vpop(&["check", run.to_str().unwrap()]);
    assert!(checked.status.success(), "{}", String::from_utf8_lossy(&checked.stderr));
}

#[test]
fn on_the_command_line() {
    let place = Place::new(MODEL, DOSES, "", "").with_second(WEIGHTS);
    let path = |name: &str| place.path(name).to_str().unwrap().to_owned();
    let (model, data, second, output) = (path("model.R"), path("data.csv"), path("second.csv"), path("run"));
    let ran = vpop(&["run", &model, &data, "--covariates", &second, "-o", &output]);
    assert!(ran.status.success(), "{}", String::from_utf8_lossy(&ran.stderr));
    assert_eq!(column(Path::new(&output), Set::Observations, "Cc").len(), 3);
    let exported = path("nonmem.csv");
    let ran = vpop(&["export", &output, "--as", "nonmem", "-o", &exported]);
    assert!(ran.status.success(), "{}", String::from_utf8_lossy(&ran.stderr));
    // A record of another event wherever the weight changes, behind the last too.
    let lines = std::fs::read_to_string(&exported).unwrap();
    assert_eq!(lines.lines().count(), 1 + 4 + 3, "{lines}");
    let new = path("new.toml");
    let made = vpop(&["new", &model, "--data", &data, "--covariates", &second, "-o", &new]);
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    let checked = vpop(&["check", &new]);
    assert!(checked.status.success(), "{}", String::from_utf8_lossy(&checked.stderr));
}

/// What is wrong is said by file, row and column.
#[test]
fn what_is_wrong_with_a_second_table() {
    let cases = [
        (
            "ID,TIME,WT\n1,1,70\n",
            "second.csv, line 2, column WT: ID 1 has a record at 0, and its first value of the covariate is at 1",
        ),
        (
            "ID,TIME,WT\n1,0,.\n1,3,NA\n",
            "second.csv, line 2, column WT: ID 1 has no value of the covariate in any row",
        ),
        ("ID,TIME,WT\n2,0,70\n", "data.csv, line 2, column ID: ID 1 has no row in"),
        (
            "ID,TIME,WT\n1,0,70\n1,5,71\n1,4,72\n",
            "second.csv, line 4, column TIME: ID 1 goes back in time, from 5 to 4",
        ),
        ("ID,TIME,WT\n1,0,70\n1,0,71\n", "second.csv, line 3, column TIME: ID 1 has two rows at time 0"),
        (
            "ID,TIME,WT\n1,0,70\n2,0,70\n1,5,71\n",
            "second.csv, line 4, column ID: ID 1 comes again, after its records have ended in line 2",
        ),
        ("ID,TIME,WT\n1,0,heavy\n", "second.csv, line 2, column WT: `heavy` is not a number"),
        ("ID,TIME,WT\n1,2024-01-01,70\n", "second.csv, line 2, column TIME: `2024-01-01` is a date"),
        ("ID,TIME,WT\n.,0,70\n", "second.csv, line 2, column ID: there is no value"),
        ("ID,TIME,WT\n1,inf,70\n", "second.csv, line 2, column TIME: inf is not a finite number"),
        ("ID,TIME,WT\n", "second.csv has no records"),
        ("ID,WT\n1,70\n", "second.csv has no column TIME"),
        ("SUBJ,TIME,WT\n1,0,70\n", "second.csv has no column ID"),
        ("ID,TIME,WT,wt\n1,0,70,70\n", "second.csv: the columns `WT` and `wt` are one name"),
        ("ID,TIME,WEIGHT\n1,0,70\n", "second.csv nor in [population]"),
        ("", "second.csv"),
    ];
    for (second, expected) in cases {
        let place = Place::new(MODEL, DOSES, "covariate_file = \"second.csv\"", "").with_second(second);
        let problems = Job::load(&place.path("cohort.toml"), &Changes::default()).unwrap_err();
        assert!(problems.to_string().contains(expected), "{expected}: {problems}");
    }
    let in_both = DOSES.replace("ADDL", "ADDL,WT").replace(".,.\n", ".,.,70\n").replace("6,1\n", "6,1,70\n");
    let of_both = [
        (in_both.as_str(), WEIGHTS, "covariate_file = \"second.csv\"", "`WT` is a column of"),
        (
            in_both.as_str(),
            "ID,TIME,HT\n1,0,170\n",
            "covariate_file = \"second.csv\"",
            "second.csv is read: it has no covariate",
        ),
        (DOSES, WEIGHTS, "covariate_file = \"other.csv\"", "other.csv"),
        (
            DOSES,
            WEIGHTS,
            "covariate_columns = { id = \"SUBJ\" }",
            "`covariate_columns` are those of `covariate_file`",
        ),
        (
            DOSES,
            WEIGHTS,
            "covariate_file = \"second.csv\"\ncovariate_columns = { id = \"SUBJ\" }",
            "second.csv has no column `SUBJ`",
        ),
        (
            DOSES,
            WEIGHTS,
            "covariate_file = \"second.csv\"\ncovariate_columns = { amt = \"WT\" }",
            "`amt` is none of the items",
        ),
    ];
    for (data, second, more, expected) in of_both {
        let place = Place::new(MODEL, data, more, "").with_second(second);
        let problems = Job::load(&place.path("cohort.toml"), &Changes::default()).unwrap_err();
        assert!(problems.to_string().contains(expected), "{expected}: {problems}");
    }
}
