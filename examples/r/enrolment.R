# Which patients should be enrolled? Dose-limiting toxicity of an antibody-drug conjugate against FGFR2 at 0.4 mg/kg,
# by renal function and number of prior lines, and what stricter eligibility would bring and cost.
#
#   Rscript examples/r/enrolment.R [PATIENTS]
#
# From the repository's folder. Virtual patients; for research only, not for decisions about patients.

source("examples/r/vpop.R")

patients <- as.numeric(c(commandArgs(trailingOnly = TRUE), 2000)[1])
dose <- list(regimen = list(arms = list("0.4 mg/kg")), patients = patients)

percent <- function(x) sprintf("%.1f", 100 * x)

# Proportions of a run with their 95 % Wilson intervals, as the program counts them.
proportion <- function(distributions, endpoint) {
  of <- distributions[distributions$endpoint == endpoint, ]
  at <- function(statistic) of$value[of$statistic == statistic]
  first <- of[of$statistic == "proportion", ]
  data.frame(
    subgroup = first$subgroup, level = first$level, n = first$n, outcome = endpoint,
    percent = percent(at("proportion")), low = percent(at("wilson_low")), high = percent(at("wilson_high"))
  )
}

cat("Who has dose-limiting toxicity at 0.4 mg/kg? % of", patients, "patients, and 95 % interval\n")
all_comers <- vp_run("cohorts/phase1.toml", changes = dose)
print(proportion(vp_distributions(all_comers), "dlt"), row.names = FALSE)

# Stricter criteria, each over the same draws: what they bring, and how many candidates they turn away.
base <- c("ALT0 <= 100", "AST0 <= 100", "UPCR0 < 1.0")
criteria <- list(
  "as in the trial" = character(), "EGFR >= 60" = "EGFR >= 60", "EGFR >= 90" = "EGFR >= 90",
  "at most 3 lines" = "LINES <= 3", "FGFR2 high" = 'FGFR2 == "high"'
)
rows <- lapply(names(criteria), function(name) {
  changes <- modifyList(dose, list(eligibility = list(require = as.list(c(base, criteria[[name]])))))
  run <- vp_run("cohorts/phase1.toml", changes = changes)
  everyone <- vp_distributions(run)
  everyone <- everyone[everyone$subgroup == "all", ]
  dlt <- proportion(everyone, "dlt")
  data.frame(
    criteria = name, screened_out = percent(run$manifest$screening$screened_out),
    dlt = dlt$percent, dlt_low = dlt$low, dlt_high = dlt$high,
    disease_control = proportion(everyone, "disease_control")$percent
  )
})
cat("\nWhat criteria bring, % of patients, and cost, % of candidates screened out\n")
print(do.call(rbind, rows), row.names = FALSE)
