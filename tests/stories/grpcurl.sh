# shellcheck shell=bash
# How a story is told by grpcurl: sourced by the scripts beside it.
# No contract is read from a file: the servers describe themselves.

BODY='' WRITTEN=''

fail() {
    printf '%s: %s\n' "${0##*/}" "$*" >&2
    exit 1
}

# ask ADDR METHOD TOKEN JSON [HEADER]: the answer's JSON is in BODY, its consistency token in WRITTEN;
# where it is refused, BODY says why.
ask() {
    local addr=$1 method=$2 token=$3 json=$4 header=${5:-} answer
    if ! answer=$(grpcurl -plaintext -v ${token:+-H "authorization: Bearer $token"} ${header:+-H "$header"} \
        -d "$json" "$addr" "$method" 2>&1); then
        BODY=$answer
        return 1
    fi
    BODY=$(sed -n '/^Response contents:/,/^Response trailers received:/p' <<<"$answer" | sed '1d;$d')
    WRITTEN=$(sed -n 's/^jangteo-token: //p' <<<"$answer")
}

# call …: what ask takes; it has to go well.
call() { ask "$@" || fail "$2 $4: $BODY"; }

# refused CODE ADDR METHOD TOKEN JSON
refused() {
    local code=$1 addr=$2 method=$3 token=$4 json=$5 answer
    if answer=$(grpcurl -plaintext ${token:+-H "authorization: Bearer $token"} -d "$json" "$addr" "$method" 2>&1); then
        fail "$method $json should have been refused: $answer"
    fi
    grep -q "^ *Code: $code\$" <<<"$answer" || fail "$method $json should have been $code: $answer"
}

# refused_at_last CODE WORDS …: what ask takes; it is refused so, in these words, once there is time to look at it.
refused_at_last() {
    local code=$1 words=$2 end=$((SECONDS + 30))
    shift 2
    while ! ask "$@" && [[ $BODY == *'Code: Unavailable'* || $BODY == *'Code: Aborted'* ]]; do
        ((SECONDS < end)) || break
        sleep 0.1
    done
    [[ $BODY == *"Code: $code"*"$words"* ]] || fail "$2 $4 should be $code, $words: $BODY"
}

field() { sed -n "s/^ *\"$1\": *\"\{0,1\}\(.*[^\",]\)\"\{0,1\},\{0,1\}\$/\1/p" <<<"$BODY"; }

# says FIELD VALUE: what the last answer holds.
says() { [[ $(field "$1") == "$2" ]] || fail "$1 should be '$2', not '$(field "$1")', in $BODY"; }
silent() { [[ $BODY != *"\"$1\""* ]] || fail "$1 should be absent in $BODY"; }

# shows FIELD VALUE …: what ask takes; what follows by itself may take a moment.
shows() {
    local name=$1 value=$2 end=$((SECONDS + 30))
    shift 2
    until ask "$@" && [[ $(field "$name") == "$value" ]]; do
        ((SECONDS < end)) || fail "$2 should show $name '$value': $BODY"
        sleep 0.1
    done
}
becomes() { shows state "$@"; }

# at_last …: what ask takes; it is refused until what it needs to know has got around.
at_last() {
    local end=$((SECONDS + 30))
    until ask "$@"; do
        ((SECONDS < end)) || fail "$2 $4 should be granted by now: $BODY"
        sleep 0.1
    done
}

# told TOKEN KIND SUBJECT: somebody is told of it, soon; NOTIFICATION_ADDR says where.
told() {
    local end=$((SECONDS + 30)) news="\"kind\":\"$2\",\"subject\":\"$3\""
    until call "$NOTIFICATION_ADDR" jangteo.notification.v1.NotificationService/ListNotifications \
        "$1" '{"pageSize": 100}' &&
        [[ ${BODY//[[:space:]]/} == *"$news"* ]]; do
        ((SECONDS < end)) || fail "$2 of $3 should be told: $BODY"
        sleep 0.1
    done
}
