target_binding <- function() {
  units <- list(time = "h", dosing = "mg", concentration = "mg/L")
  ini({ kel <- 0.05; kon <- 0.6; koff <- 0.02; kint <- 0.04; kdeg <- 0.3; r0 <- 4; v <- 3 })
  model({
    d/dt(central) <- -kel * central - kon * central * target + koff * complex
    d/dt(target) <- kdeg * r0 - kdeg * target - kon * central * target + koff * complex
    d/dt(complex) <- kon * central * target - (koff + kint) * complex
    target(0) <- r0
    f(central) <- 1 / v
  })
}
