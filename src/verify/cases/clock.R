# A state that is the time, and a compartment for doses: what is read of them is known exactly.

clock <- function() {
  description <- "A state that counts days, and one compartment that loses 0.3 per day"
  units <- list(time = "day", dosing = "mg")
  compartmentData <- list(
    clock = list(description = "Time since the start", units = "day"),
    depot = list(description = "Amount of drug", units = "mg", scale = 10)
  )
  outputData <- list(
    y = list(description = "Squared distance from 3.1 days", units = "day^2"),
    amount = list(description = "Amount of drug", units = "mg")
  )
  ini({
    kel <- 0.3; label("Elimination (1/day)")
  })
  model({
    d/dt(clock) <- 1
    d/dt(depot) <- -kel * depot
    y <- (clock - 3.1)^2
    amount <- depot
  })
}
