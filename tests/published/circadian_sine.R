circadian_sine <- function() {
  units <- list(time = "h", dosing = "mg", concentration = "mg/L")
  ini({ kin <- 4; kout <- 0.3; amplitude <- 0.6; phase <- 5 })
  model({
    input <- kin * (1 + amplitude * sin(2 * pi * (t - phase) / 24))
    d/dt(hormone) <- input - kout * hormone
    hormone(0) <- kin / kout
  })
}
