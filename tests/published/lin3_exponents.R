lin3_exponents <- function() {
  units <- list(time = "h", dosing = "mg", concentration = "mg/L")
  ini({ alpha <- 0.5; beta <- 0.06; gamma <- 0.005; A <- 0.04; B <- 0.008; C <- 0.002 })
  model({
    Cc <- linCmt()
  })
}
