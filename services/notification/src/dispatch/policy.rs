//! What a channel has to carry is dispatched.

use jangteo::notification::v1::{ChannelCreated, ChannelTold};
use jangteo_kit::{
    event::{Event, Unfit},
    execute::{Follows, Orders, Target},
    store::Never,
};

use super::{Command, Dispatch, What};

impl Follows for Dispatch {
    type Index = Never;
    const SOURCES: &'static [&'static str] = &["notification"];

    fn policy(event: &Event) -> Result<Orders<Self>, Unfit> {
        let channel = event.aggregate_id;
        let (owner, what) = if let Some(told) = event.message::<ChannelTold>()? {
            (told.owner, What::Notification(told.notification_id.parse()?))
        } else if let Some(created) = event.message::<ChannelCreated>()? {
            if !created.unconfirmed {
                return Ok(vec![]);
            }
            (created.owner, What::Confirmation(event.id()))
        } else {
            return Ok(vec![]);
        };
        let start = Command::Start { channel, owner, what };
        Ok(vec![(Target::Born(Self::id_of(channel, what)), start)])
    }
}
