branches <- function() {
  units <- list(time = "h", dosing = "mg", concentration = "mg/L")
  ini({ k <- 0.3; v <- 10 })
  model({
    ke <- k
    if (FORM == 1) {
      ke <- k / 2
    } else if (FORM == 2) {
      ke <- 2 * k
    }
    d/dt(central) <- -ke * central
    Cc <- central / v
  })
}
