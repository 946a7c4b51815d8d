metabolite_and_urine <- function() {
  units <- list(time = "h", dosing = "mg", concentration = "mg/L")
  ini({ clr <- 1; clm <- 2; clo <- 3; v <- 10; vm <- 20 })
  model({
    d/dt(central) <- -(clr + clm) * central / v
    d/dt(metabolite) <- clm * central / v - clo * metabolite / vm
    d/dt(urine) <- clr * central / v
    Cc <- central / v
    Cm <- metabolite / vm
    Cc ~ prop(0.1)
    Cm ~ prop(0.2) + add(0.01)
    urine ~ add(1)
  })
}
