lin2_rates <- function() {
  units <- list(time = "h", dosing = "mg", concentration = "mg/L")
  ini({ k <- 0.15; k12 <- 0.25; k21 <- 0.111; v <- 20 })
  model({
    Cc <- linCmt()
  })
}
