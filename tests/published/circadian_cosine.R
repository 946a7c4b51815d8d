circadian_cosine <- function() {
  units <- list(time = "h", dosing = "mg", concentration = "mg/L")
  ini({ mesor <- 10; a1 <- 3; a2 <- 1.5; kout <- 0.5 })
  model({
    rhythm <- mesor + a1 * cos(2 * pi * (time - 8) / 24) + a2 * cos(4 * pi * (time - 3) / 24)
    d/dt(pool) <- rhythm - kout * pool
  })
}
