//! Deliveries as the contract shows them.

use jangteo::delivery::v1::{Delivery as Shown, delivery::State as ShownState};
use jangteo_kit::{
    event::timestamp,
    execute::{Stored, Versioned},
    status::inconsistent,
};
use tonic::Status;

use crate::{
    domain::{Delivery, Destination, State},
    store::entity,
};

/// All of a delivery: as its customer sees it, and the courier who has it.
pub(crate) fn shown(Versioned { state: delivery, head }: &Versioned<Delivery>) -> Shown {
    let Destination { address, phone_number } = delivery.destination.clone().unwrap_or_default();
    Shown {
        id: head.id.to_string(),
        customer: delivery.customer.clone(),
        seller: delivery.seller.clone(),
        courier: delivery.courier().unwrap_or_default().to_owned(),
        state: state(&delivery.state).into(),
        address,
        phone_number,
        create_time: Some(timestamp(head.create_time)),
        update_time: Some(timestamp(head.update_time)),
        etag: head.etag(),
    }
}

fn state(state: &State) -> ShownState {
    match state {
        State::Started => ShownState::Started,
        State::PickedUp { .. } => ShownState::PickedUp,
        State::Delivered { .. } => ShownState::Delivered,
        State::Cancelled => ShownState::Cancelled,
    }
}

/// All of the delivery in a row of a list.
pub(super) fn row(row: entity::Model) -> Result<Shown, Status> {
    Ok(shown(&Delivery::read(row).map_err(inconsistent)?))
}
