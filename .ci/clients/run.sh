#!/usr/bin/env bash
# Runs other people's clients against a simulated exchange. Each prints 'N passed, N failed'.
#
# usage: run.sh [PROGRAM [ARGUMENT]...]
# PROGRAM serves a simulated Binance spot and prints its addresses as one JSON line first.
# Without one, the simulator's example is built and used, for Binance spot and then for Binance USD-M.
# CLIENTS_VENV names the folder of the Python environment; it is made if it is not there.
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
venv=${CLIENTS_VENV:-$here/../../target/clients-venv}
work=$(mktemp -d)
server=

finish() {
    if [ -n "$server" ]; then
        kill "$server" 2>/dev/null || true
        wait "$server" 2>/dev/null || true
    fi
    rm -rf "$work"
}
trap finish EXIT

if [ ! -x "$venv/bin/python" ]; then
    python3 -m venv "$venv"
fi
"$venv/bin/pip" install --quiet --disable-pip-version-check --requirement "$here/requirements.txt"

# Starts a program that serves, and waits until it has printed its addresses.
serve() {
    "$@" >"$work/addresses" 2>"$work/log" &
    server=$!
    for _ in $(seq 600); do
        if [ "$(wc -l <"$work/addresses")" -ge 1 ]; then
            return
        fi
        if ! kill -0 "$server" 2>/dev/null; then
            break
        fi
        sleep 0.1
    done
    echo "the program printed no addresses:" >&2
    cat "$work/log" >&2
    exit 1
}

stop() {
    kill "$server" 2>/dev/null || true
    wait "$server" 2>/dev/null || true
    server=
}

spot() {
    local rest ws control
    read -r rest ws control < <("$venv/bin/python" -c '
import json, sys
first = json.loads(open(sys.argv[1]).readline())
print(first["rest"], first["ws"], first["control"])
' "$work/addresses")
    "$venv/bin/python" "$here/ccxt_market.py" "$rest" "$ws" "$control"
    "$venv/bin/python" "$here/ccxt_private.py" "$work/addresses"
    "$venv/bin/python" "$here/binance_sdk.py" "$work/addresses"
}

if [ $# -gt 0 ]; then
    serve "$@"
    spot
    exit
fi
(cd "$here/../.." && cargo build --quiet --package tradewire-simulator --example serve)
program=${CARGO_TARGET_DIR:-$here/../../target}/debug/examples/serve
serve "$program"
spot
stop
serve "$program" 0 1 binance-usdm
"$venv/bin/python" "$here/ccxt_usdm.py" "$work/addresses"
