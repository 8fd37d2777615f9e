//! What an item answers to each command: the whole of it, and its owner's part.

use jangteo::item::v1::{ItemChanged, ItemDeleted, ItemLent, ItemRegistered, ItemReturned};
use jangteo_kit::execute::{Aggregate, Decision};
use uuid::Uuid;

use super::{Actor, Command, Edit, Event, Hold, Item, Listing, Rejection, State};

/// An event that names the item and its owner, and under a hold also the rental and the renter.
macro_rules! told {
    ($event:ident { $($field:ident: $value:expr),* }, $item:expr, $at:expr) => {
        $crate::domain::Event::from($event {
            item_id: $item.id.to_string(),
            owner: $item.owner.clone(),
            $($field: $value,)*
            time: Some(jangteo_kit::event::timestamp($at)),
        })
    };
    ($event:ident of $hold:ident { $($field:ident: $value:expr),* }, $item:expr, $at:expr) => {
        told!($event {
            rental_id: $hold.rental.to_string(),
            renter: $hold.renter.clone()
            $(, $field: $value)*
        }, $item, $at)
    };
}
pub(super) use told;

impl Aggregate for Item {
    const KIND: &'static str = "item";
    type Command = Command;
    type Event = Event;
    type Rejection = Rejection;

    fn decide(state: Option<Self>, command: Command) -> Decision<Self> {
        match (state, command) {
            (None, Command::Register { id, owner, listing, at }) => {
                Ok(Self::registered(id, owner, listing, at))
            }
            (None, Command::Reserve { id, rental, renter, at }) => {
                Ok(Self::unknown(id).reserve(rental, renter, at))
            }
            (None, _) => Err(Rejection::NotFound),
            (Some(item), command) => item.told(command),
        }
    }
}

impl Item {
    fn told(self, command: Command) -> Decision<Self> {
        match command {
            Command::Register { .. } => Err(Rejection::Exists),
            Command::Update { by, edit, at } => self.owned_by(&by)?.update(edit, at),
            Command::Delete { by, at } => self.owned_by(&by)?.delete(at),
            Command::Lend { by, rental, at } => self.owned_by(&by)?.lend(rental, at),
            Command::Return { by, rental, at } => self.owned_by(&by)?.take_back(rental, at),
            Command::Reserve { rental, renter, at, .. } => Ok(self.reserve(rental, renter, at)),
            Command::Release { rental, at } => Ok(self.release(rental, at)),
            Command::Paid { rental, attempt } => Ok((self.paid(rental, attempt), vec![])),
            Command::Withhold { rental, attempt } => Ok((self.withhold(rental, attempt)?, vec![])),
            Command::UndoWithhold { rental, attempt } => {
                Ok((self.undo_withhold(rental, attempt), vec![]))
            }
            Command::Retire { rental, at } => Ok(self.retire(rental, at)),
        }
    }

    fn registered(id: Uuid, owner: String, listing: Listing, at: i64) -> (Self, Vec<Event>) {
        let item = Self { id, owner, listing, state: State::Rentable };
        let event = told!(
            ItemRegistered { name: item.listing.name.clone(), price_krw: item.listing.price_krw },
            item,
            at
        );
        (item, vec![event])
    }

    /// What was asked for by this id, and is not there.
    fn unknown(id: Uuid) -> Self {
        Self { id, owner: String::new(), listing: Listing::default(), state: State::Unknown }
    }

    /// Somebody else's item looks like no item at all, and where there is none it is nobody's.
    fn owned_by(self, actor: &Actor) -> Result<Self, Rejection> {
        let own = self.owner == actor.0 && self.state != State::Unknown;
        if own { Ok(self) } else { Err(Rejection::NotFound) }
    }

    /// What keeps it from being rented, or changed. That it is retired comes first: it stays so.
    pub(super) fn rentable(&self) -> Result<(), Rejection> {
        match self.state {
            State::Rentable => Ok(()),
            State::Retired
            | State::Reserved(Hold { retired: true, .. }, _)
            | State::Lent(Hold { retired: true, .. }) => Err(Rejection::Retired),
            State::Reserved(..) => Err(Rejection::Reserved),
            State::Lent(_) => Err(Rejection::Lent),
            State::Deleted => Err(Rejection::Deleted),
            State::Unknown => Err(Rejection::NotFound),
        }
    }

    fn update(self, edit: Edit, at: i64) -> Decision<Self> {
        self.rentable()?;
        let listing = edit.of(&self.listing);
        if listing == self.listing {
            return Ok((self, vec![]));
        }
        let item = Self { listing, ..self };
        let event = told!(
            ItemChanged { name: item.listing.name.clone(), price_krw: item.listing.price_krw },
            item,
            at
        );
        Ok((item, vec![event]))
    }

    fn delete(self, at: i64) -> Decision<Self> {
        if self.hold().is_some() {
            return Err(Rejection::InUse);
        }
        self.rentable()?;
        let event = told!(ItemDeleted {}, self, at);
        Ok((Self { state: State::Deleted, ..self }, vec![event]))
    }

    /// To whoever holds it and has paid; asked again for the same rental it is the same answer.
    fn lend(self, rental: Uuid, at: i64) -> Decision<Self> {
        let (hold, payments) = match &self.state {
            State::Lent(hold) if hold.rental == rental => return Ok((self, vec![])),
            State::Reserved(hold, payments) if hold.rental == rental => (hold.clone(), payments),
            _ => return Err(Rejection::NotReservedForRental),
        };
        if payments.paid <= payments.withheld {
            return Err(Rejection::NotPaid);
        }
        let event = told!(ItemLent of hold { name: self.listing.name.clone() }, self, at);
        Ok((Self { state: State::Lent(hold), ..self }, vec![event]))
    }

    fn take_back(self, rental: Uuid, at: i64) -> Decision<Self> {
        let hold = match &self.state {
            State::Lent(hold) if hold.rental == rental => hold.clone(),
            _ => return Err(Rejection::NotLent),
        };
        let event = told!(ItemReturned of hold { name: self.listing.name.clone() }, self, at);
        Ok((Self { state: hold.ended(), ..self }, vec![event]))
    }
}

impl Hold {
    /// Where its item stands when the rental has ended.
    pub(super) fn ended(&self) -> State {
        if self.retired { State::Retired } else { State::Rentable }
    }
}
