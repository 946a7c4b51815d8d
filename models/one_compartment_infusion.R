# Where each value comes from:
#   [V] verified in the published source that is named    [R] well-known literature value, not read again
#   [D] derived from other values                         [A] assumed
#   [T] assumed and tuned to the qualitative clinical findings
# Two tags, as in [A/T]: partly the one, partly the other.

one_compartment_infusion <- function() {
  description <- "One compartment with linear elimination; the dose goes into `central`, as an infusion or a bolus"
  reference <- "Textbook model (Gibaldi M, Perrier D. Pharmacokinetics, 2nd ed. 1982); illustrative values"
  units <- list(time = "day", dosing = "mg", concentration = "mg/L")
  compartmentData <- list(
    central = list(description = "Amount in the central compartment", units = "mg", scale = 10)
  )
  outputData <- list(
    Cc = list(description = "Concentration in the central compartment", units = "mg/L")
  )
  ini({
    lcl <- log(0.4); label("Clearance (L/day)")                 # [A]
    lvc <- log(3.6); label("Central volume (L)")                # [A]
    etalcl ~ log(1 + 0.30^2)                                    # [A] CV 30 %
    etalvc ~ log(1 + 0.20^2)                                    # [A] CV 20 %
    prop_sd <- c(0, 0.15); label("Proportional error (fraction)")  # [A]
  })
  model({
    cl <- exp(lcl + etalcl)
    vc <- exp(lvc + etalvc)
    kel <- cl / vc
    d/dt(central) <- -kel * central
    Cc <- central / vc
    Cc ~ prop(prop_sd)
  })
}
