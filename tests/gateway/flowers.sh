#!/usr/bin/env bash
# Story E, flowers: E-T1 to E-T5 and E-T7, by curl alone.
#
#   URL                                        where the gateway is
#   FLORIST01 CUSTOMER01 CUSTOMER02 RIDER01    people's tokens
set -euo pipefail

ADDRESS='서울특별시 서초구 방배로 1' PHONE=010-1234-5678

# shellcheck source=tests/gateway/curl.sh
source "${BASH_SOURCE[0]%/*}/curl.sh"

# roses BUNCHES: a request for so many.
roses() {
    printf '{"lines": [{"productId": "%s", "quantity": %d}], "address": "%s", "phoneNumber": "%s"}' \
        "$ROSES" "$1" "$ADDRESS" "$PHONE"
}
# place TOKEN BUNCHES: orders so many. A try that is refused has come to nothing.
place() { at_last "$1" POST /v1/orders "$(roses "$2")"; }
# destination TOKEN ORDER: where its delivery goes, to whoever may know it.
destination() {
    shows address "$ADDRESS" "$1" "/v1/deliveries/$2"
    says phoneNumber "$PHONE"
}
unaddressed() { for hidden in address phoneNumber; do silent "$hidden"; done; }
# stock ON_HAND AVAILABLE: so many are there, and can be had; nothing is told as an empty text.
stock() {
    shows onHand "$1" '' "/v1/products/$ROSES"
    shows available "$2" '' "/v1/products/$ROSES"
}
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

# E-T1: a florist registers ten bunches of a hundred roses, and anybody finds them.
call "$FLORIST01" POST /v1/products '{"name": "장미", "spec": "100송이", "priceKrw": 50000, "quantity": 10}'
ROSES=$(field id)
says owner florist01
stock 10 10
call '' GET '/v1/products?owner=florist01&text=%EC%9E%A5%EB%AF%B8'
says id "$ROSES"

# E-T2: a customer orders three of them: they are paid, gone, and on their way.
refused 401 TOKEN_MISSING '' POST /v1/orders "$(roses 1)"
place "$CUSTOMER01" 3
FIRST=$(field id) PAID=$(field paymentId)
says state STATE_PLACED
says seller florist01
says name 장미
says totalKrw 150000
says address "$ADDRESS"
payments "$CUSTOMER01" "$FIRST" STATE_APPROVED
says id "$PAID"
says key "orders/$FIRST/payments/1"
says amountKrw 150000
stock 7 7
becomes STATE_STARTED "$CUSTOMER01" "/v1/deliveries/$FIRST"
destination "$CUSTOMER01" "$FIRST"

# Its seller does not see where it goes; neither do couriers while it waits, and a stranger sees nothing.
call "$FLORIST01" GET "/v1/orders/$FIRST"
says totalKrw 150000
unaddressed
call "$FLORIST01" GET "/v1/deliveries/$FIRST"
unaddressed
call "$RIDER01" GET /v1/deliveries:waiting
says id "$FIRST"
unaddressed
refused 403 ROLE_MISSING "$CUSTOMER01" GET /v1/deliveries:waiting
refused 404 ORDER_NOT_FOUND "$CUSTOMER02" GET "/v1/orders/$FIRST"
refused 404 DELIVERY_NOT_FOUND "$CUSTOMER02" GET "/v1/deliveries/$FIRST"
refused 404 ORDER_NOT_FOUND "$CUSTOMER02" POST "/v1/orders/$FIRST:cancel" '{}'
refused 403 CUSTOMER_ONLY "$FLORIST01" POST "/v1/orders/$FIRST:cancel" '{}'
told "$CUSTOMER01" order_placed "orders/$FIRST"
told "$CUSTOMER01" delivery_started "deliveries/$FIRST"
told "$FLORIST01" order_placed "orders/$FIRST"
told "$FLORIST01" stock_decreased "products/$ROSES"

# The whole story of the order, under its id.
tells() {
    local event
    # There is none before the view has heard of anything.
    ask "$CUSTOMER01" GET "/v1/my/timelines/$FIRST/entries?pageSize=100"
    [[ $CODE == 200 ]] || return 1
    for event in StockHeld PaymentApproved OrderPlaced StockDecreased DeliveryStarted; do
        [[ $(field event) == *"$event"* ]] || return 1
    done
}
END=$((SECONDS + 30))
until tells; do
    ((SECONDS < END)) || fail "the story of customer01: $BODY"
    sleep 0.1
done

# E-T3: eight are more than there are. There is no order, and nothing is asked of payment.
refused_at_last 400 OUT_OF_STOCK "$CUSTOMER02" POST /v1/orders "$(roses 8)"
call "$CUSTOMER02" GET /v1/orders
silent orders
call "$CUSTOMER02" GET /v1/payments
silent payments
stock 7 7

# E-T4: seven are all of them, and can be had; for what they cost, not for less.
CHEAP=$(roses 7)
refused_at_last 400 PRICE_CHANGED "$CUSTOMER02" POST /v1/orders "${CHEAP%\}}, \"expectedTotalKrw\": 7}"
place "$CUSTOMER02" 7
SECOND=$(field id)
says totalKrw 350000
stock '' ''

# E-T5: the first one is called off. The money goes back, and the flowers do.
at_last "$CUSTOMER01" POST "/v1/orders/$FIRST:cancel" '{}'
becomes STATE_CANCELLED "$CUSTOMER01" "/v1/orders/$FIRST"
says cancelReason BY_CUSTOMER
becomes STATE_CANCELLED "$CUSTOMER01" "/v1/deliveries/$FIRST"
shows refunded true "$CUSTOMER01" "/v1/payments?resource=orders/$FIRST&state=STATE_CANCELLED"
payments "$CUSTOMER01" "$FIRST" STATE_APPROVED
silent payments
stock 3 3
told "$CUSTOMER01" order_cancelled "orders/$FIRST"
told "$CUSTOMER01" payment_refunded "payments/$PAID"
told "$FLORIST01" order_cancelled "orders/$FIRST"
call "$CUSTOMER01" GET '/v1/orders?side=SIDE_CUSTOMER&state=STATE_CANCELLED'
says id "$FIRST"
refused 400 DELIVERY_CANCELLED "$RIDER01" POST "/v1/deliveries/$FIRST:pickUp" '{}'

# E-T7: a courier brings the second one. From then on it is too late to call it off.
becomes STATE_STARTED "$CUSTOMER02" "/v1/deliveries/$SECOND"
refused 403 ROLE_MISSING "$CUSTOMER02" POST "/v1/deliveries/$SECOND:pickUp" '{}'
refused 400 DELIVERY_NOT_PICKED_UP "$RIDER01" POST "/v1/deliveries/$SECOND:complete" '{}'
at_last "$RIDER01" POST "/v1/deliveries/$SECOND:pickUp" '{}'
says courier rider01
destination "$RIDER01" "$SECOND"
becomes STATE_DELIVERING "$CUSTOMER02" "/v1/orders/$SECOND"
refused 400 ORDER_DELIVERING "$CUSTOMER02" POST "/v1/orders/$SECOND:cancel" '{}'
at_last "$RIDER01" POST "/v1/deliveries/$SECOND:complete" '{}'
says state STATE_DELIVERED
becomes STATE_DELIVERED "$CUSTOMER02" "/v1/orders/$SECOND"
refused 400 ORDER_DELIVERED "$CUSTOMER02" POST "/v1/orders/$SECOND:cancel" '{}'
call "$CUSTOMER02" GET "/v1/deliveries/$SECOND"
unaddressed
told "$CUSTOMER02" order_delivering "orders/$SECOND"
told "$CUSTOMER02" order_delivered "orders/$SECOND"
told "$FLORIST01" order_delivered "orders/$SECOND"
payments "$CUSTOMER02" "$SECOND" STATE_APPROVED
says amountKrw 350000
stock 3 3

# E-F8: more come in; then they are not sold any more.
call "$FLORIST01" POST "/v1/products/$ROSES:restock" '{"quantity": 7}'
says onHand 10
call "$FLORIST01" POST "/v1/products/$ROSES:release" '{}'
says state STATE_RELEASED
refused_at_last 400 PRODUCT_RELEASED "$CUSTOMER01" POST /v1/orders "$(roses 1)"

echo 'story E over HTTP: every step as it should be'
