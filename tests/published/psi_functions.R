psi_functions <- function() {
  units <- list(time = "h", dosing = "mg", concentration = "mg/L")
  ini({ k <- 0.5 })
  model({
    d/dt(a) <- digamma(1 + t) - k * a
    d/dt(b) <- trigamma(0.5 + t / 4) + lgamma(1 + t) / 10 - k * b
  })
}
