"""Follows a simulated Binance spot with ccxt, over REST and sockets, and compares books.

usage: ccxt_market.py REST_URL WS_URL CONTROL_URL
"""

import asyncio
import json
import sys
import urllib.error
import urllib.request
from decimal import Decimal

import ccxt.pro

SYMBOLS = ["BTC/USDT", "ETH/USDT", "BNB/USDT", "ETH/BTC"]
BOOKS_COMPARED = 20
TRADES_WANTED = 30


class Checks:
    """Counts checks and prints those that fail."""

    def __init__(self):
        self.passed = 0
        self.failed = 0

    def that(self, holds, what):
        if holds:
            self.passed += 1
        else:
            self.failed += 1
            print(f"failed: {what}")


def exchange_at(rest, ws):
    exchange = ccxt.pro.binance({"options": {"defaultType": "spot", "fetchMarkets": {"types": ["spot"]}}})
    exchange.options["fetchCurrencies"] = False
    exchange.has["fetchCurrencies"] = False
    for name in ("public", "private", "v1"):
        exchange.urls["api"][name] = rest + ("/api/v1" if name == "v1" else "/api/v3")
    for name in ("sapi", "sapiV2", "sapiV3", "sapiV4"):
        exchange.urls["api"][name] = rest + "/sapi/v1"
    exchange.urls["api"]["ws"]["spot"] = ws + "/ws"
    return exchange


def ledger(control, symbol, update_id):
    """The simulator's own book at an update id, as sides of price to quantity."""
    url = f"{control}/book?symbol={symbol}&update_id={update_id}"
    with urllib.request.urlopen(url) as answer:
        book = json.load(answer)
    return [{Decimal(price): Decimal(quantity) for price, quantity in book[side]} for side in ("bids", "asks")]


def same(side, truth):
    """Whether every level that ccxt has within its depth is the exchange's."""
    return all(truth.get(Decimal(repr(price))) == Decimal(repr(quantity)) for price, quantity in side)


async def rest_calls(exchange, checks):
    for symbol in SYMBOLS:
        market = exchange.market(symbol)
        checks.that(market["active"] and market["spot"], f"{symbol} is an active spot market")
        checks.that(market["precision"]["price"] > 0 and market["limits"]["cost"]["min"] > 0, f"{symbol} has rules")
        book = await exchange.fetch_order_book(symbol, 1000)
        checks.that(book["bids"][0][0] < book["asks"][0][0], f"{symbol} has a book that is not crossed")
        trades = await exchange.fetch_trades(symbol, limit=10)
        checks.that(all(trade["side"] in ("buy", "sell") for trade in trades), f"{symbol} has trades")
        candles = await exchange.fetch_ohlcv(symbol, "1m", limit=100)
        checks.that(len(candles) == 100 and all(c[3] <= c[4] <= c[2] for c in candles), f"{symbol} has candles")
        ticker = await exchange.fetch_ticker(symbol)
        checks.that(ticker["last"] > 0 and ticker["bid"] < ticker["ask"], f"{symbol} has a ticker")
    tickers = await exchange.fetch_tickers(SYMBOLS)
    checks.that(sorted(tickers) == sorted(SYMBOLS), "tickers of all symbols come at once")
    last = await exchange.fetch_last_prices(SYMBOLS)
    checks.that(len(last) == len(SYMBOLS), "last prices of all symbols come at once")
    bids_asks = await exchange.fetch_bids_asks(SYMBOLS)
    checks.that(len(bids_asks) == len(SYMBOLS), "best bids and asks of all symbols come at once")
    await exchange.load_time_difference()
    checks.that(abs(exchange.options["timeDifference"]) < 1000, "the server's time is ours")
    try:
        await exchange.public_get_depth({"symbol": "NOSUCH"})
        checks.that(False, "an unknown symbol is refused")
    except ccxt.BadSymbol:
        checks.that(True, "an unknown symbol is refused")


async def follow_book(exchange, control, symbol, checks):
    compared = 0
    while compared < BOOKS_COMPARED:
        book = await exchange.watch_order_book(symbol)
        # ccxt goes on changing its rows in place, so they are copied before anything is awaited.
        nonce, bids, asks = book["nonce"], *([tuple(row) for row in book[side][:100]] for side in ("bids", "asks"))
        try:
            truth = await asyncio.to_thread(ledger, control, symbol.replace("/", ""), nonce)
        except urllib.error.HTTPError as error:
            checks.that(False, f"{symbol}: the book at {nonce} is known ({error})")
            continue
        finally:
            compared += 1
        checks.that(same(bids, truth[0]) and same(asks, truth[1]), f"{symbol}: the books agree at {nonce}")


async def follow_trades(exchange, symbol, checks):
    ids = []
    while len(ids) < TRADES_WANTED:
        trades = await exchange.watch_trades(symbol)
        ids += [int(trade["id"]) for trade in trades if not ids or int(trade["id"]) > ids[-1]]
    checks.that(ids == list(range(ids[0], ids[0] + len(ids))), f"{symbol}: trade ids have no holes")


async def follow_others(exchange, checks):
    ticker = await exchange.watch_ticker("BTC/USDT")
    checks.that(ticker["last"] > 0, "a ticker is streamed")
    candles = await exchange.watch_ohlcv("BTC/USDT", "1m")
    checks.that(candles[-1][2] >= candles[-1][3], "candles are streamed")
    best = await exchange.watch_bids_asks(["BTC/USDT"])
    checks.that(best["BTC/USDT"]["bid"] < best["BTC/USDT"]["ask"], "best bids and asks are streamed")


async def main(rest, ws, control):
    checks = Checks()
    exchange = exchange_at(rest, ws)
    try:
        await exchange.load_markets()
        await rest_calls(exchange, checks)
        await asyncio.wait_for(
            asyncio.gather(
                *(follow_book(exchange, control, symbol, checks) for symbol in SYMBOLS),
                follow_trades(exchange, "BTC/USDT", checks),
                follow_others(exchange, checks),
            ),
            timeout=90,
        )
    finally:
        await exchange.close()
    print(f"{checks.passed} passed, {checks.failed} failed")
    return 1 if checks.failed else 0


if __name__ == "__main__":
    if len(sys.argv) != 4:
        sys.exit(__doc__)
    sys.exit(asyncio.run(main(*sys.argv[1:])))
