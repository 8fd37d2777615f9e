//! The transaction that a unit of work runs in.

use std::sync::Arc;

use sea_orm::{
    ConnectionTrait, DatabaseTransaction, DbBackend, DbErr, ExecResult, QueryResult, Statement,
    TransactionTrait as _,
};

use super::Rows;

/// The transaction that a unit of work runs in, or a savepoint in it.
pub struct Tx(Kind);

enum Kind {
    Sql(DatabaseTransaction),
    Rows(Arc<dyn Rows>),
}

impl From<DatabaseTransaction> for Tx {
    fn from(transaction: DatabaseTransaction) -> Self {
        Self(Kind::Sql(transaction))
    }
}

impl Tx {
    /// Begins one on rows that lie in no SQL database.
    pub(super) fn of(rows: &Arc<dyn Rows>) -> Self {
        rows.begin();
        Self(Kind::Rows(rows.clone()))
    }

    /// The rows, where they lie in no SQL database.
    pub(crate) fn rows(&self) -> Option<&dyn Rows> {
        match &self.0 {
            Kind::Sql(_) => None,
            Kind::Rows(rows) => Some(&**rows),
        }
    }

    /// Begins a savepoint.
    pub(crate) async fn begin(&self) -> Result<Self, DbErr> {
        match &self.0 {
            Kind::Sql(transaction) => transaction.begin().await.map(Self::from),
            Kind::Rows(rows) => Ok(Self::of(rows)),
        }
    }

    pub(crate) async fn commit(self) -> Result<(), DbErr> {
        match self.0 {
            Kind::Sql(transaction) => transaction.commit().await,
            Kind::Rows(rows) => {
                rows.commit();
                Ok(())
            }
        }
    }

    pub(crate) async fn rollback(self) -> Result<(), DbErr> {
        match self.0 {
            Kind::Sql(transaction) => transaction.rollback().await,
            Kind::Rows(rows) => {
                rows.rollback();
                Ok(())
            }
        }
    }

    fn sql(&self) -> Result<&DatabaseTransaction, DbErr> {
        match &self.0 {
            Kind::Sql(transaction) => Ok(transaction),
            Kind::Rows(_) => Err(DbErr::Custom("these rows lie in no SQL database".to_owned())),
        }
    }
}

#[async_trait::async_trait]
impl ConnectionTrait for Tx {
    fn get_database_backend(&self) -> DbBackend {
        self.sql().map_or(DbBackend::Sqlite, ConnectionTrait::get_database_backend)
    }

    async fn execute_raw(&self, statement: Statement) -> Result<ExecResult, DbErr> {
        self.sql()?.execute_raw(statement).await
    }

    async fn execute_unprepared(&self, sql: &str) -> Result<ExecResult, DbErr> {
        self.sql()?.execute_unprepared(sql).await
    }

    async fn query_one_raw(&self, statement: Statement) -> Result<Option<QueryResult>, DbErr> {
        self.sql()?.query_one_raw(statement).await
    }

    async fn query_all_raw(&self, statement: Statement) -> Result<Vec<QueryResult>, DbErr> {
        self.sql()?.query_all_raw(statement).await
    }
}
