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
        /// As JSON.
        pub held: Vec<u8>,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

/// A hold as its column keeps it.
#[derive(Serialize, Deserialize)]
struct Kept {
    holder: Uuid,
    buyer: String,
    quantity: i64,
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
        let (released, holds) = state(&row).map_err(|why| format!("product {}: {why}", row.id))?;
        let listing = Listing { name: row.name, spec: row.spec, price_krw: row.price_krw };
        let (id, owner, on_hand) = (row.id, row.owner, row.on_hand);
        Ok(Versioned { state: Self { id, owner, listing, on_hand, held: holds, released }, head })
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
            held: json(&product.held),
        })
    }
}

const ON_SALE: &str = "on_sale";
const RELEASED: &str = "released";

/// Whether it is released, and what is held of it, which has to be there.
fn state(row: &entity::Model) -> Result<(bool, Vec<Hold>), String> {
    let released = match row.state.as_str() {
        ON_SALE => false,
        RELEASED => true,
        state => return Err(format!("no state `{state}`")),
    };
    let held = holds(&row.held)?;
    if !is_there(row.on_hand, &held) {
        return Err(format!("{} on hand do not cover what is held", row.on_hand));
    }
    Ok((released, held))
}

fn is_there(on_hand: i64, held: &[Hold]) -> bool {
    let all = held.iter().fold(0_i64, |all, hold| all.saturating_add(hold.quantity));
    all <= on_hand && held.iter().all(|hold| hold.quantity > 0)
}

fn json(held: &[Hold]) -> Vec<u8> {
    let kept = |Hold { holder, buyer, quantity }: &Hold| Kept {
        holder: *holder,
        buyer: buyer.clone(),
        quantity: *quantity,
    };
    serde_json::to_vec(&held.iter().map(kept).collect::<Vec<_>>()).expect("holds are JSON")
}

fn holds(json: &[u8]) -> Result<Vec<Hold>, String> {
    let kept: Vec<Kept> =
        serde_json::from_slice(json).map_err(|error| format!("no holds: {error}"))?;
    let hold = |Kept { holder, buyer, quantity }| Hold { holder, buyer, quantity };
    Ok(kept.into_iter().map(hold).collect())
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
