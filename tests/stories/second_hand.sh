#!/usr/bin/env bash
# Story A, second-hand goods: A-T1 to A-T12, by grpcurl alone.
#
#   POST_ADDR OFFER_ADDR DEAL_ADDR VIEW_ADDR             where the contexts are served
#   SELLER01 SELLER02 BUYER01 BUYER02 BUYER03            people's tokens
set -euo pipefail

POST=jangteo.post.v1.PostService
OFFER=jangteo.offer.v1.OfferService
DEAL=jangteo.deal.v1.DealService
MY_PAGE=jangteo.view.v1.MySalesService
MY_DEALS=jangteo.view.v1.MyDealsService
TIMELINE=jangteo.view.v1.TimelineService

# shellcheck source=tests/stories/grpcurl.sh
source "${BASH_SOURCE[0]%/*}/grpcurl.sh"

# my_page TOKEN POST_ID: the sale as my-page shows it, once it has heard of what was WRITTEN.
my_page() { call "$VIEW_ADDR" "$MY_PAGE/GetMySale" "$1" "{\"postId\": \"$2\"}" "jangteo-token: $WRITTEN"; }

# The servers say what they can do.
grpcurl -plaintext "$POST_ADDR" describe "$POST" | grep -q 'rpc CreatePost' || fail "$POST is not described"
grpcurl -plaintext "$VIEW_ADDR" describe "$MY_PAGE" | grep -q 'rpc GetMySale' || fail "$MY_PAGE is not described"

# A-T1, A-T2: two people offer their goods.
refused Unauthenticated "$POST_ADDR" "$POST/CreatePost" '' '{"goods": "아이폰13 공기계"}'
call "$POST_ADDR" "$POST/CreatePost" "$SELLER01" \
    '{"goods": "아이폰13 공기계", "priceKrw": 600000, "neighbourhood": "방배동"}'
PHONE=$(field id) PHONE_WRITTEN=$WRITTEN
says seller seller01
says state STATE_AVAILABLE
call "$POST_ADDR" "$POST/CreatePost" "$SELLER02" \
    '{"goods": "무선마우스", "priceKrw": 10000, "neighbourhood": "서초동"}'
MOUSE=$(field id)

# A-T10: each finds his own on his page, and nobody else's.
my_page "$SELLER02" "$MOUSE"
says goods 무선마우스
says priceKrw 10000
says neighbourhood 서초동
says state STATE_AVAILABLE
silent buyer
WRITTEN=$PHONE_WRITTEN
my_page "$SELLER01" "$PHONE"
says goods '아이폰13 공기계'
says priceKrw 600000
says neighbourhood 방배동
says state STATE_AVAILABLE
call "$VIEW_ADDR" "$MY_PAGE/ListMySales" "$SELLER01" '{}'
says postId "$PHONE"
refused NotFound "$VIEW_ADDR" "$MY_PAGE/GetMySale" "$SELLER01" "{\"postId\": \"$MOUSE\"}"

# Anybody finds the goods.
call "$POST_ADDR" "$POST/ListPosts" '' '{"text": "아이폰", "neighbourhood": "방배동", "state": "STATE_AVAILABLE"}'
says id "$PHONE"

# A-T3, A-T4, A-T5: a buyer asks for the mouse, two propose a price for the phone.
refused FailedPrecondition "$OFFER_ADDR" "$OFFER/CreateOffer" "$SELLER02" "{\"postId\": \"$MOUSE\"}"
call "$OFFER_ADDR" "$OFFER/CreateOffer" "$BUYER01" "{\"postId\": \"$MOUSE\"}"
ASKED=$(field id)
says buyer buyer01
says type TYPE_PURCHASE_REQUEST
says priceKrw 10000
says state STATE_PENDING
propose() { call "$OFFER_ADDR" "$OFFER/CreateOffer" "$1" "{\"postId\": \"$PHONE\", \"offeredPriceKrw\": $2}"; }
propose "$BUYER02" 500000
LOW=$(field id)
propose "$BUYER03" 510000
HIGH=$(field id)
says type TYPE_PRICE_PROPOSAL
says listPriceKrw 600000
says priceKrw 510000
call "$OFFER_ADDR" "$OFFER/ListOffers" "$SELLER01" "{\"postId\": \"$PHONE\", \"side\": \"SIDE_SELLER\"}"
[[ $(field buyer | tr '\n' ' ') == 'buyer03 buyer02 ' ]] || fail "two people want the phone: $BODY"

# A-T6: the seller accepts the better one; a post has one accepted offer.
refused PermissionDenied "$OFFER_ADDR" "$OFFER/AcceptOffer" "$BUYER03" "{\"id\": \"$HIGH\"}"
call "$OFFER_ADDR" "$OFFER/AcceptOffer" "$SELLER01" "{\"id\": \"$HIGH\"}"
says state STATE_ACCEPTED
refused FailedPrecondition "$OFFER_ADDR" "$OFFER/AcceptOffer" "$SELLER01" "{\"id\": \"$LOW\"}"

# The phone gets cheaper; only its seller may say so, and what was agreed on stays.
refused NotFound "$POST_ADDR" "$POST/UpdatePost" "$SELLER02" "{\"id\": \"$PHONE\", \"priceKrw\": 1}"
call "$POST_ADDR" "$POST/UpdatePost" "$SELLER01" \
    "{\"id\": \"$PHONE\", \"goods\": \"?\", \"priceKrw\": 550000, \"updateMask\": {\"paths\": [\"price_krw\"]}}"
says goods '아이폰13 공기계'
my_page "$SELLER01" "$PHONE"
says priceKrw 550000

# A-T7, A-T8: both sellers reserve. Only a seller can, and only what he has accepted.
refused NotFound "$DEAL_ADDR" "$DEAL/ReserveDeal" "$SELLER02" "{\"offerId\": \"$HIGH\"}"
refused FailedPrecondition "$DEAL_ADDR" "$DEAL/ReserveDeal" "$SELLER01" "{\"offerId\": \"$LOW\"}"
call "$DEAL_ADDR" "$DEAL/ReserveDeal" "$SELLER02" "{\"offerId\": \"$ASKED\", \"meetingPlace\": \"서초역 1번 출구\"}"
MOUSE_DEAL=$(field id)
says postId "$MOUSE"
says buyer buyer01
says priceKrw 10000
says meetingPlace '서초역 1번 출구'
says state STATE_RESERVED
my_page "$SELLER02" "$MOUSE"
says state STATE_RESERVED
says agreedPriceKrw 10000
says dealId "$MOUSE_DEAL"
call "$DEAL_ADDR" "$DEAL/ReserveDeal" "$SELLER01" "{\"offerId\": \"$HIGH\"}"
PHONE_DEAL=$(field id)
my_page "$SELLER01" "$PHONE"
says state STATE_RESERVED
says agreedPriceKrw 510000
says priceKrw 550000
says buyer buyer03
refused FailedPrecondition "$POST_ADDR" "$POST/DeletePost" "$SELLER01" "{\"id\": \"$PHONE\"}"
refused FailedPrecondition "$OFFER_ADDR" "$OFFER/WithdrawOffer" "$BUYER03" "{\"id\": \"$HIGH\"}"

# They meet elsewhere; nobody else knows of it.
call "$DEAL_ADDR" "$DEAL/RescheduleDeal" "$BUYER03" "{\"id\": \"$PHONE_DEAL\", \"meetingPlace\": \"방배역\"}"
says meetingPlace 방배역
refused NotFound "$DEAL_ADDR" "$DEAL/GetDeal" "$BUYER02" "{\"id\": \"$PHONE_DEAL\"}"

# A-T9: the phone is handed over. It is sold, its offer completed, and the other one closed.
refused PermissionDenied "$DEAL_ADDR" "$DEAL/CompleteDeal" "$BUYER03" "{\"id\": \"$PHONE_DEAL\"}"
call "$DEAL_ADDR" "$DEAL/CompleteDeal" "$SELLER01" "{\"id\": \"$PHONE_DEAL\"}"
says state STATE_ENDED
COMPLETED=$WRITTEN
becomes STATE_SOLD "$VIEW_ADDR" "$MY_PAGE/GetMySale" "$SELLER01" "{\"postId\": \"$PHONE\"}"
says agreedPriceKrw 510000
becomes STATE_COMPLETED "$OFFER_ADDR" "$OFFER/GetOffer" "$BUYER03" "{\"id\": \"$HIGH\"}"
becomes STATE_AUTO_CANCELLED "$OFFER_ADDR" "$OFFER/GetOffer" "$BUYER02" "{\"id\": \"$LOW\"}"
shows goods '아이폰13 공기계' "$VIEW_ADDR" "$MY_DEALS/GetMyDeal" "$BUYER03" "{\"dealId\": \"$PHONE_DEAL\"}" "jangteo-token: $COMPLETED"
says state STATE_ENDED

# A-T11: the other deal is called off. The mouse is for sale again at its own price, its offer open again.
call "$DEAL_ADDR" "$DEAL/CancelDeal" "$BUYER01" "{\"id\": \"$MOUSE_DEAL\"}"
says state STATE_CANCELLED
refused FailedPrecondition "$DEAL_ADDR" "$DEAL/CompleteDeal" "$SELLER02" "{\"id\": \"$MOUSE_DEAL\"}"
becomes STATE_AVAILABLE "$VIEW_ADDR" "$MY_PAGE/GetMySale" "$SELLER02" "{\"postId\": \"$MOUSE\"}"
says priceKrw 10000
for gone in agreedPriceKrw buyer dealId; do silent "$gone"; done
becomes STATE_PENDING "$OFFER_ADDR" "$OFFER/GetOffer" "$BUYER01" "{\"id\": \"$ASKED\"}"
call "$OFFER_ADDR" "$OFFER/WithdrawOffer" "$BUYER01" "{\"id\": \"$ASKED\"}"
says state STATE_WITHDRAWN

# A-T12: a sold post is not traded again, and nothing is written.
refused FailedPrecondition "$OFFER_ADDR" "$OFFER/CreateOffer" "$BUYER01" "{\"postId\": \"$PHONE\"}"
refused FailedPrecondition "$DEAL_ADDR" "$DEAL/ReserveDeal" "$SELLER01" "{\"offerId\": \"$HIGH\"}"
call "$OFFER_ADDR" "$OFFER/ListOffers" "$BUYER01" "{\"postId\": \"$PHONE\"}"
silent offers

# The whole story of the phone, under the id of its post.
tells() {
    call "$VIEW_ADDR" "$TIMELINE/ListMyTimelineEntries" "$BUYER03" "{\"correlationId\": \"$PHONE\"}" "jangteo-token: $COMPLETED"
    [[ $(field event | tr '\n' ' ') == "$1 "* ]]
}
END=$((SECONDS + 30))
until tells 'PriceProposed OfferAccepted PostReserved DealReserved DealRescheduled DealEnded'; do
    ((SECONDS < END)) || fail "the story of buyer03: $BODY"
    sleep 0.1
done

# Hidden, shown again, and deleted.
call "$POST_ADDR" "$POST/HidePost" "$SELLER02" "{\"id\": \"$MOUSE\"}"
my_page "$SELLER02" "$MOUSE"
says state STATE_HIDDEN
refused NotFound "$POST_ADDR" "$POST/GetPost" "$BUYER01" "{\"id\": \"$MOUSE\"}"
call "$POST_ADDR" "$POST/UnhidePost" "$SELLER02" "{\"id\": \"$MOUSE\"}"
call "$POST_ADDR" "$POST/DeletePost" "$SELLER02" "{\"id\": \"$MOUSE\"}"
call "$VIEW_ADDR" "$MY_PAGE/ListMySales" "$SELLER02" '{}' "jangteo-token: $WRITTEN"
silent sales
refused NotFound "$POST_ADDR" "$POST/GetPost" "$BUYER01" "{\"id\": \"$MOUSE\"}"

echo "story A: every step as it should be"
