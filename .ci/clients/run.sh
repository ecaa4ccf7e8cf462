#!/usr/bin/env bash
# Runs other people's clients against a simulated exchange. Each prints 'N passed, N failed'.
#
# usage: run.sh [PROGRAM [ARGUMENT]...]
# PROGRAM serves a simulated Binance spot and prints its addresses as one JSON line first.
# Without one, the simulator's example is built and used.
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

if [ $# -eq 0 ]; then
    (cd "$here/../.." && cargo build --quiet --package tradewire-simulator --example serve)
    target=${CARGO_TARGET_DIR:-$here/../../target}
    set -- "$target/debug/examples/serve"
fi
"$@" >"$work/addresses" 2>"$work/log" &
server=$!

for _ in $(seq 600); do
    if [ "$(wc -l <"$work/addresses")" -ge 1 ]; then
        break
    fi
    if ! kill -0 "$server" 2>/dev/null; then
        break
    fi
    sleep 0.1
done
if [ "$(wc -l <"$work/addresses")" -lt 1 ]; then
    echo "the program printed no addresses:" >&2
    cat "$work/log" >&2
    exit 1
fi
read -r rest ws control < <("$venv/bin/python" -c '
import json, sys
first = json.loads(open(sys.argv[1]).readline())
print(first["rest"], first["ws"], first["control"])
' "$work/addresses")

"$venv/bin/python" "$here/ccxt_market.py" "$rest" "$ws" "$control"
"$venv/bin/python" "$here/ccxt_private.py" "$work/addresses"
"$venv/bin/python" "$here/binance_sdk.py" "$work/addresses"
