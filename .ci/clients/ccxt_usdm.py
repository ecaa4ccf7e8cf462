"""Follows and trades on a simulated Binance USD-M with ccxt, over REST and sockets.

usage: ccxt_usdm.py ADDRESSES_FILE
"""

import asyncio
import json
import sys
import urllib.error
from decimal import Decimal

import ccxt.pro

from ccxt_market import Checks, ledger, same

SYMBOL = "BTC/USDT:USDT"
NAME = "BTCUSDT"
BOOKS_COMPARED = 15


def exchange_at(addresses):
    exchange = ccxt.pro.binanceusdm({"options": {"defaultType": "swap", "fetchMarkets": {"types": ["linear"]}}})
    exchange.options["fetchCurrencies"] = False
    exchange.has["fetchCurrencies"] = False
    rest, ws = addresses["rest"], addresses["ws"]
    for name in exchange.urls["api"]:
        if name == "fapiData":
            exchange.urls["api"][name] = f"{rest}/futures/data"
        elif name.startswith("fapi"):
            version = name[-2:] if name[-2:] in ("V2", "V3") else "V1"
            exchange.urls["api"][name] = f"{rest}/fapi/{version.lower()}"
        elif name.startswith("sapi"):
            exchange.urls["api"][name] = f"{rest}/sapi/v1"
    exchange.urls["api"]["ws"]["linear"] = ws + "/ws"
    exchange.urls["api"]["ws"]["ws-api"]["linear"] = addresses["ws_api"]
    exchange.apiKey = addresses["api_key"]
    exchange.secret = addresses["secret_key"]
    return exchange


async def refused(checks, error, call, what):
    """`error` is a class, or a code: by the address of the exchange alone does ccxt know its classes for some."""
    try:
        await call
        checks.that(False, f"{what} is refused")
    except ccxt.BaseError as told:
        fits = error in str(told) if isinstance(error, str) else isinstance(told, error)
        checks.that(fits, f"{what} is refused as {error}, not {type(told).__name__}: {told}")


async def market_calls(exchange, checks):
    market = exchange.market(SYMBOL)
    checks.that(market["active"] and market["swap"] and market["linear"], "it is an active linear contract")
    checks.that(market["settle"] == "USDT" and market["limits"]["cost"]["min"] > 0, "it has rules")
    book = await exchange.fetch_order_book(SYMBOL, 1000)
    checks.that(book["bids"][0][0] < book["asks"][0][0], "there is a book")
    trades = await exchange.fetch_trades(SYMBOL, limit=10)
    checks.that(len(trades) > 0 and all(trade["side"] in ("buy", "sell") for trade in trades), "there are trades")
    candles = await exchange.fetch_ohlcv(SYMBOL, "1m", limit=100)
    checks.that(len(candles) == 100 and all(c[3] <= c[4] <= c[2] for c in candles), "there are candles")
    mark = await exchange.fetch_ohlcv(SYMBOL, "1m", limit=5, params={"price": "mark"})
    checks.that(len(mark) == 5, "there are candles of the mark price")
    ticker = await exchange.fetch_ticker(SYMBOL)
    checks.that(ticker["last"] > 0, "there is a ticker")
    best = await exchange.fetch_bids_asks([SYMBOL])
    checks.that(best[SYMBOL]["bid"] < best[SYMBOL]["ask"], "there are best prices")
    funding = await exchange.fetch_funding_rate(SYMBOL)
    checks.that(funding["markPrice"] > 0 and funding["fundingTimestamp"] > 0, "there is a funding rate")
    history = await exchange.fetch_funding_rate_history(SYMBOL)
    checks.that(isinstance(history, list), "there is a history of fundings")
    interest = await exchange.fetch_open_interest(SYMBOL)
    checks.that(interest["openInterestAmount"] > 0, "there is open interest")
    await exchange.load_time_difference()
    checks.that(abs(exchange.options["timeDifference"]) < 1000, "the server's time is ours")
    await refused(checks, ccxt.BadSymbol, exchange.fapipublic_get_depth({"symbol": "NOSUCH"}), "an unknown symbol")


async def follow_book(exchange, control, checks):
    compared = 0
    while compared < BOOKS_COMPARED:
        book = await exchange.watch_order_book(SYMBOL)
        nonce, bids, asks = book["nonce"], *([tuple(row) for row in book[side][:100]] for side in ("bids", "asks"))
        compared += 1
        try:
            truth = await asyncio.to_thread(ledger, control, NAME, nonce)
        except urllib.error.HTTPError as error:
            checks.that(False, f"the book at {nonce} is known ({error})")
            continue
        checks.that(same(bids, truth[0]) and same(asks, truth[1]), f"the books agree at {nonce}")


async def follow_others(exchange, checks):
    trades = await exchange.watch_trades(SYMBOL)
    checks.that(trades[-1]["price"] > 0, "trades are streamed")
    ticker = await exchange.watch_ticker(SYMBOL)
    checks.that(ticker["last"] > 0, "a ticker is streamed")
    candles = await exchange.watch_ohlcv(SYMBOL, "1m")
    checks.that(candles[-1][2] >= candles[-1][3], "candles are streamed")
    best = await exchange.watch_bids_asks([SYMBOL])
    checks.that(best[SYMBOL]["bid"] < best[SYMBOL]["ask"], "best bids and asks are streamed")
    mark = await exchange.watch_mark_price(SYMBOL)
    checks.that(mark["markPrice"] > 0, "mark prices are streamed")


async def settings(exchange, checks):
    checks.that((await exchange.set_leverage(10, SYMBOL))["leverage"] in (10, "10"), "the leverage is set")
    await refused(checks, ccxt.BadRequest, exchange.fapiprivate_post_leverage({"symbol": NAME, "leverage": 999}), "too much leverage")
    isolated = await exchange.set_margin_mode("isolated", SYMBOL)
    checks.that(str(isolated["code"]) == "200", "the margin mode is set")
    await exchange.set_margin_mode("cross", SYMBOL)
    await refused(checks, ccxt.MarginModeAlreadySet, exchange.set_margin_mode("cross", SYMBOL), "the same margin mode")
    mode = await exchange.fetch_position_mode()
    checks.that(mode["hedged"] is False, "positions are in one-way mode")
    hedged = await exchange.set_position_mode(True)
    checks.that(str(hedged["code"]) == "200", "the position mode is set")
    await exchange.set_position_mode(False)
    tiers = await exchange.fetch_leverage_tiers([SYMBOL])
    checks.that(tiers[SYMBOL][0]["maxLeverage"] == 125, "there are margin tiers")
    fees = await exchange.fetch_trading_fee(SYMBOL)
    checks.that(fees["taker"] > 0, "there is a fee")
    leverage = await exchange.fetch_leverage(SYMBOL)
    checks.that(leverage["longLeverage"] == 10, "the leverage is told")


async def orders(exchange, checks):
    balance = await exchange.fetch_balance()
    checks.that(balance["USDT"]["free"] > 0, "there are funds")
    last = (await exchange.fetch_ticker(SYMBOL))["last"]
    away = float(exchange.price_to_precision(SYMBOL, last * 0.8))
    order = await exchange.create_order(SYMBOL, "limit", "buy", 0.01, away, {"clientOrderId": "ccxt-1"})
    checks.that(order["status"] == "open" and order["clientOrderId"] == "ccxt-1", "a limit order rests")
    found = await exchange.fetch_order(order["id"], SYMBOL)
    checks.that(found["price"] == away and found["remaining"] == 0.01, "it is found by its id")
    checks.that([o["id"] for o in await exchange.fetch_open_orders(SYMBOL)] == [order["id"]], "it is the open order")
    again = exchange.create_order(SYMBOL, "limit", "buy", 0.01, away, {"clientOrderId": "ccxt-1"})
    await refused(checks, "-4116", again, "the same client order id again")
    changed = await exchange.edit_order(order["id"], SYMBOL, "limit", "buy", 0.02, away)
    checks.that(changed["amount"] == 0.02 and changed["id"] == order["id"], "it is modified, and keeps its id")
    cancelled = await exchange.cancel_order(order["id"], SYMBOL)
    checks.that(cancelled["status"] == "canceled", "it is cancelled")
    await refused(checks, ccxt.OrderNotFound, exchange.cancel_order(order["id"], SYMBOL), "a second cancel")
    await refused(checks, ccxt.OrderNotFound, exchange.fetch_order("1", SYMBOL), "an unknown order")
    maker = exchange.create_order(SYMBOL, "limit", "buy", 0.01, round(last * 1.02, 1), {"postOnly": True})
    await refused(checks, "-5022", maker, "a post-only order that would take")
    rich = exchange.create_order(SYMBOL, "limit", "buy", 900, away)
    await refused(checks, "-2019", rich, "an order without margin")
    alone = exchange.create_order(SYMBOL, "market", "sell", 0.01, None, {"reduceOnly": True})
    await refused(checks, "-2022", alone, "a reduce-only order without a position")
    row = {"symbol": SYMBOL, "type": "limit", "side": "buy", "amount": 0.01, "price": away}
    both = await exchange.create_orders([row, {**row, "amount": 0.02}])
    checks.that(len(both) == 2 and all(one["id"] for one in both), "two orders are placed at once")
    gone = await exchange.cancel_orders([one["id"] for one in both], SYMBOL)
    checks.that(all(one["status"] == "canceled" for one in gone), "and cancelled at once")
    await exchange.cancel_all_orders(SYMBOL)
    history = await exchange.fetch_orders(SYMBOL)
    checks.that(len(history) >= 3, "all orders are told")


async def positions(exchange, checks):
    bought = await exchange.create_order(SYMBOL, "market", "buy", 0.01)
    filled = await exchange.fetch_order(bought["id"], SYMBOL)
    checks.that(filled["status"] == "closed" and filled["filled"] == 0.01 and filled["average"] > 0, "a market order fills")
    fills = await exchange.fetch_my_trades(SYMBOL)
    of_order = [fill for fill in fills if fill["order"] == bought["id"]]
    checks.that(abs(sum(fill["amount"] for fill in of_order) - 0.01) < 1e-9, "its fills add up")
    checks.that(all(fill["fee"]["cost"] > 0 for fill in of_order), "with fees")
    held = (await exchange.fetch_positions([SYMBOL]))[0]
    checks.that(held["contracts"] == 0.01 and held["side"] == "long", "there is a position")
    checks.that(held["entryPrice"] > 0 and held["markPrice"] > 0, "with its prices")
    risk = await exchange.fetch_positions_risk([SYMBOL])
    checks.that(any(row["contracts"] == 0.01 for row in risk), "it is told with its risk")
    last = (await exchange.fetch_ticker(SYMBOL))["last"]
    stop = {"stopLossPrice": float(exchange.price_to_precision(SYMBOL, last * 0.9))}
    stopped = await exchange.create_order(SYMBOL, "market", "sell", 0.01, None, stop)
    checks.that(stopped["id"] is not None, "a stop order waits")
    algos = await exchange.fetch_open_orders(SYMBOL, params={"trigger": True})
    checks.that([algo["id"] for algo in algos] == [stopped["id"]], "it is the open conditional order")
    await exchange.cancel_order(stopped["id"], SYMBOL, {"trigger": True})
    await exchange.create_order(SYMBOL, "market", "sell", 0.01, None, {"reduceOnly": True})
    held = [row for row in await exchange.fetch_positions([SYMBOL]) if row["contracts"]]
    checks.that(held == [], "the position is closed")
    ledger_rows = await exchange.fetch_ledger("USDT")
    checks.that({"fee", "trade"} & {row["type"] for row in ledger_rows} != set(), "profits and fees are in the ledger")
    income = await exchange.fetch_funding_history(SYMBOL)
    checks.that(income == [], "no funding was paid")


async def events(exchange, checks):
    orders = asyncio.ensure_future(exchange.watch_orders(SYMBOL))
    fills = asyncio.ensure_future(exchange.watch_my_trades(SYMBOL))
    balance = asyncio.ensure_future(exchange.watch_balance())
    held = asyncio.ensure_future(exchange.watch_positions([SYMBOL]))
    # The first answer is the state before any event; the next ones are what is streamed.
    await held
    held = asyncio.ensure_future(exchange.watch_positions([SYMBOL]))
    await asyncio.sleep(1)
    last = (await exchange.fetch_ticker(SYMBOL))["last"]
    away = float(exchange.price_to_precision(SYMBOL, last * 0.8))
    placed = await exchange.create_order(SYMBOL, "limit", "buy", 0.01, away)
    told = await orders
    checks.that(told[-1]["id"] == placed["id"] and told[-1]["status"] == "open", "a new order is streamed")
    orders = asyncio.ensure_future(exchange.watch_orders(SYMBOL))
    await exchange.cancel_order(placed["id"], SYMBOL)
    told = await orders
    checks.that(told[-1]["status"] == "canceled", "its cancel is streamed")
    bought = await exchange.create_order(SYMBOL, "market", "buy", 0.01)
    fill = (await fills)[-1]
    checks.that(fill["order"] == bought["id"] and fill["fee"]["cost"] > 0, "fills are streamed with their fees")
    checks.that((await balance)["USDT"]["total"] > 0, "balances are streamed")
    checks.that((await held)[-1]["contracts"] > 0, "positions are streamed")
    await exchange.create_order(SYMBOL, "market", "sell", 0.01, None, {"reduceOnly": True})


async def socket_calls(exchange, checks):
    last = (await exchange.fetch_ticker(SYMBOL))["last"]
    away = float(exchange.price_to_precision(SYMBOL, last * 0.8))
    order = await exchange.create_order_ws(SYMBOL, "limit", "buy", 0.01, away)
    checks.that(order["status"] == "open", "an order is placed by the socket")
    cancelled = await exchange.cancel_order_ws(order["id"], SYMBOL)
    checks.that(cancelled["status"] == "canceled", "and cancelled by it")
    balance = await exchange.fetch_balance_ws()
    checks.that(balance["USDT"]["total"] > 0, "balances come by the socket")
    held = await exchange.fetch_positions_ws([SYMBOL])
    checks.that(isinstance(held, list), "positions come by the socket")


async def wrong_secret(addresses, checks):
    exchange = exchange_at({**addresses, "secret_key": "wrong"})
    try:
        await refused(checks, ccxt.AuthenticationError, exchange.fetch_balance(), "a wrong signature")
    finally:
        await exchange.close()


async def main(file):
    with open(file, encoding="utf-8") as lines:
        addresses = json.loads(lines.readline())
    checks = Checks()
    exchange = exchange_at(addresses)
    try:
        await exchange.load_markets()
        await asyncio.wait_for(market_calls(exchange, checks), timeout=60)
        follow = asyncio.gather(follow_book(exchange, addresses["control"], checks), follow_others(exchange, checks))
        await asyncio.wait_for(follow, timeout=90)
        for part in (settings, orders, positions, events, socket_calls):
            try:
                await asyncio.wait_for(part(exchange, checks), timeout=60)
            except (ccxt.BaseError, asyncio.TimeoutError) as error:
                checks.that(False, f"{part.__name__} goes through ({type(error).__name__}: {error})")
        await wrong_secret(addresses, checks)
    finally:
        await exchange.close()
    print(f"{checks.passed} passed, {checks.failed} failed")
    return 1 if checks.failed else 0


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    sys.exit(asyncio.run(main(sys.argv[1])))
