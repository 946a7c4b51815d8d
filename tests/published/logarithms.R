logarithms <- function() {
  units <- list(time = "h", dosing = "mg", concentration = "mg/L")
  ini({ k <- 0.3 })
  model({
    d/dt(a) <- log1p(t) + expm1(-t / 10) + log10(1 + t) + log2(2 + t) - k * a
    d/dt(b) <- expit(t - 5) + expit(t - 8, 1, 3) + logit(0.1 + t / 80) + logit(2 + t / 20, 1, 5) - k * b
    d/dt(c) <- sqrt(1 + t) + abs(t - 6) + fabs(2 - t) + pow(1 + t, 0.3) + R_pow(1 + t, -0.7) + (1 + t)**0.2 - k * c
  })
}
