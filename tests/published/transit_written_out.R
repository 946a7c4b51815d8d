transit_written_out <- function() {
  units <- list(time = "h", dosing = "mg", concentration = "mg/L")
  ini({ n <- 3; lmtt <- log(2); ka <- 0.8; ke <- 0.2; v <- 10 })
  model({
    mtt <- exp(lmtt)
    ktr <- (n + 1) / mtt
    input <- exp(log(podo(depot)) + log(ktr) + n * log(ktr * tad(depot)) - ktr * tad(depot) - lgamma1p(n))
    d/dt(depot) <- input - ka * depot
    d/dt(central) <- ka * depot - ke * central
    f(depot) <- 0
    Cc <- central / v
  })
}
