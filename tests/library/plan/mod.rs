//! From checked cohorts to plans: what expressions mean at a visit, what is kept, what is decided.

mod doses;
mod dosing;
mod events;
mod finite;
mod functions;
mod grades;
mod helper;
mod response;
mod rules;
mod solved;
mod units;
