conditions <- function() {
  units <- list(time = "h", dosing = "mg", concentration = "mg/L")
  covariateData <- list(SEXF = list(description = "Female", units = "(binary)"), AGE = list(units = "years"))
  ini({ lcl <- log(2); v <- 10; female <- -0.3; old <- 0.5 })
  model({
    if (SEXF == 1) {
      sex <- 1 + female
    } else {
      sex <- 1
    }
    if (AGE > 65 && SEXF == 1) age <- old
    if (AGE <= 65 | SEXF != 1) age <- 1
    cl <- exp(lcl) * sex * age
    d/dt(central) <- -cl / v * central
    Cc <- central / v
    over <- ifelse(Cc > 1, Cc - 1, 0)
  })
}
