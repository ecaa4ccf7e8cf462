"""Trades on a simulated Kraken with ccxt, over REST and sockets.

usage: ccxt_kraken.py ADDRESSES_FILE
"""

import asyncio
import json
import sys
import zlib
from decimal import Decimal

import aiohttp
import ccxt.pro

from ccxt_bybit import refused
from ccxt_market import Checks

BOOKS_SEEN = 20
SYMBOLS = ["BTC/USDT", "ETH/BTC"]
CLIENT_ID = "6d1b345e-2821-40e2-ad83-4ecb18a06876"


def exchange_at(addresses):
    exchange = ccxt.pro.kraken({"apiKey": addresses["api_key"], "secret": addresses["secret_key"], "rateLimit": 100})
    for name in ("public", "private"):
        exchange.urls["api"][name] = addresses["rest"]
    sockets = exchange.urls["api"]["ws"]
    sockets["publicV2"] = addresses["ws"]
    sockets["privateV2"] = addresses["ws_private"]
    return exchange


async def market_calls(exchange, checks):
    market = exchange.market("ETH/BTC")
    checks.that((market["id"], market["wsId"]) == ("XETHXXBT", "ETH/XBT"), "old assets have prefixed names")
    for symbol in SYMBOLS:
        market = exchange.market(symbol)
        checks.that(market["active"] and market["limits"]["amount"]["min"] > 0, f"{symbol} is active and has rules")
        book = await exchange.fetch_order_book(symbol, 50)
        checks.that(book["bids"][0][0] < book["asks"][0][0], f"{symbol} has a book that is not crossed")
        trades = await exchange.fetch_trades(symbol, limit=10)
        checks.that(all(trade["side"] in ("buy", "sell") for trade in trades), f"{symbol} has trades")
        candles = await exchange.fetch_ohlcv(symbol, "5m")
        checks.that(len(candles) > 10 and all(c[3] <= c[4] <= c[2] for c in candles), f"{symbol} has candles")
        ticker = await exchange.fetch_ticker(symbol)
        checks.that(ticker["last"] > 0 and ticker["bid"] < ticker["ask"], f"{symbol} has a ticker")
    checks.that(abs(await exchange.fetch_time() - exchange.milliseconds()) < 2000, "the server's time is ours")


async def order_calls(exchange, checks):
    symbol = SYMBOLS[0]
    before = await exchange.fetch_balance()
    checks.that(before["USDT"]["total"] > 0 and before["BTC"]["free"] > 0, "there are funds")
    last = (await exchange.fetch_ticker(symbol))["last"]
    away = float(exchange.price_to_precision(symbol, last * 0.8))
    order = await exchange.create_order(symbol, "limit", "buy", 0.01, away, {"clientOrderId": CLIENT_ID})
    found = (await exchange.fetch_open_orders(symbol))[0]
    checks.that((found["id"], found["price"], found["remaining"]) == (order["id"], away, 0.01), "a limit order rests")
    checks.that(found["clientOrderId"] == CLIENT_ID, "under its own id")
    held = await exchange.fetch_balance()
    checks.that(abs(held["USDT"]["used"] - before["USDT"]["used"] - 0.01 * away) < 1e-6, "it holds its funds")
    again = exchange.create_order(symbol, "limit", "buy", 0.01, away, {"clientOrderId": CLIENT_ID})
    await refused(checks, ccxt.ExchangeError, again, "the same client order id again")
    await exchange.edit_order(order["id"], symbol, "limit", "buy", 0.02, away)
    changed = await exchange.fetch_order(order["id"], symbol)
    checks.that((changed["amount"], changed["status"]) == (0.02, "open"), "an order is amended and keeps its id")
    await exchange.cancel_order(order["id"], symbol)
    await refused(checks, ccxt.OrderNotFound, exchange.cancel_order(order["id"], symbol), "a second cancel")
    ended = await exchange.fetch_closed_orders(symbol)
    checks.that((order["id"], "canceled") in [(o["id"], o["status"]) for o in ended], "an order is cancelled")
    bought = await exchange.create_order(symbol, "market", "buy", 0.01)
    filled = await exchange.fetch_order(bought["id"], symbol)
    checks.that((filled["status"], filled["filled"]) == ("closed", 0.01), "a market order fills")
    ours = [fill for fill in await exchange.fetch_my_trades(symbol) if fill["order"] == bought["id"]]
    checks.that(abs(sum(fill["amount"] for fill in ours) - 0.01) < 1e-9, "its trades are told")
    taker = all(abs(fill["fee"]["cost"] / fill["cost"] - 0.004) < 1e-6 for fill in ours)
    checks.that(taker and ours[0]["fee"]["currency"] == "USDT", "with fees in the quote asset")
    stop = await exchange.create_order(symbol, "market", "sell", 0.01, None, {"stopLossPrice": away})
    waits = await exchange.fetch_order(stop["id"], symbol)
    checks.that((waits["status"], waits["stopLossPrice"]) == ("open", away), "a stop waits")
    post = exchange.create_order(symbol, "limit", "buy", 0.01, last * 1.1 // 1, {"postOnly": True})
    await refused(checks, ccxt.ExchangeError, post, "a post-only order through the book")
    rich = exchange.create_order(symbol, "limit", "buy", 100, away)
    await refused(checks, ccxt.InsufficientFunds, rich, "an order without funds")
    small = exchange.create_order(symbol, "limit", "buy", 0.00001, away)
    await refused(checks, ccxt.InvalidOrder, small, "an order that is too small")
    many = [{"symbol": symbol, "type": "limit", "side": "buy", "amount": 0.01, "price": away} for _ in range(2)]
    placed = await exchange.create_orders(many)
    checks.that(len({order["id"] for order in placed}) == 2, "orders are placed together")
    await exchange.cancel_all_orders()
    checks.that(await exchange.fetch_open_orders(symbol) == [], "all orders are cancelled")
    fees = await exchange.fetch_trading_fee(symbol)
    checks.that((fees["maker"], fees["taker"]) == (0.0025, 0.004), "fees are told")


async def wrong_secret(addresses, checks):
    exchange = exchange_at({**addresses, "secret_key": addresses["secret_key"][::-1].lstrip("=") + "=="})
    try:
        await refused(checks, ccxt.ExchangeError, exchange.fetch_balance(), "a wrong signature")
        exchange.apiKey = "nobody"
        await refused(checks, ccxt.AuthenticationError, exchange.fetch_balance(), "an unknown key")
    finally:
        await exchange.close()


async def follow_book(exchange, symbol, checks):
    for _ in range(BOOKS_SEEN):
        book = await exchange.watch_order_book(symbol, 10)
        checks.that(book["bids"][0][0] < book["asks"][0][0], f"{symbol}: the book is not crossed")


def checksum(book, depth):
    digits = lambda text: text.replace(".", "").lstrip("0")
    asks, bids = sorted(book["asks"])[:10], sorted(book["bids"], reverse=True)[:10]
    levels = [book["asks"][price] for price in asks] + [book["bids"][price] for price in bids]
    return zlib.crc32("".join(digits(price) + digits(quantity) for price, quantity in levels).encode())


async def check_sums(addresses, depth, checks):
    """ccxt reads numbers as floats and so cannot check Kraken's checksums: they need every digit."""
    book = {"bids": {}, "asks": {}}
    subscription = {"channel": "book", "symbol": ["BTC/USDT"], "depth": depth}
    async with aiohttp.ClientSession() as session, session.ws_connect(addresses["ws"]) as socket:
        await socket.send_json({"method": "subscribe", "params": subscription})
        seen = 0
        while seen < 5 * BOOKS_SEEN:
            message = json.loads(await socket.receive_str(), parse_float=str, parse_int=str)
            if message.get("channel") != "book":
                continue
            seen += 1
            data = message["data"][0]
            for side, levels in book.items():
                for level in data[side]:
                    levels[Decimal(level["price"])] = (level["price"], level["qty"])
                kept = [price for price in sorted(levels, reverse=side == "bids") if Decimal(levels[price][1]) > 0]
                book[side] = {price: levels[price] for price in kept[:depth]}
            checks.that(checksum(book, depth) == int(data["checksum"]), f"depth {depth}: the checksum is right")


async def follow_market(exchange, addresses, checks):
    symbol = SYMBOLS[0]
    await asyncio.gather(*(follow_book(exchange, symbol, checks) for symbol in SYMBOLS))
    for depth in (10, 100):
        await check_sums(addresses, depth, checks)
    trades = await exchange.watch_trades(symbol)
    checks.that(len(trades) > 0, "trades are streamed")
    ticker = await exchange.watch_ticker(symbol)
    checks.that(ticker["last"] > 0, "a ticker is streamed")
    candles = await exchange.watch_ohlcv(symbol, "1m")
    checks.that(candles[-1][2] >= candles[-1][3], "candles are streamed")


async def until(exchange, wanted, seconds=20):
    """Waits until an order that was streamed is as wanted."""

    async def watching():
        while not any(wanted(order) for order in exchange.orders or []):
            await exchange.watch_orders()

    await asyncio.wait_for(watching(), timeout=seconds)


async def follow_account(exchange, checks):
    symbol = SYMBOLS[0]
    last = (await exchange.fetch_ticker(symbol))["last"]
    away = float(exchange.price_to_precision(symbol, last * 0.8))
    orders = asyncio.ensure_future(exchange.watch_orders())
    balance = await exchange.watch_balance()
    checks.that(balance["USDT"]["total"] > 0, "balances are streamed")
    await asyncio.sleep(1)
    placed = await exchange.create_order_ws(symbol, "limit", "buy", 0.01, away)
    await orders
    ours = lambda order: order["id"] == placed["id"]
    await until(exchange, lambda order: ours(order) and order["status"] == "open")
    checks.that(True, "an order of the socket is streamed")
    await exchange.edit_order_ws(placed["id"], symbol, "limit", "buy", 0.02, away)
    await until(exchange, lambda order: ours(order) and order["amount"] == 0.02)
    checks.that(True, "its change is streamed")
    await exchange.cancel_order_ws(placed["id"])
    await until(exchange, lambda order: ours(order) and order["status"] == "canceled")
    checks.that(True, "its cancel is streamed")
    fills = asyncio.ensure_future(exchange.watch_my_trades())
    await asyncio.sleep(0.2)
    bought = await exchange.create_order_ws(symbol, "market", "buy", 0.01)
    fill = (await asyncio.wait_for(fills, timeout=20))[-1]
    checks.that(fill["order"] == bought["id"] and fill["fee"]["cost"] > 0, "fills are streamed with their fees")


async def main(file):
    with open(file, encoding="utf-8") as lines:
        addresses = json.loads(lines.readline())
    checks = Checks()
    exchange = exchange_at(addresses)
    try:
        await exchange.load_markets()
        await asyncio.wait_for(market_calls(exchange, checks), timeout=60)
        await asyncio.wait_for(order_calls(exchange, checks), timeout=60)
        await asyncio.wait_for(wrong_secret(addresses, checks), timeout=60)
        await asyncio.wait_for(follow_market(exchange, addresses, checks), timeout=90)
        await asyncio.wait_for(follow_account(exchange, checks), timeout=60)
    finally:
        await exchange.close()
    print(f"{checks.passed} passed, {checks.failed} failed")
    return 1 if checks.failed else 0


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    sys.exit(asyncio.run(main(*sys.argv[1:])))
