//! Who sees a delivery, and how much of it.

use jangteo::delivery::v1::Delivery as Shown;
use jangteo_kit::auth::Caller;

use crate::domain::Delivery;

/// The role of those who bring orders to their customers.
const COURIER: &str = "courier";

/// Whether this reader may know of it: those whom it concerns do, and while it waits every courier.
pub(super) fn is_seen_by(delivery: &Delivery, reader: &Caller) -> bool {
    let concerned = reader.subject().is_some_and(|person| delivery.is_seen_by(person));
    concerned || (delivery.is_waiting() && reader.has_role(COURIER))
}

/// What this person may read of it: where it goes only its customer and the courier who has it. Of
/// one that has ended it is not kept.
pub(super) fn seen_by(shown: Shown, person: &str) -> Shown {
    let goes_with_it = shown.customer == person || shown.courier == person;
    if goes_with_it { shown } else { unaddressed(shown) }
}

/// What everybody may read of it who may know of it at all.
pub(super) fn unaddressed(shown: Shown) -> Shown {
    Shown { address: String::new(), phone_number: String::new(), ..shown }
}

#[cfg(test)]
mod tests;
