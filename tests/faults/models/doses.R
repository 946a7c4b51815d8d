faulty <- function() {
  units <- list(time = "day", dosing = "mg", concentration = "mg/L")
  ini({
    lcl <- log(0.4); label("Clearance (L/day)")
    unused <- 1
    inlag <- 2
  })
  model({
    cl <- exp(lcl)
    d/dt(central) <- -cl * central * tad(periphery) + lag(inlag)
    out <- transit(3, 2)
    d/dt(depot) <- transit(3) + podo(1)
    x <- CMT + newind
    f(central) <- podo(central)
  })
}
