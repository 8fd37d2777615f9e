//! What the boards should show of an item of a story, and whether they do.

use jangteo::{
    item::v1::{Item, ListItemsRequest, ListItemsResponse},
    payment::v1::{ListPaymentsRequest, ListPaymentsResponse, Payment, payment},
    rental::v1::{GetRentalRequest, Rental, rental},
    review::v1::{GetReviewRequest, Review, review},
    view::v1::{
        GetItemBoardRowRequest, GetReviewBoardRowRequest, ItemBoardRow, ReviewBoardRow,
        item_board_row::{ItemStatus, PaymentStatus, RentalStatus},
    },
};
use serde_json::Value;

use super::{
    ask,
    page::{Page, Shown, fitting},
    print::won,
    stage::Stage,
    step::{Row, Step},
};

/// Who looks for the item among all items, and at the review board: anybody.
const ANYBODY: &str = "renter01";
/// How a payment stands that came to nothing, or will.
const NOTHING: [payment::State; 3] =
    [payment::State::Declined, payment::State::Cancelling, payment::State::Cancelled];
/// As many of an owner's items as are looked at, the newest.
const ITEMS: i32 = 100;

/// An item, and how the boards should show it: to its owner with who rents it, to its renter what
/// became of the rental, the money and the review, to everybody the review. Times are the market's own.
pub(super) struct Rented {
    board: ItemBoardRow,
    /// The one that got it.
    rental: Option<Rental>,
    /// Newest first.
    payments: Vec<Payment>,
    review: Option<Review>,
}

impl Rented {
    /// To be had, as an item says.
    pub(super) fn of(item: &Item) -> Self {
        let board = ItemBoardRow {
            item_id: item.id.clone(),
            owner: item.owner.clone(),
            name: item.name.clone(),
            price_krw: item.price_krw,
            item_status: ItemStatus::Rentable.into(),
            ..ItemBoardRow::default()
        };
        Self { board, rental: None, payments: vec![], review: None }
    }

    pub(super) fn item_id(&self) -> String {
        self.board.item_id.clone()
    }

    /// The rental that got it; empty before there is one.
    pub(super) fn rental_id(&self) -> String {
        self.board.rental_id.clone()
    }

    /// Everything that a notification of this story is about: the rental, its payments, its review.
    pub(super) fn is_told_of(&self, subject: &str) -> bool {
        let id = subject.rsplit('/').next().unwrap_or_default();
        id == self.board.rental_id || self.payments.iter().any(|payment| payment.id == id)
    }

    /// It is kept for a rental.
    pub(super) fn reserved(&mut self, rental: &Rental) {
        let board = &mut self.board;
        board.set_item_status(ItemStatus::NotRentable);
        board.set_rental_status(RentalStatus::NotRenting);
        board.set_payment_status(PaymentStatus::NotPaid);
        rental.id.clone_into(&mut board.rental_id);
        rental.renter.clone_into(&mut board.renter);
        self.rental = Some(Rental {
            owner: board.owner.clone(),
            item_name: board.name.clone(),
            price_krw: board.price_krw,
            state: rental::State::Confirmed.into(),
            ..rental.timeless()
        });
    }

    /// The rental is paid, by the payment that it names.
    pub(super) fn paid(&mut self, rental: &Rental) {
        self.board.set_payment_status(PaymentStatus::Paid);
        self.stands(rental::State::Paid);
        let payment = Payment {
            id: rental.payment_id.clone(),
            key: format!("rentals/{}/payments", rental.id),
            payer: rental.renter.clone(),
            payee: rental.owner.clone(),
            amount_krw: rental.price_krw,
            state: payment::State::Approved.into(),
            ..Payment::default()
        };
        self.payments.insert(0, payment);
    }

    /// The money went back, and the rental is kept.
    pub(super) fn refunded(&mut self) {
        self.board.set_payment_status(PaymentStatus::NotPaid);
        self.stands(rental::State::Confirmed);
        if let Some(payment) = self.payments.first_mut() {
            payment.set_state(payment::State::Cancelled);
            payment.refunded = true;
            "PAYMENT_CANCELLED".clone_into(&mut payment.reason);
        }
    }

    /// Its renter has it.
    pub(super) fn lent(&mut self) {
        self.board.set_rental_status(RentalStatus::Renting);
        self.stands(rental::State::Lent);
    }

    /// It is back, and its renter is asked for a review.
    pub(super) fn returned(&mut self) {
        self.board.set_item_status(ItemStatus::Rentable);
        self.board.set_rental_status(RentalStatus::Returned);
        self.stands(rental::State::Returned);
        self.review = Some(Review {
            id: self.board.rental_id.clone(),
            item_id: self.board.item_id.clone(),
            item_name: self.board.name.clone(),
            renter: self.board.renter.clone(),
            owner: self.board.owner.clone(),
            state: review::State::Requested.into(),
            ..Review::default()
        });
    }

    /// Its renter has said what he thought of it: it is off the lists.
    pub(super) fn reviewed(&mut self, score: i32) {
        self.board.set_item_status(ItemStatus::Retired);
        self.board.score = score;
        if let Some(review) = &mut self.review {
            review.set_state(review::State::Written);
            review.score = score;
        }
    }

    fn stands(&mut self, state: rental::State) {
        if let Some(rental) = &mut self.rental {
            rental.set_state(state);
        }
    }

    /// Waits until the boards show all of it, and answers what they show.
    pub(super) async fn boards(&self, stage: &Stage, step: &Step) -> anyhow::Result<Vec<Row>> {
        let mut rows = vec![self.board(stage, step).await?];
        if let Some(rental) = &self.rental {
            rows.push(rental_row(stage, step, rental).await?);
        }
        if !self.payments.is_empty() {
            rows.push(self.payments(stage, step).await?);
        }
        if let Some(review) = &self.review {
            rows.push(self.review(stage, step, review).await?);
        }
        Ok(rows)
    }

    async fn board(&self, stage: &Stage, step: &Step) -> anyhow::Result<Row> {
        let request = GetItemBoardRowRequest { item_id: self.item_id() };
        let page = Page { of: &self.board.owner, request, expected: Some(self.board.clone()) };
        page.shown(stage, step, "ITEM_BOARD_ROW_NOT_FOUND").await
    }

    /// Those of this story, among others that came to nothing.
    async fn payments(&self, stage: &Stage, step: &Step) -> anyhow::Result<Row> {
        let resource = format!("rentals/{}", self.board.rental_id);
        let request = ListPaymentsRequest { resource, ..ListPaymentsRequest::default() };
        let fits = |page: &ListPaymentsResponse| {
            let page = page.timeless();
            let is_ours = |it: &Payment| self.payments.iter().any(|ours| ours.id == it.id);
            let (ours, others): (Vec<_>, Vec<_>) = page.payments.into_iter().partition(is_ours);
            ours == self.payments && others.iter().all(|it| NOTHING.contains(&it.state()))
        };
        let what = format!("that these are the payments: {:?}", self.payments);
        let of = self.board.renter.clone();
        let page = fitting(stage, step, &of, request, &what, fits).await?;
        let (rpc, shows) = (ask::rpc::<ListPaymentsRequest>(), ask::json(&page));
        Ok(Row { of, rpc, shows, words: page.words() })
    }

    /// While it is asked for, to its renter; once it is written, to everybody.
    async fn review(&self, stage: &Stage, step: &Step, review: &Review) -> anyhow::Result<Row> {
        if review.state() == review::State::Requested {
            let request = GetReviewRequest { id: review.id.clone() };
            let page = Page { of: &review.renter, request, expected: Some(review.clone()) };
            return page.shown(stage, step, "REVIEW_NOT_FOUND").await;
        }
        let request = GetReviewBoardRowRequest { rental_id: review.id.clone() };
        let row = ReviewBoardRow {
            rental_id: review.id.clone(),
            item_id: review.item_id.clone(),
            item_name: review.item_name.clone(),
            renter: review.renter.clone(),
            owner: review.owner.clone(),
            score: review.score,
            write_time: None,
        };
        let page = Page { of: ANYBODY, request, expected: Some(row) };
        page.shown(stage, step, "REVIEW_BOARD_ROW_NOT_FOUND").await
    }

    /// Whether anybody finds it among the items of its owner, once that is as it should be.
    pub(super) async fn listed(
        &self,
        stage: &Stage,
        step: &Step,
        expected: bool,
    ) -> anyhow::Result<Row> {
        let ItemBoardRow { item_id, owner, name, price_krw, .. } = &self.board;
        let request = ListItemsRequest {
            owner: owner.clone(),
            page_size: ITEMS,
            ..ListItemsRequest::default()
        };
        let found = |page: &ListItemsResponse| {
            page.items.iter().find(|item| item.id == *item_id).map(ask::json)
        };
        let fits = |page: &ListItemsResponse| found(page).is_some() == expected;
        let not = if expected { "" } else { "not " };
        let what = format!("that the item is {not}on the list of items");
        let item = found(&fitting(stage, step, ANYBODY, request, &what, fits).await?);
        let words = match &item {
            Some(_) => format!("finds {name} of {owner} among the items, for {}", won(*price_krw)),
            None => format!("finds no {name} among the items of {owner}"),
        };
        let (of, rpc) = (ANYBODY.to_owned(), ask::rpc::<ListItemsRequest>());
        Ok(Row { of, rpc, shows: item.unwrap_or(Value::Null), words })
    }
}

/// What a rental shows to its renter, once it is as it should be.
pub(super) async fn rental_row(
    stage: &Stage,
    step: &Step,
    expected: &Rental,
) -> anyhow::Result<Row> {
    let request = GetRentalRequest { id: expected.id.clone() };
    let page = Page { of: &expected.renter, request, expected: Some(expected.clone()) };
    page.shown(stage, step, "RENTAL_NOT_FOUND").await
}

/// A rental that its item has refused for this reason, as it was asked for.
pub(super) fn refused(rental: &Rental, reason: &str) -> Rental {
    Rental { state: rental::State::Refused.into(), reason: reason.to_owned(), ..rental.timeless() }
}
