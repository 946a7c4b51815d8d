# Where each value comes from:
#   [V] verified in the published source that is named    [R] well-known literature value, not read again
#   [D] derived from other values                         [A] assumed
#   [T] assumed and tuned to the qualitative clinical findings
# Two tags, as in [A/T]: partly the one, partly the other.

friberg_2002_paclitaxel <- function() {
  description <- paste(
    "Leukopenia after paclitaxel: a proliferating pool, three transit compartments and circulating leukocytes",
    "with feedback, driven by two-compartment kinetics; the dose goes into `central` over 3 hours"
  )
  reference <- paste(
    "Friberg LE, Henningsson A, Maas H, Nguyen L, Karlsson MO. Model of chemotherapy-induced myelosuppression",
    "with parameter consistency across drugs. J Clin Oncol 2002;20:4713-4721. doi:10.1200/JCO.2002.02.140;",
    "values of DDMODEL00000186 (paclitaxel, leukocytes) as transcribed in the open model library nlmixr2lib"
  )
  units <- list(time = "h", dosing = "umol", concentration = "umol/L")
  compartmentData <- list(
    central = list(description = "Paclitaxel in the central compartment", units = "umol", scale = 10),
    peripheral1 = list(description = "Paclitaxel in the peripheral compartment", units = "umol", scale = 10),
    prol = list(description = "Proliferating cells", units = "1e9/L", scale = 1),
    transit1 = list(description = "Maturing cells, first stage", units = "1e9/L", scale = 1),
    transit2 = list(description = "Maturing cells, second stage", units = "1e9/L", scale = 1),
    transit3 = list(description = "Maturing cells, third stage", units = "1e9/L", scale = 1),
    circ = list(description = "Circulating leukocytes", units = "1e9/L", scale = 1)
  )
  outputData <- list(
    Cc = list(description = "Paclitaxel concentration in plasma", units = "umol/L"),
    leukocytes = list(description = "Circulating leukocytes", units = "1e9/L"),
    ktr = list(description = "Rate of passing one stage", units = "1/h")
  )
  ini({
    # Kinetics: typical individual estimates of that data set, linear; it has no variability of its own here.
    cl <- 285; label("Clearance (L/h)")                                   # [A]
    v1 <- 290; label("Central volume (L)")                                # [A]
    q <- 204; label("Intercompartmental clearance (L/h)")                 # [V] DDMODEL00000186 by nlmixr2lib
    v2 <- 995; label("Peripheral volume (L)")                             # [A]
    lcirc0 <- log(7.21); label("Leukocytes at baseline (1e9/L)")          # [V] DDMODEL00000186 by nlmixr2lib
    lmtt <- log(124); label("Mean transit time (h)")                      # [V] DDMODEL00000186 by nlmixr2lib
    lslope <- log(28.9); label("Linear drug effect (L/umol)")             # [V] DDMODEL00000186 by nlmixr2lib
    gamma <- 0.239; label("Feedback exponent (unitless)")                 # [V] DDMODEL00000186 by nlmixr2lib
    etalcirc0 ~ 0.107                                                     # [V] DDMODEL00000186 by nlmixr2lib
    etalmtt ~ 0.0296                                                      # [V] DDMODEL00000186 by nlmixr2lib
    etalslope ~ 0.176                                                     # [V] DDMODEL00000186 by nlmixr2lib
    prop_sd <- c(0, 0.286); label("Proportional error (fraction)")        # [V] DDMODEL00000186 by nlmixr2lib
  })
  model({
    circ0 <- exp(lcirc0 + etalcirc0)
    mtt <- exp(lmtt + etalmtt)
    slope <- exp(lslope + etalslope)
    ktr <- 4 / mtt
    k21 <- q / v2

    Cc <- central / v1
    exchange <- q * Cc - k21 * peripheral1
    d/dt(central) <- -cl * Cc - exchange
    d/dt(peripheral1) <- exchange

    feedback <- max(circ0 / circ, 0)^gamma
    d/dt(prol) <- ktr * prol * ((1 - slope * Cc) * feedback - 1)
    d/dt(transit1) <- ktr * (prol - transit1)
    d/dt(transit2) <- ktr * (transit1 - transit2)
    d/dt(transit3) <- ktr * (transit2 - transit3)
    d/dt(circ) <- ktr * (transit3 - circ)
    prol(0) <- circ0
    transit1(0) <- circ0
    transit2(0) <- circ0
    transit3(0) <- circ0
    circ(0) <- circ0

    leukocytes <- circ
    leukocytes ~ prop(prop_sd)
  })
}
