after_a_lag <- function() {
  units <- list(time = "h", dosing = "mg", concentration = "mg/L")
  ini({ ka <- 0.7; ke <- 0.1; v <- 10 })
  model({
    alag(depot) <- 1.5
    speed <- ka * (1 - exp(-tad(depot)))
    d/dt(depot) <- -speed * depot
    d/dt(central) <- speed * depot - ke * central
    Cc <- central / v
  })
}
