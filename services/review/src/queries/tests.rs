//! Who finds which reviews, on every database that jangteo runs on.

use jangteo::review::v1::review::State as Shown;
use jangteo_testing::{
    mariadb, postgres,
    rows::{save, store},
    scratch,
};
use tonic::Code;
use uuid::Uuid;

use super::*;
use crate::{
    domain::State,
    store::tests::{states, stored},
};

const RENTER: Option<&str> = Some("renter01");

/// One page, as the ids of its reviews.
async fn page(
    db: &Store,
    request: &ListReviewsRequest,
    reader: Option<&str>,
) -> (Vec<u128>, String) {
    let (rows, next) = list(db, request, reader).await.unwrap();
    (rows.iter().map(|row| row.id.as_u128()).collect(), next)
}

/// What is found, whatever the size of the pages.
async fn found(db: &Store, all: &ListReviewsRequest, reader: Option<&str>) -> Vec<u128> {
    let (expected, next) = page(db, all, reader).await;
    assert_eq!(next, "");
    for page_size in [1, 2] {
        let mut asked = ListReviewsRequest { page_size, ..all.clone() };
        let mut paged = vec![];
        loop {
            let (ids, next) = page(db, &asked, reader).await;
            paged.extend(ids);
            if next.is_empty() {
                break;
            }
            asked.page_token = next;
        }
        assert_eq!(paged, expected, "in pages of {page_size}");
    }
    expected
}

/// `renter01` has a review in every state, the written one the newest of them; `renter02` wrote one
/// before all others, of a rental with a higher id, and one of another owner's item at the same time.
async fn filled(url: &str) -> Store {
    let db = store("review", crate::migration::all, url).await;
    for (id, state) in (1..).map(Uuid::from_u128).zip(states()) {
        save(&db, &stored(id, state), true).await;
    }
    for (id, owner) in [(71, "owner01"), (72, "owner02")] {
        let mut other = stored(Uuid::from_u128(id), State::Written { score: 2 });
        (other.state.renter, other.state.owner) = ("renter02".to_owned(), owner.to_owned());
        other.head.create_time = 0;
        save(&db, &other, true).await;
    }
    db
}

fn asked(renter: &str, owner: &str, state: Shown) -> ListReviewsRequest {
    ListReviewsRequest {
        renter: renter.to_owned(),
        owner: owner.to_owned(),
        state: state.into(),
        ..ListReviewsRequest::default()
    }
}

async fn all_see_what_is_written_and_a_renter_what_he_is_asked_for(url: &str) {
    let db = filled(url).await;
    for (reader, renter, owner, state, expected) in [
        (None, "", "", Shown::Unspecified, &[5, 72, 71][..]),
        (RENTER, "", "", Shown::Unspecified, &[5, 72, 71]),
        (RENTER, "renter01", "", Shown::Unspecified, &[5, 4, 3, 2, 1]),
        (RENTER, "renter01", "", Shown::Requested, &[2, 1]),
        (RENTER, "renter01", "", Shown::Writing, &[4, 3]),
        (RENTER, "renter01", "owner02", Shown::Unspecified, &[]),
        (RENTER, "", "", Shown::Requested, &[]),
        (RENTER, "renter02", "", Shown::Unspecified, &[72, 71]),
        (None, "renter01", "", Shown::Unspecified, &[5]),
        (None, "renter01", "", Shown::Requested, &[]),
        (Some("owner01"), "renter01", "owner01", Shown::Unspecified, &[5]),
        (None, "", "owner01", Shown::Written, &[5, 71]),
        (Some("Renter01"), "renter01", "", Shown::Unspecified, &[5]),
        (Some("Renter01"), "Renter01", "", Shown::Unspecified, &[]),
    ] {
        let found = found(&db, &asked(renter, owner, state), reader).await;
        assert_eq!(found, expected, "{reader:?} {renter} {owner} {state:?}");
    }
    another_list_is_not_continued(&db).await;
    db.close().await;
}

async fn another_list_is_not_continued(db: &Store) {
    let first = ListReviewsRequest { page_size: 1, ..asked("renter01", "", Shown::Unspecified) };
    let (_, page_token) = page(db, &first, RENTER).await;
    let next = ListReviewsRequest { page_token, ..first };
    let other = ListReviewsRequest { owner: "owner01".to_owned(), ..next.clone() };
    for (reader, request) in [(None, next), (RENTER, other)] {
        let status = list(db, &request, reader).await.unwrap_err();
        assert_eq!(status.code(), Code::InvalidArgument);
    }
}

#[tokio::test]
async fn people_find_reviews_on_sqlite() {
    let dir = scratch::directory("review").unwrap();
    let url = format!("sqlite://{}/review.db", dir.path().display());
    all_see_what_is_written_and_a_renter_what_he_is_asked_for(&url).await;
}

#[tokio::test]
async fn people_find_reviews_on_postgres() {
    let url = postgres::database().await.unwrap();
    all_see_what_is_written_and_a_renter_what_he_is_asked_for(&url).await;
}

#[tokio::test]
async fn people_find_reviews_on_mariadb() {
    let url = mariadb::database().await.unwrap();
    all_see_what_is_written_and_a_renter_what_he_is_asked_for(&url).await;
}
