#!/usr/bin/env bash
# Story C, meet-up: C-T1 to C-T6, by curl alone.
#
#   URL                     where the gateway is
#   SELLER01 ABC BUYER02    people's tokens
set -euo pipefail

# shellcheck source=tests/gateway/curl.sh
source "${BASH_SOURCE[0]%/*}/curl.sh"

# reserve TOKEN: a deal on one watch.
reserve() { call "$1" POST /v1/deals "{\"productId\": \"$WATCH\", \"quantity\": 1, \"meetingPlace\": \"방배동\"}"; }
# stock ON_HAND AVAILABLE: so many are there, and can be had; nothing is told as an empty text.
stock() {
    shows onHand "$1" '' "/v1/products/$WATCH"
    shows available "$2" '' "/v1/products/$WATCH"
}
# my_deal TOKEN DEAL STATE: what my-page shows.
my_deal() { becomes "$3" "$1" "/v1/my/deals/$2"; }

# C-T1, C-T2: a watch, of which there is one.
refused 401 TOKEN_MISSING '' POST /v1/products '{"name": "애플워치"}'
call "$SELLER01" POST /v1/products '{"name": "애플워치", "priceKrw": 50000, "quantity": 1}'
WATCH=$(field id)
says owner seller01
stock 1 1

# C-T3: somebody reserves it.
reserve "$ABC"
FIRST=$(field id)
says state STATE_RESERVED
says seller seller01
says priceKrw 50000
stock 1 ''
my_deal "$ABC" "$FIRST" STATE_RESERVED
shows goods 애플워치 "$ABC" "/v1/my/deals/$FIRST"

# C-T5: what somebody else holds is not to be had.
reserve "$BUYER02"
says state STATE_REFUSED
says refusalReason OUT_OF_STOCK
refused 404 DEAL_NOT_FOUND "$BUYER02" GET "/v1/deals/$FIRST"

# C-T4: its owner hands it over, and the last piece is gone.
refused 403 SELLER_ONLY "$ABC" POST "/v1/deals/$FIRST:complete" '{}'
call "$SELLER01" POST "/v1/deals/$FIRST:complete" '{}'
says state STATE_ENDED
stock '' ''
my_deal "$SELLER01" "$FIRST" STATE_ENDED
reserve "$BUYER02"
says refusalReason OUT_OF_STOCK

# C-T6: another piece comes in, and is still there when the deal on it is called off.
call "$SELLER01" POST "/v1/products/$WATCH:restock" '{"quantity": 1}'
stock 1 1
reserve "$ABC"
SECOND=$(field id)
says state STATE_RESERVED
call "$ABC" POST "/v1/deals/$SECOND:cancel" '{}'
stock 1 1
my_deal "$ABC" "$SECOND" STATE_CANCELLED

echo "story C over HTTP: every step as it should be"
