zero_order_rate <- function() {
  units <- list(time = "h", dosing = "mg", concentration = "mg/L")
  ini({ lrate <- log(30); ke <- 0.15; v <- 10 })
  model({
    d/dt(central) <- -ke * central
    rate(central) <- exp(lrate)
    Cc <- central / v
  })
}
