//! Whether the books balance: what renters were told, what rentals say, and what the provider took.

use std::collections::BTreeMap;

/// Money that somebody's books say moved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Entry {
    /// The payment that it moved for, such as `rentals/R/payments/2`.
    pub(super) key: String,
    pub(super) payer: String,
    pub(super) won: i64,
}

/// All books, once all is quiet.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Books {
    /// How many times a renter was told that his rental is paid.
    pub(super) told: usize,
    /// Rentals that are paid.
    pub(super) paid: Vec<Entry>,
    /// Payments that came to nothing, and were undone.
    pub(super) undone: Vec<Entry>,
    /// Charges of the provider that stand.
    pub(super) standing: Vec<Entry>,
    /// Charges that it has refunded.
    pub(super) refunded: Vec<Entry>,
}

/// So many of something, and what they come to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Sum {
    pub(super) count: usize,
    pub(super) won: i64,
}

/// What the books come to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Balance {
    pub(super) told: usize,
    pub(super) paid: Sum,
    pub(super) standing: Sum,
    /// Attempts that came to nothing; the provider had been asked to charge for them, or not yet.
    pub(super) undone: Sum,
    pub(super) refunded: Sum,
    /// Where they differ, in words; nothing where they balance.
    pub(super) faults: Vec<String>,
}

/// Who was told that he has paid has; who has is charged that, once; all else that was ever charged went
/// back.
pub(super) fn balance(books: &Books) -> Balance {
    let mut faults = told(books);
    faults.extend(lacking(&books.paid, &books.standing, "paid, and not charged so"));
    faults.extend(lacking(&books.standing, &books.paid, "charged, and not paid so"));
    faults.extend(lacking(&books.refunded, &books.undone, "refunded, and not undone"));
    for (book, name) in [(&books.paid, "paid"), (&books.standing, "charged")] {
        faults.extend(twice(book, name));
    }
    Balance {
        told: books.told,
        paid: sum(&books.paid),
        standing: sum(&books.standing),
        undone: sum(&books.undone),
        refunded: sum(&books.refunded),
        faults,
    }
}

fn told(Books { told, paid, .. }: &Books) -> Vec<String> {
    if *told == paid.len() {
        return vec![];
    }
    vec![format!("{told} times a renter was told that his rental is paid; {} are", paid.len())]
}

/// What one book has, and the other has not, or otherwise.
fn lacking(book: &[Entry], other: &[Entry], how: &str) -> Vec<String> {
    let moved = |it: &Entry| (it.payer.clone(), it.won);
    let other: BTreeMap<_, _> = other.iter().map(|it| (&it.key, moved(it))).collect();
    let lacks = book.iter().filter(|it| other.get(&it.key) != Some(&moved(it)));
    lacks.map(|Entry { key, payer, won }| format!("{key}: {won} won of {payer} {how}")).collect()
}

/// Rentals that money moved for more than once.
fn twice(book: &[Entry], how: &str) -> Vec<String> {
    let mut times = BTreeMap::<_, usize>::new();
    for entry in book {
        *times.entry(resource(&entry.key)).or_default() += 1;
    }
    let more = times.into_iter().filter(|(_, times)| *times > 1);
    more.map(|(rental, times)| format!("{rental}: {how} {times} times")).collect()
}

/// What a key pays for, such as `rentals/R` of `rentals/R/payments/2`.
pub(super) fn resource(key: &str) -> &str {
    key.rsplit_once("/payments/").map_or(key, |(resource, _)| resource)
}

fn sum(book: &[Entry]) -> Sum {
    Sum { count: book.len(), won: book.iter().map(|it| it.won).sum() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(rental: u32, attempt: u32) -> Entry {
        let key = format!("rentals/{rental}/payments/{attempt}");
        Entry { key, payer: format!("renter{rental:02}"), won: i64::from(rental) * 100 }
    }

    /// Two rentals are paid, the second at its third try; of the two before, one was charged.
    fn books() -> Books {
        Books {
            told: 2,
            paid: vec![entry(1, 1), entry(2, 3)],
            undone: vec![entry(2, 1), entry(2, 2)],
            standing: vec![entry(2, 3), entry(1, 1)],
            refunded: vec![entry(2, 1)],
        }
    }

    fn faults(change: impl FnOnce(&mut Books)) -> Vec<String> {
        let mut books = books();
        change(&mut books);
        balance(&books).faults
    }

    #[test]
    fn it_balances_where_each_paid_rental_is_charged_once_and_all_else_went_back() {
        let balance = balance(&books());
        let sums = [balance.paid, balance.standing, balance.undone, balance.refunded];
        let sums = sums.map(|Sum { count, won }| (count, won));
        assert_eq!(sums, [(2, 300), (2, 300), (2, 400), (1, 200)]);
        assert_eq!((balance.told, balance.faults), (2, vec![]));
    }

    #[test]
    fn money_that_was_taken_for_nothing_is_found() {
        let stays = faults(|books| {
            let charge = books.refunded.remove(0);
            books.standing.push(charge);
        });
        let said = [
            "rentals/2/payments/1: 200 won of renter02 charged, and not paid so",
            "rentals/2: charged 2 times",
        ];
        assert_eq!(stays, said);
    }

    #[test]
    fn a_rental_that_is_paid_without_a_charge_is_found() {
        let lost = faults(|books| drop(books.standing.pop()));
        assert_eq!(lost, ["rentals/1/payments/1: 100 won of renter01 paid, and not charged so"]);
        let refunded = faults(|books| {
            let charge = books.standing.remove(0);
            books.refunded.push(charge);
        });
        let said = [
            "rentals/2/payments/3: 200 won of renter02 paid, and not charged so",
            "rentals/2/payments/3: 200 won of renter02 refunded, and not undone",
        ];
        assert_eq!(refunded, said);
    }

    #[test]
    fn another_amount_and_another_payer_are_found() {
        let dearer = faults(|books| books.standing[0].won += 1);
        assert_eq!(dearer.len(), 2, "{dearer:?}");
        let anothers = faults(|books| books.refunded[0].payer = "renter01".to_owned());
        assert_eq!(
            anothers,
            ["rentals/2/payments/1: 200 won of renter01 refunded, and not undone"]
        );
    }

    #[test]
    fn whoever_was_told_wrong_is_found() {
        let told = faults(|books| books.told = 3);
        assert_eq!(told, ["3 times a renter was told that his rental is paid; 2 are"]);
    }

    #[test]
    fn a_key_names_what_it_pays_for() {
        assert_eq!(resource("rentals/7/payments/2"), "rentals/7");
        assert_eq!(resource("payments/7"), "payments/7");
    }
}
