#!/usr/bin/env bash
# Story E, flowers: E-T1 to E-T5 and E-T7, by grpcurl alone. What needs a context that is away is told
# elsewhere.
#
#   INVENTORY_ADDR ORDER_ADDR PAYMENT_ADDR DELIVERY_ADDR NOTIFICATION_ADDR VIEW_ADDR    where the contexts are served
#   FLORIST01 CUSTOMER01 CUSTOMER02 RIDER01                                             people's tokens
set -euo pipefail

INVENTORY=jangteo.inventory.v1.InventoryService
ORDER=jangteo.order.v1.OrderService
PAYMENT=jangteo.payment.v1.PaymentService
DELIVERY=jangteo.delivery.v1.DeliveryService
TIMELINE=jangteo.view.v1.TimelineService

ADDRESS='서울특별시 서초구 방배로 1' PHONE=010-1234-5678

# shellcheck source=tests/stories/grpcurl.sh
source "${BASH_SOURCE[0]%/*}/grpcurl.sh"

# roses BUNCHES: a request for so many.
roses() {
    printf '{"lines": [{"productId": "%s", "quantity": %d}], "address": "%s", "phoneNumber": "%s"}' \
        "$ROSES" "$1" "$ADDRESS" "$PHONE"
}
# place TOKEN BUNCHES: orders so many. A try that is refused has come to nothing.
place() { at_last "$ORDER_ADDR" "$ORDER/PlaceOrder" "$1" "$(roses "$2")"; }
# cancel TOKEN ORDER
cancel() { at_last "$ORDER_ADDR" "$ORDER/CancelOrder" "$1" "{\"id\": \"$2\"}"; }
# order_becomes TOKEN ORDER STATE, delivery_becomes TOKEN ORDER STATE
order_becomes() { becomes "$3" "$ORDER_ADDR" "$ORDER/GetOrder" "$1" "{\"id\": \"$2\"}"; }
delivery_becomes() { becomes "$3" "$DELIVERY_ADDR" "$DELIVERY/GetDelivery" "$1" "{\"id\": \"$2\"}"; }
# destination TOKEN ORDER: where its delivery goes, to whoever may know it.
destination() {
    shows address "$ADDRESS" "$DELIVERY_ADDR" "$DELIVERY/GetDelivery" "$1" "{\"id\": \"$2\"}"
    says phoneNumber "$PHONE"
}
# stock ON_HAND AVAILABLE: so many are there, and can be had; nothing is told as an empty text.
stock() {
    shows onHand "$1" "$INVENTORY_ADDR" "$INVENTORY/GetProduct" '' "{\"id\": \"$ROSES\"}"
    shows available "$2" "$INVENTORY_ADDR" "$INVENTORY/GetProduct" '' "{\"id\": \"$ROSES\"}"
}
# payments TOKEN ORDER STATE: what the payments for an order that stand so are.
payments() {
    call "$PAYMENT_ADDR" "$PAYMENT/ListPayments" "$1" "{\"resource\": \"orders/$2\", \"state\": \"$3\"}"
}

# The servers say what they can do.
grpcurl -plaintext "$ORDER_ADDR" describe "$ORDER" | grep -q 'rpc PlaceOrder' || fail "$ORDER is not described"
grpcurl -plaintext "$DELIVERY_ADDR" describe "$DELIVERY" | grep -q 'rpc PickUpDelivery' ||
    fail "$DELIVERY is not described"

# E-T1: a florist registers ten bunches of a hundred roses, and anybody finds them.
call "$INVENTORY_ADDR" "$INVENTORY/RegisterProduct" "$FLORIST01" \
    '{"name": "장미", "spec": "100송이", "priceKrw": 50000, "quantity": 10}'
ROSES=$(field id)
says owner florist01
says spec 100송이
stock 10 10
call "$INVENTORY_ADDR" "$INVENTORY/ListProducts" '' '{"owner": "florist01", "text": "장미"}'
says id "$ROSES"

# E-T2: a customer orders three of them. What they cost the stock says; nobody orders without a name.
refused Unauthenticated "$ORDER_ADDR" "$ORDER/PlaceOrder" '' "$(roses 1)"
place "$CUSTOMER01" 3
FIRST=$(field id) PAID=$(field paymentId)
says state STATE_PLACED
says customer customer01
says seller florist01
says name 장미
says quantity 3
says totalKrw 150000
says address "$ADDRESS"
says phoneNumber "$PHONE"

# It is paid, the stock is less, and it waits for its courier.
payments "$CUSTOMER01" "$FIRST" STATE_APPROVED
says id "$PAID"
says key "orders/$FIRST/payments/1"
says amountKrw 150000
says payee florist01
stock 7 7
delivery_becomes "$CUSTOMER01" "$FIRST" STATE_STARTED
destination "$CUSTOMER01" "$FIRST"

# Its seller does not see where it goes; neither do couriers while it waits, and a stranger sees nothing.
call "$ORDER_ADDR" "$ORDER/GetOrder" "$FLORIST01" "{\"id\": \"$FIRST\"}"
says totalKrw 150000
for hidden in address phoneNumber; do silent "$hidden"; done
call "$DELIVERY_ADDR" "$DELIVERY/GetDelivery" "$FLORIST01" "{\"id\": \"$FIRST\"}"
for hidden in address phoneNumber; do silent "$hidden"; done
call "$DELIVERY_ADDR" "$DELIVERY/ListWaitingDeliveries" "$RIDER01" '{}'
says id "$FIRST"
for hidden in address phoneNumber; do silent "$hidden"; done
refused PermissionDenied "$DELIVERY_ADDR" "$DELIVERY/ListWaitingDeliveries" "$CUSTOMER01" '{}'
refused NotFound "$ORDER_ADDR" "$ORDER/GetOrder" "$CUSTOMER02" "{\"id\": \"$FIRST\"}"
refused NotFound "$DELIVERY_ADDR" "$DELIVERY/GetDelivery" "$CUSTOMER02" "{\"id\": \"$FIRST\"}"
refused NotFound "$ORDER_ADDR" "$ORDER/CancelOrder" "$CUSTOMER02" "{\"id\": \"$FIRST\"}"
refused PermissionDenied "$ORDER_ADDR" "$ORDER/CancelOrder" "$FLORIST01" "{\"id\": \"$FIRST\"}"

# Everybody is told what concerns him.
told "$CUSTOMER01" order_placed "orders/$FIRST"
told "$CUSTOMER01" delivery_started "deliveries/$FIRST"
told "$FLORIST01" order_placed "orders/$FIRST"
told "$FLORIST01" stock_decreased "products/$ROSES"

# The whole story of the order, under its id.
tells() {
    local event
    # There is none before the view has heard of anything.
    ask "$VIEW_ADDR" "$TIMELINE/ListMyTimelineEntries" "$CUSTOMER01" \
        "{\"correlationId\": \"$FIRST\", \"pageSize\": 100}" || return 1
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
refused_at_last FailedPrecondition 'out of stock' "$ORDER_ADDR" "$ORDER/PlaceOrder" "$CUSTOMER02" "$(roses 8)"
call "$ORDER_ADDR" "$ORDER/ListOrders" "$CUSTOMER02" '{}'
silent orders
call "$PAYMENT_ADDR" "$PAYMENT/ListPayments" "$CUSTOMER02" '{}'
silent payments
stock 7 7

# E-T4: seven are all of them, and can be had.
place "$CUSTOMER02" 7
SECOND=$(field id)
says totalKrw 350000
stock '' ''
call "$ORDER_ADDR" "$ORDER/ListOrders" "$FLORIST01" '{"side": "SIDE_SELLER"}'
[[ $(field id | tr '\n' ' ') == "$SECOND $FIRST " ]] || fail "two orders are the florist's: $BODY"

# E-T5: the first one is called off. The money goes back, and the flowers do.
cancel "$CUSTOMER01" "$FIRST"
order_becomes "$CUSTOMER01" "$FIRST" STATE_CANCELLED
says cancelReason BY_CUSTOMER
delivery_becomes "$CUSTOMER01" "$FIRST" STATE_CANCELLED
shows refunded true "$PAYMENT_ADDR" "$PAYMENT/ListPayments" "$CUSTOMER01" \
    "{\"resource\": \"orders/$FIRST\", \"state\": \"STATE_CANCELLED\"}"
payments "$CUSTOMER01" "$FIRST" STATE_APPROVED
silent payments
stock 3 3
told "$CUSTOMER01" order_cancelled "orders/$FIRST"
told "$CUSTOMER01" payment_refunded "payments/$PAID"
told "$FLORIST01" order_cancelled "orders/$FIRST"
call "$ORDER_ADDR" "$ORDER/ListOrders" "$CUSTOMER01" '{}'
says id "$FIRST"
refused FailedPrecondition "$DELIVERY_ADDR" "$DELIVERY/PickUpDelivery" "$RIDER01" "{\"id\": \"$FIRST\"}"

# E-T7: a courier brings the second one. From then on it is too late to call it off.
delivery_becomes "$CUSTOMER02" "$SECOND" STATE_STARTED
refused PermissionDenied "$DELIVERY_ADDR" "$DELIVERY/PickUpDelivery" "$CUSTOMER02" "{\"id\": \"$SECOND\"}"
refused FailedPrecondition "$DELIVERY_ADDR" "$DELIVERY/CompleteDelivery" "$RIDER01" "{\"id\": \"$SECOND\"}"
at_last "$DELIVERY_ADDR" "$DELIVERY/PickUpDelivery" "$RIDER01" "{\"id\": \"$SECOND\"}"
says courier rider01
says state STATE_PICKED_UP
destination "$RIDER01" "$SECOND"
order_becomes "$CUSTOMER02" "$SECOND" STATE_DELIVERING
refused FailedPrecondition "$ORDER_ADDR" "$ORDER/CancelOrder" "$CUSTOMER02" "{\"id\": \"$SECOND\"}"
at_last "$DELIVERY_ADDR" "$DELIVERY/CompleteDelivery" "$RIDER01" "{\"id\": \"$SECOND\"}"
says state STATE_DELIVERED
order_becomes "$CUSTOMER02" "$SECOND" STATE_DELIVERED
refused FailedPrecondition "$ORDER_ADDR" "$ORDER/CancelOrder" "$CUSTOMER02" "{\"id\": \"$SECOND\"}"
call "$DELIVERY_ADDR" "$DELIVERY/GetDelivery" "$CUSTOMER02" "{\"id\": \"$SECOND\"}"
for hidden in address phoneNumber; do silent "$hidden"; done
told "$CUSTOMER02" order_delivering "orders/$SECOND"
told "$CUSTOMER02" order_delivered "orders/$SECOND"
told "$FLORIST01" order_delivered "orders/$SECOND"
payments "$CUSTOMER02" "$SECOND" STATE_APPROVED
says amountKrw 350000
stock 3 3

# E-F8: more come in; then they are not sold any more.
call "$INVENTORY_ADDR" "$INVENTORY/RestockProduct" "$FLORIST01" "{\"id\": \"$ROSES\", \"quantity\": 7}"
says onHand 10
call "$INVENTORY_ADDR" "$INVENTORY/ReleaseProduct" "$FLORIST01" "{\"id\": \"$ROSES\"}"
says state STATE_RELEASED
refused_at_last FailedPrecondition 'not sold any more' \
    "$ORDER_ADDR" "$ORDER/PlaceOrder" "$CUSTOMER01" "$(roses 1)"

echo "story E: every step as it should be"
