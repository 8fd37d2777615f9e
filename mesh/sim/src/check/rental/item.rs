//! What items tell: of rentals, after those have told why.

use jangteo::item::v1::{ItemRegistered, ItemReservationRefused, ItemReserved, ItemRetired};
use jangteo_kit::event::Event;
use uuid::Uuid;

use super::{
    ANSWERED, Answer, Broken, ITEM_STEPS, Item, ItemState, LET_GO, ONE_RENTAL, PAID_FIRST,
    REVIEWED, Rental, RentalState, TERMS, Terms, Told, id, named,
};

impl Rental {
    pub(super) fn item(&mut self, event: &Event, told: &Told, broken: &mut Broken) {
        match told {
            Told::ItemRegistered(told) => self.registered(event, told, broken),
            Told::ItemChanged(told) => {
                self.item_steps(event, ItemState::Free, ItemState::Free, broken);
                self.on_the_lists(event, broken);
                if let Some(item) = self.items.get_mut(&event.aggregate_id) {
                    (item.name, item.price_krw) = (told.name.clone(), told.price_krw);
                }
            }
            Told::ItemDeleted(_) => {
                self.item_steps(event, ItemState::Free, ItemState::Deleted, broken);
                self.on_the_lists(event, broken);
            }
            Told::ItemReserved(told) => self.reserved(event, told, broken),
            Told::ItemReservationRefused(told) => self.refused(event, told, broken),
            Told::ItemReleased(told) => self.released(event, id(&told.rental_id), broken),
            Told::ItemLent(told) => self.lent(event, id(&told.rental_id), broken),
            Told::ItemReturned(told) => {
                let lent = ItemState::Lent(id(&told.rental_id));
                self.item_steps(event, lent, ItemState::Free, broken);
            }
            Told::ItemRetired(told) => self.retired(event, told, broken),
            _ => {}
        }
    }

    fn registered(&mut self, event: &Event, told: &ItemRegistered, broken: &mut Broken) {
        let item = Item {
            owner: told.owner.clone(),
            name: told.name.clone(),
            price_krw: told.price_krw,
            retired: false,
            state: ItemState::Free,
        };
        let before = self.items.insert(event.aggregate_id, item);
        broken.unless(before.is_none(), ITEM_STEPS, || {
            format!("{}: it was {before:?}", named(event))
        });
    }

    fn item_steps(&mut self, event: &Event, from: ItemState, to: ItemState, broken: &mut Broken) {
        let item = self.items.get(&event.aggregate_id);
        let may = item.is_some_and(|item| item.state == from);
        broken.unless(may, ITEM_STEPS, || format!("{}: it was {item:?}", named(event)));
        if let Some(item) = self.items.get_mut(&event.aggregate_id) {
            item.state = to;
        }
    }

    /// What is retired is not rented, changed or deleted any more.
    fn on_the_lists(&self, event: &Event, broken: &mut Broken) {
        let retired = self.items.get(&event.aggregate_id).is_some_and(|item| item.retired);
        broken.unless(!retired, ITEM_STEPS, || format!("{}: it is retired", named(event)));
    }

    fn answers(&mut self, event: &Event, rental: Uuid, answer: Answer, broken: &mut Broken) {
        let asked = self.rentals.get(&rental).is_some_and(|it| it.item == event.aggregate_id);
        let before = self.answers.insert(rental, answer);
        broken.unless(asked && before.is_none(), ANSWERED, || {
            format!("{}: {rental} has asked: {asked}, and was told {before:?}", named(event))
        });
    }

    fn reserved(&mut self, event: &Event, told: &ItemReserved, broken: &mut Broken) {
        let rental = id(&told.rental_id);
        let terms = Terms {
            item: event.aggregate_id,
            owner: told.owner.clone(),
            renter: told.renter.clone(),
            name: told.name.clone(),
            price_krw: told.price_krw,
        };
        let item = self.items.get(&event.aggregate_id);
        let same = item.is_some_and(|item| {
            (&item.owner, &item.name, item.price_krw)
                == (&terms.owner, &terms.name, terms.price_krw)
        });
        broken.unless(same, TERMS, || format!("{}: {terms:?} of {item:?}", named(event)));
        let free = item.is_some_and(|item| item.state == ItemState::Free);
        broken.unless(free, ONE_RENTAL, || format!("{}: it was {item:?}", named(event)));
        self.on_the_lists(event, broken);
        self.answers(event, rental, Answer::Yes(terms), broken);
        self.item_steps(event, ItemState::Free, ItemState::Reserved(rental), broken);
    }

    /// Also by what is not there at all.
    fn refused(&mut self, event: &Event, told: &ItemReservationRefused, broken: &mut Broken) {
        let answer = Answer::No { reason: told.reason.clone() };
        self.answers(event, id(&told.rental_id), answer, broken);
    }

    fn released(&mut self, event: &Event, rental: Uuid, broken: &mut Broken) {
        let state = self.state(rental);
        broken.unless(state == Some(RentalState::Cancelled), LET_GO, || {
            format!("{}: its rental is {state:?}", named(event))
        });
        self.item_steps(event, ItemState::Reserved(rental), ItemState::Free, broken);
    }

    /// From when it is withheld, before money goes back, until it is paid again, it is not lent.
    fn lent(&mut self, event: &Event, rental: Uuid, broken: &mut Broken) {
        let state = self.state(rental);
        broken.unless(state == Some(RentalState::Paid), PAID_FIRST, || {
            format!("{}: its rental is {state:?}", named(event))
        });
        self.item_steps(event, ItemState::Reserved(rental), ItemState::Lent(rental), broken);
    }

    /// Whoever reviews it has brought it back; somebody else may have it by now.
    fn retired(&mut self, event: &Event, told: &ItemRetired, broken: &mut Broken) {
        self.on_the_lists(event, broken);
        let state = self.state(id(&told.rental_id));
        broken.unless(state == Some(RentalState::Returned), REVIEWED, || {
            format!("{}: its rental is {state:?}", named(event))
        });
        let Some(item) = self.items.get_mut(&event.aggregate_id) else { return };
        item.retired = true;
        let deleted = item.state == ItemState::Deleted;
        broken.unless(!deleted, ITEM_STEPS, || format!("{}: it is deleted", named(event)));
    }
}
