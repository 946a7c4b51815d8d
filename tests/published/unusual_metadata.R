unusual_metadata <- function() {
  description <- c("One text")
  reference <- paste0("A", "B")
  vignette <- NULL
  units <- list(time = "hour (after admission)", dosing = "IU", concentration = "IU/L")
  ddModel <- TRUE
  dosing <- c("central")
  covariateData <- list(
    `n/a` = NULL,
    WT = list(description = "Weight", units = NA_character_, type = "continuous", reference_category = NULL)
  )
  compartmentData <- list(central = list(analyte = "factor", units = NA, specimen = "plasma", verified = FALSE), gone = list(units = "kg"))
  population <- list(n = 12L, ages = 18:65, race = c(White = 0.5, `Not White` = 0.5), when = NA_real_)
  depends <- list("a", "b")[[1]]
  meta$note <- "x"
  ini({ cl <- 0.2; v <- 3 })
  model({
    d/dt(central) <- -cl * (WT / 70) / v * central
    Cc <- central / v
  })
}
