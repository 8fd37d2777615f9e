//! Views: what people see, filled from the events of other contexts and rebuilt from their journals.
//!
//! A read model has a file of its own under `project/`, which turns events into rows, and one that
//! serves it. It publishes nothing and decides nothing.
//!
//! | read model | follows | shows |
//! |---|---|---|
//! | `my_sales` | post | a seller's own posts, with the price agreed on (A-N3) |

mod migration;
mod my_sales;
mod project;
mod rebuild;

use jangteo::view::v1::{
    my_sales_service_server::MySalesServiceServer, rebuild_service_server::RebuildServiceServer,
};
use jangteo_kit::service::Service;

use crate::project::my_sales::MySales;

/// The context as a process hosts it.
pub fn service() -> Service {
    Service::new("view", migration::all)
        .grpc(|context| MySalesServiceServer::new(my_sales::Grpc { context }))
        .grpc(|context| RebuildServiceServer::new(rebuild::Grpc { context }))
        .read_model(MySales)
}
