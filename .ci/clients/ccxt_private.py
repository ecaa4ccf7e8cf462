"""Trades on a simulated Binance spot with ccxt, over REST and sockets.

usage: ccxt_private.py ADDRESSES_FILE
"""

import asyncio
import json
import sys

import ccxt.pro

from ccxt_market import Checks, exchange_at

SYMBOL = "BTC/USDT"


def trader_at(addresses):
    exchange = exchange_at(addresses["rest"], addresses["ws"])
    exchange.options["fetchMargins"] = False
    exchange.apiKey = addresses["api_key"]
    exchange.secret = addresses["secret_key"]
    exchange.urls["api"]["ws"]["ws-api"]["spot"] = addresses["ws_api"]
    return exchange


async def refused(checks, error, call, what):
    try:
        await call
        checks.that(False, f"{what} is refused")
    except error as told:
        checks.that(type(told) is error, f"{what} is refused as {error.__name__}, not {type(told).__name__}")


async def rest_calls(exchange, checks):
    before = await exchange.fetch_balance()
    checks.that(before["BTC"]["free"] > 0 and before["USDT"]["free"] > 0, "there are funds")
    last = (await exchange.fetch_ticker(SYMBOL))["last"]
    away = float(exchange.price_to_precision(SYMBOL, last * 0.8))
    order = await exchange.create_order(SYMBOL, "limit", "buy", 0.01, away, {"clientOrderId": "ccxt-1"})
    checks.that(order["status"] == "open" and order["clientOrderId"] == "ccxt-1", "a limit order rests")
    found = await exchange.fetch_order(order["id"], SYMBOL)
    checks.that(found["price"] == away and found["remaining"] == 0.01, "it is found by its id")
    held = await exchange.fetch_balance()
    checks.that(held["USDT"]["used"] > before["USDT"]["used"], "it holds funds")
    checks.that([o["id"] for o in await exchange.fetch_open_orders(SYMBOL)] == [order["id"]], "it is the open order")
    again = exchange.create_order(SYMBOL, "limit", "buy", 0.01, away, {"clientOrderId": "ccxt-1"})
    await refused(checks, ccxt.InvalidOrder, again, "the same client order id again")
    changed = await exchange.edit_order(order["id"], SYMBOL, "limit", "buy", 0.02, away)
    checks.that(changed["amount"] == 0.02 and changed["id"] != order["id"], "an order is replaced by another")
    cancelled = await exchange.cancel_order(changed["id"], SYMBOL)
    checks.that(cancelled["status"] == "canceled", "an order is cancelled")
    await refused(checks, ccxt.OrderNotFound, exchange.cancel_order(changed["id"], SYMBOL), "a second cancel")
    await refused(checks, ccxt.OrderNotFound, exchange.fetch_order("1", SYMBOL), "an unknown order")
    bought = await exchange.create_order(SYMBOL, "market", "buy", 0.01)
    checks.that(bought["status"] == "closed" and bought["filled"] == 0.01, "a market order fills")
    checks.that(bought["fee"]["cost"] > 0, "with a fee")
    fills = await exchange.fetch_my_trades(SYMBOL)
    amounts = [fill["amount"] for fill in fills if fill["order"] == bought["id"]]
    checks.that(abs(sum(amounts) - 0.01) < 1e-9, "its fills add up")
    by_cost = await exchange.create_market_buy_order_with_cost(SYMBOL, 100)
    checks.that(99 < by_cost["cost"] <= 100, "a market order by cost fills")
    after = await exchange.fetch_balance()
    checks.that(after["BTC"]["total"] > before["BTC"]["total"], "what was bought is there")
    maker = exchange.create_order(SYMBOL, "limit", "buy", 0.01, last * 1.05, {"postOnly": True})
    await refused(checks, ccxt.OrderImmediatelyFillable, maker, "a post-only order that would take")
    rich = exchange.create_order(SYMBOL, "limit", "buy", 100, away)
    await refused(checks, ccxt.InsufficientFunds, rich, "an order without funds")
    stop = {"stopPrice": last * 0.7}
    stopped = await exchange.create_order(SYMBOL, "STOP_LOSS_LIMIT", "sell", 0.01, away, stop)
    checks.that(stopped["id"] is not None, "a stop order waits")
    everything = await exchange.cancel_all_orders(SYMBOL)
    checks.that(len(everything) == 1, "all orders of a symbol are cancelled")
    history = await exchange.fetch_orders(SYMBOL)
    checks.that(len(history) >= 5, "all orders are told")


async def wrong_secret(addresses, checks):
    exchange = trader_at({**addresses, "secret_key": "wrong"})
    try:
        await refused(checks, ccxt.AuthenticationError, exchange.fetch_balance(), "a wrong signature")
        exchange.apiKey = "nobody"
        await refused(checks, ccxt.AuthenticationError, exchange.fetch_balance(), "an unknown key")
    finally:
        await exchange.close()


async def socket_calls(exchange, checks):
    last = (await exchange.fetch_ticker(SYMBOL))["last"]
    away = float(exchange.price_to_precision(SYMBOL, last * 0.8))
    order = await exchange.create_order_ws(SYMBOL, "limit", "buy", 0.01, away)
    checks.that(order["status"] == "open", "an order is placed by the socket")
    found = await exchange.fetch_order_ws(order["id"], SYMBOL)
    checks.that(found["id"] == order["id"], "and found by it")
    checks.that(len(await exchange.fetch_open_orders_ws(SYMBOL)) == 1, "and open")
    cancelled = await exchange.cancel_order_ws(order["id"], SYMBOL)
    checks.that(cancelled["status"] == "canceled", "and cancelled by it")
    balance = await exchange.fetch_balance_ws()
    # This version of ccxt leaves the assets of a spot account unread.
    assets = {row["asset"]: float(row["free"]) for row in balance["info"]["balances"]}
    checks.that(assets["USDT"] > 0, "balances come by the socket")
    trades = await exchange.fetch_my_trades_ws(SYMBOL)
    checks.that(len(trades) > 0, "fills come by the socket")
    refusal = exchange.create_order_ws(SYMBOL, "limit", "buy", 100, away)
    await refused(checks, ccxt.InsufficientFunds, refusal, "an order without funds by the socket")


async def events(exchange, checks):
    last = (await exchange.fetch_ticker(SYMBOL))["last"]
    away = float(exchange.price_to_precision(SYMBOL, last * 0.8))
    orders = asyncio.ensure_future(exchange.watch_orders(SYMBOL))
    fills = asyncio.ensure_future(exchange.watch_my_trades(SYMBOL))
    balance = asyncio.ensure_future(exchange.watch_balance())
    # The watchers subscribe before the order is sent: its reply cannot come before theirs.
    while not exchange.clients or not any("ws-api" in url and c.subscriptions for url, c in exchange.clients.items()):
        await asyncio.sleep(0.01)
    await exchange.fetch_balance_ws()
    placed = await exchange.create_order(SYMBOL, "limit", "buy", 0.01, away)
    told = await orders
    checks.that(told[-1]["id"] == placed["id"] and told[-1]["status"] == "open", "a new order is streamed")
    seen = await balance
    checks.that(seen["USDT"]["used"] > 0, "the funds that it holds are streamed")
    orders = asyncio.ensure_future(exchange.watch_orders(SYMBOL))
    await exchange.cancel_order(placed["id"], SYMBOL)
    told = await orders
    checks.that(told[-1]["status"] == "canceled", "its cancel is streamed")
    bought = await exchange.create_order(SYMBOL, "market", "buy", 0.01)
    fill = (await fills)[-1]
    checks.that(fill["order"] == bought["id"] and fill["fee"]["cost"] > 0, "fills are streamed with their fees")


async def main(file):
    with open(file, encoding="utf-8") as lines:
        addresses = json.loads(lines.readline())
    checks = Checks()
    exchange = trader_at(addresses)
    try:
        await exchange.load_markets()
        for part in (rest_calls, socket_calls):
            await asyncio.wait_for(part(exchange, checks), timeout=60)
        await wrong_secret(addresses, checks)
    finally:
        await exchange.close()
    # A connection of its own, so that the subscription is the first thing on it.
    exchange = trader_at(addresses)
    try:
        await exchange.load_markets()
        await asyncio.wait_for(events(exchange, checks), timeout=60)
    finally:
        await exchange.close()
    print(f"{checks.passed} passed, {checks.failed} failed")
    return 1 if checks.failed else 0


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    sys.exit(asyncio.run(main(sys.argv[1])))
