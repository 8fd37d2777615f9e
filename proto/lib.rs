//! The contracts of jangteo, a neighbourhood market: messages, services, and what they promise.
//!
//! Everything here is read from the `.proto` files beside this one: who may call an RPC
//! ([`access`]), what a request may hold ([`rules`], enforced by the [`codec`] of every
//! generated server), and, where code alone can say it, what errors look like ([`errors`]) and
//! what a write hands to the reads that follow it ([`token`]). Whom an event concerns ([`people`]) is
//! read from its contract as well.

use std::sync::LazyLock;

use prost_reflect::DescriptorPool;

pub mod access;
pub mod calls;
pub mod codec;
#[cfg(test)]
mod contract_tests;
pub mod errors;
mod limits;
pub mod people;
pub mod rules;
#[cfg(test)]
mod test_protos;
pub mod token;
mod values;

mod generated {
    #![expect(clippy::all, clippy::pedantic, clippy::allow_attributes, reason = "generated")]
    #![expect(missing_docs, unreachable_pub, reason = "generated")]
    include!(concat!(env!("OUT_DIR"), "/contracts.rs"));
}
mod mutating {
    include!(concat!(env!("OUT_DIR"), "/mutating.rs"));
}
mod keyed {
    include!(concat!(env!("OUT_DIR"), "/keyed.rs"));
}

pub use generated::jangteo::{
    deal, delivery, inventory, item, journal, notification, offer, ops, options, order, payment,
    post, provider, rental, review, store, view,
};

/// The compiled contracts with all that they import, options intact; what reflection serves.
pub const DESCRIPTOR_SET: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/descriptors.bin"));

/// The contracts as descriptors, read once.
pub fn descriptors() -> &'static DescriptorPool {
    static POOL: LazyLock<DescriptorPool> = LazyLock::new(|| {
        DescriptorPool::decode(DESCRIPTOR_SET).expect("the build has just compiled this set")
    });
    &POOL
}

/// A request that changes something: sent again with the same id, it gets the first answer.
pub trait Mutating {
    /// The UUID that its caller made; empty where he made none.
    fn request_id(&self) -> &str;
}

/// A question of one context to another: asked again under the same key, it gets the first answer.
pub trait Keyed {
    /// Resource and attempt of the one who asks, such as `deals/D`.
    fn call_key(&self) -> &str;
}
