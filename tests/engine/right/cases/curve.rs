//! Statistics of the curve between visits: extremes and crossings.

use vpop::engine::Status;

use super::Case;

/// One compartment with absorption: per hour, and the lag in hours.
const KA: f64 = 1.2;
const KE: f64 = 0.15;
const LAG: f64 = 0.4;

const ORAL: &str = r#"
oral <- function() {
  units <- list(time = "hour", dosing = "mg", concentration = "mg/L")
  ini({ ka <- 1.2; ke <- 0.15; v <- 10 })
  model({
    d/dt(depot) <- -ka * depot
    d/dt(central) <- ka * depot - ke * central
    alag(depot) <- 0.4
    Cc <- central / v
    share <- central / (central + depot + 1)
    both <- Cc * depot
  })
}
"#;

/// What a dose of 100 mg every 24 h leaves in both compartments at a time, mg.
fn oral(time: f64) -> [f64; 2] {
    let since = (0..5).map(|dose| time - LAG - 24.0 * f64::from(dose)).filter(|&since| since > 0.0);
    since.fold([0.0; 2], |[depot, central], since| {
        let (absorbed, eliminated) = ((-KA * since).exp(), (-KE * since).exp());
        [depot + 100.0 * absorbed, central + 100.0 * KA / (KA - KE) * (eliminated - absorbed)]
    })
}

/// The largest value of a curve between two times, and when: on a fine grid, then by thirds.
fn largest(curve: impl Fn(f64) -> f64, from: f64, to: f64) -> (f64, f64) {
    let step = (to - from) / 20_000.0;
    let times = (0..=20_000).map(|i| from + step * f64::from(i));
    let best = times.reduce(|a, b| if curve(b) > curve(a) { b } else { a }).unwrap();
    let (mut low, mut high) = ((best - step).max(from), (best + step).min(to));
    for _ in 0..200 {
        let third = (high - low) / 3.0;
        if curve(low + third) < curve(high - third) { low += third } else { high -= third }
    }
    (0.5 * (low + high), curve(0.5 * (low + high)))
}

/// How long a curve is above 0 between two times, the longest run of it, and when it first is.
fn above(curve: impl Fn(f64) -> f64, from: f64, to: f64) -> [f64; 3] {
    let count = 200_000;
    let step = (to - from) / f64::from(count);
    let (mut all, mut longest, mut run, mut first) = (0.0, 0.0_f64, 0.0, f64::NAN);
    for i in 0..count {
        let (a, b) = (from + step * f64::from(i), from + step * f64::from(i + 1));
        let (ya, yb) = (curve(a), curve(b));
        // The crossing of the straight line.
        let share = if ya > 0.0 && yb > 0.0 {
            1.0
        } else if ya <= 0.0 && yb <= 0.0 {
            0.0
        } else {
            ya.max(yb) / (yb - ya).abs()
        };
        if share > 0.0 && first.is_nan() {
            first = if ya > 0.0 { a } else { b - share * step };
        }
        all += share * step;
        run = if ya > 0.0 || yb > 0.0 { run + share * step } else { 0.0 };
        longest = longest.max(run);
        if yb <= 0.0 {
            run = 0.0;
        }
    }
    [all, longest, first]
}

/// A cohort of one patient; `endpoints` are lines of `name = "of; statistic; more keys"`.
fn cohort(regimen: &str, visits: &str, endpoints: &str) -> String {
    let mut text = format!(
        "name = \"curve\"\nmodel = \"case.R\"\npatients = 1\nseed = 1\n[regimen]\n{regimen}\n[visits]\n{visits}\n"
    );
    for line in endpoints.lines().map(str::trim).filter(|line| !line.is_empty()) {
        let mut parts = line.split(';').map(str::trim);
        let (name, of) = parts.next().and_then(|head| head.split_once('=')).unwrap();
        let statistic = parts.next().unwrap();
        text += &format!(
            "[endpoints.{}]\nof = \"{}\"\nstatistic = \"{statistic}\"\non = \"continuous\"\n",
            name.trim(),
            of.trim()
        );
        for more in parts {
            text += &format!("{more}\n");
        }
    }
    text
}

const DAILY: &str =
    "arms = [\"100 mg\"]\ninto = [\"depot\"]\ninfusion = \"0 h\"\nevery = \"24 h\"\ncycles = 5";

pub(super) fn cases() -> Vec<Case> {
    vec![
        between_daily_visits(),
        several_states(),
        crossings(),
        bolus_at_the_end(),
        infusions(),
        saw_tooth(),
        pulses(),
        counts(),
        means(),
    ]
}

fn between_daily_visits() -> Case {
    let cc = |time: f64| oral(time)[1] / 10.0;
    let (_, most) = largest(cc, 0.0, 120.0);
    let (time_1, most_1) = largest(cc, 0.0, 24.0);
    let (time_3, most_3) = largest(cc, 50.0, 70.0);
    let (trough, least) = largest(|time| -cc(time), 48.0, 96.0);
    Case {
        name: "extremes between daily visits",
        source: "superposed exponentials, maximised",
        model: ORAL.into(),
        cohort: cohort(
            DAILY,
            "every = \"24 h\"\nuntil = \"120 h\"",
            "cmax = Cc; max
             cmax_1 = Cc; max; window = [\"0 h\", \"24 h\"]
             tmax_1 = Cc; time_of_max; window = [\"0 h\", \"24 h\"]
             cmax_3 = Cc; max; window = [\"50 h\", \"70 h\"]
             tmax_3 = Cc; time_of_max; window = [\"50 h\", \"70 h\"]
             falling = Cc; max; window = [\"60 h\", \"70 h\"]
             least = Cc; min; window = [\"48 h\", \"96 h\"]
             trough = Cc; time_of_min; window = [\"48 h\", \"96 h\"]",
        ),
        status: Status::Ok,
        values: vec![
            (0, "cmax", most),
            (0, "cmax_1", most_1),
            (0, "tmax_1", time_1),
            (0, "cmax_3", most_3),
            (0, "tmax_3", time_3),
            (0, "falling", cc(60.0)),
            (0, "least", -least),
            (0, "trough", trough),
        ],
        tolerance: 1e-4,
    }
}

fn several_states() -> Case {
    let share = |time: f64| oral(time)[1] / (oral(time)[0] + oral(time)[1] + 1.0);
    let both = |time: f64| oral(time)[1] / 10.0 * oral(time)[0];
    let (share_time, share_most) = largest(share, 0.0, 24.0);
    let (both_time, both_most) = largest(both, 0.0, 24.0);
    Case {
        name: "extremes of expressions of several states",
        source: "superposed exponentials, maximised",
        model: ORAL.into(),
        cohort: cohort(
            DAILY,
            "every = \"24 h\"\nuntil = \"120 h\"",
            "share = share; max; window = [\"0 h\", \"24 h\"]
             share_time = share; time_of_max; window = [\"0 h\", \"24 h\"]
             both = both; max; window = [\"0 h\", \"24 h\"]
             both_time = both; time_of_max; window = [\"0 h\", \"24 h\"]",
        ),
        status: Status::Ok,
        values: vec![
            (0, "share", share_most),
            (0, "share_time", share_time),
            (0, "both", both_most),
            (0, "both_time", both_time),
        ],
        // A broad top: its place is known to the root of what its height is.
        tolerance: 1e-3,
    }
}

fn crossings() -> Case {
    let cc = |time: f64| oral(time)[1] / 10.0;
    let [above_4, longest_4, first_4] = above(|time| cc(time) - 4.0, 0.0, 120.0);
    let [below_1, longest_1, first_1] = above(|time| 1.0 - cc(time), 24.0, 110.0);
    let most = largest(cc, 0.0, 24.0).1;
    // Grazed by the first peak alone: a hundredth below it.
    let grazed = 0.999 * most;
    let [above_peak, ..] = above(|time| cc(time) - grazed, 0.0, 24.0);
    Case {
        name: "crossings between daily visits",
        source: "superposed exponentials on a grid of seconds",
        model: ORAL.into(),
        cohort: cohort(
            DAILY,
            "every = \"24 h\"\nuntil = \"120 h\"",
            &format!(
                "above_4 = Cc; time_above; threshold = \"4\"
                 longest_4 = Cc; longest_above; threshold = \"4\"
                 first_4 = Cc; first_above; threshold = \"4\"
                 times_4 = Cc; crossings; threshold = \"4\"
                 below_1 = Cc; time_below; threshold = \"1\"; window = [\"24 h\", \"110 h\"]
                 longest_1 = Cc; longest_below; threshold = \"1\"; window = [\"24 h\", \"110 h\"]
                 first_1 = Cc; first_below; threshold = \"1\"; window = [\"24 h\", \"110 h\"]
                 never = Cc; first_above; threshold = \"400\"
                 always = Cc; time_above; threshold = \"-1\"
                 above_peak = Cc; time_above; threshold = \"{grazed}\"; window = [\"0 h\", \"24 h\"]"
            ),
        ),
        status: Status::Ok,
        values: vec![
            (0, "above_4", above_4),
            (0, "longest_4", longest_4),
            (0, "first_4", first_4),
            (0, "times_4", 5.0),
            (0, "below_1", below_1),
            (0, "longest_1", longest_1),
            (0, "first_1", first_1),
            (0, "never", f64::NAN),
            (0, "always", 120.0),
            (0, "above_peak", above_peak),
        ],
        // Of the window.
        tolerance: 2e-3,
    }
}

const BOLUS: &str = r#"
bolus <- function() {
  units <- list(time = "hour", dosing = "mg", concentration = "mg/L")
  ini({ k <- 0.1; v <- 20 })
  model({ d/dt(central) <- -k * central; Cc <- central / v })
}
"#;

/// A bolus of 100 mg into 20 L every 24 h: the value just after the dose at 24 h belongs to the next window.
fn bolus_at_the_end() -> Case {
    let left = (-2.4_f64).exp();
    Case {
        name: "a bolus at the end of a window",
        source: "5, and 5 (1 + e^-2.4)",
        model: BOLUS.into(),
        cohort: cohort(
            "arms = [\"100 mg\"]\ninto = [\"central\"]\ninfusion = \"0 h\"\nevery = \"24 h\"\ncycles = 3",
            "every = \"6 h\"\nuntil = \"72 h\"",
            "first = Cc; max; window = [\"0 h\", \"24 h\"]
             second = Cc; max; window = [\"24 h\", \"48 h\"]
             second_time = Cc; time_of_max; window = [\"24 h\", \"48 h\"]
             least = Cc; min; window = [\"24 h\", \"48 h\"]
             least_time = Cc; time_of_min; window = [\"24 h\", \"48 h\"]
             start = Cc; min",
        ),
        status: Status::Ok,
        values: vec![
            (0, "first", 5.0),
            (0, "second", 5.0 * (1.0 + left)),
            (0, "second_time", 24.0),
            // What is left of the first dose just before the second.
            (0, "least", 5.0 * left),
            (0, "least_time", 24.0),
            (0, "start", 0.0),
        ],
        tolerance: 1e-5,
    }
}

/// An infusion of 2 h every 12 h: its maximum is at its end, its minimum at the start of the next.
fn infusions() -> Case {
    let k = 0.1_f64;
    let dose = |since: f64| {
        let during = since.clamp(0.0, 2.0);
        100.0 / 2.0 / k * (1.0 - (-k * during).exp()) * (-k * (since - during).max(0.0)).exp()
    };
    let cc = |time: f64| (0..4).map(|i| dose((time - 12.0 * f64::from(i)).max(0.0))).sum::<f64>() / 20.0;
    Case {
        name: "extremes at the ends of infusions",
        source: "superposed closed forms",
        model: BOLUS.into(),
        cohort: cohort(
            "arms = [\"100 mg\"]\ninto = [\"central\"]\ninfusion = \"2 h\"\nevery = \"12 h\"\ncycles = 4",
            "every = \"12 h\"\nuntil = \"48 h\"",
            "cmax = Cc; max
             tmax = Cc; time_of_max
             least = Cc; min; window = [\"13 h\", \"48 h\"]
             least_time = Cc; time_of_min; window = [\"13 h\", \"48 h\"]",
        ),
        status: Status::Ok,
        values: vec![
            (0, "cmax", cc(38.0)),
            (0, "tmax", 38.0),
            (0, "least", cc(13.0).min(cc(24.0))),
            (0, "least_time", if cc(13.0) < cc(24.0) { 13.0 } else { 24.0 }),
        ],
        tolerance: 1e-5,
    }
}

/// A curve with a kink: how far a concentration is from 2.5, smallest where it crosses.
fn saw_tooth() -> Case {
    let model = BOLUS.replace("Cc <- central / v", "Cc <- central / v; far <- abs(Cc - 2.5)");
    Case {
        name: "a kink",
        source: "5 e^(-t / 10) = 2.5 at 10 log(2)",
        model,
        cohort: cohort(
            "arms = [\"100 mg\"]\ninto = [\"central\"]\ninfusion = \"0 h\"\ntimes = [\"0 h\"]",
            "every = \"6 h\"\nuntil = \"24 h\"",
            "near = far; time_below; threshold = \"0.5\"
             farthest = far; max",
        ),
        status: Status::Ok,
        values: vec![(0, "near", 10.0 * (3.0_f64 / 2.0).ln()), (0, "farthest", 2.5)],
        tolerance: 1e-4,
    }
}

/// Observables that themselves change with time: a pulse of an hour, and a narrow smooth one.
fn pulses() -> Case {
    let model = BOLUS.replace(
        "Cc <- central / v",
        "Cc <- central / v; pulse <- ifelse(time >= 30 & time < 31, 7, 0); bump <- exp(-((t - 50.3) / 0.2)^2)",
    );
    Case {
        name: "pulses of what is observed",
        source: "by the definition of each: above 1/2 between 50.3 -+ 0.2 sqrt(log(2))",
        model,
        cohort: cohort(
            "arms = [\"100 mg\"]\ninto = [\"central\"]\ninfusion = \"0 h\"\ntimes = [\"0 h\"]",
            "every = \"12 h\"\nuntil = \"72 h\"",
            "most = pulse; max
             time = pulse; first_above; threshold = \"1\"
             length = pulse; time_above; threshold = \"1\"
             bump = bump; max
             bump_time = bump; time_of_max
             bump_length = bump; time_above; threshold = \"0.5\"",
        ),
        status: Status::Ok,
        values: vec![
            (0, "most", 7.0),
            (0, "time", 30.0),
            (0, "length", 1.0),
            (0, "bump", 1.0),
            (0, "bump_time", 50.3),
            (0, "bump_length", 0.4 * 2.0_f64.ln().sqrt()),
        ],
        tolerance: 2e-3,
    }
}

/// The mean of what a bolus of 100 mg into 20 L every 24 h leaves, and of a line.
fn means() -> Case {
    let left = (-2.4_f64).exp();
    let one = 5.0 * (1.0 - left) / 2.4;
    Case {
        name: "means over windows",
        source: "5 (1 - e^-2.4) / 2.4, after two doses times 1 + e^-2.4; t over [30, 50]",
        model: BOLUS.replace("Cc <- central / v", "Cc <- central / v; clock <- time + 0 * Cc"),
        cohort: cohort(
            "arms = [\"100 mg\"]\ninto = [\"central\"]\ninfusion = \"0 h\"\nevery = \"24 h\"\ncycles = 3",
            "every = \"24 h\"\nuntil = \"72 h\"",
            "first = Cc; mean; window = [\"0 h\", \"24 h\"]
             second = Cc; mean; window = [\"24 h\", \"48 h\"]
             whole = Cc; mean
             clock = clock; mean; window = [\"30 h\", \"50 h\"]",
        ),
        status: Status::Ok,
        values: vec![
            (0, "first", one),
            (0, "second", one * (1.0 + left)),
            (0, "whole", one * (3.0 + 2.0 * left + left * left) / 3.0),
            (0, "clock", 40.0),
        ],
        tolerance: 1e-5,
    }
}

/// How often something crosses a threshold upwards: boluses every 24 h, and a triangle of 12 h that is 3 at its ends
/// and -3 in the middle.
fn counts() -> Case {
    Case {
        name: "upward crossings",
        source: "one at each dose; the triangle rises through 1.5 at 10.5 h of its 12, and falls through it at 1.5",
        model: BOLUS.replace("Cc <- central / v", "Cc <- central / v; triangle <- abs((time %% 12) - 6) - 3"),
        cohort: cohort(
            "arms = [\"100 mg\"]\ninto = [\"central\"]\ninfusion = \"0 h\"\nevery = \"24 h\"\ncycles = 3",
            "every = \"24 h\"\nuntil = \"72 h\"",
            "doses = Cc; crossings; threshold = \"2.5\"
             later_doses = Cc; crossings; threshold = \"2.5\"; window = [\"24 h\", \"72 h\"]
             begun_above = Cc; crossings; threshold = \"2.5\"; window = [\"1 h\", \"72 h\"]
             never = Cc; crossings; threshold = \"400\"
             always = Cc; crossings; threshold = \"-1\"
             up = triangle; crossings; threshold = \"1.5\"
             some_up = triangle; crossings; threshold = \"1.5\"; window = [\"11 h\", \"60 h\"]
             down = 0 - triangle; crossings; threshold = \"1.5\"",
        ),
        status: Status::Ok,
        values: vec![
            (0, "doses", 3.0),
            (0, "later_doses", 2.0),
            (0, "begun_above", 2.0),
            (0, "never", 0.0),
            (0, "always", 0.0),
            (0, "up", 6.0),
            (0, "some_up", 4.0),
            (0, "down", 6.0),
        ],
        tolerance: 1e-9,
    }
}
