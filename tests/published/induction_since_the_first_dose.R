induction_since_the_first_dose <- function() {
  units <- list(time = "h", dosing = "mg", concentration = "mg/L")
  ini({ ke <- 0.05; kmax <- 0.15; rate <- 0.04; v <- 10 })
  model({
    k <- ke + kmax * (1 - exp(-rate * tafd(central)))
    d/dt(central) <- -k * central
    Cc <- central / v
  })
}
