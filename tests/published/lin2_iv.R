lin2_iv <- function() {
  units <- list(time = "h", dosing = "mg", concentration = "mg/L")
  ini({ lcl <- log(3); lvc <- log(20); lq <- log(5); lvp <- log(45) })
  model({
    cl <- exp(lcl); vc <- exp(lvc); q <- exp(lq); vp <- exp(lvp)
    Cc <- linCmt()
    peripheral <- peripheral1 / vp
  })
}
