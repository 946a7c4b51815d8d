weibull_absorption <- function() {
  units <- list(time = "h", dosing = "mg", concentration = "mg/L")
  ini({ kw <- 0.56; shape <- 2.23; ke <- 0.2; v <- 10 })
  model({
    kabs <- shape * kw * (kw * tad())^(shape - 1)
    d/dt(depot) <- -kabs * depot
    d/dt(central) <- kabs * depot - ke * central
    Cc <- central / v
  })
}
