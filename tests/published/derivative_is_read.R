derivative_is_read <- function() {
  units <- list(time = "h", dosing = "mg", concentration = "mg/L")
  ini({ ka <- 0.8; ke <- 0.2; v <- 10 })
  model({
    d/dt(depot) <- -ka * depot
    d/dt(central) <- -d/dt(depot) - ke * central
    slope <- d/dt(central)
    Cc <- central / v
  })
}
