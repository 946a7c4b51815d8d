# Where each value comes from:
#   [V] verified in the published source that is named    [R] well-known literature value, not read again
#   [D] derived from other values                         [A] assumed
#   [T] assumed and tuned to the qualitative clinical findings
# Two tags, as in [A/T]: partly the one, partly the other.

three_compartment_infusion <- function() {
  description <- "Three compartments with linear elimination; the dose goes into `central`, as an infusion or a bolus"
  reference <- "Textbook model (Gibaldi M, Perrier D. Pharmacokinetics, 2nd ed. 1982); illustrative values"
  units <- list(time = "hour", dosing = "mg", concentration = "mg/L")
  compartmentData <- list(
    central = list(description = "Amount in the central compartment", units = "mg", scale = 10),
    peripheral1 = list(description = "Amount in the shallow peripheral compartment", units = "mg", scale = 10),
    peripheral2 = list(description = "Amount in the deep peripheral compartment", units = "mg", scale = 10)
  )
  outputData <- list(
    Cc = list(description = "Concentration in the central compartment", units = "mg/L")
  )
  ini({
    lcl <- log(5); label("Clearance (L/h)")                              # [A]
    lvc <- log(10); label("Central volume (L)")                          # [A]
    lq <- log(8); label("Clearance to the shallow compartment (L/h)")    # [A]
    lvp <- log(20); label("Volume of the shallow compartment (L)")       # [A]
    lq2 <- log(1.5); label("Clearance to the deep compartment (L/h)")    # [A]
    lvp2 <- log(60); label("Volume of the deep compartment (L)")         # [A]
    etalcl ~ log(1 + 0.30^2)                                             # [A] CV 30 %
    etalvc ~ log(1 + 0.20^2)                                             # [A] CV 20 %
    prop_sd <- c(0, 0.15); label("Proportional error (fraction)")        # [A]
  })
  model({
    cl <- exp(lcl + etalcl)
    vc <- exp(lvc + etalvc)
    q <- exp(lq)
    vp <- exp(lvp)
    q2 <- exp(lq2)
    vp2 <- exp(lvp2)
    kel <- cl / vc
    k12 <- q / vc
    k21 <- q / vp
    k13 <- q2 / vc
    k31 <- q2 / vp2
    shallow <- k12 * central - k21 * peripheral1
    deep <- k13 * central - k31 * peripheral2
    d/dt(central) <- -kel * central - shallow - deep
    d/dt(peripheral1) <- shallow
    d/dt(peripheral2) <- deep
    Cc <- central / vc
    Cc ~ prop(prop_sd)
  })
}
