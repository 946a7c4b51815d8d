errors_on_scales <- function() {
  units <- list(time = "h", dosing = "mg", concentration = "mg/L")
  ini({ ke <- 0.2; v <- 10; a <- 0.1; b <- 0.2; lambda <- 0.4; c <- 0.7 })
  model({
    d/dt(central) <- -ke * central
    Cc <- central / v
    share <- Cc / (1 + Cc)
    other <- 2 * Cc
    third <- 3 * Cc
    fourth <- 4 * Cc
    fifth <- 5 * Cc
    Cc ~ add(a) + pow(b, c) + combined2() | central
    share ~ logitNorm(a, 0, 1)
    other ~ add(a) + prop(b) + boxCox(lambda)
    third ~ add(a) + yeoJohnson(lambda)
    fourth ~ lnorm(a)
    fifth ~ add(a) + prop(b) + var() + combined1()
  })
}
