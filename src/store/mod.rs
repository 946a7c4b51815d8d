//! Parquet sets, the run folder and its manifest. Arrow types stay in here.
