lin1_rate <- function() {
  units <- list(time = "h", dosing = "mg", concentration = "mg/L")
  ini({ lke <- log(0.08); lvc <- log(50) })
  model({
    kel <- exp(lke)
    vc <- exp(lvc)
    cp <- linCmt()
  })
}
