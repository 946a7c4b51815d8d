# Where each value comes from:
#   [V] verified in the published source that is named    [R] well-known literature value, not read again
#   [D] derived from other values                         [A] assumed
#   [T] assumed and tuned to the qualitative clinical findings
# Two tags, as in [A/T]: partly the one, partly the other.

two_antibodies <- function() {
  description <- paste(
    "Two antibodies that are given together: `bispecific` under the skin, with first-order absorption from `depot`,",
    "`partner` into its own central compartment; each is eliminated linearly, and neither changes the other"
  )
  reference <- "Textbook model (Gibaldi M, Perrier D. Pharmacokinetics, 2nd ed. 1982); illustrative values"
  units <- list(time = "day", dosing = "mg", concentration = "mg/L")
  covariateData <- list(
    WT = list(description = "Body weight", units = "kg")
  )
  compartmentData <- list(
    depot = list(description = "Amount of the bispecific antibody under the skin", units = "mg", scale = 10),
    bispecific = list(description = "Amount of the bispecific antibody", units = "mg", scale = 10),
    partner = list(description = "Amount of the partner antibody", units = "mg", scale = 100)
  )
  outputData <- list(
    Cb = list(description = "Concentration of the bispecific antibody", units = "mg/L"),
    Cp = list(description = "Concentration of the partner antibody", units = "mg/L")
  )
  ini({
    lka <- log(0.2); label("Absorption rate (1/day)")                        # [A]
    lfdepot <- log(0.7); label("Bioavailability under the skin (fraction)")  # [A]
    lclb <- log(0.45); label("Clearance of the bispecific antibody (L/day)") # [A]
    lvb <- log(5); label("Volume of the bispecific antibody (L)")            # [A]
    lclp <- log(0.3); label("Clearance of the partner antibody (L/day)")     # [A]
    lvp <- log(5); label("Volume of the partner antibody (L)")               # [A]
    etalclb ~ log(1 + 0.40^2)                                                # [A] CV 40 %
    etalclp ~ log(1 + 0.30^2)                                                # [A] CV 30 %
  })
  model({
    size <- WT / 70
    ka <- exp(lka)
    clb <- exp(lclb + etalclb) * size^0.75
    vb <- exp(lvb) * size
    clp <- exp(lclp + etalclp) * size^0.75
    vp <- exp(lvp) * size
    d/dt(depot) <- -ka * depot
    d/dt(bispecific) <- ka * depot - clb / vb * bispecific
    d/dt(partner) <- -clp / vp * partner
    f(depot) <- exp(lfdepot)
    Cb <- bispecific / vb
    Cp <- partner / vp
  })
}
