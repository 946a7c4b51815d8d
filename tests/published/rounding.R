rounding <- function() {
  units <- list(time = "h", dosing = "mg", concentration = "mg/L")
  ini({ k <- 0.2 })
  model({
    step <- round(t / 3) + trunc(t / 5) - sign(t - 4)
    d/dt(a) <- step - k * a
    d/dt(b) <- floor(t / 4) + ceiling(t / 6) + ceil(t / 7) - k * b
  })
}
