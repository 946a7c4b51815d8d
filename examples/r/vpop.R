# vpop from R: the commands of the program as functions, and its results as data frames.
#
#   source("examples/r/vpop.R")
#   run <- vp_run("cohorts/quickstart.toml", changes = list(patients = 500))
#   aggregate(cmax ~ arm, vp_outcomes(run), median)
#
# Everything is computed by the program: that of the environment variable VPOP, else the one on the PATH. Needs jsonlite,
# and one of nanoparquet, arrow, duckdb (R packages), the DuckDB command line, or Python with duckdb, to read Parquet.

# Commands -----------------------------------------------------------------------------------------------------------

# Runs a cohort and returns the run: a list with its `path` and `manifest`.
#
# cohort    The path of a cohort file, its text, or a list of the same keys.
# changes   A list that is laid over the cohort as its [scenarios] are: tables are merged, all else is replaced. What is a
#           list of one in the file is `list("50 mg")`; a single value is `"50 mg"`.
# model     A model in place of the cohort's: a file, or a function in the nlmixr2 / rxode2 language.
# output    The run's folder; by default a temporary one, which ends with R.
# existing  Of a run that is already there: "refuse", "resume", "repair" or "replace".
#
# Stops with an error of class `vp_error` and everything that is wrong (`$problems`). Patients who could not be solved, and
# numbers that do not hold when they are checked, are an error, too, unless `allow_failures`.
vp_run <- function(cohort, changes = list(), model = NULL, scenario = NULL, patients = NULL, seed = NULL, output = NULL,
                   existing = "refuse", shard = NULL, backend = NULL, threads = NULL, allow_failures = FALSE) {
  if (!is.null(model)) changes$model <- vp_model_file(model, deparse1(substitute(model)))
  file <- vp_cohort_file(cohort, changes, scenario)
  on.exit(unlink(file$remove))
  flags <- switch(existing,
    refuse = character(), resume = "--resume", repair = c("--resume", "--repair"), replace = "--force",
    stop("`existing` is one of refuse, resume, repair, replace")
  )
  options <- vp_options(scenario = file$scenario, patients = patients, seed = seed, shard = shard, backend = backend,
                        threads = threads)
  path <- vp_output(output)
  vp_results("vp_run", c("run", file$path, "-o", path, options, flags), path, "manifest", allow_failures)
}

# Runs the scenarios of a cohort over the same patients; its tables are curves, indices, differences, bands and others.
vp_compare <- function(cohort, scenarios = character(), patients = NULL, seed = NULL, output = NULL, force = FALSE,
                       backend = NULL, threads = NULL, allow_failures = FALSE) {
  file <- vp_cohort_file(cohort, list(), NULL)
  on.exit(unlink(file$remove))
  scenarios <- if (length(scenarios)) paste(scenarios, collapse = ",")
  options <- vp_options(scenarios = scenarios, patients = patients, seed = seed, backend = backend, threads = threads)
  path <- vp_output(output)
  arguments <- c("compare", file$path, "-o", path, options, if (force) "--force")
  vp_results("vp_comparison", arguments, path, "summary", allow_failures)
}

# Virtual dose escalations over a run, or from assumed probabilities of toxicity (`true_dlt`), by design files.
vp_trial <- function(run = NULL, designs = character(), replicates = NULL, seed = NULL, true_dlt = NULL, doses = NULL,
                     active_dose = NULL, output = NULL, force = FALSE, threads = NULL) {
  listed <- function(values) if (!is.null(values)) paste(values, collapse = ",")
  options <- vp_options(replicates = replicates, seed = seed, true_dlt = listed(true_dlt), doses = listed(doses),
                        active_dose = active_dose, threads = threads)
  designs <- c(rbind(rep("--design", length(designs)), designs))
  path <- vp_output(output)
  arguments <- c("trial", vp_path(run), "-o", path, options, designs, if (force) "--force")
  vp_results("vp_trials", arguments, path, "summary", FALSE)
}

# Everything that is wrong with a cohort, and what its run would cost; or whether the files of results are as written.
vp_check <- function(cohort, changes = list(), model = NULL, scenario = NULL, patients = NULL) {
  if (inherits(cohort, "vp_results")) return(vp_json(c("check", cohort$path), c(0, 1)))
  if (!is.null(model)) changes$model <- vp_model_file(model, deparse1(substitute(model)))
  file <- vp_cohort_file(cohort, changes, scenario)
  on.exit(unlink(file$remove))
  vp_json(c("check", file$path, vp_options(scenario = file$scenario, patients = patients)), c(0, 2))
}

# Finished results of a folder; each of its files is held against its hash.
vp_load <- function(path) {
  vp_json(c("check", path), 0)
  kinds <- c(manifest.json = "vp_run", comparison.json = "vp_comparison", trial.json = "vp_trials")
  file <- names(kinds)[file.exists(file.path(path, names(kinds)))]
  if (length(file) != 1) stop("`", path, "` holds no finished results")
  vp_object(kinds[[file]], path, jsonlite::fromJSON(file.path(path, file), simplifyVector = FALSE))
}

# One page with all figures of results and the numbers behind them, or one figure of it (SVG); where it was written.
vp_report <- function(results, path = paste0(vp_path(results), "-report.html"), force = FALSE) {
  vp_json(c("report", vp_path(results), "-o", path, if (force) "--force"), 0)$file
}
vp_plot <- function(results, figure, path = paste0(figure, ".svg"), force = FALSE) {
  vp_json(c("plot", vp_path(results), figure, "-o", path, if (force) "--force"), 0)$file
}

# What a model has: states, parameters, covariates, what can be measured, with units.
vp_describe <- function(model) vp_json(c("model", vp_model_file(model, deparse1(substitute(model)))), 0)

# Tables -------------------------------------------------------------------------------------------------------------

# A table of results by its name, as a data frame. Labels are text; units are in `vp_columns`.
vp_table <- function(results, name) {
  files <- Filter(function(file) file$set == name, results$summary$files)
  if (!length(files)) stop("`", results$path, "` holds no `", name, "`")
  vp_read_parquet(file.path(results$path, vapply(files, function(file) file$file, "")))
}

vp_patients <- function(run) vp_table(run, "patients")
vp_outcomes <- function(run) vp_table(run, "outcomes")
vp_doses <- function(run) vp_table(run, "doses")
vp_trajectories <- function(run) vp_table(run, "trajectories")
vp_distributions <- function(run) vp_table(run, "distributions")
vp_exposure_response <- function(run) vp_table(run, "exposure_response")
vp_operating_characteristics <- function(trials) vp_table(trials, "operating_characteristics")
vp_columns <- function(results) vp_table(results, "columns")

print.vp_results <- function(x, ...) {
  sets <- unique(vapply(x$summary$files, function(file) file$set, ""))
  cat(class(x)[1], " ", x$summary$name, " in ", x$path, "\ntables: ", paste(sets, collapse = ", "), "\n", sep = "")
  invisible(x)
}

# Models -------------------------------------------------------------------------------------------------------------

# The file of a model: a path as it is; a function of the nlmixr2 / rxode2 language is written to one, as its source where
# R has kept that (`options(keep.source = TRUE)`), with its comments, else as R writes it.
vp_model_file <- function(model, name = deparse1(substitute(model))) {
  if (is.character(model)) return(model)
  if (!is.function(model)) stop("a model is a file or a function, not an object of class ", class(model)[1])
  source <- attr(model, "srcref")
  lines <- if (is.null(source)) deparse(model, width.cutoff = 110L) else as.character(source, useSource = TRUE)
  name <- if (grepl("^[A-Za-z.][A-Za-z0-9._]*$", name)) name else "model"
  folder <- tempfile("vpop-model-")
  dir.create(folder)
  file <- file.path(folder, paste0(name, ".R"))
  writeLines(enc2utf8(c(paste0(name, " <- ", lines[1]), lines[-1])), file, useBytes = TRUE)
  file
}

# Cohorts ------------------------------------------------------------------------------------------------------------

# The cohort file that the program reads, and the scenario of it: changes are a scenario at the end of a copy, which is
# beside the file while it is read, for the paths in it.
vp_cohort_file <- function(cohort, changes, scenario) {
  is_path <- is.character(cohort) && length(cohort) == 1 && !grepl("\n", cohort)
  if (is_path && !length(changes)) return(list(path = cohort, scenario = scenario))
  if (length(changes) && !is.null(scenario)) stop("give `scenario` or `changes`, not both")
  text <- if (is_path) readLines(cohort, encoding = "UTF-8") else if (is.list(cohort)) vp_toml(cohort) else cohort
  if (length(changes)) {
    if (is.character(changes$model)) changes$model <- normalizePath(changes$model, mustWork = FALSE)
    text <- c(text, vp_toml(changes, c("scenarios", "changed")))
  }
  base <- if (is_path) sub("[.]toml$", "", basename(cohort)) else "cohort"
  file <- tempfile(paste0(".", base, "-"), if (is_path) dirname(cohort) else getwd(), ".toml")
  writeLines(enc2utf8(text), file, useBytes = TRUE)
  list(path = file, scenario = if (length(changes)) "changed" else scenario, remove = file)
}

# A list as lines of TOML: a list with names is a table, one without, and a vector of several, an array. Keys keep their
# order, for it is that of columns: tables become sections, but those before a value, which are written on its line.
vp_toml <- function(table, path = character()) {
  is_value <- !vapply(table, function(value) is.list(value) && !is.null(names(value)), NA)
  is_line <- seq_along(table) <= max(which(is_value), 0)
  lines <- sprintf("%s = %s", vapply(names(table)[is_line], vp_toml_key, ""), vapply(table[is_line], vp_toml_value, ""))
  heading <- if (length(path)) paste0("[", paste(vapply(path, vp_toml_key, ""), collapse = "."), "]")
  sections <- lapply(names(table)[!is_line], function(name) vp_toml(table[[name]], c(path, name)))
  c(heading, lines, unlist(sections))
}

vp_toml_key <- function(key) if (grepl("^[A-Za-z0-9_-]+$", key)) key else vp_toml_value(key)

vp_toml_value <- function(value) {
  if (is.list(value) && !is.null(names(value))) {
    pairs <- sprintf("%s = %s", vapply(names(value), vp_toml_key, ""), vapply(value, vp_toml_value, ""))
    return(paste0("{ ", paste(pairs, collapse = ", "), " }"))
  }
  if (is.list(value) || inherits(value, "AsIs") || length(value) != 1) {
    return(paste0("[", paste(vapply(as.list(unclass(value)), vp_toml_value, ""), collapse = ", "), "]"))
  }
  if (is.na(value)) stop("a cohort holds no missing values")
  if (is.logical(value)) return(if (value) "true" else "false")
  if (is.character(value)) return(as.character(jsonlite::toJSON(value, auto_unbox = TRUE)))
  if (!is.numeric(value)) stop("a cohort holds no ", class(value)[1])
  if (!is.finite(value)) return(if (value > 0) "inf" else "-inf")
  short <- format(value, digits = 15, scientific = if (value == round(value) && abs(value) < 1e15) FALSE else NA)
  if (as.numeric(short) == value) short else sprintf("%.17g", value)
}

# The program --------------------------------------------------------------------------------------------------------

vp_program <- function() {
  program <- Sys.which(Sys.getenv("VPOP", "vpop"))
  if (program == "") stop("the program `vpop` is not on the PATH: `pip install vpop` brings it; or name it in VPOP")
  program[[1]]
}

# What the program answers in JSON, with its exit status; it says its progress and its warnings on the console.
vp_ask <- function(arguments) {
  lines <- suppressWarnings(system2(vp_program(), shQuote(c(path.expand(arguments), "--json")), stdout = TRUE))
  status <- attr(lines, "status")
  answer <- if (length(lines)) jsonlite::fromJSON(lines, simplifyVector = FALSE)
  list(answer = answer, status = if (is.null(status)) 0 else status)
}

# The answer, or an error unless the exit status is one of these.
vp_json <- function(arguments, statuses) {
  asked <- vp_ask(arguments)
  if (!asked$status %in% statuses || is.null(asked$answer)) vp_fail(asked)
  asked$answer
}

vp_results <- function(kind, arguments, path, summary, allow_failures) {
  asked <- vp_ask(arguments)
  if (!asked$status %in% c(0, 1) || length(asked$answer$problems) || is.null(asked$answer)) vp_fail(asked)
  results <- vp_object(kind, path, asked$answer)
  if (asked$status == 1) {
    said <- paste0("some patients could not be solved, or numbers do not hold when they are checked: see `", path, "`")
    if (!allow_failures) stop(vp_condition(said, list(results = results)))
    warning(said, call. = FALSE)
  }
  results
}

vp_object <- function(kind, path, summary) {
  # Shards that do not keep all outcomes have files beside tables, which only the program reads.
  summary$files <- Filter(function(file) endsWith(file$file, ".parquet"), summary$files)
  structure(list(path = path, summary = summary, manifest = if (kind == "vp_run") summary), class = c(kind, "vp_results"))
}

vp_fail <- function(asked) {
  problems <- asked$answer$problems
  faults <- unlist(lapply(asked$answer$folders, function(folder) folder$faults), recursive = FALSE)
  said <- c(vapply(problems, vp_problem, ""), vapply(faults, function(fault) paste0(fault$file, ": ", fault$what), ""))
  if (!length(said)) said <- paste("the program ended with status", asked$status)
  stop(vp_condition(paste(said, collapse = "\n"), list(problems = problems, status = asked$status)))
}

vp_condition <- function(message, fields) {
  structure(class = c("vp_error", "error", "condition"), c(list(message = message, call = NULL), fields))
}

vp_problem <- function(problem) {
  place <- unlist(problem[c("file", "line", "column")])
  paste(c(
    problem$message, if (length(place)) paste0("  at ", paste(place, collapse = ":")),
    if (!is.null(problem$help)) paste0("  help: ", problem$help)
  ), collapse = "\n")
}

vp_options <- function(...) {
  given <- Filter(Negate(is.null), list(...))
  text <- vapply(given, function(value) format(value, scientific = FALSE, trim = TRUE), "")
  c(rbind(sprintf("--%s", gsub("_", "-", names(given))), text))
}

vp_output <- function(output) if (is.null(output)) tempfile("vpop-") else output

vp_path <- function(run) if (is.list(run)) run$path else run

# Parquet ------------------------------------------------------------------------------------------------------------

# Parquet files of one table as a data frame, by whatever is installed that reads them.
vp_read_parquet <- function(files, reader = vp_reader()) {
  text <- function(frame) {
    labels <- vapply(frame, is.factor, NA)
    frame[labels] <- lapply(frame[labels], as.character)
    whole <- vapply(frame, function(column) is.integer(column) || inherits(column, "integer64"), NA)
    frame[whole] <- lapply(frame[whole], as.numeric)
    as.data.frame(frame, stringsAsFactors = FALSE)
  }
  switch(reader,
    nanoparquet = text(do.call(rbind, lapply(files, function(file) as.data.frame(nanoparquet::read_parquet(file))))),
    arrow = text(do.call(rbind, lapply(files, function(file) as.data.frame(arrow::read_parquet(file))))),
    duckdb = text(vp_duckdb_package(files)),
    vp_duckdb_csv(files, reader)
  )
}

# What reads Parquet here: an R package, else the DuckDB command line, else Python (that of VPOP_PYTHON) with duckdb.
vp_reader <- function() {
  for (package in c("nanoparquet", "arrow", "duckdb")) if (requireNamespace(package, quietly = TRUE)) return(package)
  if (Sys.which("duckdb") != "") return("duckdb-command")
  python <- Sys.which(Sys.getenv("VPOP_PYTHON", "python3"))
  if (python != "" && system2(python, c("-c", shQuote("import duckdb")), stderr = FALSE) == 0) return("python")
  stop("nothing that reads Parquet is installed: install the R package nanoparquet, arrow or duckdb, the DuckDB command ",
       "line, or Python's duckdb (`pip install duckdb`)")
}

vp_duckdb_text <- function(files) {
  sprintf("read_parquet([%s])", paste0("'", gsub("'", "''", normalizePath(files)), "'", collapse = ", "))
}

vp_duckdb_package <- function(files) {
  connection <- DBI::dbConnect(duckdb::duckdb())
  on.exit(DBI::dbDisconnect(connection, shutdown = TRUE))
  DBI::dbGetQuery(connection, paste("from", vp_duckdb_text(files)))
}

# DuckDB as a program, or in Python, writes the rows and the types of the columns as CSV, which R reads.
vp_duckdb_csv <- function(files, reader) {
  csv <- c(tempfile(fileext = ".csv"), tempfile(fileext = ".csv"))
  on.exit(unlink(csv))
  table <- vp_duckdb_text(files)
  query <- paste0(
    "copy (from ", table, ") to '", csv[1], "' (format csv, header, nullstr '\\N'); ",
    "copy (select column_type from (describe from ", table, ")) to '", csv[2], "' (format csv, header)"
  )
  failed <- switch(reader,
    "duckdb-command" = system2("duckdb", c("-c", shQuote(query))),
    python = system2(
      Sys.getenv("VPOP_PYTHON", "python3"),
      c("-c", shQuote("import sys, duckdb; duckdb.execute(sys.argv[1])"), shQuote(query))
    )
  )
  if (failed != 0) stop("DuckDB could not read ", paste(files, collapse = ", "))
  types <- utils::read.csv(csv[2])$column_type
  classes <- ifelse(types %in% c("DOUBLE", "BIGINT", "INTEGER"), "numeric", ifelse(types == "BOOLEAN", "logical", "character"))
  utils::read.csv(csv[1], na.strings = "\\N", colClasses = classes, check.names = FALSE, encoding = "UTF-8")
}
