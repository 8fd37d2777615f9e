//! Between the contract's messages and the domain.

use jangteo::inventory::v1::{
    HoldStockResponse, Product as Shown, StockLine, UpdateProductRequest,
    hold_stock_response::Line, product::State,
};
use jangteo_kit::{
    event::timestamp,
    execute::{Stored, Versioned},
    ids::parse,
    mask::Mask,
    status::inconsistent,
};
use tonic::Status;
use uuid::Uuid;

use crate::{
    domain::{
        Edit, Product, Rejection,
        lines::{one_owner, one_store},
    },
    store::entity,
};

/// A product as clients see it.
pub(crate) fn shown(Versioned { state: product, head }: &Versioned<Product>) -> Shown {
    let state = if product.released { State::Released } else { State::OnSale };
    Shown {
        id: head.id.to_string(),
        owner: product.owner.clone(),
        name: product.listing.name.clone(),
        spec: product.listing.spec.clone(),
        price_krw: product.listing.price_krw,
        on_hand: product.on_hand,
        available: product.available(),
        state: state.into(),
        create_time: Some(timestamp(head.create_time)),
        update_time: Some(timestamp(head.update_time)),
        etag: head.etag(),
        store_id: product.store_id(),
    }
}

/// A row of a list as clients see it.
pub(super) fn row(row: entity::Model) -> Result<Shown, Status> {
    let product = Product::read(row).map_err(inconsistent)?;
    Ok(shown(&product))
}

/// The store of this id; none where a request names none.
pub(crate) fn store_of(id: &str) -> Result<Option<Uuid>, Status> {
    if id.is_empty() { Ok(None) } else { parse("store_id", id).map(Some) }
}

/// Products and pieces that a purchase asks for.
pub(super) fn lines(lines: &[StockLine]) -> Result<Vec<(Uuid, i64)>, Status> {
    let line = |line: &StockLine| {
        parse("lines.product_id", &line.product_id).map(|id| (id, line.quantity))
    };
    lines.iter().map(line).collect()
}

/// What a purchase holds, or has made to order, of what it asked for, at the price of this moment; refused
/// if it is of several owners or stores.
pub(super) fn held(
    products: &[Versioned<Product>],
    asked: &[(Uuid, i64)],
    holder: Uuid,
) -> Result<HoldStockResponse, Rejection> {
    let products: Vec<&Product> = products.iter().map(|found| &found.state).collect();
    let owner = one_owner(&products)?.to_owned();
    let store_id = one_store(&products)?.map(|store| store.to_string()).unwrap_or_default();
    let each = products.into_iter().zip(asked);
    let lines = each.map(|(product, (_, quantity))| line(product, *quantity, holder)).collect();
    Ok(HoldStockResponse { owner, lines, store_id })
}

/// Of what is made to order nothing is held: it is as much as was asked for.
fn line(product: &Product, asked: i64, holder: Uuid) -> Line {
    Line {
        product_id: product.id.to_string(),
        name: product.listing.name.clone(),
        quantity: product.hold_of(holder).map_or(asked, |hold| hold.quantity),
        price_krw: product.listing.price_krw,
    }
}

/// The edit that a request asks for: what its mask names, or what is set without a mask.
pub(super) fn edit(body: UpdateProductRequest) -> Result<Edit, Status> {
    let set = [
        ("name", body.name.is_some()),
        ("spec", body.spec.is_some()),
        ("price_krw", body.price_krw.is_some()),
    ];
    let mask = Mask::over(body.update_mask, &set)?;
    Ok(Edit {
        name: mask.pick("name", body.name),
        spec: mask.pick("spec", body.spec),
        price_krw: mask.pick("price_krw", body.price_krw),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        domain::samples::{STORE, hold, holder, made_to_order, product, released},
        store::tests::stored,
    };

    #[test]
    fn everybody_sees_what_is_there_and_what_can_be_had() {
        let held = || product(vec![hold(1, 3)]);
        for (product, state) in [(held(), State::OnSale), (released(held()), State::Released)] {
            let shown = shown(&stored(Uuid::from_u128(7), product));
            assert_eq!((shown.on_hand, shown.available, shown.state()), (10, 7, state));
            assert_eq!(shown.id, Uuid::from_u128(7).to_string());
            assert_eq!(shown.store_id, "");
        }
    }

    /// D-F1
    #[test]
    fn everybody_sees_which_store_makes_it() {
        let shown = shown(&stored(Uuid::from_u128(7), made_to_order()));
        assert_eq!((shown.on_hand, shown.available, shown.state()), (0, 0, State::OnSale));
        assert_eq!(shown.store_id, STORE.to_string());
        assert_eq!(store_of(&shown.store_id).unwrap(), Some(STORE));
        assert_eq!(store_of("").unwrap(), None);
        assert!(store_of("99").is_err());
    }

    /// E-T2: prices are the server's.
    #[test]
    fn a_purchase_is_answered_by_what_it_holds() {
        let several = [(1, 3), (2, 5)].map(|(id, quantity)| {
            stored(Uuid::from_u128(id), product(vec![hold(9, 1), hold(1, quantity)]))
        });
        // Asked again, maybe for more: it is answered by what it holds.
        let asked = [1, 2].map(|id| (Uuid::from_u128(id), 9));
        let HoldStockResponse { owner, lines, store_id } =
            held(&several, &asked, holder(1)).unwrap();
        let lines = lines.iter().map(|line| (line.quantity, line.price_krw, line.name.as_str()));
        assert_eq!((owner.as_str(), store_id.as_str()), ("owner01", ""));
        assert_eq!(lines.collect::<Vec<_>>(), [(3, 50_000, "장미"), (5, 50_000, "장미")]);
    }

    /// D-F1: nothing of it is held.
    #[test]
    fn a_purchase_of_what_is_made_to_order_is_answered_by_what_it_asked_for() {
        let several = [1, 2].map(|id| stored(Uuid::from_u128(id), made_to_order()));
        let asked = [(1, 3), (2, 5)].map(|(id, quantity)| (Uuid::from_u128(id), quantity));
        let answer = held(&several, &asked, holder(1)).unwrap();
        let lines = answer.lines.iter().map(|line| (line.product_id.clone(), line.quantity));
        let expected = asked.map(|(id, quantity)| (id.to_string(), quantity));
        assert_eq!(lines.collect::<Vec<_>>(), expected);
        assert_eq!((answer.owner.as_str(), answer.store_id), ("owner01", STORE.to_string()));
    }

    fn refused(several: [Product; 2]) -> Rejection {
        let several = several.map(|product| stored(Uuid::nil(), product));
        held(&several, &[(Uuid::nil(), 1), (Uuid::nil(), 1)], holder(1)).unwrap_err()
    }

    #[test]
    fn a_purchase_of_several_owners_is_refused() {
        let other = Product { owner: "owner02".to_owned(), ..product(vec![]) };
        assert_eq!(refused([product(vec![]), other]), Rejection::OneSeller);
    }

    /// D-F1: a kitchen makes all of an order, or nothing of it.
    #[test]
    fn a_purchase_of_several_stores_or_of_one_and_pieces_is_refused() {
        let other = Product { store: Some(Uuid::nil()), ..made_to_order() };
        assert_eq!(refused([made_to_order(), other]), Rejection::OneStore);
        assert_eq!(refused([product(vec![]), made_to_order()]), Rejection::OneStore);
    }
}
