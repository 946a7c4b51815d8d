no_equations <- function() {
  units <- list(time = "h", dosing = "mg", concentration = "mg/L")
  ini({ llambda <- log(0.06); shape <- 1.4; base <- 5; slope <- -0.2 })
  model({
    lambda <- exp(llambda)
    survival <- exp(-(lambda * t)^shape)
    score <- base + slope * t
    chance <- expit(score)
  })
}
