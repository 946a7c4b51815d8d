faulty <- function() {
  description <- "A faulty model"
  units <- list(time = "day", dosing = "mg", concentration = "mg/L")
  ini({
    lcl <- log(0.4)
    lvc <- log(3.6)
    etalcl + etalvc + etalq ~ c(1,
                                0.9, 1,
                                0.9, -0.9, 1)
  })
  model({
    cl <- exp(lcl + etalcl)
    vc <- exp(lvc + etalvc + etalq)
    d/dt(central) <- -cl / vc * central
    Cc <- central / vc
  })
}
