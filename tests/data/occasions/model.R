occasions <- function() {
  units <- list(time = "hour", dosing = "mg", concentration = "mg/L")
  covariateData <- list(WT = list(description = "Body weight", units = "kg"))
  ini({
    lka <- log(1.1); label("Absorption rate (1/hour)")
    lcl <- log(4); label("Clearance (L/hour)")
    lv <- log(30); label("Volume (L)")
    etacl ~ 0.04
    iovcl ~ 0.09 | occ
    iovka ~ 0.16 | occ
    prop.sd <- 0.1
  })
  model({
    ka <- exp(lka + iovka)
    cl <- exp(lcl + etacl + iovcl) * (WT / 70)^0.75
    v <- exp(lv) * WT / 70
    d/dt(depot) <- -ka * depot
    d/dt(central) <- ka * depot - cl / v * central
    Cc <- central / v
    Cc ~ prop(prop.sd)
  })
}
