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
    vc <- exp(lvc)
    d/dt(central) <- -cl / vc * central
    Cc <- central / vc
    for (i in 1:3) {
      x <- i
    }
    x[1] <- 2
    central -> y
    z <- if (WT > 70) 1 else 2
    Cc2 <- linCmt()
    w <- round(WT) + sin(time) + tad()
    v <- function(a) a
    "text"
    u <- "text"
    exp(cl)
    k <- NA
    `a b` <- 1
    € <- 1
    0 < cl < 1
  })
}
