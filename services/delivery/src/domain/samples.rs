//! Deliveries for tests.

use uuid::Uuid;

use super::{Delivery, Destination, State};

/// The delivery of all tests.
pub(crate) const ID: Uuid = Uuid::from_u128(7);
/// Who brings it.
pub(crate) const COURIER: &str = "courier01";

/// Where it goes.
pub(crate) fn destination() -> Destination {
    Destination { address: "방배로 1".to_owned(), phone_number: "010-1234-5678".to_owned() }
}

/// The courier has it.
pub(crate) fn picked_up() -> State {
    State::PickedUp { courier: COURIER.to_owned() }
}

/// The courier has brought it.
pub(crate) fn delivered() -> State {
    State::Delivered { courier: COURIER.to_owned() }
}

/// Every state.
pub(crate) fn states() -> [State; 4] {
    [State::Started, picked_up(), delivered(), State::Cancelled]
}

/// E-T2, in each state; nobody has said yet where it goes.
pub(crate) fn delivery(state: State) -> Delivery {
    let (customer, seller) = ("customer01".to_owned(), "seller01".to_owned());
    Delivery { id: ID, customer, seller, destination: None, state }
}

/// The same, once it is known where it goes.
pub(crate) fn bound(state: State) -> Delivery {
    Delivery { destination: Some(destination()), ..delivery(state) }
}
