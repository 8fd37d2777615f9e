//! What comes to nothing leaves nothing.

use jangteo::errors::reason;
use jangteo_kit::store::Failure;
use sea_orm::ConnectionTrait as _;
use tonic::Code;
use uuid::Uuid;

use crate::{
    place::{Database, Place, count, on_all},
    sample::{
        counter::{Command, Counter, UNSHOWABLE, tell, tell_as},
        word::{self, No, Outcome},
    },
};

on_all!(
    a_unit_that_says_no_leaves_nothing,
    a_unit_that_panics_leaves_nothing,
    a_unit_that_the_database_refuses_leaves_nothing,
    a_command_that_is_refused_leaves_nothing,
    a_panic_after_the_journal_was_written_leaves_nothing,
    a_database_error_after_the_journal_was_written_leaves_nothing,
);

const ID: Uuid = Uuid::from_u128(7);

/// Writes a word, then comes to nothing in one way.
#[derive(Clone, Copy)]
enum End {
    No,
    Panic,
    Violate,
}

async fn unit_that_ends(place: &Place, end: End) -> Outcome {
    let store = place.store().await;
    let ended = store
        .unit(move |tx| {
            Box::pin(async move {
                word::insert(tx, "written", 1).await?;
                match end {
                    End::No => Err(Failure::Rejected(No)),
                    End::Panic => panic!("a bug"),
                    End::Violate => word::violate(tx).await,
                }
            })
        })
        .await;
    assert_eq!(word::all(&store).await, []);
    word::write(&store, "written", 2).await.unwrap();
    ended
}

async fn a_unit_that_says_no_leaves_nothing(place: Place) {
    let ended = unit_that_ends(&place, End::No).await;
    assert!(matches!(ended, Err(Failure::Rejected(No))), "{ended:?}");
}

async fn a_unit_that_panics_leaves_nothing(place: Place) {
    let ended = unit_that_ends(&place, End::Panic).await;
    assert!(matches!(&ended, Err(Failure::Panicked(said)) if said == "a bug"), "{ended:?}");
}

async fn a_unit_that_the_database_refuses_leaves_nothing(place: Place) {
    let ended = unit_that_ends(&place, End::Violate).await;
    let Err(Failure::Database(error)) = ended else { panic!("{ended:?}") };
    assert!(error.to_string().to_lowercase().contains("null"), "{error}");
}

async fn nothing_is_left(store: &jangteo_kit::store::Store) {
    for table in ["counter", "journal"] {
        assert_eq!(count(store, table).await, 0, "{table}");
    }
}

async fn a_command_that_is_refused_leaves_nothing(place: Place) {
    let store = place.store().await;
    let refused = tell(&store, ID, Command::Refuse).await.unwrap_err();
    assert_eq!(reason(&refused).as_deref(), Some("COUNTER_REFUSES"));
    let panicked = tell(&store, ID, Command::Panic).await.unwrap_err();
    assert_eq!(panicked.code(), Code::Internal);
    nothing_is_left(&store).await;
}

async fn a_panic_after_the_journal_was_written_leaves_nothing(place: Place) {
    let store = place.store().await;
    let request = Uuid::from_u128(1).to_string();
    let unshowable = Counter { total: 1, note: UNSHOWABLE.to_owned(), remark: None };
    let told = tell_as(&store, ID, Command::Become(unshowable), &request).await;
    assert_eq!(told.unwrap_err().code(), Code::Internal);
    nothing_is_left(&store).await;
    assert_eq!(count(&store, "request").await, 0);
    assert_eq!(tell(&store, ID, Command::Add(1)).await.unwrap(), 1);
}

/// Makes the database refuse to record answers, which happens after the journal was written.
async fn refuse_answers(place: &Place) {
    let outside = place.outside().await;
    let sql = match place.database {
        Database::Sqlite => {
            "CREATE TRIGGER refuse BEFORE INSERT ON request BEGIN SELECT RAISE(ABORT, 'no'); END"
        }
        _ => "ALTER TABLE request ADD CONSTRAINT refuse CHECK (time < 0)",
    };
    outside.execute_unprepared(sql).await.unwrap();
}

async fn a_database_error_after_the_journal_was_written_leaves_nothing(place: Place) {
    let store = place.store().await;
    refuse_answers(&place).await;
    let request = Uuid::from_u128(1).to_string();
    let told = tell_as(&store, ID, Command::Add(1), &request).await.unwrap_err();
    assert_eq!(reason(&told).as_deref(), Some("DATABASE_UNAVAILABLE"));
    nothing_is_left(&store).await;
    assert_eq!(tell(&store, ID, Command::Add(1)).await.unwrap(), 1);
}
