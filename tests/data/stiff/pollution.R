# The chemical part of an air pollution model: 20 species, 25 reactions; time in minutes, amounts in ppm.

pollution <- function() {
  description <- "Pollution, 20 species"
  reference <- paste(
    "Verwer JG. Gauss-Seidel iteration for stiff ODEs from chemical kinetics. SIAM J Sci Comput 1994;15:1243-1259;",
    "Mazzia F, Magherini C. Test Set for Initial Value Problem Solvers, release 2.4.",
    "Department of Mathematics, University of Bari, 2008"
  )
  units <- list(time = "min", dosing = "mg")
  compartmentData <- list(
    y1 = list(description = "NO2", units = "1", scale = 0.1),
    y2 = list(description = "NO", units = "1", scale = 0.1),
    y3 = list(description = "O3P", units = "1", scale = 1e-8),
    y4 = list(description = "O3", units = "1", scale = 0.01),
    y5 = list(description = "HO2", units = "1", scale = 1e-7),
    y6 = list(description = "OH", units = "1", scale = 1e-7),
    y7 = list(description = "HCHO", units = "1", scale = 0.1),
    y8 = list(description = "CO", units = "1", scale = 0.1),
    y9 = list(description = "ALD", units = "1", scale = 0.01),
    y10 = list(description = "MEO2", units = "1", scale = 1e-8),
    y11 = list(description = "C2O3", units = "1", scale = 1e-8),
    y12 = list(description = "CO2", units = "1", scale = 0.001),
    y13 = list(description = "PAN", units = "1", scale = 1e-4),
    y14 = list(description = "CH3O", units = "1", scale = 1e-5),
    y15 = list(description = "HNO3", units = "1", scale = 0.01),
    y16 = list(description = "O1D", units = "1", scale = 1e-17),
    y17 = list(description = "SO2", units = "1", scale = 0.01),
    y18 = list(description = "SO4", units = "1", scale = 1e-4),
    y19 = list(description = "NO3", units = "1", scale = 1e-6),
    y20 = list(description = "N2O5", units = "1", scale = 1e-4)
  )
  ini({
    k1 <- 0.35; label("Rate of photolysis of NO2 (1/min)")
  })
  model({
    r1 <- k1 * y1
    r2 <- 26.6 * y2 * y4
    r3 <- 1.23e4 * y5 * y2
    r4 <- 8.6e-4 * y7
    r5 <- 8.2e-4 * y7
    r6 <- 1.5e4 * y7 * y6
    r7 <- 1.3e-4 * y9
    r8 <- 2.4e4 * y9 * y6
    r9 <- 1.65e4 * y11 * y2
    r10 <- 9e3 * y11 * y1
    r11 <- 0.022 * y13
    r12 <- 1.2e4 * y10 * y2
    r13 <- 1.88 * y14
    r14 <- 1.63e4 * y1 * y6
    r15 <- 4.8e6 * y3
    r16 <- 3.5e-4 * y4
    r17 <- 0.0175 * y4
    r18 <- 1e8 * y16
    r19 <- 4.44e11 * y16
    r20 <- 1240 * y17 * y6
    r21 <- 2.1 * y19
    r22 <- 5.78 * y19
    r23 <- 0.0474 * y1 * y4
    r24 <- 1780 * y19 * y1
    r25 <- 3.12 * y20
    d/dt(y1) <- -r1 - r10 - r14 - r23 - r24 + r2 + r3 + r9 + r11 + r12 + r22 + r25
    d/dt(y2) <- -r2 - r3 - r9 - r12 + r1 + r21
    d/dt(y3) <- -r15 + r1 + r17 + r19 + r22
    d/dt(y4) <- -r2 - r16 - r17 - r23 + r15
    d/dt(y5) <- -r3 + 2 * r4 + r6 + r7 + r13 + r20
    d/dt(y6) <- -r6 - r8 - r14 - r20 + r3 + 2 * r18
    d/dt(y7) <- -r4 - r5 - r6 + r13
    d/dt(y8) <- r4 + r5 + r6 + r7
    d/dt(y9) <- -r7 - r8
    d/dt(y10) <- -r12 + r7 + r9
    d/dt(y11) <- -r9 - r10 + r8 + r11
    d/dt(y12) <- r9
    d/dt(y13) <- -r11 + r10
    d/dt(y14) <- -r13 + r12
    d/dt(y15) <- r14
    d/dt(y16) <- -r18 - r19 + r16
    d/dt(y17) <- -r20
    d/dt(y18) <- r20
    d/dt(y19) <- -r21 - r22 - r24 + r23 + r25
    d/dt(y20) <- -r25 + r24
    y2(0) <- 0.2
    y4(0) <- 0.04
    y7(0) <- 0.1
    y8(0) <- 0.3
    y9(0) <- 0.01
    y17(0) <- 0.007
  })
}
