faulty <- function() {
  description <- "A faulty model"
  units <- list(time = "day", dosing = "mg", concentration = "mg/L")
  ini({
    lcl <- log(0.4) label("Clearance (L/day)")
    lvc <- c(3, 2, 1)
    etalcl ~ -0.08
  })
  model({
    cl <- exp(lcl + etalcl
    vc <- exp(lvd)
    d/dt(central) <- -cl / vc * central
    Cc <- central / / vc
    central(0) <- time
  })
}
