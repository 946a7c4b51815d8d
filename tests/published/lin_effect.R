lin_effect <- function() {
  units <- list(time = "h", dosing = "mg", concentration = "mg/L")
  ini({ cl <- 4; v <- 50; ke0 <- 0.3; emax <- 80; ec50 <- 0.4 })
  model({
    Cc <- linCmt()
    d/dt(ce) <- ke0 * (Cc - ce)
    effect <- emax * ce / (ec50 + ce)
  })
}
