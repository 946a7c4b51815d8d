//! Windows of endpoints.

use vpop::engine::Status;

use super::Case;

/// A model that stays at 1, and what changes by 1 a day.
const CONSTANT: &str = r#"
constant <- function() {
  units <- list(time = "day", dosing = "mg", concentration = "mg/L")
  ini({ k <- 0 })
  model({
    d/dt(a) <- -k * a
    one <- 1 + 0 * a
    rising <- t + 0 * a
    hump <- ifelse(t < 5, t, 10 - t) + 0 * a
    triangle <- abs((t %% 4) - 2) - 1 + 0 * a
  })
}
"#;

/// Seen once a week up to day 14.
fn weekly(name: &'static str, source: &'static str, endpoints: &str, values: &[(&'static str, f64)]) -> Case {
    seen("every = \"7 day\"\nuntil = \"14 day\"", name, source, endpoints, values)
}

fn seen(
    visits: &str,
    name: &'static str,
    source: &'static str,
    endpoints: &str,
    values: &[(&'static str, f64)],
) -> Case {
    let cohort = format!(
        r#"
name = "windows"
model = "case.R"
patients = 1
seed = 1
[regimen]
arms = ["1 mg"]
into = ["a"]
infusion = "0 h"
times = ["0 day"]
[visits]
{visits}
{endpoints}
"#
    );
    Case {
        name,
        source,
        model: CONSTANT.into(),
        cohort,
        status: Status::Ok,
        values: values.iter().map(|&(endpoint, value)| (0, endpoint, value)).collect(),
        tolerance: 1e-9,
    }
}

/// An endpoint of an expression in a window.
fn of(name: &str, of: &str, statistic: &str, window: [u32; 2]) -> String {
    let [from, to] = window;
    format!(
        "[endpoints.{name}]\nof = \"{of}\"\n{statistic}\nwindow = [\"{from} day\", \"{to} day\"]\non = \"visits\"\n"
    )
}

pub(super) fn cases() -> Vec<Case> {
    let area = "statistic = \"auc\"";
    let mean = "statistic = \"mean\"";
    let above = "statistic = \"time_above\"\nthreshold = 0.5";
    let longest = "statistic = \"longest_above\"\nthreshold = 0.5";
    let rises = "statistic = \"crossings\"\nthreshold = 0.5";
    let first = "statistic = \"first_above\"\nthreshold = 2.5";
    let [min, max, time_of_max] = ["min", "max", "time_of_max"].map(|name| format!("statistic = \"{name}\""));
    vec![
        weekly(
            "an area over a whole run",
            "1 over 14 days",
            "[endpoints.area]\nof = \"one\"\nstatistic = \"auc\"\n",
            &[("area", 14.0)],
        ),
        weekly(
            "windows that begin and end between visits",
            "1 over the length of each window",
            &[
                of("both", "one", area, [3, 10]),
                of("end", "one", area, [0, 10]),
                of("start", "one", area, [3, 14]),
                of("above", "one", above, [3, 10]),
                of("longest", "one", longest, [3, 10]),
            ]
            .concat(),
            &[("both", 7.0), ("end", 10.0), ("start", 11.0), ("above", 7.0), ("longest", 7.0)],
        ),
        weekly(
            "means over windows",
            "1; t from day 3 to 10 and from 6 to 8; trapezoids of 0, 3 and -4",
            &[
                of("one", "one", mean, [3, 10]),
                of("line", "rising", mean, [3, 10]),
                of("short", "rising", mean, [6, 8]),
                of("hump", "hump", mean, [0, 14]),
            ]
            .concat(),
            &[("one", 1.0), ("line", 6.5), ("short", 7.0), ("hump", 0.5)],
        ),
        weekly(
            "extremes and first times at the ends of a window",
            "t from day 3 to 10, read on days 3, 7 and 10; the trapezoids of t are exact",
            &[
                of("area", "rising", area, [3, 10]),
                of("least", "rising", &min, [3, 10]),
                of("most", "rising", &max, [3, 10]),
                of("when", "rising", &time_of_max, [3, 10]),
                of("first", "rising", first, [3, 10]),
            ]
            .concat(),
            &[("area", 45.5), ("least", 3.0), ("most", 10.0), ("when", 10.0), ("first", 3.0)],
        ),
        seen(
            "every = \"1 day\"\nuntil = \"14 day\"",
            "crossings from visit to visit",
            "1 on days 0, 4, 8 and 12, at most 0 on the days between",
            &[
                of("all", "triangle", rises, [0, 14]),
                of("some", "triangle", rises, [3, 10]),
                of("begun_above", "triangle", rises, [8, 14]),
                of("none", "one", rises, [0, 14]),
            ]
            .concat(),
            &[("all", 3.0), ("some", 2.0), ("begun_above", 1.0), ("none", 0.0)],
        ),
        seen(
            "times = [\"0 day\", \"5 day\"]\nuntil = \"14 day\"",
            "a run that goes on after the last visit",
            "1 over 14 days; the largest of t is at the end",
            "[endpoints.area]\nof = \"one\"\nstatistic = \"auc\"\n\
             [endpoints.most]\nof = \"rising\"\nstatistic = \"max\"\n",
            &[("area", 14.0), ("most", 14.0)],
        ),
        weekly(
            "a peak between visits is seen only where a window begins",
            "days 0, 7 and 14 have 0, 3 and -4; day 5 has 5",
            &[of("hump", "hump", &max, [5, 10]), of("whole", "hump", &max, [0, 14])].concat(),
            &[("hump", 5.0), ("whole", 3.0)],
        ),
    ]
}
