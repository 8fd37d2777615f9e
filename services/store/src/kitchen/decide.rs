//! What a store answers to each command.

use jangteo::store::v1::StoreOpened;
use jangteo_kit::{
    event::timestamp,
    execute::{Aggregate, Decision},
};

use super::{Command, Event, Rejection, Store};

impl Aggregate for Store {
    const KIND: &'static str = "store";
    type Command = Command;
    type Event = Event;
    type Rejection = Rejection;

    fn decide(state: Option<Self>, command: Command) -> Decision<Self> {
        if state.is_some() {
            return Err(Rejection::Exists);
        }
        let Command::Open { id, owner, name, at } = command;
        let event = StoreOpened {
            store_id: id.to_string(),
            owner: owner.clone(),
            name: name.clone(),
            time: Some(timestamp(at)),
        };
        Ok((Self { id, owner, name }, vec![event.into()]))
    }
}
