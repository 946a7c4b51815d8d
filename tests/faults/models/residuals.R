faulty <- function() {
  description <- "A faulty model"
  units <- list(time = "day", dosing = "mg", concentration = "mg/L")
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
    Cc ~ prop(lcl) + prop(lvc)
    cc ~ add(lcl)
    Cp ~ add(lcl)
    vc ~ pow(lcl, lvc) + add(lcl)
    central ~ lnorm(lcl) + add(lvc)
    Cc + vc ~ add(lcl)
    if (WT > 70) {
      cl ~ add(lcl)
    }
    Cc ~ add(lcl)
    Cc ~ add(lcl)
  })
}
