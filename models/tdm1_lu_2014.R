# Where each value comes from:
#   [V] verified in the published source that is named    [R] well-known literature value, not read again
#   [D] derived from other values                         [A] assumed
#   [T] assumed and tuned to the qualitative clinical findings
# Two tags, as in [A/T]: partly the one, partly the other.

tdm1_lu_2014 <- function() {
  description <- paste(
    "Trastuzumab emtansine (T-DM1) in HER2-positive metastatic breast cancer: two compartments with linear",
    "elimination, for the reference patient; the published covariate effects are left out"
  )
  reference <- paste(
    "Lu D, Girish S, Gao Y, et al. Population pharmacokinetics of trastuzumab emtansine (T-DM1), a HER2-targeted",
    "antibody-drug conjugate, in patients with HER2-positive metastatic breast cancer: clinical implications of the",
    "effect of covariates. Cancer Chemother Pharmacol 2014;74:399-410. doi:10.1007/s00280-014-2500-2;",
    "table 1 as transcribed in the open model library nlmixr2lib"
  )
  units <- list(time = "day", dosing = "mg", concentration = "mg/L")
  compartmentData <- list(
    central = list(description = "T-DM1 in the central compartment", units = "mg", scale = 10),
    peripheral1 = list(description = "T-DM1 in the peripheral compartment", units = "mg", scale = 10)
  )
  outputData <- list(
    Cc = list(description = "T-DM1 concentration in serum", units = "mg/L")
  )
  ini({
    lcl <- log(0.676); label("Clearance (L/day)")                      # [V] Lu 2014 by nlmixr2lib
    lvc <- log(3.127); label("Central volume (L)")                     # [V] Lu 2014 by nlmixr2lib
    lq <- log(1.534); label("Intercompartmental clearance (L/day)")    # [V] Lu 2014 by nlmixr2lib
    lvp <- log(0.66); label("Peripheral volume (L)")                   # [V] Lu 2014 by nlmixr2lib
    etalcl + etalvc ~ c(0.03585,                                       # [V] Lu 2014 by nlmixr2lib: CV 19.11 %
                        0.011, 0.01351)                                # [V] Lu 2014 by nlmixr2lib: CV 11.66 %
    etalq ~ 1.4513                                                     # [V] Lu 2014 by nlmixr2lib: CV 180.8 %
    etalvp ~ 0.4415                                                    # [V] Lu 2014 by nlmixr2lib: CV 74.5 %
    prop_sd <- c(0, 0.3156); label("Proportional error (fraction)")    # [V] Lu 2014 by nlmixr2lib
  })
  model({
    cl <- exp(lcl + etalcl)
    vc <- exp(lvc + etalvc)
    q <- exp(lq + etalq)
    vp <- exp(lvp + etalvp)
    kel <- cl / vc
    k12 <- q / vc
    k21 <- q / vp
    exchange <- k12 * central - k21 * peripheral1
    d/dt(central) <- -kel * central - exchange
    d/dt(peripheral1) <- exchange
    Cc <- central / vc
    Cc ~ prop(prop_sd)
  })
}
