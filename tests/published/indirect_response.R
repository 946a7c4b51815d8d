indirect_response <- function() {
  units <- list(time = "h", dosing = "mg", concentration = "mg/L")
  ini({ ke <- 0.2; v <- 10; kin <- 6; kout <- 0.3; imax <- 0.9; ic50 <- 1.5; hill <- 1.7 })
  model({
    d/dt(central) <- -ke * central
    Cc <- central / v
    inhibition <- imax * Cc^hill / (ic50^hill + Cc^hill)
    d/dt(response) <- kin * (1 - inhibition) - kout * response
    response(0) <- kin / kout
  })
}
