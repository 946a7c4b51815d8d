//! What can be wrong between a cohort file and its model.

use thiserror::Error;

use crate::diagnostic::Cause;

/// A cohort file that does not fit its model.
#[derive(Debug, Error)]
pub enum PlanError {
    /// A dose goes to a state that is not there.
    #[error("the model has no state `{name}`")]
    UnknownState {
        /// As written.
        name: String,
        /// The nearest state, or all of them.
        hint: String,
    },
    /// A changed parameter that is not there.
    #[error("the model has no parameter `{name}`")]
    UnknownParameter {
        /// As written.
        name: String,
        /// The nearest parameter, or all of them.
        hint: String,
    },
    /// A changed parameter left its bounds.
    #[error("`{name}` would be {value}, outside its bounds {lower} to {upper} in the model file")]
    OutOfBounds {
        /// The parameter.
        name: String,
        /// What it would be.
        value: f64,
        /// Lower bound.
        lower: f64,
        /// Upper bound.
        upper: f64,
    },
    /// A changed parameter is not a number.
    #[error("`{name}` would be {value}: not a finite number")]
    NotFinite {
        /// The parameter.
        name: String,
        /// What it would be.
        value: f64,
    },
    /// Mass and amount of substance do not convert.
    #[error("the dose is in {dose}, the model takes {model}")]
    DoseUnit {
        /// Unit in the cohort file.
        dose: String,
        /// Unit in the model file.
        model: String,
        /// The table of the cohort file that could say the molecular weight.
        table: String,
    },
    /// A dose that is a number alone.
    #[error("the dose has no unit, and the model takes doses in {model}")]
    NoDoseUnit {
        /// Unit in the model file.
        model: String,
    },
    /// An amount for a model whose doses are none.
    #[error("the dose is in {dose}, and the model takes doses in {model}, which is no amount")]
    DoseOfNoAmount {
        /// Unit in the cohort file.
        dose: String,
        /// Unit in the model file.
        model: String,
    },
    /// Units of two kinds.
    #[error("`{of}` is in {unit}, and `{by}` takes it in {taken}: these are of two kinds")]
    Unit {
        /// The expression or number.
        of: String,
        /// Its unit.
        unit: String,
        /// What takes it.
        by: String,
        /// In this unit.
        taken: String,
    },
    /// A number with a unit, compared with something without.
    #[error("`{limit}` has a unit, and that of `{of}` is not known")]
    NoUnit {
        /// The expression.
        of: String,
        /// What it is compared with.
        limit: String,
    },
    /// A limit in an unknown unit for something that is converted.
    #[error("it is not known in which unit `{limit}` is, and `{of}` is converted")]
    UnitOfLimit {
        /// What something is compared with.
        limit: String,
        /// The expression.
        of: String,
    },
    /// Body size is not in the cohort.
    #[error("a dose per {per} needs the covariate `{covariate}`, which the cohort does not have")]
    NoBodySize {
        /// `kg` or `m2`.
        per: &'static str,
        /// `WT` or `BSA`.
        covariate: &'static str,
    },
    /// A limit of body size where the model's own doses are per body size.
    #[error("the model takes doses in {model}: the amount of a patient is not known to it")]
    SizeIsInUnit {
        /// The model's dosing unit.
        model: String,
    },
    /// An amount that changes over time.
    #[error("`{of}` is not known before the first dose")]
    NotBeforeDose {
        /// The expression.
        of: String,
    },
    /// A limit of a tier with a unit, of something without.
    #[error("the limit is {limit}, and the unit of `{of}` is not known")]
    UnitOfTier {
        /// The expression.
        of: String,
        /// The limit.
        limit: String,
    },
    /// `infusion = "model"` for a state without `dur` or `rate`.
    #[error("the model says neither `dur({state})` nor `rate({state})`")]
    NoModelInput {
        /// The state.
        state: String,
        /// The table of the cohort file that could say how doses enter.
        table: String,
    },
    /// A rule about infusions of what is not infused over a time.
    #[error("`{then}`, and doses into `{state}` are not infused over a time")]
    NotInfused {
        /// The rule.
        then: String,
        /// The state.
        state: String,
    },
    /// Two doses of one drug at one time.
    #[error("arm `{arm}` has two doses of {drug} at {time}")]
    TwoDosesAtOnce {
        /// The arm.
        arm: String,
        /// The drug.
        drug: String,
        /// The time.
        time: String,
    },
    /// More drugs than engines can tell apart.
    #[error("there are {count} drugs; an engine can tell {most} apart")]
    TooManyDrugs {
        /// How many there are.
        count: usize,
        /// How many there may be.
        most: usize,
    },
    /// Doses of a data set cannot depend on when they are given.
    #[error("`{function}({state})` depends on time, doses or states, and the doses are of a data set")]
    OfDataAtDose {
        /// `f`, `alag`, `rate` or `dur`.
        function: &'static str,
        /// The state.
        state: String,
    },
    /// An expression that is no amount of drug, given as one.
    #[error("`{of}` is in {unit}, which is no amount of drug")]
    NoAmountOfDrug {
        /// The expression.
        of: String,
        /// Its unit.
        unit: String,
    },
    /// Doses before time 0 that are not all alike.
    #[error(
        "`{function}({state})` depends on time, doses or states, and doses into it are at steady state before time 0"
    )]
    SteadyAtDose {
        /// `f`, `alag`, `rate` or `dur`.
        function: &'static str,
        /// The state.
        state: String,
    },
    /// The model says how long the infusion lasts, and so does the cohort file.
    #[error("the model has its own `{function}({state})`, and the cohort file gives the infusion too")]
    TwoInputs {
        /// `dur` or `rate`.
        function: &'static str,
        /// The state.
        state: String,
    },
    /// `f(state)` of a rate that may be a bioavailability or a conversion of units.
    #[error("`f({state})` is {value}: a bioavailability, or a conversion of units?")]
    UnclearFactor {
        /// The state.
        state: String,
        /// Its value without random effects.
        value: f64,
        /// The table of the cohort file that could say it.
        table: String,
    },
    /// A word for infusions by their rate, of which there is none.
    #[error("no infusion is given by its rate")]
    NoRate,
    /// A bioavailability, lag, duration or rate by which nothing can enter.
    #[error("`{function}({state})` is {value}, and must be {}", if *must_enter { "above 0" } else { "0 or more" })]
    NoDosing {
        /// `f`, `alag`, `dur` or `rate`.
        function: &'static str,
        /// The state.
        state: String,
        /// Its value.
        value: f64,
        /// Whether it must be above 0.
        must_enter: bool,
    },
    /// Residual error asked for where the model has none.
    #[error("nothing in `{of}` has a residual error in the model")]
    NoResidual {
        /// The expression.
        of: String,
        /// The names that have one.
        with: String,
    },
    /// An observation of which the model says the likelihood, or what cannot be simulated.
    #[error("observations of `{of}` by `{distribution}` are not simulated")]
    NotSimulated {
        /// The name.
        of: String,
        /// `ll`, `ar` or `hyper`.
        distribution: String,
    },
    /// Something integrated that is known at visits only.
    #[error("`{of}` is known at visits only, and has no area between them")]
    OnlyAtVisits {
        /// The expression.
        of: String,
    },
    /// A statistic read at visits of what happens between them.
    #[error(
        "`{of}` is read at visits, and none lies between the dose at {from} and {to}: what it does there would not \
         be seen"
    )]
    Unseen {
        /// The expression.
        of: String,
        /// When the dose is given, or the window begins.
        from: String,
        /// When the next is given, or the window ends.
        to: String,
        /// Whether it is read with residual error.
        with_error: bool,
    },
    /// Something that depends on the doses so far other than through states.
    #[error("`{of}` depends on the times or amounts of doses, which only the equations of states can read")]
    OfDoses {
        /// The expression.
        of: String,
    },
    /// A probability that changes while the patient is treated.
    #[error("the probability of `{event}` changes while the patient is treated")]
    ChangingProbability {
        /// The event.
        event: String,
    },
    /// An event that is called as something of the model's.
    #[error("`{name}` is a name of the model or a covariate, which it would mean in conditions")]
    EventOfModel {
        /// The event.
        name: String,
    },
    /// A hold whose condition, once it holds, holds until the next dose, which waits for it to cease.
    #[error("`{when}`, once it holds, holds for as long as the dose waits: it would never be given")]
    NeverOver {
        /// The condition.
        when: String,
    },
    /// More delays than an engine can tell apart.
    #[error("there are {count} rules that delay a dose, and at most {most} can be told apart")]
    TooManyDelays {
        /// How many there are.
        count: usize,
        /// How many there may be.
        most: usize,
    },
    /// A number that is no probability or no cumulative hazard.
    #[error("`{of}` is {value}: no {}", if most.is_some() { "probability" } else { "cumulative hazard" })]
    NoChance {
        /// The expression.
        of: String,
        /// Its value.
        value: f64,
        /// The largest probability; none of a hazard.
        most: Option<f64>,
    },
    /// Response of something without a value before the first dose.
    #[error("`{of}` has no value before the first dose: {reason}")]
    NoBaseline {
        /// The expression.
        of: String,
        /// Why.
        reason: String,
    },
}

impl Cause for PlanError {
    fn help(&self) -> Option<String> {
        Some(match self {
            Self::UnknownState { hint, .. } | Self::UnknownParameter { hint, .. } => hint.clone(),
            Self::OutOfBounds { .. } => {
                "choose a value inside the bounds, or widen them in the model file".into()
            }
            Self::NotFinite { .. } => "check the expression: a logarithm of 0 or a division by 0?".into(),
            Self::DoseUnit { model, table, .. } => {
                format!(
                    "give the doses in a unit that converts to {model}, or `molecular_weight = \"150 kDa\"` in [{table}] \
                     with the drug's own"
                )
            }
            Self::NoDoseUnit { model } => format!("write the unit behind the number, as \"100 {model}\""),
            Self::DoseOfNoAmount { .. } => {
                "write the number alone: it is in the model's own unit, whatever that is".into()
            }
            Self::Unit { taken, .. } => {
                format!("write it in {taken} or another unit of that kind, or convert it in an expression")
            }
            Self::NoUnit { .. } => {
                "write a number alone, or say the unit: `unit` here, or `outputData` in the model file".into()
            }
            Self::UnitOfLimit { .. } => {
                "leave out `unit`, or write the limit as a number with its unit".into()
            }
            Self::NoBodySize { covariate: "BSA", .. } => {
                "add it to [population.derived], for example BSA = \"bsa_mosteller(WT, HT)\"".into()
            }
            Self::NoBodySize { covariate, .. } => {
                format!("add [population.{covariate}], or give a flat dose")
            }
            Self::SizeIsInUnit { .. } => "leave out `size_at_most`".into(),
            Self::NotBeforeDose { .. } => "use covariates and individual parameters only".into(),
            Self::UnitOfTier { .. } => {
                "write a number alone, or say the unit: `unit` of the covariate, or `covariateData` in the model file".into()
            }
            Self::NoModelInput { table, .. } => format!("give `infusion = \"1 h\"` or a rate in [{table}]"),
            Self::NotInfused { .. } => "give its doses `infusion = \"1 h\"`, or the like; a rate stays as it is".into(),
            Self::TwoDosesAtOnce { .. } => {
                "make them two drugs in [drugs], each with rules of its own; or give one of them later".into()
            }
            Self::TooManyDrugs { .. } => "leave out drugs that no arm has".into(),
            Self::OfDataAtDose { .. } => {
                "make it an expression of covariates and individual parameters, which may change from record to record".into()
            }
            Self::NoAmountOfDrug { of, unit } => format!(
                "say how much it is per {unit}, as `2 * ({of})` with the unit of the product; a dose per kg or m2 is written \"2 mg/kg\""
            ),
            Self::SteadyAtDose { .. } => {
                "make it an expression of covariates and individual parameters, or write the doses before out, and begin later"
                    .into()
            }
            Self::TwoInputs { .. } => {
                "write infusion = \"model\" to use the model's, or remove it there".into()
            }
            Self::UnclearFactor { table, .. } => format!(
                "write bioavailability = \"amount\" in [{table}] if the rate stays and a smaller amount takes less time, \
                 bioavailability = \"rate\" if the time stays; or say the state's unit in `compartmentData`"
            ),
            Self::NoRate => {
                "leave out `bioavailability`: of a bolus, or an infusion over a time, `f()` multiplies the amount".into()
            }
            Self::NoDosing { .. } => "change it in the model file, or the parameters in it".into(),
            Self::OnlyAtVisits { .. } => "leave out on = \"continuous\"".into(),
            Self::Unseen { with_error: true, .. } => {
                "write on = \"visits\" for what the clinic sees, or add visits".into()
            }
            Self::Unseen { .. } => {
                "write on = \"continuous\" for the curve, or on = \"visits\" for what the clinic sees".into()
            }
            Self::ChangingProbability { .. } => {
                "use covariates and individual parameters only; what changes over time belongs in `onset`"
                    .into()
            }
            Self::NeverOver { .. } => {
                "say with `until` when the dose is given, as until = \"platelets >= 100\"".into()
            }
            Self::TooManyDelays { .. } => "join their conditions with `|`".into(),
            Self::EventOfModel { .. } => "choose another name".into(),
            Self::NoChance { most: Some(most), .. } => format!("a probability lies between 0 and {most}"),
            Self::NoChance { most: None, .. } => "a cumulative hazard is a number, and 0 or more".into(),
            Self::OfDoses { .. } => {
                "read a state or what follows from states; of treatment, `days_since_dose` and `doses_given`".into()
            }
            Self::NoBaseline { .. } => "use an expression of the model's names".into(),
            Self::NotSimulated { of, distribution } if distribution == "ll" => format!(
                "a likelihood has no observations: write the distribution, as `{of} ~ pois(lambda)`, or read a mean"
            ),
            Self::NotSimulated { .. } => "write an error without it, or leave out observe = \"with_error\"".into(),
            Self::NoResidual { with, .. } => {
                format!("names with a residual line: {with}; or leave out observe = \"with_error\"")
            }
        })
    }
}
