lin2_exponents <- function() {
  units <- list(time = "h", dosing = "mg", concentration = "mg/L")
  ini({ alpha <- 0.48; beta <- 0.035; A <- 0.04; B <- 0.01 })
  model({
    Cc <- linCmt()
  })
}
