//! What the boards of rentals show, in words.

use jangteo::{
    payment::v1::{ListPaymentsResponse, Payment, payment},
    rental::v1::{Rental, rental},
    review::v1::{Review, review},
    view::v1::{
        ItemBoardRow, ReviewBoardRow,
        item_board_row::{ItemStatus, PaymentStatus, RentalStatus},
    },
};

use super::{page::Shown, print::won};

impl Shown for ItemBoardRow {
    fn timeless(&self) -> Self {
        Self { create_time: None, update_time: None, ..self.clone() }
    }

    fn words(&self) -> String {
        let (name, price, renter) = (&self.name, won(self.price_krw), &self.renter);
        let item = match self.item_status() {
            ItemStatus::Rentable | ItemStatus::Unspecified => "to be had (대여가능)",
            ItemStatus::NotRentable => "not to be had (대여불가)",
            ItemStatus::Retired => "off the lists",
        };
        let rental = match self.rental_status() {
            RentalStatus::Unspecified => return format!("rents out {name} at {price}: {item}"),
            RentalStatus::NotRenting => format!("kept for {renter} (미대여)"),
            RentalStatus::Renting => format!("lent to {renter} (대여중)"),
            RentalStatus::Returned => format!("returned by {renter} (반납됨)"),
        };
        let paid = match self.payment_status() {
            PaymentStatus::Unspecified | PaymentStatus::NotPaid => "not paid (미결제)",
            PaymentStatus::Paid => "paid (결제 승인)",
        };
        let score = match self.score {
            0 => String::new(),
            score => format!(", {score} of 5"),
        };
        format!("rents out {name} at {price}: {item}; {rental}, {paid}{score}")
    }
}

impl Shown for Rental {
    /// Nor which payment it stands on: the payments show that.
    fn timeless(&self) -> Self {
        Self {
            pay_by: None,
            payment_id: String::new(),
            create_time: None,
            update_time: None,
            etag: String::new(),
            ..self.clone()
        }
    }

    fn words(&self) -> String {
        let Self { item_name, owner, reason, .. } = self;
        let stands = match self.state() {
            rental::State::Requested | rental::State::Unspecified => "asked for",
            rental::State::Confirmed => "to be paid",
            rental::State::Paying => "being paid",
            rental::State::Paid => "paid",
            rental::State::Withholding | rental::State::Refunding => "the money goes back",
            rental::State::Lent => "handed over",
            rental::State::Returned => "returned",
            rental::State::Cancelled => "called off",
            rental::State::Refused => return format!("rents nothing: refused with {reason}"),
        };
        format!("rents {item_name} of {owner} for {}: {stands}", won(self.price_krw))
    }
}

impl Shown for ListPaymentsResponse {
    /// Nor the number of the try.
    fn timeless(&self) -> Self {
        let key = |key: &str| key.rsplit_once('/').map_or("", |(of, _)| of).to_owned();
        let timeless = |payment: &Payment| Payment {
            key: key(&payment.key),
            create_time: None,
            update_time: None,
            etag: String::new(),
            ..payment.clone()
        };
        Self { payments: self.payments.iter().map(timeless).collect(), ..self.clone() }
    }

    fn words(&self) -> String {
        let stands = |payment: &Payment| {
            let how = match payment.state() {
                payment::State::Approved => "approved",
                payment::State::Cancelled if payment.refunded => "cancelled, the money is back",
                payment::State::Cancelled => "cancelled",
                payment::State::Declined => "declined",
                payment::State::Approving
                | payment::State::Cancelling
                | payment::State::Unspecified => "under way",
            };
            format!("{} ({how})", won(payment.amount_krw))
        };
        let payments: Vec<_> = self.payments.iter().map(stands).collect();
        format!("pays {}", payments.join("; before that "))
    }
}

impl Shown for Review {
    fn timeless(&self) -> Self {
        Self { create_time: None, update_time: None, etag: String::new(), ..self.clone() }
    }

    fn words(&self) -> String {
        match self.state() {
            review::State::Written => format!("gives {} {} of 5", self.item_name, self.score),
            review::State::Requested | review::State::Writing | review::State::Unspecified => {
                format!("is asked what {} was like", self.item_name)
            }
        }
    }
}

impl Shown for ReviewBoardRow {
    fn timeless(&self) -> Self {
        Self { write_time: None, ..self.clone() }
    }

    fn words(&self) -> String {
        let Self { renter, item_name, owner, score, .. } = self;
        format!("reads on the review board: {renter} gives {item_name} of {owner} {score} of 5")
    }
}
