names_in_backquotes <- function() {
  units <- list(time = "h", dosing = "mg", concentration = "mg/L")
  ini({ `l cl` <- log(2); v <- 10 })
  model({
    `cl/F` <- exp(`l cl`)
    d/dt(central) <- -`cl/F` / v * central
    Cc <- central / v
  })
}
