two_absorptions <- function() {
  units <- list(time = "h", dosing = "mg", concentration = "mg/L")
  ini({ ka1 <- 1.2; ka2 <- 0.3; share <- 0.35; tlag <- 2; ke <- 0.15; v <- 10 })
  model({
    d/dt(depot1) <- -ka1 * depot1
    d/dt(depot2) <- -ka2 * depot2
    d/dt(central) <- ka1 * depot1 + ka2 * depot2 - ke * central
    f(depot1) <- share
    f(depot2) <- 1 - share
    alag(depot2) <- tlag
    Cc <- central / v
  })
}
