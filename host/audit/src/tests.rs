//! The log in a real folder, with everything that can be done to it from outside.

mod changes;
mod crashes;
mod fixture;
mod forged;
mod keys;
mod noticing;
mod numbers;
mod pruning;
mod reading_on;
mod rotation;
mod steps;
