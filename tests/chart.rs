//! The chart: what Helm renders is held against what Kubernetes, a mesh and the broker make of it.

mod authorization;
mod broker;
mod calls;
mod config;
mod istio;
mod network;
mod objects;
mod pods;
mod presets;
mod render;
mod repeats;
mod replicas;
mod routing;
mod rules;
mod services;
mod table;
