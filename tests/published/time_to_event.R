time_to_event <- function() {
  units <- list(time = "day", dosing = "n/a (no drug)", concentration = "probability")
  ini({ llam <- log(2.8); e_age <- 3.2 })
  model({
    hazard <- exp(llam) / 1000 * exp((e_age / 100) * (AGE - 55)) * (1 + t / 100)
    d/dt(cumhaz) <- hazard
    cumhaz(0) <- 0
    sur <- exp(-cumhaz)
  })
}
