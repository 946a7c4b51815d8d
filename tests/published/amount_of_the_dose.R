amount_of_the_dose <- function() {
  units <- list(time = "h", dosing = "mg", concentration = "mg/L")
  ini({ v <- 10; ke <- 0.1; half <- 150 })
  model({
    share <- half / (half + podo(central))
    d/dt(central) <- -ke * share * central
    Cc <- central / v
  })
}
