faulty <- function() {
  description <- "A faulty model"
  units <- list(time = "day", dosing = "mg", concentration = "mg/L")
  ini({
    lcl <- log(0.4); label("Clearance (L/day)")
    lvc <- log(3.6); label("Central volume (L)")
    etalcl ~ 0.08
  })
  model({
    if (SEXF == 1) {
      cl <- exp(lcl + etalcl)
    }
    if (SEXF == 0) vc <- exp(lvc) else other <- 2
    if (SEXF == 0) { d/dt(central) <- -cl / vc * central }
  })
}
