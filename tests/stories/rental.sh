#!/usr/bin/env bash
# Story B, rental: B-T1 to B-T7 and B-T10 to B-T12, by grpcurl alone. What needs a context that is
# away is told elsewhere.
#
#   ITEM_ADDR RENTAL_ADDR PAYMENT_ADDR REVIEW_ADDR NOTIFICATION_ADDR VIEW_ADDR    where the contexts are served
#   OWNER01 YOUNGEUNSONG JANGHYEMI                                                people's tokens
set -euo pipefail

ITEM=jangteo.item.v1.ItemService
RENTAL=jangteo.rental.v1.RentalService
PAYMENT=jangteo.payment.v1.PaymentService
REVIEW=jangteo.review.v1.ReviewService
NOTIFICATION=jangteo.notification.v1.NotificationService
BOARD=jangteo.view.v1.ItemBoardService
REVIEWS=jangteo.view.v1.ReviewBoardService
TIMELINE=jangteo.view.v1.TimelineService

# shellcheck source=tests/stories/grpcurl.sh
source "${BASH_SOURCE[0]%/*}/grpcurl.sh"

# What each does with the camera or a rental of it.
reserve() { call "$RENTAL_ADDR" "$RENTAL/ReserveRental" "$1" "{\"itemId\": \"$CAMERA\"}"; }
rental_becomes() { becomes "$3" "$RENTAL_ADDR" "$RENTAL/GetRental" "$1" "{\"id\": \"$2\"}"; }
item_becomes() { becomes "$1" "$ITEM_ADDR" "$ITEM/GetItem" '' "{\"id\": \"$CAMERA\"}"; }
pay() { at_last "$RENTAL_ADDR" "$RENTAL/PayRental" "$1" "{\"id\": \"$2\"}"; }
lend() { at_last "$ITEM_ADDR" "$ITEM/LendItem" "$OWNER01" "{\"id\": \"$CAMERA\", \"rentalId\": \"$1\"}"; }
return_it() { call "$ITEM_ADDR" "$ITEM/ReturnItem" "$OWNER01" "{\"id\": \"$CAMERA\", \"rentalId\": \"$1\"}"; }
# payments TOKEN RENTAL STATE: what the renter's payments for a rental that stand so are.
payments() {
    call "$PAYMENT_ADDR" "$PAYMENT/ListPayments" "$1" "{\"resource\": \"rentals/$2\", \"state\": \"$3\"}"
}
# goes_back TOKEN RENTAL: one payment for a rental goes back. Others may have come to nothing.
goes_back() {
    shows refunded true \
        "$PAYMENT_ADDR" "$PAYMENT/ListPayments" "$1" "{\"resource\": \"rentals/$2\", \"state\": \"STATE_CANCELLED\"}"
}
# board FIELD VALUE: what the owner's board shows of the camera.
board() { shows "$1" "$2" "$VIEW_ADDR" "$BOARD/GetItemBoardRow" "$OWNER01" "{\"itemId\": \"$CAMERA\"}"; }

# The servers say what they can do.
grpcurl -plaintext "$ITEM_ADDR" describe "$ITEM" | grep -q 'rpc LendItem' || fail "$ITEM is not described"
grpcurl -plaintext "$RENTAL_ADDR" describe "$RENTAL" | grep -q 'rpc PayRental' || fail "$RENTAL is not described"

# B-T1: an owner registers her camera.
refused Unauthenticated "$ITEM_ADDR" "$ITEM/RegisterItem" '' '{"name": "Camera", "priceKrw": 100}'
call "$ITEM_ADDR" "$ITEM/RegisterItem" "$OWNER01" '{"name": "Camera", "priceKrw": 100}'
CAMERA=$(field id)
says owner owner01
says state STATE_RENTABLE
call "$VIEW_ADDR" "$BOARD/GetItemBoardRow" "$OWNER01" "{\"itemId\": \"$CAMERA\"}" "jangteo-token: $WRITTEN"
says itemStatus ITEM_STATUS_RENTABLE
silent renter
call "$ITEM_ADDR" "$ITEM/ListItems" '' '{"owner": "owner01", "text": "camera", "state": "STATE_RENTABLE"}'
[[ $BODY == *"$CAMERA"* ]] || fail "anybody finds the camera: $BODY"

# B-T2: somebody reserves it. What it is and what it costs the item says.
reserve "$YOUNGEUNSONG"
FIRST=$(field id)
says renter YoungEunSong
refused NotFound "$RENTAL_ADDR" "$RENTAL/GetRental" "$JANGHYEMI" "{\"id\": \"$FIRST\"}"
rental_becomes "$YOUNGEUNSONG" "$FIRST" STATE_CONFIRMED
says itemName Camera
says priceKrw 100
says owner owner01

# B-T3: it is not rentable, and nobody else gets it.
item_becomes STATE_RESERVED
says rentalId "$FIRST"
board itemStatus ITEM_STATUS_NOT_RENTABLE
board renter YoungEunSong
says rentalStatus RENTAL_STATUS_NOT_RENTING
says paymentStatus PAYMENT_STATUS_NOT_PAID
reserve "$JANGHYEMI"
LATE=$(field id)
rental_becomes "$JANGHYEMI" "$LATE" STATE_REFUSED
says reason ITEM_RESERVED
refused FailedPrecondition "$RENTAL_ADDR" "$RENTAL/PayRental" "$JANGHYEMI" "{\"id\": \"$LATE\"}"
refused FailedPrecondition "$ITEM_ADDR" "$ITEM/LendItem" "$OWNER01" "{\"id\": \"$CAMERA\", \"rentalId\": \"$FIRST\"}"
refused FailedPrecondition "$ITEM_ADDR" "$ITEM/DeleteItem" "$OWNER01" "{\"id\": \"$CAMERA\"}"

# B-T4: it is paid, once.
pay "$YOUNGEUNSONG" "$FIRST"
says state STATE_PAID
payments "$YOUNGEUNSONG" "$FIRST" STATE_APPROVED
[[ $(field key) == "rentals/$FIRST/payments/"* ]] || fail "there is one payment: $BODY"
says amountKrw 100
says payee owner01
board paymentStatus PAYMENT_STATUS_PAID

# B-T11: the money goes back, and the rental stays; then it is paid again.
at_last "$RENTAL_ADDR" "$RENTAL/CancelRentalPayment" "$YOUNGEUNSONG" "{\"id\": \"$FIRST\"}"
rental_becomes "$YOUNGEUNSONG" "$FIRST" STATE_CONFIRMED
goes_back "$YOUNGEUNSONG" "$FIRST"
payments "$YOUNGEUNSONG" "$FIRST" STATE_APPROVED
silent payments
item_becomes STATE_RESERVED
says rentalId "$FIRST"
pay "$YOUNGEUNSONG" "$FIRST"
payments "$YOUNGEUNSONG" "$FIRST" STATE_APPROVED
says amountKrw 100

# B-T5: the owner hands it over.
lend "$FIRST"
says state STATE_LENT
rental_becomes "$YOUNGEUNSONG" "$FIRST" STATE_LENT
board rentalStatus RENTAL_STATUS_RENTING
refused FailedPrecondition "$RENTAL_ADDR" "$RENTAL/CancelRental" "$YOUNGEUNSONG" "{\"id\": \"$FIRST\"}"

# B-T6: it comes back, and the renter is asked for a review.
return_it "$FIRST"
says state STATE_RENTABLE
rental_becomes "$YOUNGEUNSONG" "$FIRST" STATE_RETURNED
becomes STATE_REQUESTED "$REVIEW_ADDR" "$REVIEW/GetReview" "$YOUNGEUNSONG" "{\"id\": \"$FIRST\"}"
asked() {
    call "$NOTIFICATION_ADDR" "$NOTIFICATION/ListNotifications" "$YOUNGEUNSONG" '{"language": "LANGUAGE_EN"}'
    [[ $(field kind) == *review_requested* && $BODY == *"$FIRST"* ]]
}
END=$((SECONDS + 30))
until asked; do
    ((SECONDS < END)) || fail "YoungEunSong should be asked for a review: $BODY"
    sleep 0.1
done

# B-T7: one row of the owner's joins the two; the camera can be rented again.
board rentalStatus RENTAL_STATUS_RETURNED
says itemStatus ITEM_STATUS_RENTABLE
says renter YoungEunSong
says name Camera
call "$VIEW_ADDR" "$BOARD/ListItemBoard" "$OWNER01" '{}'
[[ $(field itemId | grep -c "^$CAMERA\$") == 1 ]] || fail "the camera is one row: $BODY"
refused NotFound "$VIEW_ADDR" "$BOARD/GetItemBoardRow" "$YOUNGEUNSONG" "{\"itemId\": \"$CAMERA\"}"

# B-T10: somebody else reserves it, pays, and calls it off: it can be rented, and the money goes back.
reserve "$JANGHYEMI"
CALLED_OFF=$(field id)
rental_becomes "$JANGHYEMI" "$CALLED_OFF" STATE_CONFIRMED
pay "$JANGHYEMI" "$CALLED_OFF"
at_last "$RENTAL_ADDR" "$RENTAL/CancelRental" "$JANGHYEMI" "{\"id\": \"$CALLED_OFF\"}"
rental_becomes "$JANGHYEMI" "$CALLED_OFF" STATE_CANCELLED
says reason BY_RENTER
item_becomes STATE_RENTABLE
goes_back "$JANGHYEMI" "$CALLED_OFF"

# B-T12: she rents it after all, and writes her review; with it the camera leaves the lists.
reserve "$JANGHYEMI"
SECOND=$(field id)
rental_becomes "$JANGHYEMI" "$SECOND" STATE_CONFIRMED
pay "$JANGHYEMI" "$SECOND"
lend "$SECOND"
refused NotFound "$REVIEW_ADDR" "$REVIEW/WriteReview" "$JANGHYEMI" "{\"id\": \"$SECOND\", \"score\": 5}"
return_it "$SECOND"
becomes STATE_REQUESTED "$REVIEW_ADDR" "$REVIEW/GetReview" "$JANGHYEMI" "{\"id\": \"$SECOND\"}"
refused NotFound "$REVIEW_ADDR" "$REVIEW/WriteReview" "$YOUNGEUNSONG" "{\"id\": \"$SECOND\", \"score\": 1}"
refused InvalidArgument "$REVIEW_ADDR" "$REVIEW/WriteReview" "$JANGHYEMI" "{\"id\": \"$SECOND\", \"score\": 6}"
call "$REVIEW_ADDR" "$REVIEW/WriteReview" "$JANGHYEMI" "{\"id\": \"$SECOND\", \"score\": 5}"
says score 5
becomes STATE_WRITTEN "$REVIEW_ADDR" "$REVIEW/GetReview" '' "{\"id\": \"$SECOND\"}"
call "$ITEM_ADDR" "$ITEM/ListItems" '' '{"owner": "owner01"}'
[[ $BODY != *"$CAMERA"* ]] || fail "the camera is off the lists: $BODY"
item_becomes STATE_RETIRED
shows score 5 "$VIEW_ADDR" "$REVIEWS/GetReviewBoardRow" '' "{\"rentalId\": \"$SECOND\"}"
says renter JangHyemi
says itemName Camera
call "$VIEW_ADDR" "$REVIEWS/ListReviewBoard" '' '{"owner": "owner01"}'
[[ $(field rentalId) == "$SECOND"* ]] || fail "the newest review is hers: $BODY"
board itemStatus ITEM_STATUS_RETIRED
board score 5
refused FailedPrecondition "$REVIEW_ADDR" "$REVIEW/WriteReview" "$JANGHYEMI" "{\"id\": \"$SECOND\", \"score\": 1}"

# The whole story of her rental, under its id.
tells() {
    ask "$VIEW_ADDR" "$TIMELINE/ListMyTimelineEntries" "$JANGHYEMI" \
        "{\"correlationId\": \"$SECOND\", \"pageSize\": 100}" || return 1
    # A payment that was not answered in time is undone and tried again.
    [[ $(field event | grep '^\(Rental\|PaymentApproved\|Review\)' | uniq | tr '\n' ' ') == "$1 " ]]
}
END=$((SECONDS + 30))
until tells 'RentalRequested RentalConfirmed PaymentApproved RentalPaid RentalLent RentalReturned ReviewRequested ReviewWritten'; do
    ((SECONDS < END)) || fail "the story of JangHyemi: $BODY"
    sleep 0.1
done

echo "story B: every step as it should be"
