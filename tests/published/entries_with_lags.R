entries_with_lags <- function() {
  units <- list(time = "h", dosing = "mg", concentration = "mg/L")
  ini({ ka1 <- 0.9; ka2 <- 0.4; ke <- 0.2; v <- 10 })
  model({
    d/dt(first) <- -ka1 * first
    d/dt(second) <- -ka2 * second
    d/dt(central) <- ka1 * first + ka2 * second - ke * central
    f(first) <- 0.6
    f(second) <- 0.4
    alag(first) <- 0.5
    alag(second) <- 2.25
    d/dt(since) <- tad()
    d/dt(since_first) <- tad(first)
    d/dt(since_second) <- tad(second)
    d/dt(entries) <- dosenum()
    d/dt(of_second) <- dosenum(second)
    d/dt(from_first) <- tafd()
    Cc <- central / v
  })
}
