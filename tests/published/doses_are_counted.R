doses_are_counted <- function() {
  units <- list(time = "h", dosing = "mg", concentration = "mg/L")
  ini({ ke <- 0.1; v <- 10 })
  model({
    k <- ke * (1 + 0.2 * dosenum())
    d/dt(central) <- -k * central
    d/dt(clock) <- dosenum(central)
    Cc <- central / v
  })
}
