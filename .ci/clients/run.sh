#!/usr/bin/env bash
# Runs other people's clients against simulated exchanges. Each prints 'N passed, N failed'.
#
# usage: run.sh [PROGRAM [ARGUMENT]...]
# PROGRAM, with `--exchange NAME` behind its arguments, serves that exchange and prints its addresses as one JSON line
# first. Without one, `tradewire simulate` is built and used.
# CLIENTS_VENV names the folder of the Python environment; it is made if it is not there.
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
venv=${CLIENTS_VENV:-$here/../../target/clients-venv}
work=$(mktemp -d)
server=

stop() {
    if [ -n "$server" ]; then
        kill "$server" 2>/dev/null || true
        wait "$server" 2>/dev/null || true
        server=
    fi
}

finish() {
    stop
    rm -rf "$work"
}
trap finish EXIT

# One that was moved does not work any longer.
if ! "$venv/bin/pip" --version > /dev/null 2>&1; then
    rm -rf "$venv"
    python3 -m venv "$venv"
fi
"$venv/bin/pip" install --quiet --disable-pip-version-check --requirement "$here/requirements.txt"

if [ $# -eq 0 ]; then
    (cd "$here/../.." && cargo build --quiet --package tradewire-cli)
    set -- "${CARGO_TARGET_DIR:-$here/../../target}/debug/tradewire" simulate
fi

# Serves an exchange in place of the one before, and waits until the program has printed its addresses.
serve() {
    local name=$1
    shift
    stop
    "$@" --exchange "$name" >"$work/addresses" 2>"$work/log" &
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
    echo "the program printed no addresses of $name:" >&2
    cat "$work/log" >&2
    exit 1
}

client() {
    local script=$1
    shift
    "$venv/bin/python" "$here/$script" "$@"
}

serve binance-spot "$@"
read -r rest ws control < <("$venv/bin/python" -c '
import json, sys
first = json.loads(open(sys.argv[1]).readline())
print(first["rest"], first["ws"], first["control"])
' "$work/addresses")
client ccxt_market.py "$rest" "$ws" "$control"
client ccxt_private.py "$work/addresses"
client binance_sdk.py "$work/addresses"

serve binance-usdm "$@"
client ccxt_usdm.py "$work/addresses"
client binance_usdm_sdk.py "$work/addresses"

for category in spot linear; do
    serve "bybit-$category" "$@"
    client ccxt_bybit.py "$work/addresses" "$category"
    client pybit_client.py "$work/addresses" "$category"
done

serve kraken-spot "$@"
client ccxt_kraken.py "$work/addresses"
