autoinduction <- function() {
  units <- list(time = "h", dosing = "mg", concentration = "mg/L")
  ini({ cl <- 2; v <- 10; emax <- 2; ec50 <- 1; kenz <- 0.02 })
  model({
    Cc <- central / v
    d/dt(enzyme) <- kenz * (1 + emax * Cc / (ec50 + Cc)) - kenz * enzyme
    enzyme(0) <- 1
    d/dt(central) <- -cl * enzyme * Cc
  })
}
