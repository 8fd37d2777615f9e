//! What the contracts promise, tried from outside: every RPC with every kind of caller, every field
//! with every kind of value. Nothing is listed by hand: the tables grow with the contracts.

mod agreed;
mod bindings;
mod doors;
mod faults;
mod fields;
mod identity;
mod nonsense;
mod reflection;
mod requests;
mod samples;
mod tokens;
mod told;
mod wire;
mod world;
