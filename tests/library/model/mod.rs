//! Models: their language, their files, their units, and what is said of faulty ones.

mod draft;
mod faults;
mod files;
mod language;
mod letters;
mod over_time;
mod properties;
mod units;
mod words;
