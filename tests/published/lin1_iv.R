lin1_iv <- function() {
  units <- list(time = "h", dosing = "mg", concentration = "mg/L")
  ini({ lcl <- log(4); lv <- log(50); etalcl ~ 0.09; propSd <- 0.1 })
  model({
    cl <- exp(lcl + etalcl)
    v <- exp(lv)
    Cc <- linCmt()
    Cc ~ prop(propSd)
  })
}
