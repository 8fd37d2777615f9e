//! One file per read model: how events become rows.

pub(crate) mod my_sales;
