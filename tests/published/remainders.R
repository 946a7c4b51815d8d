remainders <- function() {
  units <- list(time = "h", dosing = "mg", concentration = "mg/L")
  ini({ k <- 0.25 })
  model({
    hour <- t %% 6
    lit <- hour < 2
    d/dt(a) <- 3 * lit + (t %/% 6) - k * a
  })
}
