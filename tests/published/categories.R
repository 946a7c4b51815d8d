categories <- function() {
  units <- list(time = "h", dosing = "mg", concentration = "mg/L")
  ini({ b1 <- 0.4; b2 <- 1.1; slope <- -0.3; ke <- 0.2; v <- 10 })
  model({
    d/dt(central) <- -ke * central
    Cc <- central / v
    p1 <- expit(b1 + slope * Cc)
    p2 <- expit(b2 + slope * Cc) - p1
    grade ~ c(p1, p2)
    cens ~ binom(1, p1)
    ll(other) ~ -p1
  })
}
