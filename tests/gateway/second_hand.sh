#!/usr/bin/env bash
# Story A, second-hand goods: A-T1 to A-T12, by curl alone.
#
#   URL                                          where the gateway is
#   SELLER01 SELLER02 BUYER01 BUYER02 BUYER03    people's tokens
set -euo pipefail

# shellcheck source=tests/gateway/curl.sh
source "${BASH_SOURCE[0]%/*}/curl.sh"

my_page() { call "$1" GET "/v1/my/sales/$2" '' "jangteo-token: $WRITTEN"; }

# A-T1: two sellers write a post each.
call "$SELLER01" POST /v1/posts '{"goods": "아이폰13 공기계", "priceKrw": 600000, "neighbourhood": "방배동"}'
PHONE=$(field id)
says state STATE_AVAILABLE
my_page "$SELLER01" "$PHONE"
says goods '아이폰13 공기계'
call "$SELLER02" POST /v1/posts '{"goods": "무선마우스", "priceKrw": 10000, "neighbourhood": "서초동"}'
MOUSE=$(field id)

# A-T2: each sees his own on my-page, and everybody finds both.
my_page "$SELLER02" "$MOUSE"
refused 404 MY_SALE_NOT_FOUND "$SELLER02" GET "/v1/my/sales/$PHONE"
call '' GET '/v1/posts?text=%EC%95%84%EC%9D%B4%ED%8F%B0&state=STATE_AVAILABLE'
says id "$PHONE"

# A-T3, A-T4, A-T5: a buyer asks for the mouse, two propose a price for the phone.
refused 400 OWN_POST "$SELLER02" POST /v1/offers "{\"postId\": \"$MOUSE\"}"
call "$BUYER01" POST /v1/offers "{\"postId\": \"$MOUSE\"}"
REQUEST=$(field id)
says type TYPE_PURCHASE_REQUEST
says priceKrw 10000
propose() { call "$1" POST /v1/offers "{\"postId\": \"$PHONE\", \"offeredPriceKrw\": $2}"; }
propose "$BUYER02" 500000
LOW=$(field id)
propose "$BUYER03" 510000
HIGH=$(field id)
says listPriceKrw 600000
says priceKrw 510000

# A-T6: the seller accepts the higher one, and then no other.
call "$SELLER01" POST "/v1/offers/$HIGH:accept" '{}'
says state STATE_ACCEPTED
refused 400 ANOTHER_OFFER_ACCEPTED "$SELLER01" POST "/v1/offers/$LOW:accept" '{}'

# A-T7, A-T8: both sellers reserve.
refused 404 OFFER_NOT_FOUND "$SELLER02" POST /v1/deals "{\"offerId\": \"$HIGH\"}"
call "$SELLER01" POST /v1/deals "{\"offerId\": \"$HIGH\", \"meetingPlace\": \"방배역 2번 출구\"}"
DEAL=$(field id)
says state STATE_RESERVED
says priceKrw 510000
my_page "$SELLER01" "$PHONE"
says state STATE_RESERVED
call "$SELLER02" POST /v1/deals "{\"offerId\": \"$REQUEST\"}"
MOUSE_DEAL=$(field id)
refused 400 POST_RESERVED "$SELLER01" PATCH "/v1/posts/$PHONE" '{"priceKrw": 1}'

# A-T9, A-T10: the phone is handed over; the losing offer closes itself.
refused 403 SELLER_ONLY "$BUYER03" POST "/v1/deals/$DEAL:complete" '{}'
call "$SELLER01" POST "/v1/deals/$DEAL:complete" '{}'
says state STATE_ENDED
becomes STATE_SOLD '' "/v1/posts/$PHONE"
becomes STATE_SOLD "$SELLER01" "/v1/my/sales/$PHONE"
becomes STATE_COMPLETED "$BUYER03" "/v1/offers/$HIGH"
becomes STATE_AUTO_CANCELLED "$BUYER02" "/v1/offers/$LOW"

# A-T11: the buyer of the mouse calls it off; it is for sale again.
call "$BUYER01" POST "/v1/deals/$MOUSE_DEAL:cancel" '{}'
says state STATE_CANCELLED
becomes STATE_AVAILABLE '' "/v1/posts/$MOUSE"
becomes STATE_PENDING "$BUYER01" "/v1/offers/$REQUEST"

# A-T12: a sold post is not traded again.
refused 400 POST_SOLD "$BUYER01" POST /v1/offers "{\"postId\": \"$PHONE\"}"
call "$BUYER01" GET "/v1/offers?postId=$PHONE"
silent offers

# The seller takes the mouse off the market.
call "$SELLER02" DELETE "/v1/posts/$MOUSE"
says state STATE_DELETED

echo 'story A over HTTP: every step as it should be'
