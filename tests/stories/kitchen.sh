#!/usr/bin/env bash
# Story D, food from a kitchen: D-T1, D-T3, D-T4 and D-T5, by grpcurl alone. What needs a context that is away is
# told elsewhere.
#
#   INVENTORY_ADDR ORDER_ADDR PAYMENT_ADDR STORE_ADDR DELIVERY_ADDR NOTIFICATION_ADDR VIEW_ADDR    where the contexts
#                                                                                                  are served
#   COOK01 COOK02 CUSTOMER01 CUSTOMER02 RIDER01                                                    people's tokens
set -euo pipefail

INVENTORY=jangteo.inventory.v1.InventoryService
ORDER=jangteo.order.v1.OrderService
PAYMENT=jangteo.payment.v1.PaymentService
STORE=jangteo.store.v1.StoreService
TICKET=jangteo.store.v1.TicketService
DELIVERY=jangteo.delivery.v1.DeliveryService
TIMELINE=jangteo.view.v1.TimelineService

ADDRESS='서울특별시 서초구 방배로 1' PHONE=010-1234-5678
NOBODYS=0190a7c5-3b1e-7cc0-b2a4-5b8a0f1d2e3f

# shellcheck source=tests/stories/grpcurl.sh
source "${BASH_SOURCE[0]%/*}/grpcurl.sh"

# line PRODUCT QUANTITY
line() { printf '{"productId": "%s", "quantity": %d}' "$1" "$2"; }
# of LINES: a request for them.
of() { printf '{"lines": [%s], "address": "%s", "phoneNumber": "%s"}' "$1" "$ADDRESS" "$PHONE"; }
# place TOKEN PRODUCT QUANTITY: orders so many. A try that is refused has come to nothing.
place() { at_last "$ORDER_ADDR" "$ORDER/PlaceOrder" "$1" "$(of "$(line "$2" "$3")")"; }
# cancel TOKEN ORDER
cancel() { at_last "$ORDER_ADDR" "$ORDER/CancelOrder" "$1" "{\"id\": \"$2\"}"; }
# too_late TOKEN ORDER: it can't be called off any more. Where that is not told in time, it is asked again.
too_late() {
    local end=$((SECONDS + 30))
    while ask "$ORDER_ADDR" "$ORDER/CancelOrder" "$1" "{\"id\": \"$2\"}" ||
        [[ $BODY != *'Code: FailedPrecondition'* ]]; do
        ((SECONDS < end)) || fail "it should be too late for $2: $BODY"
        sleep 0.1
    done
}
# cooks TOKEN METHOD ORDER: what somebody does to a ticket.
cooks() { call "$STORE_ADDR" "$TICKET/$2" "$1" "{\"id\": \"$3\"}"; }
# ticket_refused CODE TOKEN METHOD ORDER
ticket_refused() { refused "$1" "$STORE_ADDR" "$TICKET/$3" "$2" "{\"id\": \"$4\"}"; }
# order_becomes TOKEN ORDER STATE, ticket_becomes TOKEN ORDER STATE, delivery_becomes TOKEN ORDER STATE
order_becomes() { becomes "$3" "$ORDER_ADDR" "$ORDER/GetOrder" "$1" "{\"id\": \"$2\"}"; }
ticket_becomes() { becomes "$3" "$STORE_ADDR" "$TICKET/GetTicket" "$1" "{\"id\": \"$2\"}"; }
delivery_becomes() { becomes "$3" "$DELIVERY_ADDR" "$DELIVERY/GetDelivery" "$1" "{\"id\": \"$2\"}"; }
# payments TOKEN ORDER STATE: what the payments for an order that stand so are.
payments() {
    call "$PAYMENT_ADDR" "$PAYMENT/ListPayments" "$1" "{\"resource\": \"orders/$2\", \"state\": \"$3\"}"
}
# given_back TOKEN ORDER PAYMENT TIMES: all the money for an order is back, and its customer is told so. He was told
# of that order so many times.
given_back() {
    shows refunded true "$PAYMENT_ADDR" "$PAYMENT/ListPayments" "$1" \
        "{\"resource\": \"orders/$2\", \"state\": \"STATE_CANCELLED\"}"
    payments "$1" "$2" STATE_APPROVED
    silent payments
    told "$1" payment_refunded "payments/$3"
    told "$1" order_cancelled "orders/$2"
    [[ $(field subject | grep -c "orders/$2\$") == "$4" ]] || fail "each thing is told once: $BODY"
}
# uncounted PRODUCT: nobody counts what is made to order.
uncounted() {
    call "$INVENTORY_ADDR" "$INVENTORY/GetProduct" '' "{\"id\": \"$1\"}"
    for counted in onHand available; do silent "$counted"; done
}

# The servers say what they can do.
grpcurl -plaintext "$STORE_ADDR" describe "$STORE" | grep -q 'rpc OpenStore' || fail "$STORE is not described"
grpcurl -plaintext "$STORE_ADDR" describe "$TICKET" | grep -q 'rpc StartCooking' || fail "$TICKET is not described"

# D-T1: a cook opens 스토어99 and puts a dish on its menu; anybody finds both. What is made to order is not counted.
refused Unauthenticated "$STORE_ADDR" "$STORE/OpenStore" '' '{"name": "스토어99"}'
call "$STORE_ADDR" "$STORE/OpenStore" "$COOK01" '{"name": "스토어99"}'
BISTRO=$(field id)
says owner cook01
says name 스토어99
call "$STORE_ADDR" "$STORE/ListStores" '' '{"owner": "cook01", "text": "스토어"}'
says id "$BISTRO"
# dish TOKEN NAME STORE: a dish at 22,000 won a portion.
dish() {
    call "$INVENTORY_ADDR" "$INVENTORY/RegisterProduct" "$1" \
        "{\"name\": \"$2\", \"priceKrw\": 22000, \"storeId\": \"$3\"}"
}
dish "$COOK01" 비빔밥 "$BISTRO"
DISH=$(field id)
says storeId "$BISTRO"
call "$INVENTORY_ADDR" "$INVENTORY/ListProducts" '' "{\"storeId\": \"$BISTRO\"}"
says id "$DISH"
uncounted "$DISH"
refused InvalidArgument "$INVENTORY_ADDR" "$INVENTORY/RegisterProduct" "$COOK01" \
    "{\"name\": \"김밥\", \"priceKrw\": 3000, \"quantity\": 5, \"storeId\": \"$BISTRO\"}"
refused FailedPrecondition "$INVENTORY_ADDR" "$INVENTORY/RestockProduct" "$COOK01" "{\"id\": \"$DISH\", \"quantity\": 5}"

# D-T1: 21 portions are ordered and paid in one step. The price is that of one (D.13-9).
refused Unauthenticated "$ORDER_ADDR" "$ORDER/PlaceOrder" '' "$(of "$(line "$DISH" 21)")"
place "$CUSTOMER01" "$DISH" 21
FIRST=$(field id) PAID=$(field paymentId)
says state STATE_PLACED
says customer customer01
says seller cook01
says storeId "$BISTRO"
says name 비빔밥
says quantity 21
says priceKrw 22000
says totalKrw 462000
payments "$CUSTOMER01" "$FIRST" STATE_APPROVED
says id "$PAID"
says key "orders/$FIRST/payments/1"
says amountKrw 462000
says payee cook01

# It reaches its store, which sees what to cook; nobody has said yet that it will be made, and no courier is asked.
ticket_becomes "$COOK01" "$FIRST" STATE_RECEIVED
says storeId "$BISTRO"
says customer customer01
says name 비빔밥
says quantity 21
call "$STORE_ADDR" "$TICKET/ListTickets" "$COOK01" "{\"storeId\": \"$BISTRO\", \"state\": \"STATE_RECEIVED\"}"
says id "$FIRST"
order_becomes "$CUSTOMER01" "$FIRST" STATE_PLACED
refused NotFound "$DELIVERY_ADDR" "$DELIVERY/GetDelivery" "$CUSTOMER01" "{\"id\": \"$FIRST\"}"

# Its customer looks on. Strangers see nothing of it, and only the store says what becomes of it.
ticket_becomes "$CUSTOMER01" "$FIRST" STATE_RECEIVED
call "$STORE_ADDR" "$TICKET/ListTickets" "$CUSTOMER01" '{}'
silent tickets
for stranger in "$COOK02" "$CUSTOMER02"; do
    refused NotFound "$ORDER_ADDR" "$ORDER/GetOrder" "$stranger" "{\"id\": \"$FIRST\"}"
    for method in GetTicket AcceptTicket RejectTicket StartCooking FinishCooking; do
        ticket_refused NotFound "$stranger" "$method" "$FIRST"
    done
    call "$STORE_ADDR" "$TICKET/ListTickets" "$stranger" "{\"storeId\": \"$BISTRO\"}"
    silent tickets
done
for method in AcceptTicket RejectTicket StartCooking FinishCooking; do
    ticket_refused PermissionDenied "$CUSTOMER01" "$method" "$FIRST"
done
refused PermissionDenied "$ORDER_ADDR" "$ORDER/CancelOrder" "$COOK01" "{\"id\": \"$FIRST\"}"

# The store takes it on, and cooks: one after the other. Then it is too late to call it off, or to turn it down.
for method in StartCooking FinishCooking; do ticket_refused FailedPrecondition "$COOK01" "$method" "$FIRST"; done
cooks "$COOK01" AcceptTicket "$FIRST"
says state STATE_ACCEPTED
order_becomes "$CUSTOMER01" "$FIRST" STATE_PREPARING
ticket_refused FailedPrecondition "$COOK01" FinishCooking "$FIRST"
cooks "$COOK01" StartCooking "$FIRST"
says state STATE_COOKING
too_late "$CUSTOMER01" "$FIRST"
ticket_refused FailedPrecondition "$COOK01" RejectTicket "$FIRST"
order_becomes "$CUSTOMER01" "$FIRST" STATE_PREPARING
told "$CUSTOMER01" order_cancel_refused "orders/$FIRST"

# D-T3: it is cooked, and waits for its courier; before that there was no delivery.
cooks "$COOK01" FinishCooking "$FIRST"
says state STATE_COOKED
delivery_becomes "$CUSTOMER01" "$FIRST" STATE_STARTED
too_late "$CUSTOMER01" "$FIRST"
call "$DELIVERY_ADDR" "$DELIVERY/ListWaitingDeliveries" "$RIDER01" '{}'
says id "$FIRST"
for hidden in address phoneNumber; do silent "$hidden"; done

# D-T4: a courier brings it.
at_last "$DELIVERY_ADDR" "$DELIVERY/PickUpDelivery" "$RIDER01" "{\"id\": \"$FIRST\"}"
says courier rider01
says state STATE_PICKED_UP
shows address "$ADDRESS" "$DELIVERY_ADDR" "$DELIVERY/GetDelivery" "$RIDER01" "{\"id\": \"$FIRST\"}"
says phoneNumber "$PHONE"
order_becomes "$CUSTOMER01" "$FIRST" STATE_DELIVERING
too_late "$CUSTOMER01" "$FIRST"
at_last "$DELIVERY_ADDR" "$DELIVERY/CompleteDelivery" "$RIDER01" "{\"id\": \"$FIRST\"}"
says state STATE_DELIVERED
order_becomes "$CUSTOMER01" "$FIRST" STATE_DELIVERED
too_late "$CUSTOMER01" "$FIRST"
for kind in order_placed order_accepted order_delivering order_delivered; do
    told "$CUSTOMER01" "$kind" "orders/$FIRST"
done
told "$CUSTOMER01" delivery_started "deliveries/$FIRST"
for kind in order_placed order_delivered; do told "$COOK01" "$kind" "orders/$FIRST"; done
[[ $BODY != *stock_decreased* ]] || fail "nothing is taken from any stock: $BODY"

# The whole story of the order, under its id.
tells() {
    local event
    # There is none before the view has heard of anything.
    ask "$VIEW_ADDR" "$TIMELINE/ListMyTimelineEntries" "$CUSTOMER01" \
        "{\"correlationId\": \"$FIRST\", \"pageSize\": 100}" || return 1
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
[[ $BODY != *Stock* ]] || fail "nothing is taken from any stock: $BODY"

# D-T5: the second one is called off after the store took it on, and before it is cooked.
place "$CUSTOMER02" "$DISH" 1
SECOND=$(field id) PAID=$(field paymentId)
says totalKrw 22000
ticket_becomes "$COOK01" "$SECOND" STATE_RECEIVED
cooks "$COOK01" AcceptTicket "$SECOND"
told "$CUSTOMER02" order_accepted "orders/$SECOND"
cancel "$CUSTOMER02" "$SECOND"
order_becomes "$CUSTOMER02" "$SECOND" STATE_CANCELLED
says cancelReason BY_CUSTOMER
ticket_becomes "$COOK01" "$SECOND" STATE_CANCELLED
# Placed, accepted, cancelled.
given_back "$CUSTOMER02" "$SECOND" "$PAID" 3
told "$COOK01" order_cancelled "orders/$SECOND"
for method in AcceptTicket RejectTicket StartCooking FinishCooking; do
    ticket_refused FailedPrecondition "$COOK01" "$method" "$SECOND"
done

# The store turns the third one down: it is called off, and the money goes back.
place "$CUSTOMER02" "$DISH" 2
THIRD=$(field id) PAID=$(field paymentId)
ticket_becomes "$COOK01" "$THIRD" STATE_RECEIVED
cooks "$COOK01" RejectTicket "$THIRD"
says state STATE_REJECTED
order_becomes "$CUSTOMER02" "$THIRD" STATE_CANCELLED
says cancelReason STORE_REJECTED
given_back "$CUSTOMER02" "$THIRD" "$PAID" 2
told "$COOK01" order_cancelled "orders/$THIRD"
ticket_refused FailedPrecondition "$COOK01" AcceptTicket "$THIRD"

# Nobody makes what names a store that is not there, or not his who sells it.
for store in "$NOBODYS" "$BISTRO"; do
    dish "$COOK02" 국수 "$store"
    place "$CUSTOMER02" "$(field id)" 1
    LOST=$(field id) PAID=$(field paymentId)
    says seller cook02
    order_becomes "$CUSTOMER02" "$LOST" STATE_CANCELLED
    says cancelReason STORE_REJECTED
    given_back "$CUSTOMER02" "$LOST" "$PAID" 2
done

# What is made to order and what is counted, or made elsewhere, is not ordered together.
call "$INVENTORY_ADDR" "$INVENTORY/RegisterProduct" "$COOK01" '{"name": "고추장", "priceKrw": 8000, "quantity": 3}'
PASTE=$(field id)
call "$STORE_ADDR" "$STORE/OpenStore" "$COOK01" '{"name": "스토어100"}'
dish "$COOK01" 냉면 "$(field id)"
NOODLES=$(field id)
for other in "$PASTE" "$NOODLES"; do
    refused_at_last FailedPrecondition '' "$ORDER_ADDR" "$ORDER/PlaceOrder" "$CUSTOMER01" \
        "$(of "$(line "$DISH" 1), $(line "$other" 1)")"
done
call "$ORDER_ADDR" "$ORDER/ListOrders" "$CUSTOMER01" '{}'
says id "$FIRST"
shows onHand 3 "$INVENTORY_ADDR" "$INVENTORY/GetProduct" '' "{\"id\": \"$PASTE\"}"
says available 3

# What was ordered stays in the lists, whatever became of it.
call "$ORDER_ADDR" "$ORDER/ListOrders" "$COOK01" '{"side": "SIDE_SELLER"}'
[[ $(field id | tr '\n' ' ') == "$THIRD $SECOND $FIRST " ]] || fail "three orders are the cook's: $BODY"
uncounted "$DISH"

echo "story D: every step as it should be"
