//! Reads what everybody's books say, once all is quiet.

use std::{
    collections::{HashMap, HashSet},
    time::Duration,
};

use anyhow::bail;
use jangteo::{
    payment::v1::{ListPaymentsRequest, Payment, payment},
    provider::v1::{Charge, ListChargesRequest, charge},
    rental::v1::{ListRentalsRequest, Rental, list_rentals_request::Side, rental},
};
use prost_types::Timestamp;
use tokio::time::{Instant, sleep};

use super::{
    super::people::People,
    Provider, asked,
    balance::{Books, Entry, resource},
};

/// How long it may take until nothing is under way any more: what was given up is asked about ever more
/// seldom.
const QUIET: Duration = Duration::from_mins(1);
const LOOK: Duration = Duration::from_millis(500);
/// How far the clocks of the contexts may be apart, in seconds.
const APART: i64 = 60;
/// Rows of a page.
const PAGE: i32 = 100;

/// What there is of these rentals.
struct Read {
    rentals: Vec<Rental>,
    payments: Vec<Payment>,
    charges: Vec<Charge>,
}

/// Waits until nothing is under way any more, and answers what the books say of these rentals; `told`
/// times a renter was told that his is paid.
pub(super) async fn quiet(
    people: &People,
    provider: &Provider<'_>,
    rented: &[Rental],
    told: usize,
) -> anyhow::Result<Books> {
    let end = Instant::now() + QUIET;
    loop {
        let read = Read::of(people, provider, rented).await?;
        match read.under_way() {
            0 => return Ok(read.books(told)),
            many if Instant::now() >= end => bail!("{many} payments are still under way"),
            _ => sleep(LOOK).await,
        }
    }
}

impl Read {
    async fn of(
        people: &People,
        provider: &Provider<'_>,
        rented: &[Rental],
    ) -> anyhow::Result<Self> {
        let ids: HashSet<_> = rented.iter().map(|it| format!("rentals/{}", it.id)).collect();
        let first = rented.iter().filter_map(|it| it.create_time).map(|time| time.seconds).min();
        let since = first.unwrap_or_default() - APART;
        let recent = |time: Option<Timestamp>| time.is_some_and(|time| time.seconds >= since);
        let (mut rentals, mut payments) = (vec![], vec![]);
        let renters: HashSet<_> = rented.iter().map(|it| it.renter.as_str()).collect();
        for renter in renters {
            let all = rentals_of(people, renter, |it| recent(it.create_time)).await?;
            rentals
                .extend(all.into_iter().filter(|it| ids.contains(&format!("rentals/{}", it.id))));
            let all = payments_of(people, renter, |it| recent(it.create_time)).await?;
            payments.extend(all.into_iter().filter(|it| ids.contains(resource(&it.key))));
        }
        let mut charges = charges(provider, |it| recent(it.create_time)).await?;
        charges.retain(|it| ids.contains(resource(&it.key)));
        Ok(Self { rentals, payments, charges })
    }

    /// How many rentals are being paid, and payments being made or undone.
    fn under_way(&self) -> usize {
        let paying = self.rentals.iter().filter(|it| it.state() == rental::State::Paying);
        let open = [payment::State::Approving, payment::State::Cancelling];
        paying.count() + self.payments.iter().filter(|it| open.contains(&it.state())).count()
    }

    fn books(self, told: usize) -> Books {
        let Self { rentals, payments, charges } = self;
        let keys: HashMap<_, _> = payments.iter().map(|it| (&it.id, &it.key)).collect();
        let paid = |rental: Rental| {
            let unknown = || format!("payments/{}", rental.payment_id);
            let key = keys.get(&rental.payment_id).map_or_else(unknown, |&key| key.clone());
            Entry { key, payer: rental.renter, won: rental.price_krw }
        };
        let rentals = rentals.into_iter().filter(|it| it.state() == rental::State::Paid);
        let undone = payments.iter().filter(|it| it.state() == payment::State::Cancelled);
        let undone = undone.map(|Payment { key, payer, amount_krw, .. }| Entry {
            key: key.clone(),
            payer: payer.clone(),
            won: *amount_krw,
        });
        let (standing, refunded): (Vec<_>, Vec<_>) =
            charges.into_iter().partition(|it| it.state() == charge::State::Charged);
        let charged = |Charge { key, payer, amount_krw: won, .. }| Entry { key, payer, won };
        Books {
            told,
            undone: undone.collect(),
            paid: rentals.map(paid).collect(),
            standing: standing.into_iter().map(charged).collect(),
            refunded: refunded.into_iter().map(charged).collect(),
        }
    }
}

async fn rentals_of(
    people: &People,
    renter: &str,
    is_recent: impl Fn(&Rental) -> bool,
) -> anyhow::Result<Vec<Rental>> {
    let line = people.person(renter)?;
    let page = async |page_token| {
        let (page_size, side) = (PAGE, Side::Renter.into());
        let request = ListRentalsRequest { page_size, page_token, side, ..Default::default() };
        let page = asked(people, &line, request).await?;
        Ok((page.rentals, page.next_page_token))
    };
    newest(page, is_recent).await
}

async fn payments_of(
    people: &People,
    renter: &str,
    is_recent: impl Fn(&Payment) -> bool,
) -> anyhow::Result<Vec<Payment>> {
    let line = people.person(renter)?;
    let page = async |page_token| {
        let request =
            ListPaymentsRequest { page_size: PAGE, page_token, ..ListPaymentsRequest::default() };
        let page = asked(people, &line, request).await?;
        Ok((page.payments, page.next_page_token))
    };
    newest(page, is_recent).await
}

async fn charges(
    provider: &Provider<'_>,
    is_recent: impl Fn(&Charge) -> bool,
) -> anyhow::Result<Vec<Charge>> {
    let page = async |page_token| {
        let request =
            ListChargesRequest { page_size: PAGE, page_token, ..ListChargesRequest::default() };
        let page = provider.asked(request).await?;
        Ok((page.charges, page.next_page_token))
    };
    newest(page, is_recent).await
}

/// The beginning of a list whose newest rows come first: all that are recent.
async fn newest<T>(
    mut page: impl AsyncFnMut(String) -> anyhow::Result<(Vec<T>, String)>,
    is_recent: impl Fn(&T) -> bool,
) -> anyhow::Result<Vec<T>> {
    let (mut all, mut token) = (vec![], String::new());
    loop {
        let (mut rows, next) = page(token).await?;
        let many = rows.len();
        rows.retain(&is_recent);
        let is_end = next.is_empty() || rows.len() < many;
        all.append(&mut rows);
        if is_end {
            return Ok(all);
        }
        token = next;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_list_is_read_as_far_as_it_is_recent() {
        let pages = [(vec![9, 8], "a"), (vec![7, 6], "b"), (vec![5, 4], "c"), (vec![3], "")];
        let read = async |since: i32| {
            let mut asked = vec![];
            let page = async |token: String| {
                let (rows, next) = pages[asked.len()].clone();
                asked.push(token);
                Ok((rows, next.to_owned()))
            };
            (newest(page, |row| *row >= since).await.unwrap(), asked)
        };
        assert_eq!(read(6).await, (vec![9, 8, 7, 6], vec![String::new(), "a".into(), "b".into()]));
        assert_eq!(read(7).await, (vec![9, 8, 7], vec![String::new(), "a".into()]));
        assert_eq!(read(0).await.0, [9, 8, 7, 6, 5, 4, 3]);
    }

    #[test]
    fn books_are_kept_by_the_keys_of_payments() {
        let key = |attempt: u32| format!("rentals/R/payments/{attempt}");
        let payment = |id: &str, key: String, state: payment::State| Payment {
            id: id.to_owned(),
            key,
            payer: "renter01".to_owned(),
            amount_krw: 100,
            state: state.into(),
            ..Payment::default()
        };
        let charge = |key: String, state: charge::State| Charge {
            key,
            payer: "renter01".to_owned(),
            amount_krw: 100,
            state: state.into(),
            ..Charge::default()
        };
        let rental = |state: rental::State, payment_id: &str| Rental {
            renter: "renter01".to_owned(),
            price_krw: 100,
            state: state.into(),
            payment_id: payment_id.to_owned(),
            ..Rental::default()
        };
        let read = Read {
            rentals: vec![
                rental(rental::State::Paid, "P"),
                rental(rental::State::Paid, "Q"),
                rental(rental::State::Confirmed, ""),
            ],
            payments: vec![
                payment("P", key(2), payment::State::Approved),
                payment("O", key(1), payment::State::Cancelled),
                payment("N", key(0), payment::State::Declined),
            ],
            charges: vec![
                charge(key(2), charge::State::Charged),
                charge(key(1), charge::State::Refunded),
            ],
        };
        assert_eq!(read.under_way(), 0);
        let entry = |key: String| Entry { key, payer: "renter01".to_owned(), won: 100 };
        let expected = Books {
            told: 2,
            paid: vec![entry(key(2)), entry("payments/Q".to_owned())],
            undone: vec![entry(key(1))],
            standing: vec![entry(key(2))],
            refunded: vec![entry(key(1))],
        };
        assert_eq!(read.books(2), expected);
    }

    #[test]
    fn it_is_quiet_once_nothing_is_paid_or_undone_any_more() {
        let payment = |state: payment::State| Payment { state: state.into(), ..Payment::default() };
        let read = Read {
            rentals: vec![
                Rental { state: rental::State::Paying.into(), ..Rental::default() },
                Rental { state: rental::State::Confirmed.into(), ..Rental::default() },
            ],
            payments: vec![
                payment(payment::State::Approving),
                payment(payment::State::Cancelling),
                payment(payment::State::Approved),
            ],
            charges: vec![],
        };
        assert_eq!(read.under_way(), 3);
    }
}
