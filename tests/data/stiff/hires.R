# High irradiance responses of photomorphogenesis, eight reactants.
#
# Time runs `pace` times faster than in the source: times in cohort files are whole seconds, up to 136 years.

hires <- function() {
  description <- "HIRES, eight species"
  reference <- paste(
    "Schaefer E. A new approach to explain the high irradiance responses of photomorphogenesis on the basis of",
    "phytochrome. J Math Biol 1975;2:41-56;",
    "Mazzia F, Magherini C. Test Set for Initial Value Problem Solvers, release 2.4.",
    "Department of Mathematics, University of Bari, 2008"
  )
  units <- list(time = "day", dosing = "mg")
  compartmentData <- list(
    y1 = list(description = "Reactant 1", units = "1", scale = 0.01),
    y2 = list(description = "Reactant 2", units = "1", scale = 0.01),
    y3 = list(description = "Reactant 3", units = "1", scale = 0.01),
    y4 = list(description = "Reactant 4", units = "1", scale = 0.01),
    y5 = list(description = "Reactant 5", units = "1", scale = 0.01),
    y6 = list(description = "Reactant 6", units = "1", scale = 0.01),
    y7 = list(description = "Reactant 7", units = "1", scale = 0.001),
    y8 = list(description = "Reactant 8", units = "1", scale = 0.001)
  )
  ini({
    pace <- 1; label("Time of the source in one day (1/day)")
  })
  model({
    flux <- 280 * y6 * y8
    d/dt(y1) <- pace * (-1.71 * y1 + 0.43 * y2 + 8.32 * y3 + 0.0007)
    d/dt(y2) <- pace * (1.71 * y1 - 8.75 * y2)
    d/dt(y3) <- pace * (-10.03 * y3 + 0.43 * y4 + 0.035 * y5)
    d/dt(y4) <- pace * (8.32 * y2 + 1.71 * y3 - 1.12 * y4)
    d/dt(y5) <- pace * (-1.745 * y5 + 0.43 * y6 + 0.43 * y7)
    d/dt(y6) <- pace * (-flux + 0.69 * y4 + 1.71 * y5 - 0.43 * y6 + 0.69 * y7)
    d/dt(y7) <- pace * (flux - 1.81 * y7)
    d/dt(y8) <- pace * (1.81 * y7 - flux)
    y1(0) <- 1
    y8(0) <- 0.0057
  })
}
