//! Drives the real `jangteo` binary from outside: stories, contract, faults, crashes.

mod broker;
mod chart;
mod cluster;
mod contract;
mod crash;
mod faults;
mod gateway;
mod mesh;
mod pace;
mod requests;
mod seller;
mod stories;
mod telemetry;
mod views;
