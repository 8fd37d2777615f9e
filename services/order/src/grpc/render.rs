//! Between the contract's messages and the domain.

use jangteo::order::v1::{
    Destination, Order as Shown,
    order::{Line as ShownLine, State as ShownState},
    place_order_request::Line as WantedLine,
};
use jangteo_kit::{
    event::timestamp,
    execute::{Stored, Versioned},
    ids::parse,
    status::inconsistent,
};
use tonic::Status;

use crate::{
    domain::{Line, Order, Rank, Standing, State, Wanted},
    store::entity,
};

/// An order as its customer sees it. Of one that did not come about, or not yet, there is nothing to be
/// seen but who asked, and where it would go.
pub(crate) fn shown(Versioned { state: order, head }: &Versioned<Order>) -> Shown {
    let mut shown = Shown {
        id: head.id.to_string(),
        customer: order.customer.clone(),
        state: state(&order.state).into(),
        address: order.destination.address.clone(),
        phone_number: order.destination.phone_number.clone(),
        cancel_reason: cancel_reason(&order.state).to_owned(),
        create_time: Some(timestamp(head.create_time)),
        update_time: Some(timestamp(head.update_time)),
        etag: head.etag(),
        ..Shown::default()
    };
    if let Some(purchase) = order.purchase() {
        shown.seller.clone_from(&purchase.sold.seller);
        shown.lines = purchase.sold.lines.iter().map(line).collect();
        shown.total_krw = purchase.sold.total_krw();
        shown.payment_id = purchase.payment.to_string();
        shown.store_id = purchase.sold.store_id();
    }
    shown
}

fn line(line: &Line) -> ShownLine {
    ShownLine {
        product_id: line.product.to_string(),
        name: line.name.clone(),
        quantity: line.quantity,
        price_krw: line.price_krw,
    }
}

fn state(state: &State) -> ShownState {
    match state {
        State::Holding | State::Paying(_) | State::Abandoning { .. } | State::Abandoned { .. } => {
            ShownState::Unspecified
        }
        State::Bought(_, standing) => match standing {
            Standing::Reached { rank: Rank::Placed, .. } => ShownState::Placed,
            Standing::Reached { rank: Rank::Preparing, .. } => ShownState::Preparing,
            Standing::Reached { rank: Rank::Delivering, .. } => ShownState::Delivering,
            Standing::Reached { rank: Rank::Delivered, .. } => ShownState::Delivered,
            Standing::Cancelling { .. } => ShownState::Cancelling,
            Standing::Cancelled { .. } => ShownState::Cancelled,
        },
    }
}

fn cancel_reason(state: &State) -> &'static str {
    match state {
        State::Bought(_, Standing::Cancelled { why }) => why.reason(),
        _ => "",
    }
}

/// The same as this person sees it: where it goes is its customer's affair.
pub(super) fn seen_by(shown: Shown, reader: &str) -> Shown {
    if shown.customer == reader {
        return shown;
    }
    Shown { address: String::new(), phone_number: String::new(), ..shown }
}

/// A row of a list as its reader sees it.
pub(super) fn row(row: entity::Model, reader: &str) -> Result<Shown, Status> {
    let order = Order::read(row).map_err(inconsistent)?;
    Ok(seen_by(shown(&order), reader))
}

/// Where an order goes, and nothing else of it.
pub(super) fn destination(shown: Shown) -> Destination {
    Destination { address: shown.address, phone_number: shown.phone_number }
}

/// Products and pieces that a request asks for.
pub(super) fn wanted(lines: &[WantedLine]) -> Result<Vec<Wanted>, Status> {
    let wanted = |line: &WantedLine| {
        parse("lines.product_id", &line.product_id)
            .map(|product| Wanted { product, quantity: line.quantity })
    };
    lines.iter().map(wanted).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        domain::{Why, samples},
        store::tests::stored,
    };

    fn of(standing: Standing) -> Versioned<Order> {
        stored(samples::ID, samples::bought(standing))
    }

    /// E-T2, E.13-4: what is bought, at the server's prices.
    #[test]
    fn a_customer_sees_what_he_bought_and_where_it_goes() {
        let shown = shown(&of(samples::reached(Rank::Placed)));
        assert_eq!((shown.state(), shown.total_krw), (ShownState::Placed, 152_000));
        assert_eq!((shown.customer.as_str(), shown.seller.as_str()), ("customer01", "seller02"));
        let lines = shown.lines.iter().map(|line| (line.name.as_str(), line.quantity));
        assert_eq!(lines.collect::<Vec<_>>(), [("장미", 3), ("리본", 2)]);
        assert_eq!(shown.payment_id, samples::PAYMENT.to_string());
        assert_eq!(shown.store_id, "");
        assert_eq!(seen_by(shown.clone(), "customer01"), shown);
        assert_eq!(destination(shown).address, samples::destination().address);
    }

    /// D-F3
    #[test]
    fn what_a_store_makes_names_the_store() {
        let purchase = samples::cooked(samples::reached(Rank::Preparing));
        let shown = shown(&stored(samples::ID, purchase));
        assert_eq!(shown.state(), ShownState::Preparing);
        assert_eq!(shown.store_id, samples::STORE.to_string());
    }

    #[test]
    fn a_seller_does_not_see_where_it_goes() {
        let whole = shown(&of(samples::reached(Rank::Delivering)));
        let seen = seen_by(whole.clone(), "seller02");
        assert_eq!((seen.address.as_str(), seen.phone_number.as_str()), ("", ""));
        let Shown { address, phone_number, .. } = whole.clone();
        assert_eq!(Shown { address, phone_number, ..seen }, whole, "and all the rest");
    }

    /// E.13-9: what was called off stays, with its reason.
    #[test]
    fn a_cancelled_order_says_why() {
        let cancelled = |why| shown(&of(Standing::Cancelled { why })).cancel_reason;
        assert_eq!(cancelled(Why::ByCustomer), "BY_CUSTOMER");
        assert_eq!(cancelled(Why::StoreRejected), "STORE_REJECTED");
        assert_eq!(cancelled(Why::StoreCancelled), "STORE_CANCELLED");
        assert_eq!(cancelled(Why::DeliveryCancelled), "DELIVERY_CANCELLED");
        assert_eq!(shown(&of(samples::reached(Rank::Delivered))).cancel_reason, "");
    }

    #[test]
    fn of_one_that_did_not_come_about_nothing_is_shown_as_bought() {
        for state in samples::unseen() {
            let shown = shown(&stored(samples::ID, state));
            assert_eq!((shown.state(), shown.total_krw), (ShownState::Unspecified, 0));
            assert_eq!((shown.seller.as_str(), shown.lines.len()), ("", 0));
        }
    }
}
