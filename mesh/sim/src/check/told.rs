//! What events say, each of them decoded once.

use jangteo::journal::v1::Voided;
use jangteo_kit::event::Event;
use prost::{DecodeError, Message, Name};

/// Declares what events say: by package and field that names the aggregate, the messages.
macro_rules! messages {
    ($($package:ident, $id:ident: $($message:ident),+;)+) => {
        /// What an event says.
        #[derive(Clone, Debug)]
        pub(super) enum Told {
            $($(
                #[doc = concat!("The contract's `", stringify!($message), "`.")]
                $message(jangteo::$package::v1::$message),
            )+)+
            /// A number of which a restored database knows nothing any more.
            Voided,
        }

        impl Told {
            /// What an event says; none if no contract knows it.
            pub(super) fn of(event: &Event) -> Result<Option<Self>, DecodeError> {
                let (name, payload) = (event.type_name.as_str(), event.payload.as_slice());
                $($(
                    if name == concat!("jangteo.", stringify!($package), ".v1.", stringify!($message)) {
                        let message = jangteo::$package::v1::$message::decode(payload)?;
                        return Ok(Some(Self::$message(message)));
                    }
                )+)+
                Ok((name == Voided::full_name()).then_some(Self::Voided))
            }

            /// The aggregate that it names as its own; none where nothing is left to name it.
            pub(super) fn aggregate(&self) -> Option<&str> {
                match self {
                    $($(Self::$message(message) => Some(message.$id.as_str()),)+)+
                    Self::Voided => None,
                }
            }
        }
    };
}

messages! {
    deal, deal_id: DealReserved, DealRefused, DealRescheduled, DealEnded, DealCancelled;
    delivery, order_id: DeliveryStarted, DeliveryPickedUp, DeliveryCompleted, DeliveryCancelled;
    inventory, product_id: ProductRegistered, ProductChanged, ProductReleased, StockHeld,
        StockReleased, StockDecreased, StockIncreased;
    item, item_id: ItemRegistered, ItemChanged, ItemReserved, ItemReservationRefused, ItemReleased,
        ItemLent, ItemReturned, ItemRetired, ItemDeleted;
    notification, notification_id: NotificationSent, NotificationRead;
    notification, channel_id: ChannelCreated, ChannelConfirmed, ChannelTold, ChannelDeleted;
    notification, dispatch_id: DispatchSent, DispatchDied;
    offer, offer_id: DealOffered, PriceProposed, OfferAccepted, OfferRefused, OfferWithdrawn,
        OfferReopened, OfferCompleted, OfferAutoCancelled, OfferExpired;
    order, order_id: OrderPlaced, OrderPreparing, OrderDelivering, OrderDelivered,
        OrderCancelRefused, OrderCancelled;
    payment, payment_id: PaymentApproved, PaymentDeclined, PaymentCancelled;
    post, post_id: PostWritten, PostEdited, PostReserved, PostReopened, PostSold, PostHidden,
        PostUnhidden, PostDeleted;
    provider, charge_id: ChargeMade, ChargeRefunded;
    rental, rental_id: RentalRequested, RentalConfirmed, RentalRefused, RentalPaid,
        RentalPaymentCancelled, RentalCancelled, RentalLent, RentalReturned;
    review, rental_id: ReviewRequested, ReviewWritten;
    store, store_id: StoreOpened;
    store, order_id: TicketReceived, TicketAccepted, TicketRejected, CookingStarted,
        CookingFinished, TicketCancelled;
}
