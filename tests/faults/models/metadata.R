faulty <- function() {
  description <- 5
  description <- paste("a", 3)
  units <- list(time = "day", dosing = dose_unit)
  covariateData <- "WT"
  compartmentData <- list(
    centrl = list(description = "Central", units = "mg"),
    central = list(scale = -1, unit = "mg")
  )
  outputData <- list(Cp = list(units = "mg/L"), Cc = list(units = "mg/L"), Cc = list(units = "mg/L"))
  ini({
    lcl <- log(0.4); label("Clearance (L/day)")
    lvc <- log(3.6); label("Central volume (L)")
    etalcl ~ 0.08
  })
  model({
    cl <- exp(lcl + etalcl)
    vc <- exp(lvc)
    d/dt(central) <- -cl / vc * central
    Cc <- central / vc
  })
}
