//! What becomes of the pieces that a deal holds when it is called off, or done.

use jangteo::deal::v1::{DealCancelled, DealEnded};
use jangteo_kit::{
    event::{Event, Unfit},
    execute::{Follows, Orders, Target},
    store::Never,
};
use sea_orm::Condition;

use crate::domain::{Command, Product};

impl Follows for Product {
    type Index = Never;
    const SOURCES: &'static [&'static str] = &["deal"];

    fn policy(event: &Event) -> Result<Orders<Self>, Unfit> {
        let (holder, at) = (event.aggregate_id, event.time);
        if let Some(cancelled) = event.message::<DealCancelled>()? {
            return for_product(&cancelled.product_id, Command::GiveBack { holder, at });
        }
        if let Some(ended) = event.message::<DealEnded>()? {
            return for_product(&ended.product_id, Command::Take { holder, at });
        }
        Ok(vec![])
    }

    fn select(index: &Never) -> Condition {
        match *index {}
    }
}

/// A deal that names no product is about something else.
fn for_product(id: &str, command: Command) -> Result<Orders<Product>, Unfit> {
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
    const PRODUCT: Uuid = Uuid::from_u128(1);

    fn event(message: &impl Name) -> Event {
        jangteo_testing::event(DEAL, 2, message, 5)
    }

    fn cancelled(product_id: String) -> Event {
        let deal_id = DEAL.to_string();
        event(&DealCancelled { deal_id, product_id, ..DealCancelled::default() })
    }

    fn ended(product_id: String) -> Event {
        event(&DealEnded { deal_id: DEAL.to_string(), product_id, ..DealEnded::default() })
    }

    /// C-F6, C-T6
    #[test]
    fn a_cancelled_deal_gives_its_pieces_back() {
        let orders = Product::policy(&cancelled(PRODUCT.to_string())).unwrap();
        let give_back = Command::GiveBack { holder: DEAL, at: 5 };
        assert_eq!(orders, [(Target::One(PRODUCT), give_back)]);
    }

    /// C-F4, C-T4
    #[test]
    fn an_ended_deal_takes_its_pieces() {
        let orders = Product::policy(&ended(PRODUCT.to_string())).unwrap();
        assert_eq!(orders, [(Target::One(PRODUCT), Command::Take { holder: DEAL, at: 5 })]);
    }

    /// C.12: the original takes stock when a trade begins.
    #[test]
    fn what_else_happens_to_deals_leaves_products_alone() {
        let (reserved, rescheduled) = (DealReserved::default(), DealRescheduled::default());
        for event in [event(&reserved), event(&rescheduled)] {
            assert_eq!(Product::policy(&event).unwrap(), [], "{}", event.type_name);
        }
    }

    #[test]
    fn a_deal_about_a_post_leaves_products_alone() {
        for event in [cancelled(String::new()), ended(String::new())] {
            assert_eq!(Product::policy(&event).unwrap(), [], "{}", event.type_name);
        }
    }

    #[test]
    fn an_event_that_is_not_what_it_says_is_told() {
        let broken = Event { payload: vec![0xff], ..cancelled(PRODUCT.to_string()) };
        for unfit in [broken, cancelled("1".to_owned()), ended("1".to_owned())] {
            assert!(Product::policy(&unfit).is_err());
        }
    }
}
