//! A model that observes by every distribution, and what it must observe by another program's quantile functions.

use statrs::distribution::{
    Bernoulli, Beta, Binomial, Cauchy, ChiSquared, ContinuousCDF, DiscreteCDF, Exp, FisherSnedecor, Gamma,
    Geometric, NegativeBinomial, Normal, Poisson, StudentsT, Uniform, Weibull,
};
use vpop::diagnostic::Source;
use vpop::job::Job;

/// What is observed of a name: its line, whether it is a count, and its value where the state is x and the probability
/// below a score is u.
pub(crate) struct Observed {
    pub(crate) name: &'static str,
    line: &'static str,
    pub(crate) is_count: bool,
    pub(crate) value: fn(f64, f64) -> f64,
}

const fn count(name: &'static str, line: &'static str, value: fn(f64, f64) -> f64) -> Observed {
    Observed { name, line, is_count: true, value }
}

const fn number(name: &'static str, line: &'static str, value: fn(f64, f64) -> f64) -> Observed {
    Observed { name, line, is_count: false, value }
}

fn share(x: f64) -> f64 {
    x / (x + 5.0)
}

fn score(u: f64) -> f64 {
    Normal::standard().inverse_cdf(u)
}

/// The category of a probability.
fn category(x: f64, u: f64) -> usize {
    let p = [0.3 * share(x), 0.5 * share(x)];
    usize::from(u > p[0]) + usize::from(u > p[0] + p[1])
}

/// Every line. Categories 1, 2 and 3, or numbers of their own.
pub(crate) const OBSERVED: [Observed; 23] = [
    count("n_pois", "pois(x)", |x, u| Poisson::new(x).unwrap().inverse_cdf(u) as f64),
    count("n_many", "dpois(1000 * x)", |x, u| Poisson::new(1000.0 * x).unwrap().inverse_cdf(u) as f64),
    count("n_binom", "binom(12, share)", |x, u| Binomial::new(share(x), 12).unwrap().inverse_cdf(u) as f64),
    count("n_bern", "bern(share)", |x, u| f64::from(Bernoulli::new(share(x)).unwrap().inverse_cdf(u) as u32)),
    count("n_nbinom", "nbinom(2.5, share)", |x, u| {
        NegativeBinomial::new(2.5, share(x)).unwrap().inverse_cdf(u) as f64
    }),
    count("n_mean", "dnbinomMu(1.5, x)", |x, u| {
        NegativeBinomial::new(1.5, 1.5 / (1.5 + x)).unwrap().inverse_cdf(u) as f64
    }),
    count("n_geom", "geom(share)", |x, u| Geometric::new(share(x)).unwrap().inverse_cdf(u) as f64 - 1.0),
    count("grade", "c(p1, p2)", |x, u| category(x, u) as f64 + 1.0),
    count("level", "c(p1 = 0, p2 = 5, 9)", |x, u| [0.0, 5.0, 9.0][category(x, u)]),
    number("y_beta", "beta(2, x)", |x, u| Beta::new(2.0, x).unwrap().inverse_cdf(u)),
    number("y_chisq", "chisq(x)", |x, u| ChiSquared::new(x).unwrap().inverse_cdf(u)),
    number("y_exp", "dexp(x)", |x, u| Exp::new(x).unwrap().inverse_cdf(u)),
    number("y_f", "f(x, 7)", |x, u| FisherSnedecor::new(x, 7.0).unwrap().inverse_cdf(u)),
    number("y_gamma", "dgamma(2.5, x)", |x, u| Gamma::new(2.5, x).unwrap().inverse_cdf(u)),
    number("y_unif", "unif(-1, x)", |x, u| Uniform::new(-1.0, x).unwrap().inverse_cdf(u)),
    number("y_weibull", "weibull(1.7, x)", |x, u| Weibull::new(1.7, x).unwrap().inverse_cdf(u)),
    number("y_t", "add(a) + t(4)", |x, u| x + 0.3 * StudentsT::new(0.0, 1.0, 4.0).unwrap().inverse_cdf(u)),
    number("y_cauchy", "add(a) + dcauchy()", |x, u| x + 0.3 * Cauchy::new(0.0, 1.0).unwrap().inverse_cdf(u)),
    number("y_norm", "add(a) + dnorm()", |x, u| x + 0.3 * score(u)),
    number("y_probit", "probitNorm(a, 0, 20)", |x, u| {
        20.0 * Normal::standard().cdf(score(x / 20.0) + 0.3 * score(u))
    }),
    number("y_prop_t", "propT(a) + lnorm(0.1)", |x, u| {
        x * (score(u) * (0.01 + (0.3 * x.ln()).powi(2)).sqrt()).exp()
    }),
    number("y_prop_f", "propF(a, share)", |x, u| x + 0.3 * share(x) * score(u)),
    number("y_pow_f", "powF(a, 0.5, share) + add(0.1) + combined1()", |x, u| {
        x + (0.1 + 0.3 * share(x).sqrt()) * score(u)
    }),
];

/// Days at which it is observed.
pub(crate) const DAYS: [u32; 3] = [0, 3, 10];

/// The state at a day.
pub(crate) fn state(day: u32) -> f64 {
    10.0 * (-0.1 * f64::from(day)).exp()
}

/// The job that observes some of them; endpoints are named after the line and the day.
pub(crate) fn job(observed: &[Observed], patients: u32) -> Job {
    let lines: String = observed
        .iter()
        .map(|Observed { name, line, .. }| {
            let value = if line.contains("a)") || line.contains("(a") {
                format!("{name} <- x\n")
            } else {
                String::new()
            };
            format!("{value}{name} ~ {line}\n")
        })
        .collect();
    let a = if lines.contains("(a") { "; a <- 0.3" } else { "" };
    let model = format!(
        "m <- function() {{\nunits <- list(time = \"day\", dosing = \"mg\")\nini({{ ke <- 0.1{a} }})\nmodel({{\n\
         d/dt(x) <- -ke * x\nx(0) <- 10\nshare <- x / (x + 5)\np1 <- 0.3 * share\np2 <- 0.5 * share\n{lines}}})\n}}\n"
    );
    let endpoints: String = observed
        .iter()
        .flat_map(|Observed { name, .. }| {
            DAYS.map(|day| {
                format!(
                    "[endpoints.{name}_{day}]\nof = \"{name}\"\nstatistic = \"value\"\nat = \"{day} day\"\n\
                     observe = \"with_error\"\n"
                )
            })
        })
        .collect();
    let cohort = format!(
        "name = \"observations\"\nmodel = \"m.R\"\npatients = {patients}\nseed = 7\n[regimen]\narms = [\"0 mg\"]\n\
         into = [\"x\"]\n[visits]\nevery = \"1 day\"\nuntil = \"10 day\"\n{endpoints}[solver]\nrtol = 1e-9\natol = 1e-9\n"
    );
    Job::from_texts(&Source::new("c.toml", cohort), &Source::new("m.R", model))
        .unwrap_or_else(|problems| panic!("{problems}"))
}
