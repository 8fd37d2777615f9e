#!/usr/bin/env bash
# Story C, meet-up: C-T1 to C-T6, by grpcurl alone. What needs a context that is away is told elsewhere.
#
#   INVENTORY_ADDR DEAL_ADDR NOTIFICATION_ADDR VIEW_ADDR    where the contexts are served
#   SELLER01 ABC BUYER02                                    people's tokens
set -euo pipefail

INVENTORY=jangteo.inventory.v1.InventoryService
DEAL=jangteo.deal.v1.DealService
MY_DEALS=jangteo.view.v1.MyDealsService

# shellcheck source=tests/stories/grpcurl.sh
source "${BASH_SOURCE[0]%/*}/grpcurl.sh"

# reserve TOKEN: a deal on one watch, to be met in 방배동.
reserve() {
    call "$DEAL_ADDR" "$DEAL/ReserveDeal" "$1" \
        "{\"productId\": \"$WATCH\", \"quantity\": 1, \"meetingPlace\": \"서울특별시 서초구 방배동\"}"
}
# stock ON_HAND AVAILABLE: so many are there, and can be had; nothing is told as an empty text.
stock() {
    shows onHand "$1" "$INVENTORY_ADDR" "$INVENTORY/GetProduct" '' "{\"id\": \"$WATCH\"}"
    shows available "$2" "$INVENTORY_ADDR" "$INVENTORY/GetProduct" '' "{\"id\": \"$WATCH\"}"
}
# my_deal TOKEN DEAL STATE: what my-page shows.
my_deal() { becomes "$3" "$VIEW_ADDR" "$MY_DEALS/GetMyDeal" "$1" "{\"dealId\": \"$2\"}"; }

# C-T1, C-T2: a watch, of which there is one.
refused Unauthenticated "$INVENTORY_ADDR" "$INVENTORY/RegisterProduct" '' '{"name": "애플워치"}'
call "$INVENTORY_ADDR" "$INVENTORY/RegisterProduct" "$SELLER01" \
    '{"name": "애플워치", "priceKrw": 50000, "quantity": 1}'
WATCH=$(field id)
says owner seller01
stock 1 1

# C-T3: somebody reserves it, and both are told.
reserve "$ABC"
FIRST=$(field id)
says state STATE_RESERVED
says seller seller01
says buyer abc
says priceKrw 50000
says meetingPlace '서울특별시 서초구 방배동'
stock 1 ''
my_deal "$ABC" "$FIRST" STATE_RESERVED
shows goods 애플워치 "$VIEW_ADDR" "$MY_DEALS/GetMyDeal" "$ABC" "{\"dealId\": \"$FIRST\"}"
told "$ABC" deal_reserved "deals/$FIRST"
told "$SELLER01" deal_reserved "deals/$FIRST"

# C-T5: what somebody else holds is not to be had, and who asks for it is told.
reserve "$BUYER02"
LATE=$(field id)
says state STATE_REFUSED
says refusalReason OUT_OF_STOCK
told "$BUYER02" deal_refused "deals/$LATE"
refused NotFound "$DEAL_ADDR" "$DEAL/GetDeal" "$BUYER02" "{\"id\": \"$FIRST\"}"

# C-T4: its owner hands it over, and the last piece is gone.
refused PermissionDenied "$DEAL_ADDR" "$DEAL/CompleteDeal" "$ABC" "{\"id\": \"$FIRST\"}"
call "$DEAL_ADDR" "$DEAL/CompleteDeal" "$SELLER01" "{\"id\": \"$FIRST\"}"
says state STATE_ENDED
stock '' ''
my_deal "$SELLER01" "$FIRST" STATE_ENDED
told "$ABC" deal_ended "deals/$FIRST"
told "$SELLER01" stock_decreased "products/$WATCH"
reserve "$BUYER02"
says refusalReason OUT_OF_STOCK

# C-T6: another piece comes in, and is still there when the deal on it is called off.
call "$INVENTORY_ADDR" "$INVENTORY/RestockProduct" "$SELLER01" "{\"id\": \"$WATCH\", \"quantity\": 1}"
stock 1 1
reserve "$ABC"
SECOND=$(field id)
says state STATE_RESERVED
call "$DEAL_ADDR" "$DEAL/CancelDeal" "$ABC" "{\"id\": \"$SECOND\"}"
stock 1 1
my_deal "$ABC" "$SECOND" STATE_CANCELLED
told "$ABC" deal_cancelled "deals/$SECOND"
told "$SELLER01" deal_cancelled "deals/$SECOND"

echo "story C: every step as it should be"
