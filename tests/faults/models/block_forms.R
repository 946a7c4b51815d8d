faulty <- function() {
  description <- "A faulty model"
  units <- list(time = "day", dosing = "mg", concentration = "mg/L")
  library(nlmixr2)
  ini(lcl <- log(0.4))
  model({
    d/dt(central) <- -central
  })
  model({
    d/dt(other) <- -other
  })
}
