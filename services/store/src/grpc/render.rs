//! Stores and tickets as the contract shows them.

use jangteo::store::v1::{
    Store as ShownStore, Ticket as ShownTicket,
    ticket::{Line as ShownLine, State as ShownState},
};
use jangteo_kit::{
    event::timestamp,
    execute::{Stored, Versioned},
    status::inconsistent,
};
use tonic::Status;

use crate::{
    kitchen::{self, Store},
    ticket::{self, Line, State, Ticket},
};

/// A store as everybody sees it.
pub(crate) fn store(Versioned { state: store, head }: &Versioned<Store>) -> ShownStore {
    ShownStore {
        id: head.id.to_string(),
        owner: store.owner.clone(),
        name: store.name.clone(),
        create_time: Some(timestamp(head.create_time)),
        update_time: Some(timestamp(head.update_time)),
        etag: head.etag(),
    }
}

/// A ticket as its store and its customer see it.
pub(crate) fn ticket(Versioned { state: ticket, head }: &Versioned<Ticket>) -> ShownTicket {
    ShownTicket {
        id: head.id.to_string(),
        store_id: ticket.store.to_string(),
        customer: ticket.customer.clone(),
        seller: ticket.seller.clone(),
        lines: ticket.lines.iter().map(line).collect(),
        state: state(ticket.state).into(),
        create_time: Some(timestamp(head.create_time)),
        update_time: Some(timestamp(head.update_time)),
        etag: head.etag(),
    }
}

fn line(line: &Line) -> ShownLine {
    ShownLine {
        product_id: line.product.to_string(),
        name: line.name.clone(),
        quantity: line.quantity,
    }
}

/// Nobody is shown one that is arriving.
fn state(state: State) -> ShownState {
    match state {
        State::Arriving => ShownState::Unspecified,
        State::Received => ShownState::Received,
        State::Accepted => ShownState::Accepted,
        State::Cooking => ShownState::Cooking,
        State::Cooked => ShownState::Cooked,
        State::Rejected { .. } => ShownState::Rejected,
        State::Cancelled => ShownState::Cancelled,
    }
}

/// The store in a row of a list.
pub(super) fn store_row(row: kitchen::table::entity::Model) -> Result<ShownStore, Status> {
    Ok(store(&Store::read(row).map_err(inconsistent)?))
}

/// The ticket in a row of a list.
pub(super) fn ticket_row(row: ticket::table::entity::Model) -> Result<ShownTicket, Status> {
    Ok(ticket(&Ticket::read(row).map_err(inconsistent)?))
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::ticket::samples::{self, STATES, STORE, never_came};

    fn shown(ticket: Ticket) -> ShownTicket {
        super::ticket(&ticket::table::tests::stored(Uuid::from_u128(8), ticket))
    }

    #[test]
    fn a_store_shows_whose_it_is_and_what_it_is_called() {
        let stored = kitchen::table::tests::stored(STORE, "owner01", "스토어99");
        let expected = ShownStore {
            id: STORE.to_string(),
            owner: "owner01".to_owned(),
            name: "스토어99".to_owned(),
            create_time: Some(timestamp(1)),
            update_time: Some(timestamp(2)),
            etag: "\"3\"".to_owned(),
        };
        assert_eq!(store(&stored), expected);
    }

    /// D-F2
    #[test]
    fn a_ticket_shows_what_to_cook_and_for_whom() {
        let ticket = shown(samples::ticket(State::Received));
        assert_eq!(ticket.id, Uuid::from_u128(8).to_string());
        assert_eq!(ticket.store_id, STORE.to_string());
        assert_eq!((ticket.customer.as_str(), ticket.seller.as_str()), ("customer01", "seller01"));
        let lines = ticket.lines.iter().map(|line| (line.name.as_str(), line.quantity));
        assert_eq!(lines.collect::<Vec<_>>(), [("비빔밥", 20), ("식혜", 1)]);
        assert_eq!(ticket.lines[0].product_id, Uuid::from_u128(1).to_string());
        assert_eq!(ticket.etag, "\"3\"");
    }

    #[test]
    fn every_state_is_shown_as_what_it_is() {
        let states = STATES.map(|state| shown(samples::ticket(state)).state());
        assert_eq!(
            states,
            [
                ShownState::Unspecified,
                ShownState::Received,
                ShownState::Accepted,
                ShownState::Cooking,
                ShownState::Cooked,
                ShownState::Rejected,
                ShownState::Rejected,
                ShownState::Cancelled,
            ]
        );
    }

    #[test]
    fn of_one_that_never_came_nobody_knows_what_to_cook() {
        let ticket = shown(never_came());
        assert_eq!((ticket.state(), ticket.lines), (ShownState::Cancelled, vec![]));
    }
}
