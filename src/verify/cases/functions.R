# The functions and operators of the language, of a state that runs from -3.9 to 4.1.

functions <- function() {
  description <- "The functions of the model language, for x from -3.9 to 4.1"
  units <- list(time = "day", dosing = "mg")
  compartmentData <- list(
    x = list(description = "Their argument", units = "1")
  )
  outputData <- list(
    time_value = list(units = "day"),
    exp_value = list(units = "1"),
    exp_large = list(units = "1"),
    expm1_value = list(units = "1"),
    expm1_small = list(units = "1"),
    log_value = list(units = "1"),
    log2_value = list(units = "1"),
    log10_value = list(units = "1"),
    log1p_value = list(units = "1"),
    log1p_small = list(units = "1"),
    sqrt_value = list(units = "1"),
    pow_value = list(units = "1"),
    pow_negative = list(units = "1"),
    pow_of_exponent = list(units = "1"),
    pow_of_both = list(units = "1"),
    square = list(units = "1"),
    cube = list(units = "1"),
    tanh_value = list(units = "1"),
    tanh_large = list(units = "1"),
    tanh_small = list(units = "1"),
    floor_value = list(units = "1"),
    ceiling_value = list(units = "1"),
    abs_value = list(units = "1"),
    min_value = list(units = "1"),
    max_value = list(units = "1"),
    expit_value = list(units = "1"),
    logit_value = list(units = "1"),
    quotient = list(units = "1"),
    either = list(units = "1"),
    both = list(units = "1"),
    ifelse_value = list(units = "1"),
    branch = list(units = "1")
  )
  ini({
    start <- -3.9; label("x at time 0 (unitless)")
  })
  model({
    d/dt(x) <- 1
    x(0) <- start
    positive <- x + 4
    small <- x * 1e-4

    time_value <- time
    exp_value <- exp(x)
    exp_large <- exp(10 * x)
    expm1_value <- expm1(x)
    expm1_small <- expm1(small)
    log_value <- log(positive)
    log2_value <- log2(positive)
    log10_value <- log10(positive)
    log1p_value <- log1p(positive)
    log1p_small <- log1p(small)
    sqrt_value <- sqrt(positive)
    pow_value <- pow(positive, 1.7)
    pow_negative <- positive^(-0.6)
    pow_of_exponent <- 2^x
    pow_of_both <- positive^x
    square <- x^2
    cube <- x^3
    tanh_value <- tanh(x)
    tanh_large <- tanh(20 * x)
    tanh_small <- tanh(small)
    floor_value <- floor(x)
    ceiling_value <- ceiling(x)
    abs_value <- abs(x)
    min_value <- min(x, 0.5, 2 - x)
    max_value <- max(x, 0.5, 2 - x)
    expit_value <- expit(x)
    logit_value <- logit(positive / 10)
    quotient <- 1 / positive
    either <- x < -2 || x >= 3
    both <- x > -1 && !(x > 2)
    ifelse_value <- ifelse(x < 0, x - 1, sqrt(positive))
    if (x < -1) {
      branch <- -x
    } else if (x < 2) {
      branch <- 10
    } else {
      branch <- x * x
    }
  })
}
