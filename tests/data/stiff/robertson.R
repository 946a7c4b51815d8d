# Robertson's autocatalytic reaction: the rates differ by nine orders of magnitude.
#
# Time runs `pace` times faster than in the source: times in cohort files are whole seconds, up to 136 years.

robertson <- function() {
  description <- "Robertson's chemical kinetics, three species"
  reference <- paste(
    "Robertson HH. The solution of a set of reaction rate equations. In: Walsh J (ed.) Numerical Analysis:",
    "An Introduction. Academic Press 1966:178-182;",
    "Mazzia F, Magherini C. Test Set for Initial Value Problem Solvers, release 2.4.",
    "Department of Mathematics, University of Bari, 2008"
  )
  units <- list(time = "day", dosing = "mg")
  compartmentData <- list(
    y1 = list(description = "Species A", units = "1", scale = 1),
    y2 = list(description = "Species B", units = "1", scale = 1e-5),
    y3 = list(description = "Species C", units = "1", scale = 1)
  )
  ini({
    pace <- 1; label("Time of the source in one day (1/day)")
    k1 <- 0.04; label("Rate of A to B")
    k2 <- 3e7; label("Rate of B and B to B and C")
    k3 <- 1e4; label("Rate of B and C to A and C")
  })
  model({
    slow <- k1 * y1
    fast <- k2 * y2^2
    back <- k3 * y2 * y3
    d/dt(y1) <- pace * (back - slow)
    d/dt(y2) <- pace * (slow - back - fast)
    d/dt(y3) <- pace * fast
    y1(0) <- 1
  })
}
