faulty <- function() {
  description <- "A faulty model"
  units <- list(time = "day", dosing = "mg", concentration = "mg/L")
  ini({
    lcl <- log(0.4); label("Clearance (L/day)")
    lvc <- log(3.6); label("Central volume (L)")
    etalcl ~ 0.08
  })
  model({
    cl <- exp(lcl + etalcl)
    volume <- exp(lvc)
    Cc <- linCmt()
  })
}
