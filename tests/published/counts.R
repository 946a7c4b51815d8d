counts <- function() {
  units <- list(time = "h", dosing = "mg", concentration = "mg/L")
  ini({ llambda <- log(3); ke <- 0.2; ec50 <- 2; v <- 10 })
  model({
    d/dt(central) <- -ke * central
    Cc <- central / v
    lambda <- exp(llambda) * ec50 / (ec50 + Cc)
    seizures <- lambda
    seizures ~ pois(lambda)
  })
}
