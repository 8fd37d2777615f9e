//! What becomes of a post when the deal that it is reserved for is called off, or done.

use jangteo::deal::v1::{DealCancelled, DealEnded};
use jangteo_kit::{
    event::{Event, Unfit},
    execute::{Follows, Orders, Target},
    store::Never,
};

use crate::domain::{Command, Post};

impl Follows for Post {
    type Index = Never;
    const SOURCES: &'static [&'static str] = &["deal"];

    fn policy(event: &Event) -> Result<Orders<Self>, Unfit> {
        let (deal, at) = (event.aggregate_id, event.time);
        if let Some(cancelled) = event.message::<DealCancelled>()? {
            return for_post(&cancelled.post_id, Command::Release { deal, at });
        }
        if let Some(ended) = event.message::<DealEnded>()? {
            return for_post(&ended.post_id, Command::Sell { deal, at });
        }
        Ok(vec![])
    }
}

/// A deal that names no post is about something else.
fn for_post(id: &str, command: Command) -> Result<Orders<Post>, Unfit> {
    if id.is_empty() {
        return Ok(vec![]);
    }
    Ok(vec![(Target::One(id.parse()?), command)])
}

#[cfg(test)]
mod tests {
    use jangteo::deal::v1::{DealRescheduled, DealReserved};
    use prost::Name;
    use uuid::Uuid;

    use super::*;

    const DEAL: Uuid = Uuid::from_u128(7);
    const POST: Uuid = Uuid::from_u128(1);

    fn event(message: &impl Name) -> Event {
        jangteo_testing::event(DEAL, 2, message, 5)
    }

    fn cancelled(post_id: String) -> Event {
        event(&DealCancelled { deal_id: DEAL.to_string(), post_id, ..DealCancelled::default() })
    }

    /// A-F4, A-T11
    #[test]
    fn a_cancelled_deal_lets_its_post_go() {
        let release = Command::Release { deal: DEAL, at: 5 };
        let orders = Post::policy(&cancelled(POST.to_string())).unwrap();
        assert_eq!(orders, [(Target::One(POST), release)]);
    }

    /// A-F5, A-T9
    #[test]
    fn an_ended_deal_sells_its_post() {
        let post_id = POST.to_string();
        let ended = DealEnded { deal_id: DEAL.to_string(), post_id, ..DealEnded::default() };
        let orders = Post::policy(&event(&ended)).unwrap();
        assert_eq!(orders, [(Target::One(POST), Command::Sell { deal: DEAL, at: 5 })]);
    }

    #[test]
    fn what_else_happens_to_deals_leaves_posts_alone() {
        let post_id = POST.to_string();
        let reserved = DealReserved { post_id: post_id.clone(), ..DealReserved::default() };
        let rescheduled = DealRescheduled { post_id, ..DealRescheduled::default() };
        for event in [event(&reserved), event(&rescheduled), cancelled(String::new())] {
            assert_eq!(Post::policy(&event).unwrap(), [], "{}", event.type_name);
        }
    }

    #[test]
    fn an_event_that_is_not_what_it_says_is_told() {
        let broken = Event { payload: vec![0xff], ..cancelled(POST.to_string()) };
        for unfit in [broken, cancelled("1".to_owned())] {
            assert!(Post::policy(&unfit).is_err());
        }
    }
}
