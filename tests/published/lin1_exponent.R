lin1_exponent <- function() {
  units <- list(time = "h", dosing = "mg", concentration = "mg/L")
  ini({ alpha <- 0.09; V <- 40 })
  model({
    twice <- 2 * linCmt()
  })
}
