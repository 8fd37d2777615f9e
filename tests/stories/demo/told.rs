//! What the demo tells of each story, step by step.

/// A step: its cases, who asks for what, whether he gets it, the events, and where the sale, or the item
/// with its rental and payment, stands then.
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
