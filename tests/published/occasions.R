occasions <- function() {
  units <- list(time = "h", dosing = "mg", concentration = "mg/L")
  covariateData <- list(OCC = list(description = "Occasion", units = "(count)"))
  ini({
    lcl <- log(2)
    v <- 10
    etalcl ~ 0.04
    label("Clearance")
    iov1 ~ fixed(0.01)
    iov2 ~ fix(0.01)
  })
  model({
    oc1 <- (OCC == 1)
    oc2 <- (OCC == 2)
    cl <- exp(lcl + etalcl + oc1 * iov1 + oc2 * iov2) * (1 + 0.5 * oc2)
    d/dt(central) <- -cl / v * central
    Cc <- central / v
  })
}
