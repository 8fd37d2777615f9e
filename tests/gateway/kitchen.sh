#!/usr/bin/env bash
# Story D, food from a kitchen: D-T1, D-T3, D-T4 and D-T5, by curl alone.
#
#   URL                                            where the gateway is
#   COOK01 COOK02 CUSTOMER01 CUSTOMER02 RIDER01    people's tokens
set -euo pipefail

ADDRESS='서울특별시 서초구 방배로 1' PHONE=010-1234-5678
NOBODYS=0190a7c5-3b1e-7cc0-b2a4-5b8a0f1d2e3f

# shellcheck source=tests/gateway/curl.sh
source "${BASH_SOURCE[0]%/*}/curl.sh"

# line PRODUCT QUANTITY
line() { printf '{"productId": "%s", "quantity": %d}' "$1" "$2"; }
# of LINES: a request for them.
of() { printf '{"lines": [%s], "address": "%s", "phoneNumber": "%s"}' "$1" "$ADDRESS" "$PHONE"; }
# place TOKEN PRODUCT QUANTITY: orders so many. A try that is refused has come to nothing.
place() { at_last "$1" POST /v1/orders "$(of "$(line "$2" "$3")")"; }
# too_late REASON TOKEN ORDER: it can't be called off any more. Where that is not told in time, it is asked again.
too_late() {
    local end=$((SECONDS + 30))
    while ask "$2" POST "/v1/orders/$3:cancel" '{}' && [[ $CODE == 200 || $CODE == 409 || $CODE == 503 ]]; do
        ((SECONDS < end)) || break
        sleep 0.1
    done
    [[ $CODE == 400 && $BODY == *"\"reason\":\"$1\""* ]] || fail "it should be too late for $3, $1: $CODE $BODY"
}
# cooks TOKEN VERB ORDER: what somebody does to a ticket.
cooks() { call "$1" POST "/v1/tickets/$3:$2" '{}'; }
# ticket_refused CODE REASON TOKEN VERB ORDER
ticket_refused() { refused "$1" "$2" "$3" POST "/v1/tickets/$5:$4" '{}'; }
# payments TOKEN ORDER STATE: what the payments for an order that stand so are.
payments() { call "$1" GET "/v1/payments?resource=orders/$2&state=$3"; }
# told TOKEN KIND SUBJECT: somebody is told of it, soon.
told() {
    local end=$((SECONDS + 30))
    until call "$1" GET '/v1/notifications?pageSize=100' && [[ $BODY == *"\"kind\":\"$2\",\"subject\":\"$3\""* ]]; do
        ((SECONDS < end)) || fail "$2 of $3 should be told: $BODY"
        sleep 0.1
    done
}
# given_back TOKEN ORDER PAYMENT: all the money for an order is back, and its customer is told so.
given_back() {
    shows refunded true "$1" "/v1/payments?resource=orders/$2&state=STATE_CANCELLED"
    payments "$1" "$2" STATE_APPROVED
    silent payments
    told "$1" payment_refunded "payments/$3"
    told "$1" order_cancelled "orders/$2"
}
# uncounted PRODUCT: nobody counts what is made to order.
uncounted() {
    call '' GET "/v1/products/$1"
    for counted in onHand available; do silent "$counted"; done
}

# D-T1: a cook opens 스토어99 and puts a dish on its menu; anybody finds both. What is made to order is not counted.
refused 401 TOKEN_MISSING '' POST /v1/stores '{"name": "스토어99"}'
call "$COOK01" POST /v1/stores '{"name": "스토어99"}'
BISTRO=$(field id)
says owner cook01
call '' GET "/v1/stores/$BISTRO"
says name 스토어99
call '' GET '/v1/stores?owner=cook01&text=%EC%8A%A4%ED%86%A0%EC%96%B4'
says id "$BISTRO"
# dish TOKEN NAME STORE: a dish at 22,000 won a portion.
dish() { call "$1" POST /v1/products "{\"name\": \"$2\", \"priceKrw\": 22000, \"storeId\": \"$3\"}"; }
dish "$COOK01" 비빔밥 "$BISTRO"
DISH=$(field id)
says storeId "$BISTRO"
call '' GET "/v1/products?storeId=$BISTRO"
says id "$DISH"
uncounted "$DISH"
refused 400 QUANTITY_OF_MADE_TO_ORDER "$COOK01" POST /v1/products \
    "{\"name\": \"김밥\", \"priceKrw\": 3000, \"quantity\": 5, \"storeId\": \"$BISTRO\"}"
refused 400 MADE_TO_ORDER "$COOK01" POST "/v1/products/$DISH:restock" '{"quantity": 5}'

# D-T1: 21 portions are ordered and paid in one step. The price is that of one (D.13-9).
refused 401 TOKEN_MISSING '' POST /v1/orders "$(of "$(line "$DISH" 21)")"
CHEAP=$(of "$(line "$DISH" 21)")
refused_at_last 400 PRICE_CHANGED "$CUSTOMER01" POST /v1/orders "${CHEAP%\}}, \"expectedTotalKrw\": 22000}"
place "$CUSTOMER01" "$DISH" 21
FIRST=$(field id) PAID=$(field paymentId)
says state STATE_PLACED
says seller cook01
says storeId "$BISTRO"
says name 비빔밥
says totalKrw 462000
payments "$CUSTOMER01" "$FIRST" STATE_APPROVED
says id "$PAID"
says key "orders/$FIRST/payments/1"
says amountKrw 462000

# It reaches its store, which sees what to cook; no courier is asked yet.
becomes STATE_RECEIVED "$COOK01" "/v1/tickets/$FIRST"
says storeId "$BISTRO"
says name 비빔밥
says quantity 21
call "$COOK01" GET "/v1/tickets?storeId=$BISTRO&state=STATE_RECEIVED"
says id "$FIRST"
refused 404 DELIVERY_NOT_FOUND "$CUSTOMER01" GET "/v1/deliveries/$FIRST"

# Its customer looks on. Strangers see nothing of it, and only the store says what becomes of it.
becomes STATE_RECEIVED "$CUSTOMER01" "/v1/tickets/$FIRST"
refused 404 ORDER_NOT_FOUND "$CUSTOMER02" GET "/v1/orders/$FIRST"
for stranger in "$COOK02" "$CUSTOMER02"; do
    refused 404 TICKET_NOT_FOUND "$stranger" GET "/v1/tickets/$FIRST"
    for verb in accept reject startCooking finishCooking; do
        ticket_refused 404 TICKET_NOT_FOUND "$stranger" "$verb" "$FIRST"
    done
    call "$stranger" GET "/v1/tickets?storeId=$BISTRO"
    silent tickets
done
for verb in accept reject startCooking finishCooking; do
    ticket_refused 403 SELLER_ONLY "$CUSTOMER01" "$verb" "$FIRST"
done
refused 403 CUSTOMER_ONLY "$COOK01" POST "/v1/orders/$FIRST:cancel" '{}'

# The store takes it on, and cooks: one after the other. Then it is too late to call it off, or to turn it down.
ticket_refused 400 TICKET_NOT_ACCEPTED "$COOK01" startCooking "$FIRST"
cooks "$COOK01" accept "$FIRST"
says state STATE_ACCEPTED
becomes STATE_PREPARING "$CUSTOMER01" "/v1/orders/$FIRST"
ticket_refused 400 TICKET_NOT_COOKING "$COOK01" finishCooking "$FIRST"
cooks "$COOK01" startCooking "$FIRST"
says state STATE_COOKING
too_late TICKET_COOKING "$CUSTOMER01" "$FIRST"
ticket_refused 400 TICKET_COOKING "$COOK01" reject "$FIRST"

# D-T3: it is cooked, and waits for its courier; before that there was no delivery.
cooks "$COOK01" finishCooking "$FIRST"
says state STATE_COOKED
becomes STATE_STARTED "$CUSTOMER01" "/v1/deliveries/$FIRST"
too_late TICKET_COOKED "$CUSTOMER01" "$FIRST"
call "$RIDER01" GET /v1/deliveries:waiting
says id "$FIRST"
for hidden in address phoneNumber; do silent "$hidden"; done

# D-T4: a courier brings it.
at_last "$RIDER01" POST "/v1/deliveries/$FIRST:pickUp" '{}'
says courier rider01
shows address "$ADDRESS" "$RIDER01" "/v1/deliveries/$FIRST"
says phoneNumber "$PHONE"
becomes STATE_DELIVERING "$CUSTOMER01" "/v1/orders/$FIRST"
refused 400 ORDER_DELIVERING "$CUSTOMER01" POST "/v1/orders/$FIRST:cancel" '{}'
at_last "$RIDER01" POST "/v1/deliveries/$FIRST:complete" '{}'
becomes STATE_DELIVERED "$CUSTOMER01" "/v1/orders/$FIRST"
refused 400 ORDER_DELIVERED "$CUSTOMER01" POST "/v1/orders/$FIRST:cancel" '{}'
for kind in order_placed order_accepted order_cancel_refused order_delivering order_delivered; do
    told "$CUSTOMER01" "$kind" "orders/$FIRST"
done
told "$CUSTOMER01" delivery_started "deliveries/$FIRST"
for kind in order_placed order_delivered; do told "$COOK01" "$kind" "orders/$FIRST"; done

# The whole story of the order, under its id.
tells() {
    local event
    # There is none before the view has heard of anything.
    ask "$CUSTOMER01" GET "/v1/my/timelines/$FIRST/entries?pageSize=100"
    [[ $CODE == 200 ]] || return 1
    for event in PaymentApproved OrderPlaced TicketReceived TicketAccepted OrderPreparing CookingStarted \
        CookingFinished DeliveryStarted DeliveryPickedUp OrderDelivering DeliveryCompleted OrderDelivered; do
        grep -qx "$event" <<<"$(field event)" || return 1
    done
}
END=$((SECONDS + 30))
until tells; do
    ((SECONDS < END)) || fail "the story of customer01: $BODY"
    sleep 0.1
done

# D-T5: the second one is called off after the store took it on, and before it is cooked.
place "$CUSTOMER02" "$DISH" 1
SECOND=$(field id) PAID=$(field paymentId)
becomes STATE_RECEIVED "$COOK01" "/v1/tickets/$SECOND"
cooks "$COOK01" accept "$SECOND"
at_last "$CUSTOMER02" POST "/v1/orders/$SECOND:cancel" '{}'
becomes STATE_CANCELLED "$CUSTOMER02" "/v1/orders/$SECOND"
says cancelReason BY_CUSTOMER
becomes STATE_CANCELLED "$COOK01" "/v1/tickets/$SECOND"
given_back "$CUSTOMER02" "$SECOND" "$PAID"
told "$COOK01" order_cancelled "orders/$SECOND"
ticket_refused 400 TICKET_CANCELLED "$COOK01" startCooking "$SECOND"

# The store turns the third one down: it is called off, and the money goes back.
place "$CUSTOMER02" "$DISH" 2
THIRD=$(field id) PAID=$(field paymentId)
becomes STATE_RECEIVED "$COOK01" "/v1/tickets/$THIRD"
cooks "$COOK01" reject "$THIRD"
says state STATE_REJECTED
becomes STATE_CANCELLED "$CUSTOMER02" "/v1/orders/$THIRD"
says cancelReason STORE_REJECTED
given_back "$CUSTOMER02" "$THIRD" "$PAID"
ticket_refused 400 TICKET_REJECTED "$COOK01" accept "$THIRD"

# Nobody makes what names a store that is not there.
dish "$COOK02" 국수 "$NOBODYS"
place "$CUSTOMER02" "$(field id)" 1
LOST=$(field id) PAID=$(field paymentId)
becomes STATE_CANCELLED "$CUSTOMER02" "/v1/orders/$LOST"
says cancelReason STORE_REJECTED
given_back "$CUSTOMER02" "$LOST" "$PAID"

# What is made to order and what is counted is not ordered together.
call "$COOK01" POST /v1/products '{"name": "고추장", "priceKrw": 8000, "quantity": 3}'
PASTE=$(field id)
refused_at_last 400 ONE_STORE_PER_ORDER "$CUSTOMER01" POST /v1/orders "$(of "$(line "$DISH" 1), $(line "$PASTE" 1)")"
call "$CUSTOMER01" GET /v1/orders
says id "$FIRST"
shows available 3 '' "/v1/products/$PASTE"
uncounted "$DISH"

echo 'story D over HTTP: every step as it should be'
