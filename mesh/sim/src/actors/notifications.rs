//! Notifications that are read, and channels. Mail is left out: it would be sent.

use jangteo::{
    deal::v1::{Deal, deal::State as DealState},
    notification::v1::{
        Channel, ConfirmChannelRequest, CreateChannelRequest, DeleteChannelRequest, Language,
        MarkNotificationReadRequest,
        channel::{Kind, State},
    },
    rental::v1::{Rental, rental::State as RentalState},
};
use rand::{Rng, rngs::StdRng};
use uuid::Uuid;

use super::{
    Acts, Known, Move,
    cast::{LISTENERS, any_id, ask, few, one_of, person, say, told},
};

pub(super) const ACTS: Acts = &[
    (2, read_of_order),
    (2, read_of_deal),
    (2, read_of_rental),
    (1, create_channel),
    (1, confirm_channel),
    (1, delete_channel),
];

fn read_of_order(known: &Known, chance: &mut StdRng) -> Option<Move> {
    let order = one_of(&known.orders, |_| true, chance)?;
    let who = if chance.random_bool(0.5) { &order.customer } else { &order.seller };
    let event = format!("order/order/{}/1", order.id);
    Some(read(who, &event, "order_placed", chance))
}

fn read_of_deal(known: &Known, chance: &mut StdRng) -> Option<Move> {
    let deal = one_of(&known.deals, |it: &Deal| it.state() != DealState::Refused, chance)?;
    let who = if chance.random_bool(0.5) { &deal.buyer } else { &deal.seller };
    let event = format!("deal/deal/{}/1", deal.id);
    Some(read(who, &event, "deal_reserved", chance))
}

fn read_of_rental(known: &Known, chance: &mut StdRng) -> Option<Move> {
    let fits = |it: &Rental| it.state() != RentalState::Refused;
    let rental = one_of(&known.rentals, fits, chance)?;
    let event = format!("rental/rental/{}/2", rental.id);
    Some(read(&rental.renter, &event, "rental_confirmed", chance))
}

fn read(who: &str, event: &str, kind: &str, chance: &mut StdRng) -> Move {
    let request = MarkNotificationReadRequest {
        id: told(&id_of(event, who, kind), chance),
        request_id: any_id(chance),
    };
    let path = "/jangteo.notification.v1.NotificationService/MarkNotificationRead";
    ask(who, path, &request, chance)
}

/// The id of the notification that tells somebody of an event, which is named by its place in history.
fn id_of(event: &str, who: &str, kind: &str) -> String {
    let event = Uuid::new_v5(&within("jangteo.dev"), event.as_bytes());
    let name = format!("{event}/{who}/{kind}");
    Uuid::new_v5(&within("notification.jangteo.dev"), name.as_bytes()).to_string()
}

fn within(domain: &str) -> Uuid {
    Uuid::new_v5(&Uuid::NAMESPACE_DNS, domain.as_bytes())
}

fn is_active(channel: &Channel) -> bool {
    channel.state() == State::Active
}

fn create_channel(known: &Known, chance: &mut StdRng) -> Option<Move> {
    let there = known.channels.iter().filter(|it| is_active(it)).count();
    let request = few(there, chance).then(|| CreateChannelRequest {
        kind: Kind::Webhook.into(),
        address: format!("https://shop.example/hooks/{}", chance.random_range(0..2)),
        language: if chance.random_bool(0.5) { Language::Ko } else { Language::En }.into(),
        request_id: any_id(chance),
    })?;
    // Never somebody else: it would be his channel then, and he is told of things.
    let path = "/jangteo.notification.v1.ChannelService/CreateChannel";
    Some(say(person(LISTENERS, chance), path, &request))
}

/// A webhook needs no confirmation: it changes nothing.
fn confirm_channel(known: &Known, chance: &mut StdRng) -> Option<Move> {
    let channel = one_of(&known.channels, is_active, chance)?;
    let request = ConfirmChannelRequest {
        id: told(&channel.id, chance),
        code: "0000".to_owned(),
        request_id: any_id(chance),
    };
    let path = "/jangteo.notification.v1.ChannelService/ConfirmChannel";
    Some(ask(&channel.owner, path, &request, chance))
}

fn delete_channel(known: &Known, chance: &mut StdRng) -> Option<Move> {
    let channel = one_of(&known.channels, is_active, chance)?;
    let request =
        DeleteChannelRequest { id: told(&channel.id, chance), request_id: any_id(chance) };
    let path = "/jangteo.notification.v1.ChannelService/DeleteChannel";
    Some(ask(&channel.owner, path, &request, chance))
}

#[cfg(test)]
mod tests {
    use super::*;
    use jangteo_kit::event::Event;

    #[test]
    fn an_event_is_named_as_its_context_names_it() {
        let id = Uuid::from_u128(7);
        let event = Event {
            context: "order".to_owned(),
            kind: "order".to_owned(),
            aggregate_id: id,
            sequence: 1,
            type_name: String::new(),
            payload: vec![],
            correlation_id: id,
            causation_id: id,
            traceparent: String::new(),
            time: 0,
        };
        let name = format!("order/order/{id}/1");
        assert_eq!(Uuid::new_v5(&within("jangteo.dev"), name.as_bytes()), event.id());
    }
}
