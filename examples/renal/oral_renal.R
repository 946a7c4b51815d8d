# Where each value comes from:
#   [R] well-known literature value, not read again    [A] assumed
# The values are near those of levetiracetam in adults; they illustrate, and are no fit to data.

oral_renal <- function() {
  description <- "A small molecule taken by mouth, about two thirds of which the kidneys clear: one compartment"
  reference <- "Assembled for this example; values near those of levetiracetam, for illustration"
  units <- list(time = "hour", dosing = "mg", concentration = "mg/L")
  covariateData <- list(
    WT = list(description = "Body weight", units = "kg"),
    CRCL = list(description = "Creatinine clearance", units = "mL/min")
  )
  compartmentData <- list(
    depot = list(description = "Amount in the gut", units = "mg", scale = 100),
    central = list(description = "Amount in the body", units = "mg", scale = 100)
  )
  outputData <- list(
    Cc = list(description = "Concentration in plasma", units = "mg/L")
  )
  ini({
    lka <- log(2.0); label("Absorption rate (1/h)")                                       # [A] highest after about 1 h [R]
    lclr <- log(2.6); label("Renal clearance at a creatinine clearance of 110 mL/min (L/h)")  # [R] two thirds of all
    lclo <- log(1.4); label("Other clearance (L/h)")                                      # [R] one third
    lvc <- log(45); label("Volume (L)")                                                   # [R] 0.5 to 0.7 L/kg
    etalka ~ log(1 + 0.50^2)                                                              # [A] CV 50 %
    etalcl ~ log(1 + 0.20^2)                                                              # [A] CV 20 %
    etalvc ~ log(1 + 0.15^2)                                                              # [A] CV 15 %
  })
  model({
    ka <- exp(lka + etalka)
    clr <- exp(lclr + etalcl) * CRCL / 110
    clo <- exp(lclo + etalcl) * (WT / 70)^0.75
    cl <- clr + clo
    vc <- exp(lvc + etalvc) * (WT / 70)
    d/dt(depot) <- -ka * depot
    d/dt(central) <- ka * depot - cl / vc * central
    Cc <- central / vc
  })
}
