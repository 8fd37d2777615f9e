//! The store over SQLite, `PostgreSQL` and `MariaDB`: each case is written once and runs on all of
//! them, or on those that know its trouble.

mod place;
mod sample;

mod busy;
mod commit;
mod conflict;
mod durable;
mod full;
mod gone;
mod group;
mod lease;
mod lost;
mod migrate;
mod policy;
mod race;
mod rollback;
mod text;
