//! What the demo tells of each story, step by step.

/// A step: its cases, who asks for what, whether he gets it, the events, and where the sale, the item with
/// its rental and payment, the order, or the stock stands then.
pub(super) type Told<'a> = (&'a [&'a str], &'a str, &'a str, &'a str, &'a [&'a str], &'a str);

/// Story A.
pub(super) const SECOND_HAND: [Told; 20] = [
    (&["A-T1"], "seller01", "CreatePost", "AVAILABLE", &["post.PostWritten"], "AVAILABLE"),
    (&["A-T2"], "seller02", "CreatePost", "AVAILABLE", &["post.PostWritten"], "AVAILABLE"),
    (&["A-T3"], "seller02", "CreateOffer", "not: OWN_POST", &[], "AVAILABLE"),
    (&["A-T3"], "buyer01", "CreateOffer", "PENDING", &["offer.DealOffered"], "AVAILABLE"),
    (&["A-T4"], "buyer02", "CreateOffer", "PENDING", &["offer.PriceProposed"], "AVAILABLE"),
    (&["A-T5"], "buyer03", "CreateOffer", "PENDING", &["offer.PriceProposed"], "AVAILABLE"),
    (&["A-T6"], "seller01", "AcceptOffer", "ACCEPTED", &["offer.OfferAccepted"], "AVAILABLE"),
    (&["A-T6"], "seller01", "AcceptOffer", "not: ANOTHER_OFFER_ACCEPTED", &[], "AVAILABLE"),
    (&["A-T7", "A-T10"], "seller02", "ReserveDeal", "RESERVED", RESERVED, "RESERVED"),
    (&["A-T8"], "seller01", "ReserveDeal", "not: OFFER_NOT_ACCEPTED", &[], "AVAILABLE"),
    (&["A-T8", "A-T10"], "seller01", "ReserveDeal", "RESERVED", RESERVED, "RESERVED"),
    (&["A-T8"], "seller01", "UpdatePost", "not: POST_RESERVED", &[], "RESERVED"),
    (&["A-T9"], "buyer03", "CompleteDeal", "not: SELLER_ONLY", &[], "RESERVED"),
    (&["A-T9"], "seller01", "CompleteDeal", "ENDED", SOLD, "SOLD"),
    (&["A-T11"], "buyer01", "CancelDeal", "CANCELLED", CALLED_OFF, "AVAILABLE"),
    (&["A-T12"], "buyer01", "CreateOffer", "not: POST_SOLD", &[], "SOLD"),
    (&["A-T12"], "seller01", "ReserveDeal", "not: OFFER_COMPLETED", &[], "SOLD"),
    (&["A-F11"], "seller02", "RefuseOffer", "REFUSED", &["offer.OfferRefused"], "AVAILABLE"),
    (&["A-F6"], "seller02", "UpdatePost", "AVAILABLE", &["post.PostEdited"], "AVAILABLE"),
    (&["A-F7"], "seller02", "DeletePost", "DELETED", &["post.PostDeleted"], ""),
];
const RESERVED: &[&str] = &["deal.DealReserved", "post.PostReserved"];
const SOLD: &[&str] =
    &["deal.DealEnded", "offer.OfferAutoCancelled", "offer.OfferCompleted", "post.PostSold"];
const CALLED_OFF: &[&str] = &["deal.DealCancelled", "offer.OfferReopened", "post.PostReopened"];

/// Story B.
pub(super) const RENTAL: [Told; 17] = [
    (&["B-T1"], OWNER, "RegisterItem", "RENTABLE", &["item.ItemRegistered"], "RENTABLE"),
    (&["B-T2", "B-T3"], RENTER, "ReserveRental", "REQUESTED", KEPT, UNPAID),
    (&["B-F5"], "renter01", "ReserveRental", "REQUESTED", IN_VAIN, UNPAID),
    (&["B-F8"], OWNER, "LendItem", "not: RENTAL_NOT_PAID", &[], UNPAID),
    (&["B-T4"], RENTER, "PayRental", "PAID", PAYS, PAID),
    (&["B-T4"], RENTER, "PayRental", "PAID", &[], PAID),
    (&["B-F2"], OWNER, "DeleteItem", "not: ITEM_IN_USE", &[], PAID),
    (&["B-F8"], OWNER, "LendItem", "not: ITEM_NOT_RESERVED_FOR_RENTAL", &[], PAID),
    (&["B-T11"], RENTER, "CancelRentalPayment", "CONFIRMED|REFUNDING", MONEY_BACK, UNPAID),
    (&["B-T4"], RENTER, "PayRental", "PAID", PAYS, PAID),
    (&["B-T5"], OWNER, "LendItem", "LENT", LENT, "NOT_RENTABLE RENTING PAID"),
    (&["B-F9"], RENTER, "CancelRental", "not: ITEM_LENT", &[], "NOT_RENTABLE RENTING PAID"),
    (&["B-T6", "B-T7"], OWNER, "ReturnItem", "RENTABLE", BACK, "RENTABLE RETURNED PAID"),
    (&["B-T12"], RENTER, "WriteReview", "WRITTEN|WRITING", REVIEWED, RETIRED),
    (&["B-T12"], RENTER, "WriteReview", "not: REVIEW_WRITTEN", &[], RETIRED),
    (&["B-F13"], "renter01", "ReserveRental", "REQUESTED", IN_VAIN, RETIRED),
    (&["B-F12"], RENTER, "ListNotifications", "", &[], ""),
];
/// Story C; of the product, as many pieces can be had of as many.
pub(super) const MEET_UP: [Told; 8] = [
    (&["C-T1", "C-T2"], "seller01", "RegisterProduct", "ON_SALE", REGISTERED, "1 of 1"),
    (&["C-T3"], "abc", "ReserveDeal", "RESERVED", HELD, "0 of 1"),
    (&["C-T5"], "buyer02", "ReserveDeal", "REFUSED", &["deal.DealRefused"], "0 of 1"),
    (&["C-T4"], "abc", "CompleteDeal", "not: SELLER_ONLY", &[], "0 of 1"),
    (&["C-T4"], "seller01", "CompleteDeal", "ENDED", GONE, "0 of 0"),
    (&["C-F4"], "seller01", "RestockProduct", "ON_SALE", &["inventory.StockIncreased"], "1 of 1"),
    (&["C-T6"], "abc", "ReserveDeal", "RESERVED", HELD, "0 of 1"),
    (&["C-T6"], "abc", "CancelDeal", "CANCELLED", GIVEN_BACK, "1 of 1"),
];
/// Story D; of the order at hand, where it stands.
pub(super) const KITCHEN: [Told; 15] = [
    (&["D-T1"], "cook01", "OpenStore", "", &["store.StoreOpened"], ""),
    (&["D-F1"], "cook01", "RegisterProduct", "ON_SALE", REGISTERED, "ON_SALE"),
    (&["D-T1"], "customer01", "PlaceOrder", "PLACED", TO_COOK, "PLACED"),
    (&["D-F3"], "cook01", "AcceptTicket", "ACCEPTED", TAKEN_ON, "PREPARING"),
    (&["D-P3"], "cook01", "StartCooking", "COOKING", &["store.CookingStarted"], "PREPARING"),
    (&["D-T3"], "cook01", "FinishCooking", "COOKED", COOKED, "PREPARING"),
    (&["D-T4"], "rider01", "PickUpDelivery", "PICKED_UP", ON_ITS_WAY, "DELIVERING"),
    (&["D-F4"], "customer01", "CancelOrder", "not: ORDER_DELIVERING", &[], "DELIVERING"),
    (&["D-T4"], "rider01", "CompleteDelivery", "DELIVERED", ARRIVED, "DELIVERED"),
    (&["D-F1"], "customer02", "PlaceOrder", "PLACED", TO_COOK, "PLACED"),
    (&["D-F3"], "cook01", "AcceptTicket", "ACCEPTED", TAKEN_ON, "PREPARING"),
    (&["D-T5"], "customer02", "CancelOrder", "CANCELLED|CANCELLING", NOT_COOKED, "CANCELLED"),
    (&["D-F1"], "customer02", "PlaceOrder", "PLACED", TO_COOK, "PLACED"),
    (&["D-N5"], "cook01", "RejectTicket", "REJECTED", TURNED_DOWN, "CANCELLED"),
    (&["D-F5", "D-P7"], "customer01", "ListNotifications", "", &[], "DELIVERED"),
];
const TO_COOK: &[&str] = &[
    "order.OrderPlaced",
    "payment.PaymentApproved",
    "provider.ChargeMade",
    "store.TicketReceived",
];
const TAKEN_ON: &[&str] = &["order.OrderPreparing", "store.TicketAccepted"];
const COOKED: &[&str] = &["delivery.DeliveryStarted", "store.CookingFinished"];
const NOT_COOKED: &[&str] = &[
    "order.OrderCancelled",
    "payment.PaymentCancelled",
    "provider.ChargeRefunded",
    "store.TicketCancelled",
];
const TURNED_DOWN: &[&str] = &[
    "order.OrderCancelled",
    "payment.PaymentCancelled",
    "provider.ChargeRefunded",
    "store.TicketRejected",
];
/// Story E; of the roses, as many bunches can be had of as many.
pub(super) const FLOWERS: [Told; 8] = [
    (&["E-T1"], "florist01", "RegisterProduct", "ON_SALE", REGISTERED, "10 of 10"),
    (&["E-T2"], "customer01", "PlaceOrder", "PLACED", ORDERED, "7 of 7"),
    (&["E-T3"], "customer02", "PlaceOrder", "not: OUT_OF_STOCK", &[], "7 of 7"),
    (&["E-T4"], "customer02", "PlaceOrder", "PLACED", ORDERED, "0 of 0"),
    (&["E-T5"], "customer01", "CancelOrder", "CANCELLED|CANCELLING", NOT_BROUGHT, "3 of 3"),
    (&["E-T7"], "rider01", "PickUpDelivery", "PICKED_UP", ON_ITS_WAY, "3 of 3"),
    (&["E-T7"], "rider01", "CompleteDelivery", "DELIVERED", ARRIVED, "3 of 3"),
    (&["E-T7", "E-F6"], "customer02", "ListNotifications", "", &[], "3 of 3"),
];
const ORDERED: &[&str] = &[
    "delivery.DeliveryStarted",
    "inventory.StockDecreased",
    "inventory.StockHeld",
    "order.OrderPlaced",
    "payment.PaymentApproved",
    "provider.ChargeMade",
];
const NOT_BROUGHT: &[&str] = &[
    "delivery.DeliveryCancelled",
    "inventory.StockIncreased",
    "order.OrderCancelled",
    "payment.PaymentCancelled",
    "provider.ChargeRefunded",
];
const ON_ITS_WAY: &[&str] = &["delivery.DeliveryPickedUp", "order.OrderDelivering"];
const ARRIVED: &[&str] = &["delivery.DeliveryCompleted", "order.OrderDelivered"];
const REGISTERED: &[&str] = &["inventory.ProductRegistered"];
const HELD: &[&str] = &["deal.DealReserved", "inventory.StockHeld"];
const GONE: &[&str] = &["deal.DealEnded", "inventory.StockDecreased"];
const GIVEN_BACK: &[&str] = &["deal.DealCancelled", "inventory.StockReleased"];
const OWNER: &str = "YoungEunSong";
const RENTER: &str = "JangHyemi";
const UNPAID: &str = "NOT_RENTABLE NOT_RENTING NOT_PAID";
const PAID: &str = "NOT_RENTABLE NOT_RENTING PAID";
const RETIRED: &str = "RETIRED RETURNED PAID";
const KEPT: &[&str] = &["item.ItemReserved", "rental.RentalConfirmed", "rental.RentalRequested"];
const IN_VAIN: &[&str] =
    &["item.ItemReservationRefused", "rental.RentalRefused", "rental.RentalRequested"];
const PAYS: &[&str] = &["payment.PaymentApproved", "provider.ChargeMade", "rental.RentalPaid"];
const MONEY_BACK: &[&str] =
    &["payment.PaymentCancelled", "provider.ChargeRefunded", "rental.RentalPaymentCancelled"];
const LENT: &[&str] = &["item.ItemLent", "rental.RentalLent"];
const BACK: &[&str] = &["item.ItemReturned", "rental.RentalReturned", "review.ReviewRequested"];
const REVIEWED: &[&str] = &["item.ItemRetired", "review.ReviewWritten"];
