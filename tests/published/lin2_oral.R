lin2_oral <- function() {
  units <- list(time = "h", dosing = "mg", concentration = "mg/L")
  ini({ ka <- 0.7; cl <- 3; v2 <- 20; q <- 5; v3 <- 45; sd1 <- 0.1; sd2 <- 0.2 })
  model({
    linCmt(ka, cl, v2, q, v3) ~ add(sd1) + prop(sd2) + combined1()
  })
}
