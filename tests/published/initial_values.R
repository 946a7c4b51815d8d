initial_values <- function() {
  units <- list(time = "h", dosing = "mg", concentration = "mg/L")
  ini({ lbase <- log(8); kout <- 0.2; growth <- 0.3 })
  model({
    base <- exp(lbase) * WT / 70
    kin <- base * kout
    d/dt(response) <- kin * (1 + exp(-t)) - kout * response
    response(0) <- base
    d/dt(tumour) <- growth * tumour * (1 - tumour / 100)
    tumour(0) = 5 + t
  })
}
