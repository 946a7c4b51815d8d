//! Words of R, rxode2 and NONMEM: each is read, or refused with what to write instead, and never taken for a word that
//! happens to be near.

use vpop::diagnostic::{Problems, Source};
use vpop::model::parse;

/// Called in a model, of one argument.
const FUNCTIONS: &str = "exp log log10 log2 log1p expm1 sqrt abs fabs floor ceiling ceil round trunc ftrunc sign sin cos tan asin \
    acos atan sinh cosh tanh asinh acosh atanh expit logit gamma gammafn lgamma lgammafn lgamma1p digamma trigamma factorial \
    lfactorial erf erfc phi pnorm probit probitInv qnorm plogis qlogis sum prod min max tad tafd tlast tfirst podo dosenum linCmt is.na \
    is.nan is.finite is.infinite is.null lag lead diff first last rnorm runif rexp rpois rbinom rgamma rbeta rchisq rcauchy \
    rgeom rnbinom rt rweibull rlnorm sample rxnorm rxunif rxbinom rxpois rxexp rxgamma rxbeta rxchisq rxcauchy rxgeom rxt \
    rxf rxweibull rxord rxnbinom rxnbinomMu rinorm riunif ripois simeps simeta llikNorm llikPois llikBinom llikBeta llikT \
    llikChisq llikExp llikF llikGeom llikUnif llikWeibull llikGamma llikCauchy dnorm dunif dexp dpois dbinom dgamma dbeta \
    dlnorm pexp ppois pbinom pgamma pbeta pt pchisq qgamma qbeta qunif gammap gammaq gammapInv gammaqInv gammapDer lowergamma \
    uppergamma besselI besselK psigamma tetragamma pentagamma ReLU lReLU PReLU ELU SELU GELU Swish softplus sinpi cospi \
    tanpi fround fprec fsign signif cut approx spline stepfun log1pexp log1pmx rxTBS rxTBSi boxCox yeoJohnson c rep seq length \
    vector matrix list mean sd median quantile cumsum cumprod range which sort order unique sapply lapply apply Reduce outer \
    any all paste paste0 nchar substr sprintf as.character as.numeric as.integer return print cat message stop warning switch \
    uniroot optim integrate mix dose evid_ set.seed DADT A A_0 THETA ETA EPS ERR LOG DLOG EXP DEXP SQRT ABS INT MOD PHI GAMLN \
    MIN MAX EXIT";

/// Read in a model, in a file that lists its covariates.
const NAMES: &str = "t time pi TRUE FALSE NA NULL Inf NaN newind NEWIND CMT DVID EVID MDV AMT RATE DUR ADDL II SS DV DOSTIM DOSREC \
    ICALL MIXNUM MIXEST TAD TIME M_PI M_E M_LN2 M_SQRT2 T F rxFlag tad podo";

/// What is said of a line in a model with a covariate and a parameter whose names are near to nothing.
fn told(line: &str) -> String {
    let text = format!(
        "m <- function() {{\nunits <- list(time = \"h\", dosing = \"mg\")\ncovariateData <- list(weightOfBody = list())\n\
         ini({{ elimination <- 1 }})\nmodel({{\nd/dt(central) <- -elimination * weightOfBody * central\n{line}\n}})\n}}\n"
    );
    match parse(&Source::new("m.R", text)) {
        Ok(_) => String::new(),
        Err(Problems(problems)) => {
            let one = |problem: &vpop::diagnostic::Problem| {
                format!("{}: {}\n", problem.cause, problem.cause.help().unwrap_or_default())
            };
            problems.iter().map(one).collect()
        }
    }
}

/// Whether something says more than that a word is not known.
fn helps(told: &str) -> bool {
    told.is_empty()
        || !["did you mean", "the functions are", "if it is a covariate", "is never used"]
            .iter()
            .any(|poor| told.contains(poor))
}

#[test]
fn known_words_are_read_or_refused_with_what_to_write() {
    let functions = FUNCTIONS.split_whitespace().map(|word| (word, format!("x <- {word}(central)")));
    let names = NAMES.split_whitespace().map(|word| (word, format!("x <- 2 * {word}")));
    let all: Vec<_> = functions.chain(names).collect();
    assert!(all.len() > 200, "{}", all.len());
    let poor: Vec<String> = all
        .iter()
        .map(|(word, line)| format!("{word}: {}", told(line)))
        .filter(|said| !helps(said.split_once(": ").map_or("", |(_, said)| said)))
        .collect();
    assert!(poor.is_empty(), "{}", poor.concat());
}

/// Statements and forms of R that a model cannot have.
#[test]
fn known_forms_are_refused_with_what_to_write() {
    for (line, instead) in [
        ("for (i in 1:3) x <- i", "loops are left out"),
        ("while (t < 3) x <- 1", "loops are left out"),
        ("x <- y[1]", "indexing is left out"),
        ("x <- y$z", "list elements cannot be read"),
        ("x <- if (t > 1) 2 else 3", "ifelse"),
        ("x <- \"high\"", "categories are coded as numbers"),
        ("x <- function(y) y", "takes no arguments"),
        ("ll(central) ~ add(1)", "there is no function `add`"),
        ("central ~ t(4)", "add its standard deviation"),
        ("central ~ pois(1, 2)", "takes 1 numbers, not 2"),
        ("central ~ pois(1) + add(1)", "one distribution alone"),
        ("central ~ c(p1 = 0, 1)", "`p1` is neither assigned"),
        ("central ~ c(1, p1 = 0)", "with the number of each category"),
    ] {
        assert!(told(line).contains(instead), "{line}: {}", told(line));
    }
}

/// Two names that differ by case alone, either of which could be a clearance.
#[test]
fn lin_cmt_takes_no_parameter_of_two_that_differ_by_case() {
    let model = |call: &str| {
        let text = format!(
            "m <- function() {{\n  ini({{ tv <- 4 }})\n  model({{\n    CL <- tv\n    Cl <- 2 * tv\n    v <- 50\n    Cc <- {call}\n  }})\n}}\n"
        );
        parse(&Source::new("m.R", text))
    };
    let told = model("linCmt()").expect_err("two clearances").to_string();
    assert!(
        told.contains("which of `CL` and `Cl` is meant") || told.contains("which of `Cl` and `CL` is meant"),
        "{told}"
    );
    model("linCmt(CL, v)").expect("named in the call");
}
