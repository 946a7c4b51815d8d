//! Distributions of a covariate, one kind per file: the keys that a file writes for it, what they may be, how a score
//! becomes a value, and the tests of it. A new kind is a file and a line in `distributions!` below; the schema, the checks
//! and what is suggested for a misspelt name or key follow from it.
//!
//! Every kind turns a standard normal score into a value by its quantile function: the score `z` stands for the
//! probability `Phi(z)`. Scores may be correlated between covariates (a Gaussian copula); the marginal distributions
//! stay as they are written. What is here is right: a distribution can only be had by reading and checking it.

mod bernoulli;
mod beta;
mod by_class;
mod categorical;
mod error;
mod fixed;
mod gamma;
mod given;
mod key;
mod kind;
mod lognormal;
mod loguniform;
mod normal;
mod poisson;
mod steps;
mod table;
mod triangular;
mod uniform;

pub use bernoulli::Bernoulli;
pub use beta::Beta;
pub use by_class::ByClass;
pub use categorical::Categorical;
pub use error::DistributionError;
pub use fixed::Fixed;
pub use gamma::Gamma;
pub use lognormal::LogNormal;
pub use loguniform::LogUniform;
pub use normal::Normal;
pub use poisson::Poisson;
pub use triangular::Triangular;
pub use uniform::Uniform;

pub(super) use kind::{check, correlated};
pub(super) use lognormal::log_sd;
pub(super) use table::CovariateTable;

use kind::{DistributionKind, Kind};

/// Makes of the kinds the type of a distribution, and the list of what files may name.
macro_rules! distributions {
    ($($kind:ident,)+) => {
        /// A distribution that needs no other covariate.
        #[derive(Debug, Clone, PartialEq)]
        pub enum Distribution {
            $(
                #[doc = concat!("See [`", stringify!($kind), "`].")]
                $kind($kind),
            )+
        }

        impl Distribution {
            /// The value of a standard normal score.
            pub fn value(&self, score: f64) -> f64 {
                match self { $(Self::$kind(of) => of.value(score),)+ }
            }

            /// Puts the values of standard normal scores in their places.
            pub(crate) fn apply(&self, scores: &mut [f64]) {
                match self { $(Self::$kind(of) => scores.iter_mut().for_each(|score| *score = of.value(*score)),)+ }
            }

            /// The smallest and the largest value.
            fn support(&self) -> [f64; 2] {
                match self { $(Self::$kind(of) => of.support(),)+ }
            }

            /// What its values are.
            fn values(&self) -> Values<'_> {
                match self { $(Self::$kind(of) => of.values(),)+ }
            }

            /// Whether values follow continuously from a score (then rounded, perhaps).
            fn is_continuous(&self) -> bool {
                match self { $(Self::$kind(_) => $kind::IS_CONTINUOUS,)+ }
            }
        }

        $(
            impl From<$kind> for Distribution {
                fn from(of: $kind) -> Self {
                    Self::$kind(of)
                }
            }
        )+

        /// The kinds of distribution, in the order in which they are listed.
        static KINDS: &[DistributionKind] = &[$(DistributionKind::of::<$kind>(),)+ by_class::KIND];
    };
}

distributions! {
    Normal,
    LogNormal,
    Uniform,
    LogUniform,
    Triangular,
    Beta,
    Gamma,
    Poisson,
    Bernoulli,
    Categorical,
    Fixed,
}

/// What the values of a covariate are.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Values<'a> {
    /// Numbers.
    Number,
    /// Whole numbers.
    Whole,
    /// 0 or 1.
    Flag,
    /// Positions of these labels.
    Label(&'a [String]),
}

/// The distribution of a covariate.
#[derive(Debug, Clone, PartialEq)]
pub enum CovariateDistribution {
    /// The same for all patients.
    OfAll(Distribution),
    /// Another for each class of patients.
    ByClass(ByClass),
}

impl CovariateDistribution {
    /// The same value for everyone.
    pub(crate) fn fixed(value: f64) -> Self {
        Self::OfAll(Fixed(value).into())
    }

    /// What its values are.
    pub fn values(&self) -> Values<'_> {
        match self {
            Self::OfAll(of) => of.values(),
            Self::ByClass(classes) => classes.values(),
        }
    }

    /// The labels, if its values are positions of them.
    pub fn labels(&self) -> Option<&[String]> {
        match self.values() {
            Values::Label(labels) => Some(labels),
            _ => None,
        }
    }

    /// The classes that other distributions may depend on: its labels, or `0` and `1`.
    pub fn classes(&self) -> Option<Vec<String>> {
        match self.values() {
            Values::Label(labels) => Some(labels.to_vec()),
            Values::Flag => Some(vec!["0".into(), "1".into()]),
            Values::Number | Values::Whole => None,
        }
    }

    /// Whether values follow continuously from a score (then rounded, perhaps), so that it can be correlated.
    pub fn is_continuous(&self) -> bool {
        match self {
            Self::OfAll(of) => of.is_continuous(),
            Self::ByClass(classes) => classes.of().iter().all(|(_, of)| of.is_continuous()),
        }
    }

    fn support(&self) -> [f64; 2] {
        match self {
            Self::OfAll(of) => of.support(),
            Self::ByClass(classes) => classes.support(),
        }
    }
}
