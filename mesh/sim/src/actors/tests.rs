use std::collections::{BTreeMap, BTreeSet};

use jangteo::{
    access::Access,
    deal::v1::deal::State as DealState,
    delivery::v1::delivery::State as DeliveryState,
    inventory::v1::product::State as ProductState,
    item::v1::item::State as ItemState,
    notification::v1::channel::State as ChannelState,
    offer::v1::{CreateOfferRequest, offer::State as OfferState, offer::Type},
    order::v1::{PlaceOrderRequest, order::State as OrderState},
    post::v1::post::State as PostState,
    rental::v1::rental::State as RentalState,
    store::v1::ticket::State as TicketState,
};
use prost::Message;
use prost_reflect::{DynamicMessage, MessageDescriptor, MethodDescriptor};
use rand::SeedableRng;
use uuid::Uuid;

use super::*;

/// What nobody proposes: the ids of dispatches are told by lists alone, and nobody reads lists.
const LEFT_OUT: &[&str] = &["/jangteo.notification.v1.ChannelService/RetryDispatch"];

fn id(number: u128) -> String {
    Uuid::from_u128(number).to_string()
}

fn post(number: u128, state: PostState) -> Post {
    Post { id: id(number), seller: "seller01".to_owned(), state: state.into(), ..Post::default() }
}

fn offer(number: u128, post: u128, of: Type, state: OfferState) -> Offer {
    Offer {
        id: id(number),
        post_id: id(post),
        seller: "seller01".to_owned(),
        buyer: "buyer01".to_owned(),
        r#type: of.into(),
        state: state.into(),
        ..Offer::default()
    }
}

fn deal(number: u128, offer: &Offer, state: DealState) -> Deal {
    Deal {
        id: id(number),
        offer_id: offer.id.clone(),
        post_id: offer.post_id.clone(),
        seller: offer.seller.clone(),
        buyer: offer.buyer.clone(),
        state: state.into(),
        ..Deal::default()
    }
}

fn product(number: u128, store_id: String) -> Product {
    Product {
        id: id(number),
        owner: "seller01".to_owned(),
        price_krw: 12_345,
        state: ProductState::OnSale.into(),
        store_id,
        ..Product::default()
    }
}

fn rental(number: u128, state: RentalState) -> Rental {
    Rental {
        id: id(number),
        item_id: id(30),
        renter: "renter01".to_owned(),
        state: state.into(),
        ..Rental::default()
    }
}

fn order(number: u128, store_id: String) -> Order {
    Order {
        id: id(number),
        customer: "customer01".to_owned(),
        seller: "seller01".to_owned(),
        state: OrderState::Placed.into(),
        store_id,
        ..Order::default()
    }
}

fn ticket(number: u128, state: TicketState) -> Ticket {
    Ticket { id: id(number), state: state.into(), ..Ticket::default() }
}

fn delivery(number: u128, state: DeliveryState) -> Delivery {
    let courier = "courier01".to_owned();
    Delivery { id: id(number), courier, state: state.into(), ..Delivery::default() }
}

fn item(state: ItemState, rental_id: String) -> Item {
    let owner = "owner01".to_owned();
    Item { id: id(30), owner, state: state.into(), rental_id, ..Item::default() }
}

/// A market in which something of everything is there.
fn market() -> Known {
    let accepted = offer(12, 2, Type::PriceProposal, OfferState::Accepted);
    Known {
        stories: vec![],
        deals: vec![deal(15, &accepted, DealState::Reserved)],
        posts: vec![post(1, PostState::Available), post(2, PostState::Hidden)],
        offers: vec![offer(11, 1, Type::PurchaseRequest, OfferState::Pending), accepted],
        products: vec![product(21, String::new()), product(22, id(25))],
        stores: vec![Store { id: id(25), owner: "seller01".to_owned(), ..Store::default() }],
        items: vec![item(ItemState::Rentable, String::new())],
        rentals: vec![
            rental(31, RentalState::Requested),
            rental(32, RentalState::Paid),
            rental(33, RentalState::Lent),
            rental(34, RentalState::Returned),
        ],
        reviews: vec![],
        orders: vec![
            order(41, String::new()),
            order(42, id(25)),
            order(43, id(25)),
            order(44, id(25)),
            order(45, id(25)),
        ],
        tickets: vec![
            ticket(43, TicketState::Accepted),
            ticket(44, TicketState::Cooking),
            ticket(45, TicketState::Cooked),
        ],
        deliveries: vec![delivery(41, DeliveryState::PickedUp)],
        channels: vec![Channel {
            id: id(51),
            owner: "listener01".to_owned(),
            state: ChannelState::Active.into(),
            ..Channel::default()
        }],
    }
}

fn proposed(known: &Known) -> Vec<Move> {
    let one = |seed| known.propose(&mut StdRng::seed_from_u64(seed));
    (0..10_000).map(one).collect()
}

fn method(path: &str) -> MethodDescriptor {
    let (service, method) = path[1..].split_once('/').expect("it is a path");
    let service = jangteo::descriptors().get_service_by_name(service).expect("it is a service");
    let found = service.methods().find(|it| it.name() == method);
    found.expect("it is a method")
}

fn request(path: &str) -> MessageDescriptor {
    method(path).input()
}

/// What changes something carries the id of its request.
fn is_for_people(path: &str, access: &Access) -> bool {
    let is_open = matches!(access, Access::Public | Access::User { .. });
    is_open && request(path).get_field_by_name("request_id").is_some()
}

/// What people may do, and nobody in these moves does.
fn missing(moves: &[Move]) -> Vec<&'static str> {
    let seen: BTreeSet<_> = moves.iter().map(|it| it.path).collect();
    let open = jangteo::access::all().filter(|(path, access)| is_for_people(path, access));
    let expected = open.map(|(path, _)| path).filter(|path| !LEFT_OUT.contains(path));
    expected.filter(|path| !seen.contains(path)).collect()
}

#[test]
fn people_do_everything_that_they_may() {
    let mut moves = proposed(&market());
    assert_eq!(missing(&moves), [""; 0]);
    // The control: without the lending of items one is missing.
    let lend = "/jangteo.item.v1.ItemService/LendItem";
    moves.retain(|it| it.path != lend);
    assert_eq!(missing(&moves), [lend]);
}

#[test]
fn what_is_left_out_is_open_to_people() {
    for path in LEFT_OUT {
        let access = jangteo::access::of(path).expect("it is an RPC");
        assert!(is_for_people(path, access), "{path}");
    }
}

#[test]
fn people_say_what_the_contracts_let_them_say() {
    for one in proposed(&market()).into_iter().chain(proposed(&Known::default())) {
        let message = DynamicMessage::decode(request(one.path), one.message.as_slice());
        let message = message.unwrap_or_else(|error| panic!("{}: {error}", one.path));
        assert_eq!(message.unknown_fields().count(), 0, "{}", one.path);
        let violations = jangteo::rules::check(&message);
        assert!(violations.is_empty(), "{}: {violations:?}", one.path);
    }
}

/// Both variants of what may be said or not.
#[test]
fn people_leave_out_what_they_may() {
    let mut said: BTreeMap<&str, BTreeSet<bool>> = BTreeMap::new();
    for one in proposed(&market()) {
        let bytes = one.message.as_slice();
        if one.path.ends_with("/CreateOffer") {
            let request = CreateOfferRequest::decode(bytes).expect("it is one");
            said.entry("price").or_default().insert(request.offered_price_krw.is_some());
        } else if one.path.ends_with("/PlaceOrder") {
            let request = PlaceOrderRequest::decode(bytes).expect("it is one");
            said.entry("total").or_default().insert(request.expected_total_krw.is_some());
            said.entry("lines").or_default().insert(request.lines.len() > 1);
        } else if one.path.ends_with("/ReserveDeal") {
            let request = jangteo::deal::v1::ReserveDealRequest::decode(bytes).expect("it is one");
            said.entry("offer").or_default().insert(!request.offer_id.is_empty());
        }
    }
    assert_eq!(said.len(), 4, "{said:?}");
    assert!(said.values().all(|both| both.len() == 2), "{said:?}");
}

#[test]
fn one_seed_makes_one_move() {
    let known = market();
    let words = |moves: Vec<Move>| moves.into_iter().map(|it| (it.path, it.who, it.message));
    assert!(words(proposed(&known)).eq(words(proposed(&known))));
}

/// Their channels lead out of the house: whoever has one must not be told anything.
#[test]
fn who_listens_takes_part_in_nothing() {
    let listens = |it: &Move| it.who.subject().is_some_and(|who| who.starts_with("listener"));
    let (theirs, others): (Vec<_>, Vec<_>) = proposed(&market()).into_iter().partition(listens);
    assert!(!theirs.is_empty());
    for one in theirs {
        assert!(one.path.contains("ChannelService"), "{}", one.path);
    }
    assert!(others.iter().all(|it| !it.path.ends_with("/CreateChannel")));
}

#[test]
fn couriers_alone_have_their_role() {
    for one in proposed(&market()) {
        let is_courier = one.who.subject().is_some_and(|who| who.starts_with("courier"));
        assert_eq!(one.who.has_role("courier"), is_courier, "{:?}", one.who);
    }
}

#[test]
fn worlds_play_one_story_or_two_or_all() {
    let count = |seed| Known::new(&mut StdRng::seed_from_u64(seed)).stories.len();
    assert_eq!((0..100).map(count).collect::<BTreeSet<_>>(), BTreeSet::from([1, 2, 5]));
}

/// Tells people one reply.
fn tell(known: &mut Known, path: &'static str, reply: &impl Message) {
    let one = Move { who: Caller::Anonymous, path, message: vec![] };
    known.heard(&one, &reply.encode_to_vec());
}

#[test]
fn a_reply_takes_the_place_of_the_one_before() {
    let mut known = Known::default();
    let path = "/jangteo.post.v1.PostService/CreatePost";
    for state in [PostState::Available, PostState::Hidden] {
        tell(&mut known, path, &post(1, state));
    }
    tell(&mut known, path, &post(2, PostState::Available));
    let states = known.posts.iter().map(Post::state).collect::<Vec<_>>();
    assert_eq!(states, [PostState::Hidden, PostState::Available]);
}

#[test]
fn the_end_of_a_deal_closes_the_offers_for_its_post() {
    let mut known = market();
    let loser = offer(13, 2, Type::PurchaseRequest, OfferState::Pending);
    known.offers.push(loser);
    let ended = deal(15, &known.offers[1], DealState::Ended);
    tell(&mut known, "/jangteo.deal.v1.DealService/CompleteDeal", &ended);
    let states: Vec<_> = known.offers.iter().map(Offer::state).collect();
    let closed = [OfferState::Completed, OfferState::AutoCancelled];
    assert_eq!(states, [OfferState::Pending, closed[0], closed[1]]);
    assert_eq!(known.posts[1].state(), PostState::Sold);
}

#[test]
fn a_called_off_deal_opens_its_offer_again() {
    let mut known = market();
    let cancelled = deal(15, &known.offers[1], DealState::Cancelled);
    tell(&mut known, "/jangteo.deal.v1.DealService/CancelDeal", &cancelled);
    assert_eq!(known.offers[1].state(), OfferState::Pending);
    assert_eq!(known.posts[1].state(), PostState::Available);
}

#[test]
fn a_rental_follows_its_item() {
    let mut known = Known { rentals: vec![rental(32, RentalState::Paid)], ..Known::default() };
    let path = "/jangteo.item.v1.ItemService/LendItem";
    tell(&mut known, path, &item(ItemState::Lent, id(32)));
    assert_eq!(known.rentals[0].state(), RentalState::Lent);
    tell(&mut known, path, &item(ItemState::Rentable, String::new()));
    assert_eq!(known.rentals[0].state(), RentalState::Returned);
}

#[test]
fn who_pays_wins_the_item() {
    let mut known = market();
    let paid = rental(35, RentalState::Paid);
    tell(&mut known, "/jangteo.rental.v1.RentalService/PayRental", &paid);
    assert_eq!(known.rentals[0].state(), RentalState::Refused);
    assert_eq!(known.rentals[4].state(), RentalState::Paid);
}

#[test]
fn an_order_ends_in_its_kitchen_or_at_the_door() {
    let mut known = market();
    let rejected = ticket(42, TicketState::Rejected);
    tell(&mut known, "/jangteo.store.v1.TicketService/RejectTicket", &rejected);
    let delivered = delivery(41, DeliveryState::Delivered);
    tell(&mut known, "/jangteo.delivery.v1.DeliveryService/CompleteDelivery", &delivered);
    assert_eq!(known.orders[1].state(), OrderState::Cancelled);
    assert_eq!(known.orders[0].state(), OrderState::Delivered);
}
