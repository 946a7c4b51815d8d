tumour_growth <- function() {
  units <- list(time = "h", dosing = "mg", concentration = "mg/L")
  ini({ l0 <- 0.03; l1 <- 0.3; psi <- 20; k1 <- 0.05; k2 <- 0.004; w0 <- 0.05; ke <- 0.1; v <- 10 })
  model({
    d/dt(central) <- -ke * central
    Cc <- central / v
    w <- cycling + dam1 + dam2 + dam3
    growth <- l0 * cycling / (1 + (l0 / l1 * w)^psi)^(1 / psi)
    d/dt(cycling) <- growth - k2 * Cc * cycling
    d/dt(dam1) <- k2 * Cc * cycling - k1 * dam1
    d/dt(dam2) <- k1 * (dam1 - dam2)
    d/dt(dam3) <- k1 * (dam2 - dam3)
    cycling(0) <- w0
  })
}
