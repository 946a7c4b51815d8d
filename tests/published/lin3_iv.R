lin3_iv <- function() {
  units <- list(time = "h", dosing = "mg", concentration = "mg/L")
  ini({ cl <- 3; v <- 20; q <- 5; vp <- 45; q2 <- 0.6; vp2 <- 90 })
  model({
    Cc <- linCmt()
  })
}
