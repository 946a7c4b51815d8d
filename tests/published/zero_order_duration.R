zero_order_duration <- function() {
  units <- list(time = "h", dosing = "mg", concentration = "mg/L")
  ini({ ldur <- log(2.5); ke <- 0.15; v <- 10 })
  model({
    d/dt(central) <- -ke * central
    dur(central) <- exp(ldur)
    Cc <- central / v
  })
}
