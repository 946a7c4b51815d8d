forms_of_ini <- function() {
  units <- list(time = "h", dosing = "mg", concentration = "mg/L")
  ini({
    lcl <- c(-5, log(2), 5); label("Clearance (CL, L/h)")
    v <- fix(10)
    ke <- c(0, 0.1, fix)
    backTransform("exp")
    e1 ~ sd(0.3)
    e2 + e3 ~ sd(cor(0.3, 0.5, 0.2))
    e4 + e5 ~ chol(0.3, 0.1, 0.2)
    e6 ~ 0.1 | id
    e7 + e8 ~ fix(0.1, 0.01, 0.2)
  })
  model({
    cl <- exp(lcl + e1 + e2 + e3 + e4 + e5 + e6 + e7 + e8)
    d/dt(central) <- -cl / v * central - ke * central
    cmt(central)
    Cc <- central / v
  })
}
