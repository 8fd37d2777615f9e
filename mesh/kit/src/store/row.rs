//! What every aggregate's row begins with, written once.

/// The numbers of a row that was read, such as `head!(row)`.
#[macro_export]
macro_rules! head {
    ($row:expr) => {
        $crate::execute::Head {
            id: $row.id,
            revision: $row.revision,
            sequence: $row.sequence,
            correlation_id: $row.correlation_id,
            create_time: $row.create_time,
            update_time: $row.update_time,
        }
    };
}

/// A row to be written: the numbers of its head, and the context's own columns, such as
/// `row!(entity::ActiveModel of head { seller: post.seller.clone() })`.
#[macro_export]
macro_rules! row {
    ($($model:ident)::+ of $head:ident { $($column:ident: $value:expr),* $(,)? }) => {
        $($model)::+ {
            id: ::sea_orm::ActiveValue::Set($head.id),
            revision: ::sea_orm::ActiveValue::Set($head.revision),
            sequence: ::sea_orm::ActiveValue::Set($head.sequence),
            correlation_id: ::sea_orm::ActiveValue::Set($head.correlation_id),
            create_time: ::sea_orm::ActiveValue::Set($head.create_time),
            update_time: ::sea_orm::ActiveValue::Set($head.update_time),
            $($column: ::sea_orm::ActiveValue::Set($value),)*
        }
    };
}
