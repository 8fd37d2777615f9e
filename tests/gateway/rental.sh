#!/usr/bin/env bash
# Story B, rental: B-T1 to B-T7 and B-T10 to B-T12, by curl alone.
#
#   URL                               where the gateway is
#   OWNER01 YOUNGEUNSONG JANGHYEMI    people's tokens
set -euo pipefail

# shellcheck source=tests/gateway/curl.sh
source "${BASH_SOURCE[0]%/*}/curl.sh"

reserve() { call "$1" POST /v1/rentals "{\"itemId\": \"$CAMERA\"}"; }
pay() { at_last "$1" POST "/v1/rentals/$2:pay" '{}'; }
lend() { at_last "$OWNER01" POST "/v1/items/$CAMERA:lend" "{\"rentalId\": \"$1\"}"; }
return_it() { call "$OWNER01" POST "/v1/items/$CAMERA:return" "{\"rentalId\": \"$1\"}"; }
# payments TOKEN RENTAL STATE: what the renter's payments for a rental that stand so are.
payments() { call "$1" GET "/v1/payments?resource=rentals/$2&state=$3"; }
# goes_back TOKEN RENTAL: one payment for a rental goes back. Others may have come to nothing.
goes_back() { shows refunded true "$1" "/v1/payments?resource=rentals/$2&state=STATE_CANCELLED"; }
# board FIELD VALUE: what the owner's board shows of the camera.
board() { shows "$1" "$2" "$OWNER01" "/v1/my/items/$CAMERA"; }

# B-T1: an owner registers her camera.
refused 401 TOKEN_MISSING '' POST /v1/items '{"name": "Camera", "priceKrw": 100}'
call "$OWNER01" POST /v1/items '{"name": "Camera", "priceKrw": 100}'
CAMERA=$(field id)
says state STATE_RENTABLE
call "$OWNER01" GET "/v1/my/items/$CAMERA" '' "jangteo-token: $WRITTEN"
says itemStatus ITEM_STATUS_RENTABLE
call '' GET '/v1/items?owner=owner01&text=camera&state=STATE_RENTABLE'
[[ $BODY == *"$CAMERA"* ]] || fail "anybody finds the camera: $BODY"

# B-T2, B-T3: somebody reserves it, and then it is not rentable.
reserve "$YOUNGEUNSONG"
FIRST=$(field id)
refused 404 RENTAL_NOT_FOUND "$JANGHYEMI" GET "/v1/rentals/$FIRST"
becomes STATE_CONFIRMED "$YOUNGEUNSONG" "/v1/rentals/$FIRST"
says itemName Camera
says priceKrw 100
becomes STATE_RESERVED '' "/v1/items/$CAMERA"
board itemStatus ITEM_STATUS_NOT_RENTABLE
board renter YoungEunSong
says rentalStatus RENTAL_STATUS_NOT_RENTING
says paymentStatus PAYMENT_STATUS_NOT_PAID
reserve "$JANGHYEMI"
LATE=$(field id)
becomes STATE_REFUSED "$JANGHYEMI" "/v1/rentals/$LATE"
refused 400 RENTAL_REFUSED "$JANGHYEMI" POST "/v1/rentals/$LATE:pay" '{}'
refused 400 RENTAL_NOT_PAID "$OWNER01" POST "/v1/items/$CAMERA:lend" "{\"rentalId\": \"$FIRST\"}"
refused 400 ITEM_NOT_RESERVED_FOR_RENTAL "$OWNER01" POST "/v1/items/$CAMERA:lend" "{\"rentalId\": \"$LATE\"}"
refused 400 ITEM_IN_USE "$OWNER01" DELETE "/v1/items/$CAMERA"

# B-T4, B-T11: it is paid, the money goes back, and it is paid again.
refused 400 RENTAL_NOT_PAID "$YOUNGEUNSONG" POST "/v1/rentals/$FIRST:cancelPayment" '{}'
pay "$YOUNGEUNSONG" "$FIRST"
says state STATE_PAID
payments "$YOUNGEUNSONG" "$FIRST" STATE_APPROVED
says amountKrw 100
board paymentStatus PAYMENT_STATUS_PAID
at_last "$YOUNGEUNSONG" POST "/v1/rentals/$FIRST:cancelPayment" '{}'
becomes STATE_CONFIRMED "$YOUNGEUNSONG" "/v1/rentals/$FIRST"
goes_back "$YOUNGEUNSONG" "$FIRST"
payments "$YOUNGEUNSONG" "$FIRST" STATE_APPROVED
silent payments
pay "$YOUNGEUNSONG" "$FIRST"
payments "$YOUNGEUNSONG" "$FIRST" STATE_APPROVED
says amountKrw 100

# B-T5, B-T6: it is handed over, and comes back.
lend "$FIRST"
says state STATE_LENT
becomes STATE_LENT "$YOUNGEUNSONG" "/v1/rentals/$FIRST"
board rentalStatus RENTAL_STATUS_RENTING
refused 400 ITEM_LENT "$YOUNGEUNSONG" POST "/v1/rentals/$FIRST:cancel" '{}'
return_it "$FIRST"
becomes STATE_RETURNED "$YOUNGEUNSONG" "/v1/rentals/$FIRST"
becomes STATE_REQUESTED "$YOUNGEUNSONG" "/v1/reviews/$FIRST"

# B-T7: the board joins the two.
board rentalStatus RENTAL_STATUS_RETURNED
says itemStatus ITEM_STATUS_RENTABLE

# B-T10: somebody else reserves it, and calls it off.
reserve "$JANGHYEMI"
CALLED_OFF=$(field id)
becomes STATE_CONFIRMED "$JANGHYEMI" "/v1/rentals/$CALLED_OFF"
call "$JANGHYEMI" POST "/v1/rentals/$CALLED_OFF:cancel" '{}'
says state STATE_CANCELLED
becomes STATE_RENTABLE '' "/v1/items/$CAMERA"

# B-T12: she rents it after all, and writes her review; with it the camera leaves the lists.
reserve "$JANGHYEMI"
SECOND=$(field id)
becomes STATE_CONFIRMED "$JANGHYEMI" "/v1/rentals/$SECOND"
pay "$JANGHYEMI" "$SECOND"
lend "$SECOND"
return_it "$SECOND"
becomes STATE_REQUESTED "$JANGHYEMI" "/v1/reviews/$SECOND"
refused 404 REVIEW_NOT_FOUND "$YOUNGEUNSONG" POST "/v1/reviews/$SECOND:write" '{"score": 1}'
refused 400 FIELD_INVALID "$JANGHYEMI" POST "/v1/reviews/$SECOND:write" '{"score": 6}'
call "$JANGHYEMI" POST "/v1/reviews/$SECOND:write" '{"score": 5}'
becomes STATE_WRITTEN '' "/v1/reviews/$SECOND"
call '' GET '/v1/items?owner=owner01'
[[ $BODY != *"$CAMERA"* ]] || fail "the camera is off the lists: $BODY"
shows score 5 '' "/v1/review-board/$SECOND"
says renter JangHyemi
says itemName Camera
board itemStatus ITEM_STATUS_RETIRED
board score 5
refused 400 REVIEW_WRITTEN "$JANGHYEMI" POST "/v1/reviews/$SECOND:write" '{"score": 1}'

# Everybody finds in his messages what has become of his own.
END=$((SECONDS + 30))
until call "$YOUNGEUNSONG" GET '/v1/notifications?language=LANGUAGE_EN' && [[ $BODY == *"$FIRST"* ]]; do
    ((SECONDS < END)) || fail "what YoungEunSong was told: $BODY"
    sleep 0.1
done
[[ $BODY != *"$SECOND"* ]] || fail "what YoungEunSong was told: $BODY"

echo 'story B over HTTP: every step as it should be'
