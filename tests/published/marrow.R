marrow <- function() {
  units <- list(time = "h", dosing = "mg", concentration = "mg/L")
  ini({ circ0 <- 5; mtt <- 90; gam <- 0.17; slope <- 0.08; ke <- 0.1; v <- 10 })
  model({
    ktr <- 4 / mtt
    d/dt(central) <- -ke * central
    Cc <- central / v
    d/dt(prol) <- ktr * prol * (1 - slope * Cc) * (circ0 / circ)^gam - ktr * prol
    d/dt(tr1) <- ktr * (prol - tr1)
    d/dt(tr2) <- ktr * (tr1 - tr2)
    d/dt(tr3) <- ktr * (tr2 - tr3)
    d/dt(circ) <- ktr * (tr3 - circ)
    prol(0) <- circ0; tr1(0) <- circ0; tr2(0) <- circ0; tr3(0) <- circ0; circ(0) <- circ0
  })
}
