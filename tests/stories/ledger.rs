//! Whose money is where: what the provider has taken is what paid rentals and standing orders cost, and
//! what went back went back once (S.3-3, S.3-5).

use std::collections::BTreeMap;

use jangteo_testing::within;
use serde_json::Value;

use super::{
    market::{Client, Market},
    trade::{SOON, named},
};

impl Market {
    /// Waits until no money is on its way any more, and the books of the provider, of payments, and of
    /// what these people rent and order say the same.
    pub(crate) async fn balances(&self, payers: &[&Client]) {
        let contexts: Vec<_> = self.contexts().collect();
        balances(&contexts, &self.operator(), payers).await;
    }
}

/// The same of any market of these contexts, whose operator looks into its books.
pub(crate) async fn balances(contexts: &[&str], operator: &Client, payers: &[&Client]) {
    let balanced =
        async || Books::of(contexts, operator, payers).await.wrong().is_none().then_some(());
    if within(SOON, balanced).await.is_none() {
        let books = Books::of(contexts, operator, payers).await;
        panic!("{}: {books:#?}", books.wrong().unwrap_or_default());
    }
}

/// What each of them says.
#[derive(Debug)]
struct Books {
    rentals: Vec<Value>,
    orders: Vec<Value>,
    payments: Vec<Value>,
    charges: Vec<Value>,
    /// What the provider has told of each charge, by its id.
    told: BTreeMap<String, Vec<String>>,
}

impl Books {
    /// A market has rentals, orders, or both.
    async fn of(contexts: &[&str], operator: &Client, payers: &[&Client]) -> Self {
        let has = |context: &str| contexts.contains(&context);
        let (mut rentals, mut orders, mut payments) = (vec![], vec![], vec![]);
        for payer in payers {
            if has("rental") {
                rentals.extend(payer.rentals().await);
            }
            if has("order") {
                orders.extend(payer.own_orders().await);
            }
            payments.extend(payer.payments().await);
        }
        let charges = operator.charges().await;
        let mut told: BTreeMap<_, Vec<_>> = BTreeMap::new();
        for event in operator.events("provider").await {
            told.entry(text(&event, "aggregateId")).or_default().push(named(&event));
        }
        Self { rentals, orders, payments, charges, told }
    }

    /// What is wrong with them.
    fn wrong(&self) -> Option<&'static str> {
        let rules = [
            (self.rests(), "money is on its way"),
            (self.paid() == self.taken(), "what was paid for and standing charges differ"),
            (self.approved() == self.standing(), "approved payments and standing charges differ"),
            (self.returned(), "money went back without a cancelled payment, or did not"),
            (self.once(), "a charge was made or refunded more than once"),
        ];
        rules.into_iter().find(|(holds, _)| !holds).map(|(_, wrong)| wrong)
    }

    fn rests(&self) -> bool {
        let busy = ["STATE_PAYING", "STATE_WITHHOLDING", "STATE_REFUNDING"];
        let asks = ["STATE_APPROVING", "STATE_CANCELLING"];
        let rests = |rows: &[Value], busy: &[&str]| !rows.iter().any(|row| is(row, busy));
        rests(&self.rentals, &busy) && rests(&self.orders, &asks) && rests(&self.payments, &asks)
    }

    /// What each paid rental costs, and each order that stands.
    fn paid(&self) -> Vec<(String, i64)> {
        let paid = ["STATE_PAID", "STATE_LENT", "STATE_RETURNED"];
        let stands = ["STATE_PLACED", "STATE_PREPARING", "STATE_DELIVERING", "STATE_DELIVERED"];
        let rentals = costs("rentals", "priceKrw", &self.rentals, &paid);
        sorted(rentals.chain(costs("orders", "totalKrw", &self.orders, &stands)))
    }

    /// What was taken for each of them and stays taken.
    fn taken(&self) -> Vec<(String, i64)> {
        let resource = |key: String| key.rsplit_once("/payments/").map(|(of, _)| of.to_owned());
        let taken = self.standing().into_iter();
        taken.map(|(key, amount)| (resource(key).unwrap_or_default(), amount)).collect()
    }

    fn approved(&self) -> Vec<(String, i64)> {
        sorted(amounts(&self.payments, "STATE_APPROVED"))
    }

    fn standing(&self) -> Vec<(String, i64)> {
        sorted(amounts(&self.charges, "STATE_CHARGED"))
    }

    /// Each charge that went back has its cancelled payment, and each payment that was given back its
    /// charge.
    fn returned(&self) -> bool {
        let cancelled: BTreeMap<_, _> = amounts(&self.payments, "STATE_CANCELLED").collect();
        let refunded: BTreeMap<_, _> = amounts(&self.charges, "STATE_REFUNDED").collect();
        let mut given_back = self.payments.iter().filter(|payment| payment["refunded"] == true);
        refunded.iter().all(|(key, amount)| cancelled.get(key) == Some(amount))
            && given_back.all(|payment| refunded.contains_key(&text(payment, "key")))
    }

    /// Each charge was made once, and went back once or not at all.
    fn once(&self) -> bool {
        let told = |charge: &Value| match charge["state"].as_str() {
            Some("STATE_REFUNDED") => vec!["ChargeMade", "ChargeRefunded"],
            _ => vec!["ChargeMade"],
        };
        let all = self.charges.iter();
        let all = all.map(|charge| (text(charge, "id"), told(charge)));
        let once: BTreeMap<_, _> = all.collect();
        once.len() == self.told.len()
            && once.iter().all(|(id, told)| self.told.get(id).is_some_and(|events| events == told))
    }
}

/// What each of a collection costs that stands in one of these states.
fn costs(
    collection: &str,
    price: &str,
    rows: &[Value],
    states: &[&str],
) -> impl Iterator<Item = (String, i64)> {
    let rows = rows.iter().filter(move |row| is(row, states));
    rows.map(move |row| (format!("{collection}/{}", text(row, "id")), won(row, price)))
}

/// Key and amount of those that stand so.
fn amounts(rows: &[Value], state: &str) -> impl Iterator<Item = (String, i64)> {
    let rows = rows.iter().filter(move |row| row["state"] == state);
    rows.map(|row| (text(row, "key"), won(row, "amountKrw")))
}

fn sorted(rows: impl Iterator<Item = (String, i64)>) -> Vec<(String, i64)> {
    let mut rows: Vec<_> = rows.collect();
    rows.sort();
    rows
}

fn is(row: &Value, states: &[&str]) -> bool {
    states.iter().any(|state| row["state"] == *state)
}

fn text(row: &Value, field: &str) -> String {
    row[field].as_str().unwrap_or_default().to_owned()
}

/// Whole won, which JSON writes as text; nothing is left out.
fn won(row: &Value, field: &str) -> i64 {
    row[field].as_str().map_or(0, |won| won.parse().expect("won are a whole number"))
}
