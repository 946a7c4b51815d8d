# Van der Pol's oscillator in relaxation: slow branches, and jumps that last about 1 / mu.

van_der_pol <- function() {
  description <- "Van der Pol's equation, unscaled"
  reference <- paste(
    "Mazzia F, Magherini C. Test Set for Initial Value Problem Solvers, release 2.4.",
    "Department of Mathematics, University of Bari, 2008;",
    "Hairer E, Wanner G. Solving Ordinary Differential Equations II, 2nd ed. Springer 1996, IV.10"
  )
  units <- list(time = "day", dosing = "mg")
  compartmentData <- list(
    y1 = list(description = "Position", units = "1", scale = 1),
    y2 = list(description = "Velocity", units = "1", scale = 0.001)
  )
  ini({
    mu <- 1000; label("Damping")
  })
  model({
    d/dt(y1) <- y2
    d/dt(y2) <- mu * (1 - y1^2) * y2 - y1
    y1(0) <- 2
  })
}
