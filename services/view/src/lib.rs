//! Views: what people see, filled from the events of other contexts and rebuilt from their journals.
//!
//! A read model has a file of its own under `project/`, which turns events into rows, and one that
//! serves it. It publishes nothing and decides nothing.
//!
//! | read model | follows | shows |
//! |---|---|---|
//! | `my_sales` | post | a seller's own posts, with the price agreed on (A-N3) |
//! | `my_deals` | deal, post | a person's own deals, on either side |
//! | `item_board` | item, rental, review | an owner's own items, with who rents them (B-F11, B-N4) |
//! | `review_board` | review | all reviews, to everybody (B-F14, B-N7) |
//! | `order_board` | order, store, delivery, payment | how far each order is, to its customer and its seller (D-F5, D-P7, D-N4) |
//! | `order_history` | order, payment, delivery | a customer's own orders (E-N2) |
//! | `product_board` | inventory | all products and their stock, to everybody (E-N2) |
//! | `timeline` | all | what happened under one correlation id, as far as it names the reader |

mod item_board;
mod migration;
mod my_deals;
mod my_sales;
mod order_board;
mod order_history;
mod product_board;
mod project;
mod rebuild;
mod review_board;
mod timeline;

use jangteo::view::v1::{
    item_board_service_server::ItemBoardServiceServer,
    my_deals_service_server::MyDealsServiceServer, my_sales_service_server::MySalesServiceServer,
    order_board_service_server::OrderBoardServiceServer,
    order_history_service_server::OrderHistoryServiceServer,
    product_board_service_server::ProductBoardServiceServer,
    rebuild_service_server::RebuildServiceServer,
    review_board_service_server::ReviewBoardServiceServer,
    timeline_service_server::TimelineServiceServer,
};
use jangteo_kit::{project::Served, service::Service};

use crate::project::{
    item_board::ItemBoard, my_deals::MyDeals, my_sales::MySales, order_board::OrderBoard,
    order_history::OrderHistory, product_board::ProductBoard, review_board::ReviewBoard,
    timeline::Timeline,
};

/// Rows of a page where the caller does not say.
const PAGE: u64 = 20;
/// Changes that whoever watches is told of at a time.
const CHANGES: u64 = 500;

/// The context as a process hosts it.
pub fn service() -> Service {
    Service::new("view", migration::all)
        .grpc(|context| {
            MySalesServiceServer::new(my_sales::Grpc { served: Served::new(context, MySales) })
        })
        .grpc(|context| {
            MyDealsServiceServer::new(my_deals::Grpc { served: Served::new(context, MyDeals) })
        })
        .grpc(|context| {
            ItemBoardServiceServer::new(item_board::Grpc {
                served: Served::new(context, ItemBoard),
            })
        })
        .grpc(|context| {
            ReviewBoardServiceServer::new(review_board::Grpc {
                served: Served::new(context, ReviewBoard),
            })
        })
        .grpc(|context| {
            OrderBoardServiceServer::new(order_board::Grpc {
                served: Served::new(context, OrderBoard),
            })
        })
        .grpc(|context| {
            OrderHistoryServiceServer::new(order_history::Grpc {
                served: Served::new(context, OrderHistory),
            })
        })
        .grpc(|context| {
            ProductBoardServiceServer::new(product_board::Grpc {
                served: Served::new(context, ProductBoard),
            })
        })
        .grpc(|context| {
            TimelineServiceServer::new(timeline::Grpc { served: Served::new(context, Timeline) })
        })
        .grpc(|context| RebuildServiceServer::new(rebuild::Grpc { context }))
        .read_model(MySales)
        .read_model(MyDeals)
        .read_model(ItemBoard)
        .read_model(ReviewBoard)
        .read_model(OrderBoard)
        .read_model(OrderHistory)
        .read_model(ProductBoard)
        .read_model(Timeline)
}
