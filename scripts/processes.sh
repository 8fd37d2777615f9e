# shellcheck shell=bash
# Sourced by the scripts that start servers: ports, waiting, and children that do not outlive them.

# Dies with its starter, however that ends, and leaves a terminal's Ctrl-C to it.
LEASH=()
setpriv --pdeathsig KILL true 2>/dev/null && LEASH=(setpriv --pdeathsig KILL)
have setsid && LEASH=(setsid "${LEASH[@]}")

# port_taken PORT: whether anything on this machine listens there.
port_taken() { (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }

# need_port PORT VARIABLE: refuses to go on where a port is taken.
need_port() {
    port_taken "$1" || return 0
    have ss && ss --no-header --listening --tcp --numeric --processes "sport = :$1" >&2
    die "port $1 of 127.0.0.1 is taken: stop what listens there, or set $2 to a free one"
}

# healthy PORT: whether a NATS server's monitor says that it serves.
healthy() {
    (
        exec 3<>"/dev/tcp/127.0.0.1/$1" && printf 'GET /healthz HTTP/1.0\r\n\r\n' >&3 &&
            read -r -t 2 answer <&3 && [[ $answer == *" 200 "* ]]
    ) 2>/dev/null
}

# start_broker FOLDER PORT MONITOR_PORT: a NATS server that keeps its streams in FOLDER
# and has every message on disk before it acknowledges it. Sets BROKER to its process id.
start_broker() {
    local folder=$1 port=$2 monitor=$3 server
    server=$("$ROOT/scripts/nats")
    mkdir -p "$folder"
    cat >"$folder/nats.conf" <<END
# Written anew at every start.
listen: "127.0.0.1:$port"
http: "127.0.0.1:$monitor"
jetstream {
    store_dir: "$folder/nats"
    sync_interval: always
    # Each stream reserves what it may grow to; how much there is the disk says.
    max_file: 1TB
}
END
    "${LEASH[@]}" "$server" --config "$folder/nats.conf" --log "$folder/nats.log" &
    BROKER=$!
    await_broker "$monitor" "$folder/nats.log"
}

await_broker() {
    local deadline=$((SECONDS + 30))
    until healthy "$1"; do
        if ! kill -0 "$BROKER" 2>/dev/null || ((SECONDS > deadline)); then
            tail -n 5 "$2" >&2
            die "the broker does not answer; its log is $2"
        fi
        sleep 0.05
    done
}

# stop_all PID...: asks each to end, one after the other, and waits for it.
stop_all() {
    local child
    for child in "$@"; do
        kill -TERM "$child" 2>/dev/null || continue
        wait "$child" 2>/dev/null || true
    done
}
