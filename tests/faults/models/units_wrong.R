faulty <- function() {
  units <- list(time = "fortnight", dosing = "spoon", "mg/L")
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
