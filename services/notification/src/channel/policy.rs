//! What is new to a person goes to all his channels.

use jangteo::notification::v1::NotificationSent;
use jangteo_kit::{
    event::{Event, Unfit},
    execute::{Follows, Index, Orders, Target},
};
use sea_orm::{ColumnTrait, Condition};

use super::{Channel, Command, store};

/// The channels of a person that something goes through.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Open {
    pub(super) owner: String,
}

impl Follows for Channel {
    type Index = Open;
    const SOURCES: &'static [&'static str] = &["notification"];

    /// What was old news when it arrived is sent to nobody.
    fn policy(event: &Event) -> Result<Orders<Self>, Unfit> {
        let Some(sent) = event.message::<NotificationSent>()?.filter(|sent| !sent.read) else {
            return Ok(vec![]);
        };
        let tell = Command::Tell { notification: event.aggregate_id, at: event.time };
        Ok(vec![(Target::Each(Open { owner: sent.recipient }), tell)])
    }
}

impl Index<Channel> for Open {
    fn select(&self) -> Condition {
        use store::entity::Column;
        Condition::all()
            .add(Column::Owner.eq(self.owner.as_str()))
            .add(Column::State.is_in([store::MAIL, store::WEBHOOK]))
    }

    fn finds(&self, channel: &Channel) -> bool {
        channel.owner == self.owner && channel.is_open()
    }
}
