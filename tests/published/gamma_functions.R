gamma_functions <- function() {
  units <- list(time = "h", dosing = "mg", concentration = "mg/L")
  ini({ shape <- 2.6; scale <- 3; k <- 0.15 })
  model({
    density <- exp((shape - 1) * log(max(t, 1e-9) / scale) - t / scale - lgamma(shape)) / scale
    d/dt(absorbed) <- density
    d/dt(pool) <- 100 * density - k * pool
    constants <- gamma(shape) + beta(2, shape) + lbeta(2, 3) + choose(7, 2) + lchoose(5, 2) + factorial(4) + lfactorial(3)
  })
}
