faulty <- function() {
  description <- "A faulty model"
  units <- list(time = "day", dosing = "mg", concentration = "mg/L")
  ini({
    lcl <- log(0.4)
    lvc <- log(3.6)
    etalcl + etalvc ~ c(0.08, 0.04)
  })
  model({
    cl <- exp(lcl + etalcl)
    vc <- exp(lvc + etalvc)
    d/dt(central) <- -cl / vc * central
    Cc <- central / vc
  })
}
