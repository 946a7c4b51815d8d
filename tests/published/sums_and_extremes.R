sums_and_extremes <- function() {
  units <- list(time = "h", dosing = "mg", concentration = "mg/L")
  ini({ k <- 0.3 })
  model({
    d/dt(a) <- sum(1, t / 10, 0.5) * prod(0.5, 2, 0.7) - k * a
    d/dt(b) <- min(t, 5, 8) + max(2, t - 4) - k * b
  })
}
