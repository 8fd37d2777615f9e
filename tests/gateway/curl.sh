# shellcheck shell=bash
# How a story is told by curl: sourced by the scripts beside it.

BODY='' WRITTEN='' CODE=''

fail() {
    printf '%s: %s\n' "${0##*/}" "$*" >&2
    exit 1
}

# ask TOKEN METHOD PATH [JSON] [HEADER]: the answer is in CODE and BODY, its consistency token in WRITTEN.
ask() {
    local token=$1 method=$2 path=$3 json=${4:-} header=${5:-} answer
    answer=$(curl --silent --show-error --include --request "$method" "$URL$path" \
        ${token:+--header "authorization: Bearer $token"} ${header:+--header "$header"} \
        ${json:+--header 'content-type: application/json' --data "$json"}) || fail "$method $path"
    answer=${answer//$'\r'/}
    CODE=$(sed -n '1s/^HTTP[^ ]* \([0-9]*\).*/\1/p' <<<"$answer")
    WRITTEN=$(sed -n 's/^jangteo-token: //p' <<<"$answer")
    BODY=${answer#*$'\n\n'}
}

# call …: what ask takes; it has to go well.
call() {
    ask "$@"
    [[ $CODE == 200 ]] || fail "$2 $3 ${4:-}: $CODE $BODY"
}

# refused CODE REASON …: what ask takes; it must be refused so.
refused() {
    local code=$1 reason=$2
    shift 2
    ask "$@"
    [[ $CODE == "$code" && $BODY == *"\"reason\":\"$reason\""* ]] || fail "$2 $3 should be $code $reason: $CODE $BODY"
}

# refused_at_last CODE REASON …: what ask takes; it is refused so once there is time to look at it.
refused_at_last() {
    local code=$1 reason=$2 end=$((SECONDS + 30))
    shift 2
    while ask "$@" && [[ $CODE == 409 || $CODE == 503 ]]; do
        ((SECONDS < end)) || break
        sleep 0.1
    done
    [[ $CODE == "$code" && $BODY == *"\"reason\":\"$reason\""* ]] || fail "$2 $3 should be $code $reason: $CODE $BODY"
}

# field NAME: each value of it in the answer, a line each.
field() { grep -o "\"$1\":\(\"[^\"]*\"\|[^,}]*\)" <<<"$BODY" | sed "s/^\"$1\"://; s/^\"//; s/\"\$//"; }
says() { [[ $(field "$1") == "$2" ]] || fail "$1 should be '$2', not '$(field "$1")', in $BODY"; }
silent() { [[ $BODY != *"\"$1\""* ]] || fail "$1 should be absent in $BODY"; }

# shows FIELD VALUE TOKEN PATH: what follows by itself may take a moment.
shows() {
    local end=$((SECONDS + 30))
    until ask "$3" GET "$4" && [[ $CODE == 200 && $(field "$1") == "$2" ]]; do
        ((SECONDS < end)) || fail "$4 should show $1 '$2': $CODE $BODY"
        sleep 0.1
    done
}
becomes() { shows state "$@"; }

# at_last …: what ask takes; it is refused until what it needs to know has got around.
at_last() {
    local end=$((SECONDS + 30))
    until ask "$@" && [[ $CODE == 200 ]]; do
        ((SECONDS < end)) || fail "$2 $3 should be granted by now: $CODE $BODY"
        sleep 0.1
    done
}
