//! Charges come back from their table.

use jangteo_kit::execute::Head;
use uuid::Uuid;

use super::*;

fn samples(id: Uuid) -> Vec<Versioned<Charge>> {
    let head = Head {
        id,
        revision: 3,
        sequence: 2,
        correlation_id: Uuid::max(),
        create_time: 1,
        update_time: 2,
    };
    let (key, payer) = ("🥕".repeat(200), "🥕".repeat(64));
    let charge = |refunded| Charge {
        id,
        key: key.clone(),
        payer: payer.clone(),
        amount_krw: i64::MAX,
        refunded,
    };
    [false, true].map(|it| Versioned { state: charge(it), head: head.clone() }).into()
}

jangteo_testing::rows_come_back!("provider", crate::migration::all, samples);
