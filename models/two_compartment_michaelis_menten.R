# Where each value comes from:
#   [V] verified in the published source that is named    [R] well-known literature value, not read again
#   [D] derived from other values                         [A] assumed
#   [T] assumed and tuned to the qualitative clinical findings
# Two tags, as in [A/T]: partly the one, partly the other.

two_compartment_michaelis_menten <- function() {
  description <- paste(
    "Two compartments with linear and saturable (Michaelis-Menten) elimination in parallel, as antibodies",
    "with target-mediated clearance have; the dose goes into `central`"
  )
  reference <- paste(
    "Parallel linear and saturable elimination as in the bemarituzumab analysis of Xiang H et al. 2021;",
    "typical values rounded from it, variability assumed"
  )
  units <- list(time = "day", dosing = "mg", concentration = "mg/L")
  compartmentData <- list(
    central = list(description = "Amount in the central compartment", units = "mg", scale = 10),
    peripheral1 = list(description = "Amount in the peripheral compartment", units = "mg", scale = 10)
  )
  outputData <- list(
    Cc = list(description = "Concentration in the central compartment", units = "mg/L")
  )
  ini({
    lcl <- log(0.311); label("Linear clearance (L/day)")              # [V] Xiang 2021
    lvc <- log(3.58); label("Central volume (L)")                     # [V] Xiang 2021
    lq <- log(0.952); label("Intercompartmental clearance (L/day)")   # [V] Xiang 2021
    lvp <- log(2.71); label("Peripheral volume (L)")                  # [V] Xiang 2021
    lvmax <- log(2.80); label("Largest saturable elimination (mg/day)")  # [V] Xiang 2021
    lkm <- log(4.45); label("Concentration of half saturation (mg/L)")   # [V] Xiang 2021
    etalcl ~ log(1 + 0.30^2)                                          # [A] CV 30 %
    etalvc ~ log(1 + 0.20^2)                                          # [A] CV 20 %
    prop_sd <- c(0, 0.15); label("Proportional error (fraction)")     # [A]
  })
  model({
    cl <- exp(lcl + etalcl)
    vc <- exp(lvc + etalvc)
    q <- exp(lq)
    vp <- exp(lvp)
    vmax <- exp(lvmax)
    km <- exp(lkm)
    k21 <- q / vp
    Cc <- central / vc
    exchange <- q * Cc - k21 * peripheral1
    d/dt(central) <- -(cl + vmax / (km + Cc)) * Cc - exchange
    d/dt(peripheral1) <- exchange
    Cc ~ prop(prop_sd)
  })
}
