lin3_rates <- function() {
  units <- list(time = "h", dosing = "mg", concentration = "mg/L")
  ini({ kel <- 0.15; k12 <- 0.25; k21 <- 0.111; k13 <- 0.03; k31 <- 0.00667; vc <- 20 })
  model({
    Cc <- linCmt()
  })
}
