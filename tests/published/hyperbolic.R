hyperbolic <- function() {
  units <- list(time = "h", dosing = "mg", concentration = "mg/L")
  ini({ k <- 0.4 })
  model({
    d/dt(a) <- sinh(0.3 * t) / cosh(0.3 * t) - k * a
    d/dt(b) <- asinh(t) + acosh(1 + t * t) - k * b
    d/dt(c) <- atanh(0.9 * tanh(t / 4)) - k * c
  })
}
