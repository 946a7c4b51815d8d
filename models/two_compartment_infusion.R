# Where each value comes from:
#   [V] verified in the published source that is named    [R] well-known literature value, not read again
#   [D] derived from other values                         [A] assumed
#   [T] assumed and tuned to the qualitative clinical findings
# Two tags, as in [A/T]: partly the one, partly the other.

two_compartment_infusion <- function() {
  description <- "Two compartments with linear elimination; the dose goes into `central`, as an infusion or a bolus"
  reference <- "Textbook model (Gibaldi M, Perrier D. Pharmacokinetics, 2nd ed. 1982); illustrative values"
  units <- list(time = "day", dosing = "mg", concentration = "mg/L")
  compartmentData <- list(
    central = list(description = "Amount in the central compartment", units = "mg", scale = 10),
    peripheral1 = list(description = "Amount in the peripheral compartment", units = "mg", scale = 10)
  )
  outputData <- list(
    Cc = list(description = "Concentration in the central compartment", units = "mg/L")
  )
  ini({
    lcl <- log(0.4); label("Clearance (L/day)")                 # [A]
    lvc <- log(3.6); label("Central volume (L)")                # [A]
    lq <- log(0.95); label("Intercompartmental clearance (L/day)")  # [A]
    lvp <- log(2.7); label("Peripheral volume (L)")             # [A]
    # Variances of log clearance and log volume (CV 30 % and 20 %) with correlation 0.5.
    etalcl + etalvc ~ c(0.0862,                                 # [A]
                        0.0291, 0.0392)                         # [A]
    prop_sd <- c(0, 0.15); label("Proportional error (fraction)")  # [A]
    add_sd <- c(0, 0.05); label("Additive error (mg/L)")        # [A]
  })
  model({
    cl <- exp(lcl + etalcl)
    vc <- exp(lvc + etalvc)
    q <- exp(lq)
    vp <- exp(lvp)
    kel <- cl / vc
    k12 <- q / vc
    k21 <- q / vp
    exchange <- k12 * central - k21 * peripheral1
    d/dt(central) <- -kel * central - exchange
    d/dt(peripheral1) <- exchange
    Cc <- central / vc
    Cc ~ prop(prop_sd) + add(add_sd)
  })
}
