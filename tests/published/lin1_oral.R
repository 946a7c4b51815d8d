lin1_oral <- function() {
  units <- list(time = "h", dosing = "mg", concentration = "mg/L")
  ini({ lka <- log(1.1); label("Absorption (1/h)"); lcl <- log(4); lv <- log(50); addSd <- 0.2 })
  model({
    KA <- exp(lka)
    CL <- exp(lcl) * (WT / 70)^0.75
    V <- exp(lv) * WT / 70
    f(depot) <- 0.8
    alag(depot) <- 0.25
    Cc <- linCmt()
    Cc ~ add(addSd)
  })
}
