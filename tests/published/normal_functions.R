normal_functions <- function() {
  units <- list(time = "h", dosing = "mg", concentration = "mg/L")
  ini({ k <- 0.3; mu <- 6; sigma <- 2 })
  model({
    d/dt(a) <- erf(t / 5) + erfc(t / 3) - k * a
    d/dt(b) <- phi((t - mu) / sigma) + pnorm(t, mu, 2 * sigma) + pnorm(t - 8) - k * b
  })
}
