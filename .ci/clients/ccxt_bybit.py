"""Trades on a simulated Bybit with ccxt, over REST and sockets.

usage: ccxt_bybit.py ADDRESSES_FILE spot|linear
"""

import asyncio
import json
import sys

import ccxt.pro

from ccxt_market import Checks

BOOKS_SEEN = 20
SYMBOLS = {"spot": ["BTC/USDT", "ETH/USDT"], "linear": ["BTC/USDT:USDT", "ETH/USDT:USDT"]}


def exchange_at(addresses, category):
    kind = "spot" if category == "spot" else "swap"
    exchange = ccxt.pro.bybit({"apiKey": addresses["api_key"], "secret": addresses["secret_key"]})
    exchange.options["defaultType"] = kind
    host = addresses["rest"].split("://")[1]
    for name in ("spot", "futures", "v2", "public", "private"):
        exchange.urls["api"][name] = addresses["rest"]
    sockets = exchange.urls["api"]["ws"]
    for name in ("spot", "inverse", "option", "linear"):
        sockets["public"][name] = f"ws://{host}/v5/public/{name}"
    sockets["private"]["contract"] = f"ws://{host}/v5/private"
    sockets["private"]["trade"] = f"ws://{host}/v5/trade"
    return exchange


async def refused(checks, error, call, what):
    try:
        await call
        checks.that(False, f"{what} is refused")
    except error as told:
        checks.that(True, f"{what} is refused: {told}")
    except ccxt.BaseError as told:
        checks.that(False, f"{what} is refused as {error.__name__}, not {type(told).__name__}: {told}")


async def market_calls(exchange, category, checks):
    for symbol in SYMBOLS[category]:
        market = exchange.market(symbol)
        checks.that(market["active"] and market["precision"]["price"] > 0, f"{symbol} is active and has rules")
        checks.that(market["linear"] is True if category == "linear" else market["spot"], f"{symbol} is of its kind")
        book = await exchange.fetch_order_book(symbol, 50)
        checks.that(book["bids"][0][0] < book["asks"][0][0], f"{symbol} has a book that is not crossed")
        trades = await exchange.fetch_trades(symbol, limit=10)
        checks.that(all(trade["side"] in ("buy", "sell") for trade in trades), f"{symbol} has trades")
        candles = await exchange.fetch_ohlcv(symbol, "1m", limit=100)
        checks.that(len(candles) == 100 and all(c[3] <= c[4] <= c[2] for c in candles), f"{symbol} has candles")
        ticker = await exchange.fetch_ticker(symbol)
        checks.that(ticker["last"] > 0 and ticker["bid"] < ticker["ask"], f"{symbol} has a ticker")
    tickers = await exchange.fetch_tickers(SYMBOLS[category])
    checks.that(sorted(tickers) == sorted(SYMBOLS[category]), "tickers come at once")
    checks.that(abs(await exchange.fetch_time() - exchange.milliseconds()) < 1000, "the server's time is ours")
    if category == "linear":
        rate = await exchange.fetch_funding_rate(SYMBOLS[category][0])
        checks.that(rate["markPrice"] > 0 and rate["fundingRate"] is not None, "a funding rate is told")
        tiers = await exchange.fetch_market_leverage_tiers(SYMBOLS[category][0])
        checks.that(len(tiers) > 1 and tiers[0]["maxLeverage"] > tiers[1]["maxLeverage"], "margin tiers are told")
        interest = await exchange.fetch_open_interest_history(SYMBOLS[category][0], "1h", limit=5)
        checks.that(len(interest) == 5, "open interest is told")


async def order_calls(exchange, category, checks):
    symbol = SYMBOLS[category][0]
    before = await exchange.fetch_balance()
    checks.that(before["USDT"]["total"] > 0, "there are funds")
    last = (await exchange.fetch_ticker(symbol))["last"]
    away = float(exchange.price_to_precision(symbol, last * 0.8))
    order = await exchange.create_order(symbol, "limit", "buy", 0.01, away, {"clientOrderId": f"ccxt-{category}-1"})
    found = await exchange.fetch_open_order(order["id"], symbol)
    checks.that(found["price"] == away and found["remaining"] == 0.01, "a limit order rests")
    checks.that(found["clientOrderId"] == f"ccxt-{category}-1", "under its own id")
    open_orders = await exchange.fetch_open_orders(symbol)
    checks.that([o["id"] for o in open_orders] == [order["id"]], "it is the open order")
    again = exchange.create_order(symbol, "limit", "buy", 0.01, away, {"clientOrderId": f"ccxt-{category}-1"})
    await refused(checks, ccxt.ExchangeError, again, "the same client order id again")
    await exchange.edit_order(order["id"], symbol, "limit", "buy", 0.02, away)
    changed = await exchange.fetch_open_order(order["id"], symbol)
    checks.that(changed["amount"] == 0.02, "an order is changed and keeps its id")
    await exchange.cancel_order(order["id"], symbol)
    await refused(checks, ccxt.OrderNotFound, exchange.cancel_order(order["id"], symbol), "a second cancel")
    ended = await exchange.fetch_canceled_orders(symbol)
    checks.that(order["id"] in [o["id"] for o in ended], "an order is cancelled")
    bought = await exchange.create_order(symbol, "market", "buy", 0.01, last)
    fills = await exchange.fetch_my_trades(symbol)
    ours = [fill for fill in fills if fill["order"] == bought["id"]]
    checks.that(0.0095 < sum(fill["amount"] for fill in ours) < 0.0105, "a market order fills")
    checks.that(all(fill["fee"]["cost"] > 0 for fill in ours), "with fees")
    rich = exchange.create_order(symbol, "limit", "buy", 1000 if category == "linear" else 100, away)
    await refused(checks, ccxt.ExchangeError, rich, "an order without funds")
    many = [
        {"symbol": symbol, "type": "limit", "side": "buy", "amount": 0.01, "price": away},
        {"symbol": symbol, "type": "limit", "side": "buy", "amount": 0.01, "price": away},
    ]
    placed = await exchange.create_orders(many)
    checks.that(len(placed) == 2 and all(o["id"] for o in placed), "orders are placed together")
    await exchange.cancel_all_orders(symbol)
    checks.that(await exchange.fetch_open_orders(symbol) == [], "all orders of a symbol are cancelled")
    fees = await exchange.fetch_trading_fee(symbol)
    checks.that(fees["taker"] > 0, "fees are told")
    if category == "linear":
        await position_calls(exchange, symbol, checks)


async def position_calls(exchange, symbol, checks):
    position = await exchange.fetch_position(symbol)
    checks.that(position["contracts"] == 0.01 and position["side"] == "long", "the position is told")
    await exchange.set_leverage(7, symbol)
    position = await exchange.fetch_position(symbol)
    checks.that(position["leverage"] == 7, "its leverage is set")
    await exchange.create_order(symbol, "market", "sell", 0.01, None, {"reduceOnly": True})
    checks.that(await exchange.fetch_positions([symbol]) == [] or (await exchange.fetch_position(symbol))["contracts"] == 0,
                "it is closed")
    await exchange.set_position_mode(True, symbol)
    await exchange.set_position_mode(False, symbol)
    stop = {"triggerPrice": 1000, "triggerDirection": "descending"}
    waits = await exchange.create_order(symbol, "market", "sell", 0.01, None, stop)
    checks.that(waits["id"] is not None, "a conditional order waits")
    await exchange.cancel_all_orders(symbol)


async def wrong_secret(addresses, category, checks):
    exchange = exchange_at({**addresses, "secret_key": "wrong"}, category)
    try:
        await refused(checks, ccxt.AuthenticationError, exchange.fetch_balance(), "a wrong signature")
        exchange.apiKey = "nobody"
        await refused(checks, ccxt.AuthenticationError, exchange.fetch_balance(), "an unknown key")
    finally:
        await exchange.close()


async def follow_book(exchange, symbol, checks):
    # This client keeps no count of a book's changes, so that it cannot be compared at one of them; pybit's is.
    for _ in range(BOOKS_SEEN):
        book = await exchange.watch_order_book(symbol, 50)
        checks.that(book["bids"][0][0] < book["asks"][0][0], f"{symbol}: the book is not crossed")


async def follow_market(exchange, category, checks):
    symbol = SYMBOLS[category][0]
    await asyncio.gather(*(follow_book(exchange, symbol, checks) for symbol in SYMBOLS[category]))
    trades = await exchange.watch_trades(symbol)
    checks.that(len(trades) > 0, "trades are streamed")
    ticker = await exchange.watch_ticker(symbol)
    checks.that(ticker["last"] > 0, "a ticker is streamed")
    candles = await exchange.watch_ohlcv(symbol, "1m")
    checks.that(candles[-1][2] >= candles[-1][3], "candles are streamed")
    best = await exchange.watch_bids_asks([symbol])
    checks.that(best[symbol]["bid"] < best[symbol]["ask"], "best bids and asks are streamed")


async def follow_account(exchange, category, checks):
    symbol = SYMBOLS[category][0]
    last = (await exchange.fetch_ticker(symbol))["last"]
    away = float(exchange.price_to_precision(symbol, last * 0.8))
    orders = asyncio.ensure_future(exchange.watch_orders(symbol))
    fills = asyncio.ensure_future(exchange.watch_my_trades(symbol))
    balance = asyncio.ensure_future(exchange.watch_balance())
    await asyncio.sleep(1)
    placed = await exchange.create_order_ws(symbol, "limit", "buy", 0.01, away)
    told = await orders
    checks.that(told[-1]["id"] == placed["id"] and told[-1]["status"] == "open", "an order of the socket is streamed")
    orders = asyncio.ensure_future(exchange.watch_orders(symbol))
    await exchange.edit_order_ws(placed["id"], symbol, "limit", "buy", 0.02, away)
    told = await orders
    checks.that(told[-1]["amount"] == 0.02, "its change is streamed")
    orders = asyncio.ensure_future(exchange.watch_orders(symbol))
    await exchange.cancel_order_ws(placed["id"], symbol)
    told = await orders
    checks.that(told[-1]["status"] == "canceled", "its cancel is streamed")
    bought = await exchange.create_order(symbol, "market", "buy", 0.01, last)
    fill = (await fills)[-1]
    checks.that(fill["order"] == bought["id"] and fill["fee"]["cost"] > 0, "fills are streamed with their fees")
    seen = await balance
    checks.that(seen["USDT"]["total"] > 0, "balances are streamed")


async def main(file, category):
    with open(file, encoding="utf-8") as lines:
        addresses = json.loads(lines.readline())
    checks = Checks()
    exchange = exchange_at(addresses, category)
    try:
        await exchange.load_markets()
        await asyncio.wait_for(market_calls(exchange, category, checks), timeout=60)
        await asyncio.wait_for(order_calls(exchange, category, checks), timeout=60)
        await asyncio.wait_for(wrong_secret(addresses, category, checks), timeout=60)
        await asyncio.wait_for(follow_market(exchange, category, checks), timeout=90)
        await asyncio.wait_for(follow_account(exchange, category, checks), timeout=60)
    finally:
        await exchange.close()
    print(f"{checks.passed} passed, {checks.failed} failed")
    return 1 if checks.failed else 0


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    sys.exit(asyncio.run(main(*sys.argv[1:])))
