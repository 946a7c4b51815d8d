faulty <- function() {
  units <- list(time = "day", dosing = dose_unit)
  compartmentData <- list(
    central = list(scale = -1, unit = "mg"),
    peripheral = list(scale = "large")
  )
  ini({
    lcl <- log(0.4); label("Clearance (L/day)")
    lvc <- log(3.6); label("Central volume (L)")
    etalcl ~ 0.08
  })
  model({
    cl <- exp(lcl + etalcl)
    vc <- exp(lvc)
    d/dt(central) <- -cl / vc * central
    d/dt(peripheral) <- 0
    Cc <- central / vc
  })
}
