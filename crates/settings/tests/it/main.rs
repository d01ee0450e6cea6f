//! The settings, seen from outside.

mod common;
mod documents;
mod layers;
mod problems;
mod secrets;
