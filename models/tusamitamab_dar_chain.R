# Where each value comes from:
#   [V] verified in the published source that is named    [R] well-known literature value, not read again
#   [D] derived from other values                         [A] assumed
#   [T] assumed and tuned to the qualitative clinical findings
# Two tags, as in [A/T]: partly the one, partly the other.

tusamitamab_dar_chain <- function() {
  description <- paste(
    "Tusamitamab ravtansine (antibody-drug conjugate against CEACAM5, DM4 payload, cleavable linker): antibody with",
    "8 to 0 payloads, each in two compartments, losing one payload at a time; free DM4 and its metabolite MeDM4;",
    "a dose is shared among A8 to A0, which must all be named in the cohort file's `into`"
  )
  reference <- paste(
    "Pouzin C, Gibiansky L, Fagniez N, et al. Integrated multiple analytes and semi-mechanistic population",
    "pharmacokinetic model of tusamitamab ravtansine, a DM4 anti-CEACAM5 antibody-drug conjugate.",
    "J Pharmacokinet Pharmacodyn 2022;49:381-394. doi:10.1007/s10928-021-09799-0;",
    "table 4 as transcribed in the open model library nlmixr2lib"
  )
  units <- list(time = "day", dosing = "umol", concentration = "umol/L")

  # scale: the typical size of a state, which its absolute tolerance is a multiple of.
  compartmentData <- list(
    A8 = list(description = "Antibody with 8 payloads, central", units = "umol", scale = 0.1),
    P8 = list(description = "Antibody with 8 payloads, peripheral", units = "umol", scale = 0.1),
    A7 = list(description = "Antibody with 7 payloads, central", units = "umol", scale = 0.1),
    P7 = list(description = "Antibody with 7 payloads, peripheral", units = "umol", scale = 0.1),
    A6 = list(description = "Antibody with 6 payloads, central", units = "umol", scale = 0.1),
    P6 = list(description = "Antibody with 6 payloads, peripheral", units = "umol", scale = 0.1),
    A5 = list(description = "Antibody with 5 payloads, central", units = "umol", scale = 0.1),
    P5 = list(description = "Antibody with 5 payloads, peripheral", units = "umol", scale = 0.1),
    A4 = list(description = "Antibody with 4 payloads, central", units = "umol", scale = 0.1),
    P4 = list(description = "Antibody with 4 payloads, peripheral", units = "umol", scale = 0.1),
    A3 = list(description = "Antibody with 3 payloads, central", units = "umol", scale = 0.1),
    P3 = list(description = "Antibody with 3 payloads, peripheral", units = "umol", scale = 0.1),
    A2 = list(description = "Antibody with 2 payloads, central", units = "umol", scale = 0.1),
    P2 = list(description = "Antibody with 2 payloads, peripheral", units = "umol", scale = 0.1),
    A1 = list(description = "Antibody with 1 payload, central", units = "umol", scale = 0.1),
    P1 = list(description = "Antibody with 1 payload, peripheral", units = "umol", scale = 0.1),
    A0 = list(description = "Naked antibody, central", units = "umol", scale = 0.1),
    P0 = list(description = "Naked antibody, peripheral", units = "umol", scale = 0.1),
    DM4 = list(description = "Free DM4", units = "umol", scale = 0.001),
    MeDM4 = list(description = "Free MeDM4", units = "umol", scale = 0.001)
  )

  outputData <- list(
    Cc = list(description = "Conjugate in plasma, as antibody with at least one payload", units = "umol/L"),
    naked = list(description = "Naked antibody in plasma", units = "umol/L"),
    dm4 = list(description = "DM4 in plasma", units = "umol/L"),
    medm4 = list(description = "MeDM4 in plasma", units = "umol/L"),
    dar = list(description = "Payloads per antibody in plasma, naked antibody included", units = "1"),
    released = list(description = "Release of DM4 from antibody", units = "umol/day")
  )

  ini({
    # Antibody: all species share their volumes and their exchange.
    lvc <- log(3.37); label("Central volume (L)")  # [V] Pouzin 2022 by nlmixr2lib
    lvp <- log(2.54); label("Peripheral volume (L)")  # [V] Pouzin 2022 by nlmixr2lib
    lq <- log(0.543); label("Intercompartmental clearance (L/day)")  # [V] Pouzin 2022 by nlmixr2lib
    lcladc <- log(0.392); label("Clearance of antibody with payload (L/day)")  # [V] Pouzin 2022 by nlmixr2lib
    lclnab <- log(0.408); label("Clearance of naked antibody (L/day)")  # [V] Pouzin 2022 by nlmixr2lib
    lkdec1 <- log(0.0565); label("Loss of a payload from 1 (1/day)")  # [V] Pouzin 2022 by nlmixr2lib
    lkdec2 <- log(0.181); label("Loss of a payload from 2 (1/day)")  # [V] Pouzin 2022 by nlmixr2lib
    lkdec3 <- log(0.340); label("Loss of a payload from 3 (1/day)")  # [V] Pouzin 2022 by nlmixr2lib
    lkdec4 <- log(0.525); label("Loss of a payload from 4 (1/day)")  # [V] Pouzin 2022 by nlmixr2lib
    lkdec5 <- log(0.751); label("Loss of a payload from 5 (1/day)")  # [V] Pouzin 2022 by nlmixr2lib
    lkdec6 <- log(0.938); label("Loss of a payload from 6, 7 and 8 (1/day)")  # [V] Pouzin 2022 by nlmixr2lib
    # DM4 and MeDM4: their volume cannot be told from their amounts.
    v_dm4 <- 1; label("Volume of DM4 and of MeDM4 (L)")  # [A] fixed in Pouzin 2022
    lcldm4 <- log(240); label("Apparent clearance of DM4 (L/day)")  # [V] Pouzin 2022 by nlmixr2lib
    lclmedm4 <- log(0.256); label("Apparent clearance of MeDM4 (L/day)")  # [V] Pouzin 2022 by nlmixr2lib
    lfrmedm4 <- log(0.0107); label("DM4 that becomes MeDM4 (fraction)")  # [V] Pouzin 2022 by nlmixr2lib
    # The dose: parts that are divided by their sum, which is 0.998 as published.
    part8 <- 0.009; label("Part of the dose with 8 payloads (unitless)")  # [V] Pouzin 2022 by nlmixr2lib
    part7 <- 0.028; label("Part of the dose with 7 payloads (unitless)")  # [V] Pouzin 2022 by nlmixr2lib
    part6 <- 0.071; label("Part of the dose with 6 payloads (unitless)")  # [V] Pouzin 2022 by nlmixr2lib
    part5 <- 0.142; label("Part of the dose with 5 payloads (unitless)")  # [V] Pouzin 2022 by nlmixr2lib
    part4 <- 0.199; label("Part of the dose with 4 payloads (unitless)")  # [V] Pouzin 2022 by nlmixr2lib
    part3 <- 0.218; label("Part of the dose with 3 payloads (unitless)")  # [V] Pouzin 2022 by nlmixr2lib
    part2 <- 0.175; label("Part of the dose with 2 payloads (unitless)")  # [V] Pouzin 2022 by nlmixr2lib
    part1 <- 0.085; label("Part of the dose with 1 payload (unitless)")  # [V] Pouzin 2022 by nlmixr2lib
    lpart0 <- log(0.071); label("Part of the dose that is naked (unitless)")  # [V] Pouzin 2022 by nlmixr2lib
    # Variability between patients: squares of the published standard deviations. That of the other parts of the dose,
    # which is between batches (CV 6 to 27 %), is left out.
    etalvc ~ 0.245^2  # [V] Pouzin 2022 by nlmixr2lib
    etalvp ~ 0.605^2  # [V] Pouzin 2022 by nlmixr2lib
    etalq ~ 0.529^2  # [V] Pouzin 2022 by nlmixr2lib
    etalcladc ~ 0.469^2  # [V] Pouzin 2022 by nlmixr2lib
    etalclnab ~ 0.345^2  # [V] Pouzin 2022 by nlmixr2lib
    etalkdec ~ 0.202^2  # [V] Pouzin 2022 by nlmixr2lib: the same for every loss
    etalcldm4 ~ 0.365^2  # [V] Pouzin 2022 by nlmixr2lib
    etalclmedm4 ~ 0.654^2  # [V] Pouzin 2022 by nlmixr2lib
    etalfrmedm4 ~ 0.723^2  # [V] Pouzin 2022 by nlmixr2lib
    etalpart0 ~ 0.418^2  # [V] Pouzin 2022 by nlmixr2lib
    # Residual error; the additive one is 1.03 mg/L of 150 kDa.
    add_adc <- c(0, 0.006867); label("Additive error of the conjugate (umol/L)")  # [V] Pouzin 2022 by nlmixr2lib
    prop_adc <- c(0, 0.089); label("Proportional error of the conjugate (fraction)")  # [V] Pouzin 2022 by nlmixr2lib
    prop_naked <- c(0, 0.26); label("Proportional error of naked antibody (fraction)")  # [V] Pouzin 2022 by nlmixr2lib
    prop_dm4 <- c(0, 0.335); label("Proportional error of DM4 (fraction)")  # [V] Pouzin 2022 by nlmixr2lib
    prop_medm4 <- c(0, 0.5); label("Proportional error of MeDM4 (fraction)")  # [V] Pouzin 2022 by nlmixr2lib
  })

  model({
    # Individual parameters
    vc <- exp(lvc + etalvc)
    vp <- exp(lvp + etalvp)
    q <- exp(lq + etalq)
    kadc <- exp(lcladc + etalcladc) / vc
    knab <- exp(lclnab + etalclnab) / vc
    k12 <- q / vc
    k21 <- q / vp
    kdec1 <- exp(lkdec1 + etalkdec)
    kdec2 <- exp(lkdec2 + etalkdec)
    kdec3 <- exp(lkdec3 + etalkdec)
    kdec4 <- exp(lkdec4 + etalkdec)
    kdec5 <- exp(lkdec5 + etalkdec)
    kdec6 <- exp(lkdec6 + etalkdec)
    kdm4 <- exp(lcldm4 + etalcldm4) / v_dm4
    kmedm4 <- exp(lclmedm4 + etalclmedm4) / v_dm4
    frmedm4 <- exp(lfrmedm4 + etalfrmedm4)

    # A dose in umol of antibody, shared among the species
    part0 <- exp(lpart0 + etalpart0)
    parts <- part8 + part7 + part6 + part5 + part4 + part3 + part2 + part1 + part0
    f(A8) <- part8 / parts
    f(A7) <- part7 / parts
    f(A6) <- part6 / parts
    f(A5) <- part5 / parts
    f(A4) <- part4 / parts
    f(A3) <- part3 / parts
    f(A2) <- part2 / parts
    f(A1) <- part1 / parts
    f(A0) <- part0 / parts

    # Payloads are lost in the central compartment, one at a time.
    lost8 <- kdec6 * A8
    lost7 <- kdec6 * A7
    lost6 <- kdec6 * A6
    lost5 <- kdec5 * A5
    lost4 <- kdec4 * A4
    lost3 <- kdec3 * A3
    lost2 <- kdec2 * A2
    lost1 <- kdec1 * A1
    exchange8 <- k12 * A8 - k21 * P8
    exchange7 <- k12 * A7 - k21 * P7
    exchange6 <- k12 * A6 - k21 * P6
    exchange5 <- k12 * A5 - k21 * P5
    exchange4 <- k12 * A4 - k21 * P4
    exchange3 <- k12 * A3 - k21 * P3
    exchange2 <- k12 * A2 - k21 * P2
    exchange1 <- k12 * A1 - k21 * P1
    exchange0 <- k12 * A0 - k21 * P0
    d/dt(A8) <- -lost8 - kadc * A8 - exchange8
    d/dt(P8) <- exchange8
    d/dt(A7) <- lost8 - lost7 - kadc * A7 - exchange7
    d/dt(P7) <- exchange7
    d/dt(A6) <- lost7 - lost6 - kadc * A6 - exchange6
    d/dt(P6) <- exchange6
    d/dt(A5) <- lost6 - lost5 - kadc * A5 - exchange5
    d/dt(P5) <- exchange5
    d/dt(A4) <- lost5 - lost4 - kadc * A4 - exchange4
    d/dt(P4) <- exchange4
    d/dt(A3) <- lost4 - lost3 - kadc * A3 - exchange3
    d/dt(P3) <- exchange3
    d/dt(A2) <- lost3 - lost2 - kadc * A2 - exchange2
    d/dt(P2) <- exchange2
    d/dt(A1) <- lost2 - lost1 - kadc * A1 - exchange1
    d/dt(P1) <- exchange1
    d/dt(A0) <- lost1 - knab * A0 - exchange0
    d/dt(P0) <- exchange0

    # Each loss releases one DM4; elimination of antibody releases none.
    released <- lost8 + lost7 + lost6 + lost5 + lost4 + lost3 + lost2 + lost1
    gone <- kdm4 * DM4
    d/dt(DM4) <- released - gone
    d/dt(MeDM4) <- frmedm4 * gone - kmedm4 * MeDM4

    # What is measured
    conjugate <- A8 + A7 + A6 + A5 + A4 + A3 + A2 + A1
    payloads <- 8 * A8 + 7 * A7 + 6 * A6 + 5 * A5 + 4 * A4 + 3 * A3 + 2 * A2 + A1
    Cc <- conjugate / vc
    naked <- A0 / vc
    dm4 <- DM4 / v_dm4
    medm4 <- MeDM4 / v_dm4
    dar <- payloads / max(conjugate + A0, 1e-12)
    Cc ~ add(add_adc) + prop(prop_adc)
    naked ~ prop(prop_naked)
    dm4 ~ prop(prop_dm4)
    medm4 ~ prop(prop_medm4)
  })
}
