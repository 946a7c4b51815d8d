trigonometry <- function() {
  units <- list(time = "h", dosing = "mg", concentration = "mg/L")
  ini({ k <- 0.3 })
  model({
    d/dt(a) <- tan(0.5 * sin(t)) - k * a
    d/dt(b) <- asin(0.9 * sin(t)) + acos(0.9 * cos(t)) - k * b
    d/dt(c) <- atan(t - 3) + atan2(sin(t), cos(t) + 1.5) - k * c
  })
}
