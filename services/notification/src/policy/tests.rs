//! Events as they arrive, and who is told of them.

use jangteo::{
    deal::v1::{DealCancelled, DealEnded, DealRefused, DealRescheduled, DealReserved},
    delivery::v1::{DeliveryCancelled, DeliveryCompleted, DeliveryPickedUp, DeliveryStarted},
    inventory::v1::StockDecreased,
    item::v1::{ItemLent, ItemReservationRefused, ItemReserved, ItemRetired},
    notification::v1::Language,
    offer::v1::{
        DealOffered, OfferAccepted, OfferAutoCancelled, OfferCompleted, OfferExpired, OfferRefused,
        OfferReopened, OfferWithdrawn, PriceProposed,
    },
    order::v1::{
        OrderCancelRefused, OrderCancelled, OrderDelivered, OrderDelivering, OrderPlaced,
        OrderPreparing, OrderedLine,
    },
    payment::v1::{PaymentApproved, PaymentCancelled, PaymentDeclined},
    post::v1::PostSold,
    rental::v1::{
        RentalCancelled, RentalConfirmed, RentalLent, RentalPaid, RentalPaymentCancelled,
        RentalRefused, RentalRequested, RentalReturned,
    },
    review::v1::{ReviewRequested, ReviewWritten},
    store::v1::{
        CookingFinished, CookingStarted, StoreOpened, TicketAccepted, TicketCancelled,
        TicketReceived, TicketRejected,
    },
};
use jangteo_kit::event::timestamp;
use prost::Name;
use uuid::Uuid;

use super::*;
use crate::text::text;

const ID: Uuid = Uuid::from_u128(3);
const NOW: i64 = 1_727_136_000_000;

/// An event as its context publishes it.
fn event(message: &impl Name) -> Event {
    jangteo_testing::event(ID, 2, message, NOW - 5)
}

/// An event that says these things, each as its namesake in [`said`] does, and nothing else.
macro_rules! event {
    ($event:ident: $($field:ident),*) => {
        event(&$event { $($field: said::$field(),)* ..Default::default() })
    };
}

/// What the fields of events say.
mod said {
    use super::{NOW, OrderedLine, Timestamp, timestamp};

    fn line(name: &str) -> OrderedLine {
        OrderedLine { name: name.to_owned(), ..OrderedLine::default() }
    }

    macro_rules! says {
        ($($(#[$meta:meta])? $field:ident: $type:ty = $value:expr),* $(,)?) => {
            $($(#[$meta])? pub(super) fn $field() -> $type { $value })*
        };
    }

    says! {
        seller: String = "seller01".to_owned(),
        buyer: String = "buyer03".to_owned(),
        owner: String = "owner01".to_owned(),
        renter: String = "renter01".to_owned(),
        customer: String = "customer01".to_owned(),
        courier: String = "rider01".to_owned(),
        lines: Vec<OrderedLine> = ["장미", "튤립"].map(line).to_vec(),
        total_krw: i64 = 150_000,
        payer: String = "renter01".to_owned(),
        payee: String = "owner01".to_owned(),
        name: String = "텐트".to_owned(),
        item_name: String = "텐트".to_owned(),
        reason: String = "NOT_PAID".to_owned(),
        price_krw: i64 = 9_000,
        list_price_krw: i64 = 10_000,
        amount_krw: i64 = 9_000,
        score: i32 = 5,
        quantity: i64 = 2,
        on_hand: i64 = 3,
        accepted: bool = true,
        refunded: bool = true,
        #[expect(clippy::unnecessary_wraps, reason = "a time in a contract may be absent")]
        meeting_time: Option<Timestamp> = Some(timestamp(NOW)),
        #[expect(clippy::unnecessary_wraps, reason = "a time in a contract may be absent")]
        pay_by: Option<Timestamp> = Some(timestamp(NOW)),
    }
}

/// What is told of an event, and to whom.
fn told(event: &Event) -> Vec<Note> {
    let told = |(target, command)| {
        let Command::Send { id, note, at } = command else { panic!("{command:?}") };
        assert_eq!((target, at), (Target::Born(id), NOW));
        assert_eq!((id, note.event_time), (note.id(event.id()), NOW - 5));
        note
    };
    orders(event, NOW).unwrap().into_iter().map(told).collect()
}

const SELLER: &[&str] = &["seller01"];
const BUYER: &[&str] = &["buyer03"];
const SIDES: &[&str] = &["seller01", "buyer03"];
const OWNER: &[&str] = &["owner01"];
const CUSTOMER: &[&str] = &["customer01"];
const PARTIES: &[&str] = &["customer01", "seller01"];
const RENTER: &[&str] = &["renter01"];
const BOTH: &[&str] = &["renter01", "owner01"];

/// An event, and whom it tells of what.
type Case = (Event, Kind, &'static [&'static str]);

/// A deal may be about a post, or about a product.
fn second_hand() -> [Case; 14] {
    use Kind as K;
    [
        (event!(DealOffered: seller, buyer, price_krw), K::DealOffered, SELLER),
        (event!(PriceProposed: seller, buyer, price_krw, list_price_krw), K::PriceProposed, SELLER),
        (event!(OfferAccepted: seller, buyer, price_krw), K::OfferAccepted, BUYER),
        (event!(OfferRefused: seller, buyer, price_krw), K::OfferRefused, BUYER),
        (event!(OfferWithdrawn: seller, buyer, price_krw), K::OfferWithdrawn, SELLER),
        (event!(OfferAutoCancelled: seller, buyer, price_krw), K::OfferAutoCancelled, BUYER),
        (event!(OfferExpired: seller, buyer, price_krw), K::OfferExpired, BUYER),
        (event!(OfferReopened: seller, buyer, price_krw, accepted), K::OfferReopened, BUYER),
        (event!(DealReserved: seller, buyer, price_krw, meeting_time), K::DealReserved, SIDES),
        // C-F7
        (unsold(), K::DealRefused, BUYER),
        (
            event!(DealRescheduled: seller, buyer, price_krw, meeting_time),
            K::DealRescheduled,
            SIDES,
        ),
        (event!(DealCancelled: seller, buyer, price_krw), K::DealCancelled, SIDES),
        (event!(DealEnded: seller, buyer, price_krw), K::DealEnded, SIDES),
        // C-F5
        (event!(StockDecreased: owner, name, quantity, on_hand), K::StockDecreased, OWNER),
    ]
}

fn unsold() -> Event {
    let (buyer, reason) = (said::buyer(), "OUT_OF_STOCK".to_owned());
    event(&DealRefused { buyer, reason, ..DealRefused::default() })
}

fn refused() -> Event {
    let (renter, reason) = (said::renter(), "ITEM_LENT".to_owned());
    event(&RentalRefused { renter, reason, ..RentalRefused::default() })
}

fn rental() -> [Case; 11] {
    use Kind as K;
    [
        (event!(ItemReserved: owner, renter, name, price_krw), K::ItemReserved, OWNER),
        (
            event!(RentalConfirmed: renter, owner, item_name, price_krw, pay_by),
            K::RentalConfirmed,
            RENTER,
        ),
        (refused(), K::RentalRefused, RENTER),
        (event!(RentalPaid: renter, owner, item_name, price_krw), K::RentalPaid, BOTH),
        (
            event!(RentalPaymentCancelled: renter, owner, item_name, price_krw, pay_by),
            K::RentalPaymentCancelled,
            OWNER,
        ),
        (
            event!(RentalCancelled: renter, owner, item_name, price_krw, reason),
            K::RentalCancelled,
            BOTH,
        ),
        (event!(RentalLent: renter, owner, item_name, price_krw), K::RentalLent, RENTER),
        (event!(RentalReturned: renter, owner, item_name, price_krw), K::RentalReturned, BOTH),
        (event!(PaymentCancelled: payer, payee, amount_krw, refunded), K::PaymentRefunded, RENTER),
        // B-F12
        (event!(ReviewRequested: renter, owner, item_name), K::ReviewRequested, RENTER),
        (event!(ReviewWritten: renter, owner, item_name, score), K::ReviewWritten, OWNER),
    ]
}

/// An event of a ticket, which is not what its context is called.
fn ticket(event: Event) -> Event {
    Event { kind: "ticket".to_owned(), ..event }
}

/// D-F3, E-F3, E-F4, E-F6
fn order() -> [Case; 7] {
    use Kind as K;
    let too_late = OrderCancelRefused {
        customer: said::customer(),
        reason: "DELIVERY_PICKED_UP".to_owned(),
        ..OrderCancelRefused::default()
    };
    let cancelled = OrderCancelled {
        customer: said::customer(),
        seller: said::seller(),
        lines: said::lines(),
        total_krw: said::total_krw(),
        reason: "BY_CUSTOMER".to_owned(),
        ..OrderCancelled::default()
    };
    [
        (event!(OrderPlaced: customer, seller, lines, total_krw), K::OrderPlaced, PARTIES),
        (ticket(event!(TicketAccepted: customer, seller)), K::OrderAccepted, CUSTOMER),
        (event!(DeliveryStarted: customer, seller), K::DeliveryStarted, CUSTOMER),
        (event!(OrderDelivering: customer, seller), K::OrderDelivering, CUSTOMER),
        (event!(OrderDelivered: customer, seller, lines, total_krw), K::OrderDelivered, PARTIES),
        (event(&too_late), K::OrderCancelRefused, CUSTOMER),
        (event(&cancelled), K::OrderCancelled, PARTIES),
    ]
}

fn all() -> impl Iterator<Item = Case> {
    second_hand().into_iter().chain(rental()).chain(order())
}

#[test]
fn everybody_is_told_of_what_happens_to_him_and_nobody_else() {
    for (event, kind, people) in all() {
        let notes = told(&event);
        let to: Vec<_> = notes.iter().map(|note| note.recipient.as_str()).collect();
        assert_eq!(to, people, "{}", event.type_name);
        for note in &notes {
            assert_eq!(note.kind, kind, "{}", event.type_name);
            assert!(note.subject.ends_with(&format!("s/{ID}")), "{}", note.subject);
            assert_eq!(note.arguments, notes[0].arguments);
        }
        assert!(Notification::SOURCES.contains(&event.context.as_str()));
    }
    let kinds: Vec<_> = all().map(|(_, kind, _)| kind).collect();
    assert_eq!(kinds, Kind::ALL);
}

/// The plural is that of the contracts.
#[test]
fn a_subject_is_found_in_its_collection() {
    for (event, collection) in [
        (event!(OfferAccepted: seller, buyer, price_krw), "offers"),
        (event!(OrderDelivering: customer, seller), "orders"),
        (ticket(event!(TicketAccepted: customer, seller)), "orders"),
        (event!(DeliveryStarted: customer, seller), "deliveries"),
    ] {
        assert_eq!(told(&event)[0].subject, format!("{collection}/{ID}"));
    }
}

/// An argument under a name that no text knows would be told to nobody.
#[test]
fn texts_speak_of_everything_that_they_are_given() {
    for (event, kind, _) in all() {
        let arguments = told(&event).remove(0).arguments;
        for name in arguments.keys() {
            let mut without = arguments.clone();
            without.remove(name);
            for language in [Language::Ko, Language::En] {
                let said = |arguments| text(kind, arguments, language);
                assert_ne!(said(&arguments), said(&without), "{kind:?} {language:?} {name}");
            }
        }
    }
}

/// What is undone before anybody hears of it was never told of; what one event tells, no other one does.
#[test]
fn what_concerns_nobody_tells_nobody() {
    for event in [
        event!(PaymentCancelled: payer, payee, amount_krw),
        event!(PaymentApproved: payer, payee, amount_krw),
        event!(PaymentDeclined: payer, payee, amount_krw, reason),
        event!(OfferCompleted: seller, buyer, price_krw),
        event!(RentalRequested: renter),
        event!(ItemReservationRefused: owner, renter, reason),
        event!(ItemLent: owner, renter, name),
        event!(ItemRetired: owner),
        event!(PostSold: seller, buyer),
        event!(OrderPreparing: customer, seller),
        event!(StoreOpened: owner, name),
        ticket(event!(TicketReceived: customer, seller)),
        ticket(event!(TicketRejected: customer, seller, reason)),
        ticket(event!(CookingStarted: customer, seller)),
        ticket(event!(CookingFinished: customer, seller)),
        ticket(event!(TicketCancelled: customer, seller)),
        event!(DeliveryPickedUp: customer, seller, courier),
        event!(DeliveryCompleted: customer, seller, courier),
        event!(DeliveryCancelled: customer, seller),
    ] {
        assert_eq!(told(&event), [], "{}", event.type_name);
    }
}

#[test]
fn an_owner_whom_nobody_knows_is_not_told() {
    let notes = told(&event!(RentalCancelled: renter, reason));
    let [note] = &notes[..] else { panic!("{notes:?}") };
    assert_eq!(note.recipient, "renter01");
    let names: Vec<_> = note.arguments.keys().collect();
    assert_eq!(names, ["reason", "renter"], "of what is not known nothing is said");
}

#[test]
fn times_that_are_not_settled_are_not_spoken_of() {
    let named = told(&event!(DealReserved: seller, buyer, price_krw, meeting_time)).remove(0);
    assert_eq!(named.arguments["meeting_time"], "2024-09-24T00:00:00Z");
    assert_eq!(named.arguments["price_krw"], "9000");
    let open = told(&event!(DealReserved: seller, buyer, price_krw)).remove(0);
    assert!(!open.arguments.contains_key("meeting_time"));
    let pending = told(&event!(OfferReopened: seller, buyer, price_krw)).remove(0);
    assert!(!pending.arguments.contains_key("accepted"));
}

#[test]
fn an_event_that_is_not_what_it_says_is_told() {
    for (event, ..) in all() {
        let broken = Event { payload: vec![0xff], ..event };
        assert!(orders(&broken, NOW).is_err(), "{}", broken.type_name);
    }
}

#[test]
fn an_event_arrives_now() {
    let before = clock::now_ms();
    let orders = Notification::policy(&all().next().unwrap().0).unwrap();
    let [(_, Command::Send { at, .. })] = &orders[..] else { panic!("{orders:?}") };
    assert!((before..=clock::now_ms()).contains(at));
}
