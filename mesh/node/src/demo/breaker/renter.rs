//! Somebody who rents one thing after the other, and pays for each.

use std::time::Duration;

use jangteo::{
    errors,
    item::v1::RegisterItemRequest,
    rental::v1::{GetRentalRequest, PayRentalRequest, Rental, ReserveRentalRequest, rental::State},
};
use tokio::{
    sync::{mpsc::UnboundedSender, watch},
    time::{Instant, sleep},
};
use tonic::{Code, Request, Response, Status};

use super::{
    super::{ask::Ask, people::People, stage::passes, until::PATIENCE},
    reading::{Told, Try},
};
use crate::operator::Line;

/// How many there are.
pub(super) const RENTERS: u32 = 10;
/// How long each waits before he tries again, or pays for the next. People are impatient: that is sooner
/// than they are asked to.
const PAUSE: Duration = Duration::from_millis(500);
/// How often each looks whether his rental is confirmed.
const LOOK: Duration = Duration::from_millis(20);
/// From whom they rent.
const OWNER: &str = "owner01";

/// One of them.
pub(super) struct Renter {
    number: u32,
    line: Line,
    owner: Line,
}

/// A renter with something to pay for.
pub(super) struct Ready {
    renter: Renter,
    first: Rental,
}

/// Where renters tell what they were told, and hear that it is over.
#[derive(Clone)]
pub(super) struct Course {
    pub(super) start: Instant,
    pub(super) tries: UnboundedSender<Try>,
    pub(super) over: watch::Receiver<bool>,
}

impl Renter {
    /// The renter of a number, from 1.
    pub(super) fn new(people: &People, number: u32) -> anyhow::Result<Self> {
        let line = people.person(&format!("renter{number:02}"))?;
        Ok(Self { number, line, owner: people.person(OWNER)? })
    }

    /// Rents what he will pay for first.
    pub(super) async fn ready(self) -> Result<Ready, Status> {
        let first = self.rents().await?;
        Ok(Ready { renter: self, first })
    }

    /// Something of his own to pay for: nobody is in anybody's way. Each renter's things have a price of
    /// their own.
    async fn rents(&self) -> Result<Rental, Status> {
        let (name, price_krw) = ("Camera".to_owned(), i64::from(self.number) * 100);
        let request = RegisterItemRequest { name, price_krw, ..Default::default() };
        let item_id = ask(&self.owner, request).await?.id;
        let request = ReserveRentalRequest { item_id, ..Default::default() };
        let rental = ask(&self.line, request).await?;
        let end = Instant::now() + PATIENCE;
        while Instant::now() < end {
            let rental = ask(&self.line, GetRentalRequest { id: rental.id.clone() }).await?;
            if rental.state() == State::Confirmed {
                return Ok(rental);
            }
            sleep(LOOK).await;
        }
        Err(Status::deadline_exceeded(format!("rental {} is not confirmed", rental.id)))
    }

    /// Tries once to pay.
    async fn pays(&self, rental: &Rental, course: &Course) -> Result<Told, Status> {
        let request = PayRentalRequest { id: rental.id.clone(), ..Default::default() };
        let from = course.start.elapsed();
        let answer = ask(&self.line, request).await;
        let to = course.start.elapsed();
        let told = told(answer)?;
        // Nobody listens any more where it was broken off.
        let _ = course.tries.send(Try { told, from, to });
        Ok(told)
    }
}

impl Ready {
    /// Pays for one rental after the other until it is over, and answers all that he has rented.
    pub(super) async fn pays(self, course: Course) -> Result<Vec<Rental>, Status> {
        let Self { renter, first } = self;
        let mut rented = vec![];
        let mut rental = first;
        // Not all at the same time.
        sleep(PAUSE * renter.number / RENTERS).await;
        while !*course.over.borrow() {
            let told = renter.pays(&rental, &course).await?;
            sleep(PAUSE).await;
            if told == Told::Paid {
                rented.push(rental);
                rental = renter.rents().await?;
            }
        }
        rented.push(rental);
        Ok(rented)
    }
}

/// What an answer says to him; a refusal that does not pass is nothing to try again.
fn told(answer: Result<Rental, Status>) -> Result<Told, Status> {
    match answer {
        Ok(rental) if rental.state() == State::Paid => Ok(Told::Paid),
        Ok(_) => Ok(Told::Busy),
        Err(status) if is_later(&status) => Ok(Told::Later),
        Err(status) if passes(&status) => Ok(Told::Busy),
        Err(status) => Err(status),
    }
}

fn is_later(status: &Status) -> bool {
    let reason = errors::reason(status);
    status.code() == Code::Unavailable && reason.as_deref() == Some("PAYMENT_UNAVAILABLE")
}

async fn ask<Q: Ask>(line: &Line, request: Q) -> Result<Q::Answer, Status> {
    Q::ask(Request::new(request), line.clone()).await.map(Response::into_inner)
}

#[cfg(test)]
mod tests {
    use jangteo::errors::Refusal;

    use super::*;

    fn refusal(code: Code, reason: &str) -> Result<Rental, Status> {
        Err(Refusal::new(code, reason, "no").into())
    }

    #[test]
    fn a_renter_knows_what_he_is_told() {
        let rental = |state: State| Ok(Rental { state: state.into(), ..Rental::default() });
        let told = |answer| told(answer).ok();
        assert_eq!(told(rental(State::Paid)), Some(Told::Paid));
        assert_eq!(told(rental(State::Paying)), Some(Told::Busy));
        assert_eq!(told(refusal(Code::Unavailable, "PAYMENT_UNAVAILABLE")), Some(Told::Later));
        assert_eq!(told(refusal(Code::Aborted, "RENTAL_BUSY")), Some(Told::Busy));
        assert_eq!(told(refusal(Code::ResourceExhausted, "TOO_MANY_CALLS")), Some(Told::Busy));
        assert_eq!(told(refusal(Code::FailedPrecondition, "RENTAL_CANCELLED")), None);
        assert_eq!(told(Err(Status::unavailable("who knows"))), None);
    }
}
