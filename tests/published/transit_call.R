transit_call <- function() {
  units <- list(time = "h", dosing = "mg", concentration = "mg/L")
  ini({ n <- 4.3; mtt <- 2.5; ka <- 0.8; ke <- 0.2; v <- 10 })
  model({
    d/dt(depot) <- transit(n, mtt, 0.9) - ka * depot
    d/dt(central) <- ka * depot - ke * central
    Cc <- central / v
  })
}
