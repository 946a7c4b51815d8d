bioavailability <- function() {
  units <- list(time = "h", dosing = "mg", concentration = "mg/L")
  ini({ lka <- log(0.9); logitf <- 0.4; ke <- 0.15; v <- 10 })
  model({
    ka <- exp(lka)
    d/dt(depot) <- -ka * depot
    d/dt(central) <- ka * depot - ke * central
    f(depot) <- expit(logitf)
    Cc <- central / v
  })
}
