# Aprutumab ixadotin: disposition, tumour and toxicity.
#
# Where each value comes from:
#   [V] verified in the published source that is named    [R] well-known literature value, not read again
#   [D] derived from other values                         [A] assumed
#   [T] assumed and tuned to the qualitative clinical findings
# Two tags, as in [A/T]: partly the one, partly the other.
#
# Binding to FGFR2 in the tumour is written out. Its fastest mode is kon R / eps, thousands per day: use
# aprutumab_ixadotin.R, where binding is at quasi-steady state, unless binding itself is the question.

aprutumab_ixadotin_binding <- function() {
  description <- paste(
    "Aprutumab ixadotin (antibody-drug conjugate against FGFR2, auristatin W payload, non-cleavable linker) in advanced",
    "solid tumours: total antibody and conjugated payload, plasma metabolite, tumour delivery with",
    "full receptor binding,",
    "tumour killing, and toxicity to marrow, kidney, cornea and liver"
  )
  reference <- paste(
    "Assembled for this project; no fit to patient data.",
    "Clinical findings: Kim SB et al. Target Oncol 2019;14:591-601, doi:10.1007/s11523-019-00670-4.",
    "Two-analyte disposition after Lu 2016; antibody kinetics after Xiang 2021 (bemarituzumab);",
    "tumour delivery after Scheuher 2023; platelets after Friberg 2002, Bender 2012 and Perez-Ruixo 2016."
  )
  units <- list(time = "day", dosing = "mg", concentration = "mg/L")

  covariateData <- list(
    WT = list(description = "Body weight", units = "kg"),
    ALB = list(description = "Serum albumin", units = "g/L"),
    SEXF = list(description = "Female", units = "1"),
    EGFR = list(description = "Estimated glomerular filtration rate at baseline", units = "mL/min/1.73 m2"),
    LINES = list(description = "Prior lines of therapy", units = "1"),
    LIVMET = list(description = "Liver metastases", units = "1"),
    PLT0 = list(description = "Platelets at baseline", units = "1e9/L"),
    ALT0 = list(description = "Alanine aminotransferase at baseline", units = "U/L"),
    AST0 = list(description = "Aspartate aminotransferase at baseline", units = "U/L"),
    HB0 = list(description = "Haemoglobin at baseline", units = "g/dL"),
    UPCR0 = list(description = "Urine protein to creatinine ratio at baseline", units = "g/g"),
    NREC = list(description = "FGFR2 receptors per positive tumour cell", units = "1"),
    FPOS = list(description = "Fraction of tumour cells that are FGFR2-positive, above 0", units = "1"),
    TUMSZ = list(description = "Sum of longest diameters of target lesions at baseline", units = "mm")
  )

  # scale: the typical size of a state, which its absolute tolerance is a multiple of.
  compartmentData <- list(
    Tc = list(description = "Total antibody, central", units = "nmol", scale = 100),
    Tp = list(description = "Total antibody, peripheral", units = "nmol", scale = 100),
    Pc = list(description = "Conjugated payload, central", units = "nmol", scale = 100),
    Pp = list(description = "Conjugated payload, peripheral", units = "nmol", scale = 100),
    L = list(description = "Payload in lysosomes of clearing cells", units = "nmol", scale = 100),
    M = list(description = "Metabolite, plasma and what it exchanges with", units = "nmol", scale = 10),
    Ct = list(description = "Free antibody in tumour interstitium", units = "nM", scale = 1),
    R = list(description = "Free FGFR2 in tumour", units = "nM", scale = 10),
    AR = list(description = "Antibody bound to FGFR2 in tumour", units = "nM", scale = 1),
    Al = list(description = "Internalised antibody", units = "nM", scale = 1),
    Pt = list(description = "Payload in tumour", units = "nM", scale = 10),
    X0 = list(description = "FGFR2-negative tumour cells", units = "1", scale = 1),
    X1 = list(description = "FGFR2-positive tumour cells, growing", units = "1", scale = 1),
    X2 = list(description = "Tumour cells dying, first stage", units = "1", scale = 1),
    X3 = list(description = "Tumour cells dying, second stage", units = "1", scale = 1),
    X4 = list(description = "Tumour cells dying, third stage", units = "1", scale = 1),
    Em = list(description = "Conjugated payload that acts on marrow", units = "nM", scale = 100),
    S = list(description = "Platelet set point, fraction of baseline", units = "1", scale = 1),
    Pr = list(description = "Proliferating platelet precursors", units = "1e9/L", scale = 100),
    T1 = list(description = "Maturing platelet precursors, first stage", units = "1e9/L", scale = 100),
    T2 = list(description = "Maturing platelet precursors, second stage", units = "1e9/L", scale = 100),
    T3 = list(description = "Maturing platelet precursors, third stage", units = "1e9/L", scale = 100),
    Plt = list(description = "Platelets", units = "1e9/L", scale = 100),
    Hb = list(description = "Haemoglobin", units = "g/dL", scale = 10),
    Ep = list(description = "Conjugated payload that acts on podocytes", units = "nM", scale = 100),
    Inj = list(description = "Podocyte injury, fraction", units = "1", scale = 0.1),
    U = list(description = "Urine protein to creatinine ratio", units = "g/g", scale = 0.1),
    G = list(description = "Filtration, fraction of baseline", units = "1", scale = 1),
    Ec = list(description = "Conjugated payload that acts on corneal epithelium", units = "nM", scale = 100),
    C1 = list(description = "Corneal damage, basal", units = "1", scale = 0.1),
    C2 = list(description = "Corneal damage, moving", units = "1", scale = 0.1),
    C3 = list(description = "Corneal damage, visible", units = "1", scale = 0.1),
    El = list(description = "Payload that acts on liver", units = "nM", scale = 100),
    ALT = list(description = "Alanine aminotransferase", units = "U/L", scale = 10),
    AST = list(description = "Aspartate aminotransferase", units = "U/L", scale = 10)
  )

  outputData <- list(
    Cc = list(description = "Antibody-drug conjugate in plasma, as total antibody", units = "mg/L"),
    metabolite = list(description = "Metabolite in plasma", units = "nM"),
    platelets = list(description = "Platelets", units = "1e9/L"),
    haemoglobin = list(description = "Haemoglobin", units = "g/dL"),
    upcr = list(description = "Urine protein to creatinine ratio", units = "g/g"),
    egfr = list(description = "Estimated glomerular filtration rate", units = "mL/min/1.73 m2"),
    cornea = list(description = "Corneal damage score, 4 times the fraction affected", units = "1"),
    alt = list(description = "Alanine aminotransferase", units = "U/L"),
    ast = list(description = "Aspartate aminotransferase", units = "U/L"),
    sld = list(description = "Sum of longest diameters of target lesions", units = "mm"),
    sld_change_pct = list(description = "Change of the sum of longest diameters from baseline", units = "%"),
    payload_tumour = list(description = "Payload per volume of FGFR2-positive tumour", units = "nM"),
    vmax = list(description = "Largest saturable elimination of antibody", units = "nmol/day"),
    km = list(description = "Antibody concentration of half saturation", units = "nM"),
    r0 = list(description = "FGFR2 in tumour before treatment", units = "nM"),
    ktr = list(description = "Rate of passing one stage of platelet maturation", units = "1/day")
  )

  ini({
    # Disposition of antibody and conjugated payload
    mw <- 150; label("Molecular weight of the conjugate (kDa)")  # [R] size of an IgG; nmol = 1000 mg / MW
    dar0 <- 4; label("Payload molecules per antibody as given (unitless)")  # [A]
    lcl <- log(0.40); label("Linear clearance (L/day)")  # [A] between bemarituzumab 0.311 and T-DXd 0.421 [V]
    e_wt_cl <- 0.695; label("Exponent of weight on linear clearance (unitless)")  # [V] Xiang 2021
    e_alb_cl <- -0.657; label("Exponent of albumin on linear clearance (unitless)")  # [V] Xiang 2021
    lvc <- log(3.58); label("Central volume (L)")  # [V] Xiang 2021
    e_wt_vc <- 0.369; label("Exponent of weight on central volume (unitless)")  # [V] Xiang 2021
    e_sexf_vc <- -0.164; label("Log effect of female sex on central volume (unitless)")  # [V] Xiang 2021
    lq <- log(0.952); label("Intercompartmental clearance (L/day)")  # [V] Xiang 2021
    lvp <- log(2.71); label("Peripheral volume (L)")  # [V] Xiang 2021
    e_wt_per <- 0.5; label("Exponent of weight on intercompartmental clearance and peripheral volume (unitless)")  # [A]
    lvmax <- log(2.80); label("Largest saturable elimination of antibody (mg/day)")  # [V] Xiang 2021: 18.67 nmol/day
    e_wt_vmax <- 0.75; label("Exponent of weight on saturable elimination (unitless)")  # [A]
    lkm <- log(4.45); label("Antibody concentration of half saturation (mg/L)")  # [V] Xiang 2021: 29.67 nM
    # [A] non-cleavable linker; T-DM1 0.073, vc-MMAE 0.155 [V]
    lkdec <- log(0.03); label("Loss of payload from the antibody (1/day)")
    lkl <- log(0.7); label("Release of payload from lysosomes to plasma (1/day)")  # [A]
    # Metabolite in plasma
    # [A] total between 56 (MMAE) [V] and 642 (cys-mcMMAF) [R]
    lclh <- log(70); label("Hepatic clearance of metabolite (L/day)")
    lclr <- log(30); label("Renal clearance of metabolite at EGFR 85 (L/day)")  # [A]
    e_wt_clm <- 0.75; label("Exponent of weight on metabolite clearances (unitless)")  # [A]
    e_livmet_clh <- 0.85; label("Factor of liver metastases on hepatic clearance (unitless)")  # [A]
    lvm <- log(15); label("Volume of metabolite (L)")  # [A]
    e_wt_vm <- 1; label("Exponent of weight on volume of metabolite (unitless)")  # [A]
    # Tumour: delivery, binding, internalisation, killing
    # [D] Krogh cylinder, 2 P Rcap / Rkrogh^2: 50.34 um/day, 8 um, 75 um [V Scheuher 2023]
    lkp <- log(0.143); label("Exchange between plasma and tumour (1/day)")
    eps <- 0.24; label("Void fraction of the tumour (unitless)")  # [D] with the exchange
    kon <- 8.64; label("Association with FGFR2 (1/(nM day))")  # [V] Scheuher 2023
    kd <- 1.0; label("Dissociation constant (nM)")  # [A]
    kdegr <- 1; label("Turnover of FGFR2 (1/day)")  # [A]
    kint <- 4; label("Internalisation of bound antibody (1/day)")  # [A] as HER2, 3.7 [V]
    klys <- 1; label("Degradation of internalised antibody (1/day)")  # [A]
    lkout <- log(0.35); label("Loss of payload from tumour cells (1/day)")  # [A]
    cells <- 3e11; label("Tumour cells per volume (1/L)")  # [A]
    lkg <- log(0.0231); label("Tumour growth (1/day)")  # [A] doubling in 30 days; 25 days [V Scheuher 2023]
    kmax <- 0.139; label("Largest killing rate (1/day)")  # [V] Scheuher 2023
    lkc50 <- log(62); label("Payload in positive cells at half the largest killing (nM)")  # [T]
    k1 <- 0.5; label("Passage of dying cells (1/day)")  # [A]
    # Marrow, platelets, red cells
    ke_mk <- 1.0; label("Equilibration of marrow with plasma (1/day)")  # [T]
    lec50_mk <- log(75); label("Conjugated payload of half effect on megakaryocytes (nM)")  # [T]
    e_lines_mk <- -0.07; label("Log effect of a prior line on that potency, from 4 lines (unitless)")  # [T/A]
    emax_mk <- 0.30; label("Largest inhibition of precursor proliferation (unitless)")  # [T]
    h_mk <- 1.5; label("Steepness of the effect on megakaryocytes (unitless)")  # [T]
    th <- 0.95; label("Largest inhibition of platelet shedding (unitless)")  # [T]
    lmtt <- log(3.5); label("Mean transit time of platelet precursors (day)")  # [T]
    lkcirc <- log(0.213); label("Loss of circulating platelets (1/day)")  # [V] Perez-Ruixo 2016
    gam <- 0.20; label("Feedback exponent (unitless)")  # [A] 0.24 [V Friberg 2002]
    e_lines_gam <- -0.04; label("Log effect of a prior line on the feedback, from 4 lines (unitless)")  # [T/A]
    ks <- 0.02; label("Recovery of the set point (1/day)")  # [A/T]
    kst <- 3e-4; label("Loss of the set point (1/(nM day))")  # [A/T] slow drift as under T-DM1, Bender 2012
    kmin <- 0.05; label("Return of precursors to baseline (1/day)")  # [A/T]
    khb <- 0.02; label("Turnover of haemoglobin (1/day)")  # [T] faster than red-cell life, about 110 days [R], alone
    # [T] grade 3 anaemia among the most common events
    imax_hb <- 0.8; label("Largest inhibition of haemoglobin (unitless)")
    # Kidney and cornea
    # [A] corneal events under an FGFR2 antibody: 67 against 10 % [V FIGHT]
    fr <- 0.5; label("Fraction of uptake that FGFR2 mediates (unitless)")
    lke_pod <- log(0.25); label("Equilibration of podocytes with plasma (1/day)")  # [T]
    kinj <- 0.20; label("Largest injury rate of podocytes (1/day)")  # [T]
    lec50_pod <- log(110); label("Conjugated payload of half effect on podocytes at EGFR 85 (nM)")  # [T]
    e_egfr_pod <- 0.5; label("Exponent of filtration on that potency (unitless)")  # [T/A]
    h_pod <- 1.5; label("Steepness of the effect on podocytes (unitless)")  # [T]
    lkrep <- log(0.05); label("Repair of podocytes (1/day)")  # [T]
    umax <- 12; label("Proteinuria at full injury (g/g)")  # [A/T]
    ku <- 0.30; label("Turnover of proteinuria (1/day)")  # [A/T]
    kg_egfr <- 0.06; label("Adaptation of filtration (1/day)")  # [A/T]
    fg <- 0.5; label("Loss of filtration at full injury (unitless)")  # [A/T]
    ke_cor <- 0.25; label("Equilibration of corneal epithelium with plasma (1/day)")  # [T]
    lec50_cor <- log(105); label("Conjugated payload of half effect on the cornea (nM)")  # [T]
    # [T] epithelial turnover in 7 days [R], three layers
    lkc <- log(3 / 7); label("Passage of one epithelial layer (1/day)")
    # Liver
    lke_liv <- log(0.5); label("Equilibration of liver with plasma (1/day)")  # [T]
    wm <- 8; label("Potency of metabolite relative to conjugated payload (unitless)")  # [T]
    lec50_liv <- log(330); label("Payload of half effect on the liver (nM)")  # [T]
    e_livmet_liv <- 0.8; label("Factor of liver metastases on that potency (unitless)")  # [T/A]
    h_liv <- 1.5; label("Steepness of the effect on the liver (unitless)")  # [T]
    s_alt <- 12; label("Largest rise of ALT, times baseline (unitless)")  # [T]
    s_ast <- 9; label("Largest rise of AST, times baseline (unitless)")  # [T]
    kalt <- 0.35; label("Turnover of ALT (1/day)")  # [T] half-life 47 h [R]
    kast <- 0.98; label("Turnover of AST (1/day)")  # [T] half-life 17 h [R]
    # Variability between patients: variance of the logarithm, log(1 + CV^2)
    etalcl ~ log(1 + 0.29^2)  # [A] CV 29 %
    etalvc ~ log(1 + 0.15^2)  # [A] CV 15 %
    etalvp ~ log(1 + 0.50^2)  # [A] CV 50 %
    etalvmax ~ log(1 + 0.80^2)  # [A] CV 80 %
    etalkdec ~ log(1 + 0.25^2)  # [A] CV 25 %
    etalkl ~ log(1 + 0.30^2)  # [A] CV 30 %
    etalclh ~ log(1 + 0.45^2)  # [A] CV 45 %
    etalclr ~ log(1 + 0.45^2)  # [A] CV 45 %
    etalkp ~ log(1 + 0.40^2)  # [A] CV 40 %
    etalkout ~ log(1 + 0.30^2)  # [A] CV 30 %
    etalkg ~ log(1 + 0.50^2)  # [A] CV 50 %
    etalkc50 ~ log(1 + 0.60^2)  # [T] CV 60 %
    etalec50_mk ~ log(1 + 0.75^2)  # [T] CV 75 %
    etalmtt ~ log(1 + 0.15^2)  # [A] CV 15 %
    etalkcirc ~ log(1 + 0.25^2)  # [A] CV 25 %
    etalke_pod ~ log(1 + 0.25^2)  # [T] CV 25 %
    etalec50_pod ~ log(1 + 0.70^2)  # [T] CV 70 %
    etalkrep ~ log(1 + 0.30^2)  # [T] CV 30 %
    etalec50_cor ~ log(1 + 0.60^2)  # [T] CV 60 %
    etalkc ~ log(1 + 0.20^2)  # [T] CV 20 %
    etalke_liv ~ log(1 + 0.20^2)  # [T] CV 20 %
    etalec50_liv ~ log(1 + 0.55^2)  # [T] CV 55 %
  })

  model({
    # Individual parameters
    nmol_per_mg <- 1000 / mw
    wt <- WT / 64
    cl <- exp(lcl + etalcl) * wt^e_wt_cl * (ALB / 38)^e_alb_cl
    vc <- exp(lvc + etalvc) * wt^e_wt_vc * exp(e_sexf_vc * SEXF)
    q <- exp(lq) * wt^e_wt_per
    vp <- exp(lvp + etalvp) * wt^e_wt_per
    vmax <- exp(lvmax + etalvmax) * nmol_per_mg * wt^e_wt_vmax
    km <- exp(lkm) * nmol_per_mg
    kdec <- exp(lkdec + etalkdec)
    kl <- exp(lkl + etalkl)
    clh <- exp(lclh + etalclh) * wt^e_wt_clm * e_livmet_clh^LIVMET
    clr <- exp(lclr + etalclr) * wt^e_wt_clm
    vm <- exp(lvm) * wt^e_wt_vm
    kp <- exp(lkp + etalkp)
    kout <- exp(lkout + etalkout)
    kg <- exp(lkg + etalkg)
    kc50 <- exp(lkc50 + etalkc50)
    r0 <- NREC * cells * FPOS / 6.022e14  # receptors per litre as nM: Avogadro's number times 1e-9
    ec50_mk <- exp(lec50_mk + etalec50_mk) * exp(e_lines_mk * (LINES - 4))
    gam_i <- gam * exp(e_lines_gam * (LINES - 4))
    ktr <- 4 / exp(lmtt + etalmtt)
    kcirc <- exp(lkcirc + etalkcirc)
    pr0 <- PLT0 * kcirc / ktr
    ke_pod <- exp(lke_pod + etalke_pod)
    ec50_pod <- exp(lec50_pod + etalec50_pod) * (EGFR / 85)^e_egfr_pod
    krep <- exp(lkrep + etalkrep)
    ec50_cor <- exp(lec50_cor + etalec50_cor)
    kc <- exp(lkc + etalkc)
    ke_liv <- exp(lke_liv + etalke_liv)
    ec50_liv <- exp(lec50_liv + etalec50_liv) * e_livmet_liv^LIVMET

    # Antibody (T) and conjugated payload (P) share their clearances; a dose brings DAR0 payloads per antibody.
    ctab <- Tc / vc
    cac <- Pc / vc
    cm <- M / vm
    unsaturated <- 1 / (km + ctab)
    clt <- cl + vmax * unsaturated
    k21 <- q / vp
    exchange_t <- q * ctab - k21 * Tp
    exchange_p <- q * cac - k21 * Pp
    cleared <- clt * cac
    d/dt(Tc) <- -clt * ctab - exchange_t
    d/dt(Tp) <- exchange_t
    d/dt(Pc) <- -cleared - kdec * Pc - exchange_p
    d/dt(Pp) <- exchange_p - kdec * Pp
    d/dt(L) <- cleared - kl * L
    d/dt(M) <- kl * L + kdec * (Pc + Pp) - (clh + clr * (EGFR / 85) * G) * cm
    f(Tc) <- nmol_per_mg
    f(Pc) <- dar0 * nmol_per_mg

    # Tumour: delivery and binding
    bound <- kon * (Ct * R - kd * AR)
    internalised <- kint * AR
    d/dt(Ct) <- (kp * (ctab - Ct) - bound) / eps
    d/dt(R) <- kdegr * (r0 - R) - bound
    d/dt(AR) <- bound - internalised
    R(0) <- r0

    # Tumour: payload in positive cells, growth and killing
    dar <- min(max(Pc / max(Tc, 1e-9), 0), dar0)
    degraded <- klys * Al
    d/dt(Al) <- internalised - degraded
    d/dt(Pt) <- dar * degraded - kout * Pt
    killed <- kmax * Pt / (kc50 * FPOS + Pt) * X1
    d/dt(X0) <- kg * X0
    d/dt(X1) <- kg * X1 - killed
    d/dt(X2) <- killed - k1 * X2
    d/dt(X3) <- k1 * (X2 - X3)
    d/dt(X4) <- k1 * (X3 - X4)
    X0(0) <- 1 - FPOS
    X1(0) <- FPOS

    # Marrow: platelets with a drifting set point, haemoglobin
    d/dt(Em) <- ke_mk * (cac - Em)
    em_h <- max(Em, 0)^h_mk
    e_mk <- em_h / (ec50_mk^h_mk + em_h)
    d/dt(S) <- ks * (1 - S) - kst * Em * S
    feedback <- max(PLT0 * S / Plt, 0)^gam_i
    d/dt(Pr) <- ktr * Pr * ((1 - emax_mk * e_mk) * feedback - 1) + kmin * (pr0 - Pr)
    d/dt(T1) <- ktr * (Pr - T1)
    d/dt(T2) <- ktr * (T1 - T2)
    d/dt(T3) <- ktr * (T2 - T3)
    d/dt(Plt) <- ktr * T3 * (1 - th * e_mk) - kcirc * Plt
    d/dt(Hb) <- khb * (HB0 * (1 - imax_hb * e_mk) - Hb)
    S(0) <- 1
    Pr(0) <- pr0
    T1(0) <- pr0
    T2(0) <- pr0
    T3(0) <- pr0
    Plt(0) <- PLT0
    Hb(0) <- HB0

    # Kidney and cornea share a driver whose receptor-mediated part saturates.
    driver <- cac * (1 - fr + fr * km * unsaturated)
    d/dt(Ep) <- ke_pod * (driver - Ep)
    ep_h <- max(Ep, 0)^h_pod
    d/dt(Inj) <- kinj * (ep_h / (ec50_pod^h_pod + ep_h)) * (1 - Inj) - krep * Inj
    d/dt(U) <- ku * (UPCR0 + umax * max(Inj, 0)^2 - U)
    d/dt(G) <- kg_egfr * (1 - fg * Inj - G)
    d/dt(Ec) <- ke_cor * (driver - Ec)
    ec_h <- max(Ec, 0)^2
    d/dt(C1) <- kc * (ec_h / (ec50_cor^2 + ec_h) - C1)
    d/dt(C2) <- kc * (C1 - C2)
    d/dt(C3) <- kc * (C2 - C3)
    U(0) <- UPCR0
    G(0) <- 1

    # Liver
    d/dt(El) <- ke_liv * (cac + wm * cm - El)
    el_h <- max(El, 0)^h_liv
    e_liv <- el_h / (ec50_liv^h_liv + el_h)
    d/dt(ALT) <- kalt * (ALT0 * (1 + s_alt * e_liv) - ALT)
    d/dt(AST) <- kast * (AST0 * (1 + s_ast * e_liv) - AST)
    ALT(0) <- ALT0
    AST(0) <- AST0

    # What the clinic sees
    Cc <- ctab / nmol_per_mg
    metabolite <- cm
    platelets <- Plt
    haemoglobin <- Hb
    upcr <- U
    egfr <- EGFR * G
    cornea <- 4 * C3
    alt <- ALT
    ast <- AST
    diameter <- max(X0 + X1 + X2 + X3 + X4, 0)^(1 / 3)
    sld <- TUMSZ * diameter
    sld_change_pct <- 100 * (diameter - 1)
    payload_tumour <- Pt / FPOS
  })
}
