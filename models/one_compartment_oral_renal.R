# Where each value comes from:
#   [V] verified in the published source that is named    [R] well-known literature value, not read again
#   [D] derived from other values                         [A] assumed
#   [T] assumed and tuned to the qualitative clinical findings
# Two tags, as in [A/T]: partly the one, partly the other.

one_compartment_oral_renal <- function() {
  description <- paste(
    "One compartment with first-order absorption from `depot`; half of the clearance is renal, in proportion to the",
    "creatinine clearance"
  )
  reference <- "Textbook model (Gibaldi M, Perrier D. Pharmacokinetics, 2nd ed. 1982); illustrative values"
  units <- list(time = "hour", dosing = "mg", concentration = "mg/L")
  covariateData <- list(
    CRCL = list(description = "Creatinine clearance", units = "mL/min")
  )
  compartmentData <- list(
    depot = list(description = "Amount in the gut", units = "mg", scale = 1),
    central = list(description = "Amount in the body", units = "mg", scale = 1)
  )
  outputData <- list(
    Cc = list(description = "Concentration in plasma", units = "mg/L")
  )
  ini({
    lka <- log(1.2); label("Absorption rate (1/h)")                          # [A]
    lcl <- log(6); label("Clearance at 100 mL/min of creatinine (L/h)")      # [A]
    lvc <- log(60); label("Volume (L)")                                      # [A]
    renal <- 0.5; label("Renal share of it (fraction)")                      # [A]
    etalcl ~ log(1 + 0.25^2)                                                 # [A] CV 25 %
    etalvc ~ log(1 + 0.20^2)                                                 # [A] CV 20 %
  })
  model({
    ka <- exp(lka)
    cl <- exp(lcl + etalcl) * (1 - renal + renal * CRCL / 100)
    vc <- exp(lvc + etalvc)
    d/dt(depot) <- -ka * depot
    d/dt(central) <- ka * depot - cl / vc * central
    Cc <- central / vc
  })
}
