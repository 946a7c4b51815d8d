lcl <- log(0.4)
