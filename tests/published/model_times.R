model_times <- function() {
  units <- list(time = "h", dosing = "mg", concentration = "mg/L")
  ini({ ke <- 0.1; tmeal <- 6.5; kb <- 0.9; kg <- 0.3; v <- 10 })
  model({
    mtime(meal) <- tmeal
    gate <- (t >= meal) * (t < meal + 2)
    d/dt(central) <- -ke * central - kg * central + gate * kb * bile
    d/dt(bile) <- kg * central - gate * kb * bile
    Cc <- central / v
  })
}
