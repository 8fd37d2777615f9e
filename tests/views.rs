//! Read models: read your own writes, watch, rebuild while they serve; and the journals that they
//! are filled from.

mod consistency;
mod item_board;
mod journal;
mod my_deals;
mod order_board;
mod order_history;
mod product_board;
mod rebuild;
mod review_board;
mod sources;
mod timeline;
mod watch;
