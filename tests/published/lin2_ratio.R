lin2_ratio <- function() {
  units <- list(time = "h", dosing = "mg", concentration = "mg/L")
  ini({ alpha <- 0.48; beta <- 0.035; aob <- 4; v <- 20 })
  model({
    Cc <- linCmt()
  })
}
