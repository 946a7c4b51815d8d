reassigned <- function() {
  units <- list(time = "h", dosing = "mg", concentration = "mg/L")
  ini({ k <- 0.1; v <- 10 })
  model({
    k2 <- k
    k2 <- k2 * 2
    d/dt(central) <- -k2 * central
    k2 <- 0
    Cc <- central / v + k2
  })
}
