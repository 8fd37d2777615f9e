//! The contracts of jangteo.
#[expect(clippy::all, clippy::pedantic, missing_docs, unreachable_pub, reason = "generated")]
mod generated { include!(concat!(env!("OUT_DIR"), "/contracts.rs")); }
pub use generated::jangteo::{journal, ops, post, view};
