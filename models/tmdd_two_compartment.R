# Where each value comes from:
#   [V] verified in the published source that is named    [R] well-known literature value, not read again
#   [D] derived from other values                         [A] assumed
#   [T] assumed and tuned to the qualitative clinical findings
# Two tags, as in [A/T]: partly the one, partly the other.

tmdd_two_compartment <- function() {
  description <- paste(
    "An antibody in two compartments with full target-mediated disposition: binding to a target, which is made, lost",
    "and internalised with the antibody, is written out in the central compartment; the dose goes into `central`"
  )
  reference <- paste(
    "Equations: Mager DE, Jusko WJ. General pharmacokinetic model for drugs exhibiting target-mediated drug",
    "disposition. J Pharmacokinet Pharmacodyn 2001;28:507-532. doi:10.1023/A:1014414520282.",
    "Typical values: quasi-steady-state fit to mavrilimumab (antibody against the GM-CSF receptor), table 1 of Stein",
    "AM, Peletier LA. Predicting the onset of nonlinear pharmacokinetics. CPT Pharmacometrics Syst Pharmacol",
    "2018;7:670-677. doi:10.1002/psp4.12316, as transcribed in the open model library nlmixr2lib; binding rates and",
    "variability assumed"
  )
  units <- list(time = "day", dosing = "mg", concentration = "nM")

  # scale: the typical size of a state, which its absolute tolerance is a multiple of.
  compartmentData <- list(
    central = list(description = "Free antibody in the central compartment", units = "nmol", scale = 100),
    peripheral1 = list(description = "Free antibody in the peripheral compartment", units = "nmol", scale = 100),
    target = list(description = "Free target in the central compartment", units = "nM", scale = 1),
    complex = list(description = "Antibody bound to its target in the central compartment", units = "nM", scale = 1)
  )

  outputData <- list(
    Cc = list(description = "Free antibody in plasma", units = "nM"),
    total = list(description = "Free and bound antibody in plasma", units = "nM"),
    target_pct = list(description = "Free target, of that before treatment", units = "%"),
    occupancy_pct = list(description = "Target that is bound", units = "%"),
    r0 = list(description = "Target before treatment", units = "nM")
  )

  ini({
    mw <- 150; label("Molecular weight of the antibody (kDa)")  # [R] size of an IgG; nmol = 1000 mg / MW
    lcl <- log(0.3); label("Linear clearance (L/day)")  # [V] Stein 2018 by nlmixr2lib
    lvc <- log(2.8); label("Central volume (L)")  # [V] Stein 2018 by nlmixr2lib
    lq <- log(1.7); label("Intercompartmental clearance (L/day)")  # [V] Stein 2018 by nlmixr2lib
    lvp <- log(5.6); label("Peripheral volume (L)")  # [V] Stein 2018 by nlmixr2lib
    lksyn <- log(2.4); label("Synthesis of target (nM/day)")  # [V] Stein 2018 by nlmixr2lib
    lkdeg <- log(2.2); label("Loss of free target (1/day)")  # [V] Stein 2018 by nlmixr2lib
    # [V] Stein 2018 by nlmixr2lib: taken there to be that of free target
    lkint <- log(2.2); label("Internalisation of bound target (1/day)")
    kon <- 43.2; label("Association with the target (1/(nM day))")  # [A] 5e5 1/(M s); antibodies 1e5 to 1e6 [R]
    # [D] so that (koff + kint) / kon is the published quasi-steady-state constant, 1.1 nM [V]
    koff <- 45.32; label("Dissociation from the target (1/day)")
    etalcl ~ log(1 + 0.30^2)  # [A] CV 30 %
    etalvc ~ log(1 + 0.20^2)  # [A] CV 20 %
    etalvp ~ log(1 + 0.30^2)  # [A] CV 30 %
    etalksyn ~ log(1 + 0.50^2)  # [A] CV 50 %
    etalkint ~ log(1 + 0.30^2)  # [A] CV 30 %
    prop_sd <- c(0, 0.15); label("Proportional error (fraction)")  # [A]
  })

  model({
    cl <- exp(lcl + etalcl)
    vc <- exp(lvc + etalvc)
    q <- exp(lq)
    vp <- exp(lvp + etalvp)
    ksyn <- exp(lksyn + etalksyn)
    kdeg <- exp(lkdeg)
    kint <- exp(lkint + etalkint)
    k21 <- q / vp
    r0 <- ksyn / kdeg

    Cc <- central / vc
    exchange <- q * Cc - k21 * peripheral1
    bound <- kon * Cc * target - koff * complex
    d/dt(central) <- -cl * Cc - exchange - bound * vc
    d/dt(peripheral1) <- exchange
    d/dt(target) <- ksyn - kdeg * target - bound
    d/dt(complex) <- bound - kint * complex
    target(0) <- r0
    f(central) <- 1000 / mw  # nmol of antibody per mg

    total <- Cc + complex
    target_pct <- 100 * target / r0
    occupancy_pct <- 100 * complex / (target + complex)
    total ~ prop(prop_sd)
  })
}
