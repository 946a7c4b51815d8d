saturable <- function() {
  units <- list(time = "h", dosing = "mg", concentration = "mg/L")
  ini({ vmax <- 12; km <- 0.8; v <- 10 })
  model({
    Cc <- central / v
    d/dt(central) <- -vmax * Cc / (km + Cc)
  })
}
