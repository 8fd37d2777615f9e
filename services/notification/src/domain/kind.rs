//! What notifications are about.

/// Declares the kinds, each with the name under which contract and table hold it.
macro_rules! kinds {
    ($($(#[$doc:meta])* $kind:ident = $name:literal),+ $(,)?) => {
        /// What a notification is about.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub(crate) enum Kind { $($(#[$doc])* $kind),+ }

        impl Kind {
            /// All of them.
            pub(crate) const ALL: &[Self] = &[$(Self::$kind),+];

            /// Its name. It is kept for ever.
            pub(crate) fn name(self) -> &'static str {
                match self { $(Self::$kind => $name),+ }
            }
        }
    };
}

kinds! {
    /// To the seller: somebody would buy at his price.
    DealOffered = "deal_offered",
    /// To the seller: somebody would buy at another price.
    PriceProposed = "price_proposed",
    /// To the buyer: the seller said yes.
    OfferAccepted = "offer_accepted",
    /// To the buyer: the seller said no.
    OfferRefused = "offer_refused",
    /// To the seller: the buyer thought better of it.
    OfferWithdrawn = "offer_withdrawn",
    /// To the buyer: the goods went to somebody else, or away.
    OfferAutoCancelled = "offer_auto_cancelled",
    /// To the buyer: no deal came of it in time.
    OfferExpired = "offer_expired",
    /// To the buyer: its deal fell through, and it is open again.
    OfferReopened = "offer_reopened",
    /// To both sides: they have a deal.
    DealReserved = "deal_reserved",
    /// To the buyer: the pieces are not to be had.
    DealRefused = "deal_refused",
    /// To both sides: they meet at another time or place.
    DealRescheduled = "deal_rescheduled",
    /// To both sides: it is called off.
    DealCancelled = "deal_cancelled",
    /// To both sides: the goods were handed over.
    DealEnded = "deal_ended",
    /// To the owner: pieces of his product are sold.
    StockDecreased = "stock_decreased",
    /// To the owner: somebody wants to rent his item.
    ItemReserved = "item_reserved",
    /// To the renter: he can pay now.
    RentalConfirmed = "rental_confirmed",
    /// To the renter: the item is not to be had.
    RentalRefused = "rental_refused",
    /// To both sides: the item can be handed over.
    RentalPaid = "rental_paid",
    /// To the owner: the renter took his money back.
    RentalPaymentCancelled = "rental_payment_cancelled",
    /// To both sides: it was called off, or never paid.
    RentalCancelled = "rental_cancelled",
    /// To the renter: he has the item.
    RentalLent = "rental_lent",
    /// To both sides: the item is back.
    RentalReturned = "rental_returned",
    /// To whoever paid: his money went back.
    PaymentRefunded = "payment_refunded",
    /// To the renter: how was it?
    ReviewRequested = "review_requested",
    /// To the owner: how it was.
    ReviewWritten = "review_written",
    /// To both sides: it is paid.
    OrderPlaced = "order_placed",
    /// To the customer: its store makes it.
    OrderAccepted = "order_accepted",
    /// To the customer: it waits for its courier.
    DeliveryStarted = "delivery_started",
    /// To the customer: its courier has it.
    OrderDelivering = "order_delivering",
    /// To both sides: it has arrived.
    OrderDelivered = "order_delivered",
    /// To the customer: it was too late to call it off.
    OrderCancelRefused = "order_cancel_refused",
    /// To both sides: it is called off.
    OrderCancelled = "order_cancelled",
}

impl Kind {
    /// The kind of this name; none where only another version of this program knows it.
    pub(crate) fn parse(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|kind| kind.name() == name)
    }
}
