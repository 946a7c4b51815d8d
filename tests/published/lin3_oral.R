lin3_oral <- function() {
  units <- list(time = "h", dosing = "mg", concentration = "mg/L")
  ini({ ka <- 0.7; cl <- 3; v2 <- 20; q3 <- 5; v3 <- 45; q4 <- 0.6; v4 <- 90 })
  model({
    Cc <- linCmt()
  })
}
