//! What is asked for, what it costs, and whether the stock has answered just that.

use jangteo::inventory::v1::HoldStockResponse;

use super::*;
use crate::domain::lines::merged;

const ROSES: Uuid = Uuid::from_u128(1);
const LILIES: Uuid = Uuid::from_u128(2);

fn of(product: Uuid, quantity: i64) -> Wanted {
    Wanted { product, quantity }
}

#[test]
fn lines_of_one_product_are_added_up_where_it_came_first() {
    let lines = vec![of(LILIES, 1), of(ROSES, 4), of(LILIES, 2)];
    assert_eq!(merged(lines), Ok(vec![of(LILIES, 3), of(ROSES, 4)]));
}

#[test]
fn an_order_is_of_something_and_not_of_more_than_can_be_counted_on() {
    assert_eq!(merged(vec![]), Err(Rejection::NoLines));
    let most = vec![of(ROSES, 999_999), of(LILIES, 1_000_000), of(ROSES, 1)];
    assert_eq!(merged(most), Ok(vec![of(ROSES, 1_000_000), of(LILIES, 1_000_000)]));
    for more in [1, i64::MAX] {
        let lines = vec![of(ROSES, 1_000_000), of(ROSES, more)];
        assert_eq!(merged(lines), Err(Rejection::TooMany));
    }
}

/// E.13-4
#[test]
fn what_it_costs_is_added_up_and_never_turns_round() {
    assert_eq!(sold().total_krw(), 152_000);
    let mut dear = sold();
    dear.lines[0].price_krw = i64::MAX;
    assert_eq!(dear.total_krw(), i64::MAX);
    assert_eq!(Sold { lines: vec![], ..sold() }.total_krw(), 0);
}

#[test]
fn only_what_was_asked_for_is_an_answer() {
    let answer = placing::held();
    assert_eq!(Sold::of(answer.clone(), &wanted()), Some(sold()));
    assert_eq!(Sold::of(placing::holding(&made()), &wanted()), Some(made()));
    let without = |lines: usize| {
        let kept = answer.lines.iter().take(lines).cloned().collect();
        HoldStockResponse { lines: kept, ..answer.clone() }
    };
    for less in [without(0), without(1)] {
        assert_eq!(Sold::of(less, &wanted()), None);
    }
    let (mut other, mut nameless) = (answer.clone(), answer.clone());
    other.lines[1].quantity += 1;
    nameless.lines[1].product_id = "1".to_owned();
    let nowhere = HoldStockResponse { store_id: "99".to_owned(), ..answer };
    for wrong in [other, nameless, nowhere] {
        assert_eq!(Sold::of(wrong, &wanted()), None);
    }
}
