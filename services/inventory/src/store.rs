//! Products in their table: the one place where columns meet states.

use jangteo_kit::execute::{Stored, Versioned};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{
    domain::{Hold, Listing, Product},
    grpc::shown,
};

pub(crate) mod entity {
    use sea_orm::entity::prelude::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "product")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub revision: i64,
        pub sequence: i64,
        pub correlation_id: Uuid,
        pub create_time: i64,
        pub update_time: i64,
        pub owner: String,
        pub name: String,
        /// In lower case, to be searched.
        pub name_folded: String,
        pub spec: String,
        pub price_krw: i64,
        pub on_hand: i64,
        pub state: String,
        /// What is held, and what is sold and may come back, as JSON.
        pub held: Vec<u8>,
        /// The store that makes it to order; none: it is counted.
        pub store_id: Option<Uuid>,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

/// A hold as its column keeps it.
#[derive(Serialize, Deserialize)]
struct Kept {
    holder: Uuid,
    buyer: String,
    quantity: i64,
    #[serde(default, skip_serializing_if = "is_false")]
    sold: bool,
}

impl Kept {
    fn back(self) -> Hold {
        let Self { holder, buyer, quantity, .. } = self;
        Hold { holder, buyer, quantity }
    }
}

impl Stored for Product {
    type Entity = entity::Entity;
    type Row = entity::ActiveModel;
    type Reply = jangteo::inventory::v1::Product;

    fn reply(versioned: &Versioned<Self>) -> Self::Reply {
        shown(versioned)
    }

    fn read(row: entity::Model) -> Result<Versioned<Self>, String> {
        let head = jangteo_kit::head!(row);
        let (released, Holds { held, sold }) =
            state(&row).map_err(|why| format!("product {}: {why}", row.id))?;
        let listing = Listing { name: row.name, spec: row.spec, price_krw: row.price_krw };
        let (id, owner, store, on_hand) = (row.id, row.owner, row.store_id, row.on_hand);
        let state = Self { id, owner, listing, store, on_hand, held, sold, released };
        Ok(Versioned { state, head })
    }

    fn write(Versioned { state: product, head }: &Versioned<Self>) -> entity::ActiveModel {
        jangteo_kit::row!(entity::ActiveModel of head {
            owner: product.owner.clone(),
            name: product.listing.name.clone(),
            name_folded: product.listing.name.to_lowercase(),
            spec: product.listing.spec.clone(),
            price_krw: product.listing.price_krw,
            on_hand: product.on_hand,
            state: (if product.released { RELEASED } else { ON_SALE }).to_owned(),
            held: json(&product.held, &product.sold),
            store_id: product.store,
        })
    }
}

const ON_SALE: &str = "on_sale";
const RELEASED: &str = "released";

/// The pieces of purchases.
struct Holds {
    held: Vec<Hold>,
    sold: Vec<Hold>,
}

/// Whether it is released, and what is held of it, which has to be there, and sold.
fn state(row: &entity::Model) -> Result<(bool, Holds), String> {
    let released = match row.state.as_str() {
        ON_SALE => false,
        RELEASED => true,
        state => return Err(format!("no state `{state}`")),
    };
    let holds = holds(&row.held)?;
    if !is_there(row.on_hand, &holds.held) {
        return Err(format!("{} on hand do not cover what is held", row.on_hand));
    }
    if row.store_id.is_some() && !is_nothing(row.on_hand, &holds) {
        return Err("pieces of what is made to order".to_owned());
    }
    Ok((released, holds))
}

fn is_nothing(on_hand: i64, holds: &Holds) -> bool {
    on_hand == 0 && holds.held.is_empty() && holds.sold.is_empty()
}

fn is_there(on_hand: i64, held: &[Hold]) -> bool {
    let all = held.iter().fold(0_i64, |all, hold| all.saturating_add(hold.quantity));
    all <= on_hand && held.iter().all(|hold| hold.quantity > 0)
}

fn json(held: &[Hold], sold: &[Hold]) -> Vec<u8> {
    let kept: Vec<Kept> = held.iter().map(kept(false)).chain(sold.iter().map(kept(true))).collect();
    serde_json::to_vec(&kept).expect("holds are JSON")
}

fn kept(sold: bool) -> impl Fn(&Hold) -> Kept {
    move |Hold { holder, buyer, quantity }| Kept {
        holder: *holder,
        buyer: buyer.clone(),
        quantity: *quantity,
        sold,
    }
}

fn holds(json: &[u8]) -> Result<Holds, String> {
    let kept: Vec<Kept> =
        serde_json::from_slice(json).map_err(|error| format!("no holds: {error}"))?;
    let (sold, held): (Vec<_>, Vec<_>) = kept.into_iter().partition(|kept| kept.sold);
    let all = |kept: Vec<Kept>| kept.into_iter().map(Kept::back).collect();
    Ok(Holds { held: all(held), sold: all(sold) })
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks so")]
fn is_false(sold: &bool) -> bool {
    !sold
}

/// The name under which the table keeps a contract's state; of no state in particular: that of all
/// that can be bought.
pub(crate) fn name(state: jangteo::inventory::v1::product::State) -> &'static str {
    use jangteo::inventory::v1::product::State as Shown;
    match state {
        Shown::Unspecified | Shown::OnSale => ON_SALE,
        Shown::Released => RELEASED,
    }
}

#[cfg(test)]
pub(crate) mod tests;
