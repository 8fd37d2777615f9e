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
    domain::{Edit, Product, Rejection, lines::one_owner},
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
    }
}

/// A row of a list as clients see it.
pub(super) fn row(row: entity::Model) -> Result<Shown, Status> {
    let product = Product::read(row).map_err(inconsistent)?;
    Ok(shown(&product))
}

/// Products and pieces that a purchase asks for.
pub(super) fn lines(lines: &[StockLine]) -> Result<Vec<(Uuid, i64)>, Status> {
    let line = |line: &StockLine| {
        parse("lines.product_id", &line.product_id).map(|id| (id, line.quantity))
    };
    lines.iter().map(line).collect()
}

/// What a purchase holds, at the price of this moment; refused if it is of several owners.
pub(super) fn held(
    products: &[Versioned<Product>],
    holder: Uuid,
) -> Result<HoldStockResponse, Rejection> {
    let products: Vec<&Product> = products.iter().map(|found| &found.state).collect();
    let owner = one_owner(&products)?.to_owned();
    let lines = products.into_iter().map(|product| line(product, holder)).collect();
    Ok(HoldStockResponse { owner, lines })
}

fn line(product: &Product, holder: Uuid) -> Line {
    Line {
        product_id: product.id.to_string(),
        name: product.listing.name.clone(),
        quantity: product.hold_of(holder).map(|hold| hold.quantity).unwrap_or_default(),
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
        domain::samples::{hold, holder, product, released},
        store::tests::stored,
    };

    #[test]
    fn everybody_sees_what_is_there_and_what_can_be_had() {
        let held = || product(vec![hold(1, 3)]);
        for (product, state) in [(held(), State::OnSale), (released(held()), State::Released)] {
            let shown = shown(&stored(Uuid::from_u128(7), product));
            assert_eq!((shown.on_hand, shown.available, shown.state()), (10, 7, state));
            assert_eq!(shown.id, Uuid::from_u128(7).to_string());
        }
    }

    /// E-T2: prices are the server's.
    #[test]
    fn a_purchase_is_answered_by_what_it_holds() {
        let several = [(1, 3), (2, 5)].map(|(id, quantity)| {
            stored(Uuid::from_u128(id), product(vec![hold(9, 1), hold(1, quantity)]))
        });
        let HoldStockResponse { owner, lines } = held(&several, holder(1)).unwrap();
        let lines = lines.iter().map(|line| (line.quantity, line.price_krw, line.name.as_str()));
        assert_eq!(owner, "owner01");
        assert_eq!(lines.collect::<Vec<_>>(), [(3, 50_000, "장미"), (5, 50_000, "장미")]);
    }

    #[test]
    fn a_purchase_of_several_owners_is_refused() {
        let other = Product { owner: "owner02".to_owned(), ..product(vec![]) };
        let several = [product(vec![]), other].map(|product| stored(Uuid::nil(), product));
        assert_eq!(held(&several, holder(1)), Err(Rejection::OneSeller));
    }
}
