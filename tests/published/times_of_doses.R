times_of_doses <- function() {
  units <- list(time = "h", dosing = "mg", concentration = "mg/L")
  ini({ ke <- 0.1; v <- 10 })
  model({
    d/dt(central) <- -ke * central
    d/dt(since) <- tlast(central) - tfirst(central)
    Cc <- central / v
  })
}
