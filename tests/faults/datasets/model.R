two <- function() {
  units <- list(time = "hour", dosing = "mg", concentration = "mg/L")
  covariateData <- list(WT = list(description = "Body weight", units = "kg"))
  ini({
    lka <- log(1); label("Absorption rate (1/hour)")
    lcl <- log(5); label("Clearance (L/hour)")
    lv <- log(50); label("Volume (L)")
    etacl + etav ~ c(0.09, 0.02, 0.04)
    prop.sd <- 0.1
  })
  model({
    ka <- exp(lka)
    cl <- exp(lcl + etacl) * (WT / 70)^0.75
    v <- exp(lv + etav)
    d/dt(depot) <- -ka * depot
    d/dt(central) <- ka * depot - cl / v * central
    Cc <- central / v
    Cc ~ prop(prop.sd)
  })
}
