faulty <- function() {
  description <- "A faulty model"
  units <- list(time = "day", dosing = "mg", concentration = "mg/L")
  ini({
    lcl <- c(0, 5, 2); label("Clearance")
    lvc <- c(3, 1)
    lq <- log(-1)
    lvp <- c(1, 2, 3, 4)
    lka <- lcl + 1
    label("A"); label(3)
    lcl <- 2
    time <- 3
    lkm
    lvm <- "text"
    etalcl ~ -0.1
    label("effect")
    etalcl ~ 0.1
    etalvc + 2 ~ 0.1
    etalvc ~ sd(0.3)
    etalq ~ 0.1 | 3
  })
  model({
    cl <- exp(lcl + etalcl)
    vc <- exp(lvc)
    d/dt(central) <- -cl / vc * central
    Cc <- central / vc
  })
}
