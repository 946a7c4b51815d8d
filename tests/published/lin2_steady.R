lin2_steady <- function() {
  units <- list(time = "h", dosing = "mg", concentration = "mg/L")
  ini({ cl <- 3; v <- 20; q <- 5; vss <- 65 })
  model({
    Cc <- linCmt()
  })
}
