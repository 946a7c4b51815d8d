large_variance <- function() {
  units <- list(time = "day", dosing = "mg", concentration = "mg/L")
  ini({
    lcl <- log(0.4)
    lvc <- log(3.6)
    base <- 50
    tmax <- 2
    prop_sd <- 15
    add_sd <- 15
    etalcl ~ 30
    etalvc + etaq ~ c(0.1, 0.01, 25)
    etabase ~ 100     # of a value with a unit: its standard deviation is 10
    etatmax ~ 16
    etameant ~ fix(12)
  })
  model({
    cl <- exp(lcl + etalcl + etameant)
    vc <- exp(lvc + etalvc) * (1 + etaq)
    score <- base + etabase
    fraction <- expit(tmax + etatmax)
    d/dt(central) <- -cl / vc * central * fraction
    Cc <- central / vc
    Cc ~ add(add_sd) + prop(prop_sd)
  })
}
