#!/usr/bin/env bash
# Story A, second-hand goods, as far as posts and my-page go: A-T1, A-T2, A-T10, by grpcurl alone.
# No contract is read from a file: the servers describe themselves.
#
#   POST_ADDR VIEW_ADDR            where post and view are served
#   SELLER01 SELLER02 BUYER01      people's tokens
#   DEAL                           the token of the context `deal`
set -euo pipefail

POST=jangteo.post.v1.PostService
MY_PAGE=jangteo.view.v1.MySalesService
BODY='' WRITTEN=''

fail() {
    printf 'second_hand.sh: %s\n' "$*" >&2
    exit 1
}

# call ADDR METHOD TOKEN JSON [HEADER]: the answer's JSON is in BODY, its consistency token in WRITTEN.
call() {
    local addr=$1 method=$2 token=$3 json=$4 header=${5:-} answer
    answer=$(grpcurl -plaintext -v ${token:+-H "authorization: Bearer $token"} ${header:+-H "$header"} \
        -d "$json" "$addr" "$method" 2>&1) || fail "$method $json: $answer"
    BODY=$(sed -n '/^Response contents:/,/^Response trailers received:/p' <<<"$answer" | sed '1d;$d')
    WRITTEN=$(sed -n 's/^jangteo-token: //p' <<<"$answer")
}

# refused CODE ADDR METHOD TOKEN JSON
refused() {
    local code=$1 addr=$2 method=$3 token=$4 json=$5 answer
    if answer=$(grpcurl -plaintext ${token:+-H "authorization: Bearer $token"} -d "$json" "$addr" "$method" 2>&1); then
        fail "$method $json should have been refused: $answer"
    fi
    grep -q "^ *Code: $code\$" <<<"$answer" || fail "$method $json should have been $code: $answer"
}

# my_page TOKEN POST_ID: the sale as my-page shows it, once it has heard of what was WRITTEN.
my_page() { call "$VIEW_ADDR" "$MY_PAGE/GetMySale" "$1" "{\"postId\": \"$2\"}" "jangteo-token: $WRITTEN"; }

field() { sed -n "s/^ *\"$1\": *\"\{0,1\}\(.*[^\",]\)\"\{0,1\},\{0,1\}\$/\1/p" <<<"$BODY"; }

# says FIELD VALUE: what the last answer holds.
says() { [[ $(field "$1") == "$2" ]] || fail "$1 should be '$2', not '$(field "$1")', in $BODY"; }
silent() { [[ $BODY != *"\"$1\""* ]] || fail "$1 should be absent in $BODY"; }

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

# The phone gets cheaper; only its seller may say so.
refused NotFound "$POST_ADDR" "$POST/UpdatePost" "$SELLER02" "{\"id\": \"$PHONE\", \"priceKrw\": 1}"
call "$POST_ADDR" "$POST/UpdatePost" "$SELLER01" \
    "{\"id\": \"$PHONE\", \"goods\": \"?\", \"priceKrw\": 550000, \"updateMask\": {\"paths\": [\"price_krw\"]}}"
says goods '아이폰13 공기계'
my_page "$SELLER01" "$PHONE"
says priceKrw 550000

# The mouse is reserved for a deal, and for no other.
DEAL_ID=0190a7c5-0000-7000-8000-000000000001 OTHER_ID=0190a7c5-0000-7000-8000-000000000002
reservation() {
    printf '{"id": "%s", "dealId": "%s", "offerId": "0190a7c5-0000-7000-8000-00000000000f", %s}' "$MOUSE" "$1" \
        '"seller": "seller02", "buyer": "buyer01", "agreedPriceKrw": 9000'
}
refused PermissionDenied "$POST_ADDR" "$POST/ReservePost" "$BUYER01" "$(reservation "$DEAL_ID")"
call "$POST_ADDR" "$POST/ReservePost" "$DEAL" "$(reservation "$DEAL_ID")"
my_page "$SELLER02" "$MOUSE"
says state STATE_RESERVED
says agreedPriceKrw 9000
says priceKrw 10000
says buyer buyer01
says dealId "$DEAL_ID"
refused FailedPrecondition "$POST_ADDR" "$POST/ReservePost" "$DEAL" "$(reservation "$OTHER_ID")"
refused FailedPrecondition "$POST_ADDR" "$POST/DeletePost" "$SELLER02" "{\"id\": \"$MOUSE\"}"

# The deal is off: the mouse is for sale again, at its own price.
call "$POST_ADDR" "$POST/ReleasePost" "$DEAL" "{\"id\": \"$MOUSE\", \"dealId\": \"$DEAL_ID\"}"
my_page "$SELLER02" "$MOUSE"
says state STATE_AVAILABLE
says priceKrw 10000
for gone in agreedPriceKrw buyer dealId; do silent "$gone"; done

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
