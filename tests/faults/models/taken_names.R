faulty <- function() {
  description <- "A faulty model"
  units <- list(time = "day", dosing = "mg", concentration = "mg/L")
  covariateData <- list(WT = list(description = "Weight", units = "kg"))
  ini({
    lcl <- log(0.4); label("Clearance (L/day)")
    lvc <- log(3.6); label("Central volume (L)")
    etalcl ~ 0.08
  })
  model({
    lcl <- 2
    etalcl <- 1
    WT <- 70
    time <- 3
    pi <- 3
    cl <- exp(lcl + etalcl) * WT
    vc <- exp(lvc)
    central <- 1
    d/dt(central) <- -cl / vc * central
    d/dt(vc) <- 0
    3 <- cl
    g(central) <- 2
  })
}
