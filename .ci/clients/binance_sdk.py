"""Trades on a simulated Binance spot with the exchange's own SDK, over REST and the WebSocket API.

usage: binance_sdk.py ADDRESSES_FILE
"""

import asyncio
import json
import sys

from binance_common.configuration import ConfigurationRestAPI, ConfigurationWebSocketAPI
from binance_common.errors import BadRequestError, UnauthorizedError
from binance_sdk_spot.spot import Spot

SYMBOL = "BTCUSDT"


class Checks:
    def __init__(self):
        self.passed, self.failed = 0, 0

    def that(self, holds, what):
        if holds:
            self.passed += 1
        else:
            self.failed += 1
            print(f"FAILED {what}")


def rest_with(addresses, **credentials):
    return Spot(config_rest_api=ConfigurationRestAPI(base_path=addresses["rest"], retries=0, **credentials)).rest_api


def refused(checks, call, error, what):
    try:
        call()
        checks.that(False, f"{what} is refused")
    except error:
        checks.that(True, what)


def price_away(rest):
    last = float(rest.ticker_price(symbol=SYMBOL).data().actual_instance.price)
    return round(last * 0.8, 2)


def rest_calls(addresses, checks):
    rest = rest_with(addresses, api_key=addresses["api_key"], api_secret=addresses["secret_key"])
    info = rest.exchange_info(symbol=SYMBOL).data()
    checks.that(info.symbols[0].symbol == SYMBOL, "the symbol is listed")
    before = {row.asset: row for row in rest.get_account().data().balances}
    checks.that(float(before["USDT"].free) > 0, "there are funds")
    price = price_away(rest)
    placed = rest.new_order(SYMBOL, "BUY", "LIMIT", time_in_force="GTC", quantity=0.01, price=price).data()
    checks.that(placed.status == "NEW" and placed.fills == [], "a limit order rests")
    found = rest.get_order(SYMBOL, order_id=placed.order_id).data()
    checks.that(found.client_order_id == placed.client_order_id and found.is_working, "it is found by its id")
    open_ids = [row.order_id for row in rest.get_open_orders(symbol=SYMBOL).data()]
    checks.that(open_ids == [placed.order_id], "it is the open order")
    held = {row.asset: row for row in rest.get_account().data().balances}
    checks.that(float(held["USDT"].locked) > 0, "it holds funds")
    smaller = rest.order_amend_keep_priority(SYMBOL, 0.005, order_id=placed.order_id).data()
    checks.that(smaller.amended_order.qty == "0.00500000", "its quantity is reduced in place")
    cancelled = rest.delete_order(SYMBOL, order_id=placed.order_id).data()
    checks.that(cancelled.status == "CANCELED", "it is cancelled")
    refused(checks, lambda: rest.delete_order(SYMBOL, order_id=placed.order_id), BadRequestError, "a second cancel")
    taken = rest.new_order(SYMBOL, "BUY", "MARKET", quantity=0.02).data()
    checks.that(taken.status == "FILLED" and len(taken.fills) > 0, "a market order is filled")
    trades = rest.my_trades(SYMBOL, order_id=taken.order_id).data()
    checks.that({row.id for row in trades} == {row.trade_id for row in taken.fills}, "its fills are my trades")
    rates = rest.account_commission(SYMBOL).data()
    checks.that(float(rates.standard_commission.taker) > 0, "there is a commission")
    again = lambda: rest.new_order(SYMBOL, "BUY", "LIMIT", time_in_force="GTC", quantity=0.000001, price=price)
    refused(checks, again, BadRequestError, "a quantity below the lot size")
    wrong = rest_with(addresses, api_key=addresses["api_key"], api_secret="wrong")
    refused(checks, wrong.get_account, BadRequestError, "a wrong secret")
    unknown = rest_with(addresses, api_key="k" * 64, api_secret="wrong")
    refused(checks, unknown.get_account, UnauthorizedError, "an unknown key")


def rest_by_ed25519(addresses, checks):
    with open(addresses["ed25519_private_key_file"], encoding="utf-8") as file:
        key = file.read()
    rest = rest_with(addresses, api_key=addresses["ed25519_api_key"], private_key=key)
    checks.that(rest.get_account().data().can_trade, "an Ed25519 key signs REST requests")
    return key


async def socket_calls(addresses, checks, key):
    configuration = ConfigurationWebSocketAPI(
        api_key=addresses["ed25519_api_key"], private_key=key, stream_url=addresses["ws_api"]
    )
    connection = await Spot(config_ws_api=configuration).websocket_api.create_connection()
    events = asyncio.Queue()
    try:
        logon = await connection.session_logon()
        checks.that(logon.data().result.api_key == addresses["ed25519_api_key"], "a session is logged on")
        subscribed = await connection.user_data_stream_subscribe()
        subscribed.stream.on("message", events.put_nowait)
        price = price_away(rest_with(addresses))
        placed = await connection.order_place(SYMBOL, "BUY", "LIMIT", time_in_force="GTC", quantity=0.01, price=price)
        order = placed.data().result
        checks.that(order.status == "NEW", "a limit order rests, by the socket")
        report = await next_event(events)
        checks.that((report["i"], report["X"]) == (order.order_id, "NEW"), "it is reported")
        status = await connection.order_status(SYMBOL, order_id=order.order_id)
        checks.that(status.data().result.status == "NEW", "it is found, by the socket")
        cancelled = await connection.order_cancel(SYMBOL, order_id=order.order_id)
        checks.that(cancelled.data().result.status == "CANCELED", "it is cancelled, by the socket")
        ended = await next_event(events, lambda event: event.get("X") == "CANCELED")
        checks.that(ended["i"] == order.order_id, "its end is reported")
        taken = await connection.order_place(SYMBOL, "SELL", "MARKET", quantity=0.01)
        checks.that(taken.data().result.status == "FILLED", "a market order is filled, by the socket")
        fill = await next_event(events, lambda event: event.get("x") == "TRADE")
        checks.that(fill["i"] == taken.data().result.order_id and float(fill["n"]) > 0, "its fill is reported")
        position = await next_event(events, lambda event: "B" in event)
        checks.that(len(position["B"]) > 0, "balances are reported")
    finally:
        await connection.close_connection(close_session=True)


async def next_event(events, wanted=lambda event: True):
    while True:
        event = await asyncio.wait_for(events.get(), 10)
        event = event if isinstance(event, dict) else json.loads(event.to_json())
        event = event.get("event", event)
        if wanted(event):
            return event


def main():
    with open(sys.argv[1], encoding="utf-8") as file:
        addresses = json.loads(file.readline())
    checks = Checks()
    rest_calls(addresses, checks)
    key = rest_by_ed25519(addresses, checks)
    asyncio.run(socket_calls(addresses, checks, key))
    print(f"binance-sdk-spot: {checks.passed} passed, {checks.failed} failed")
    sys.exit(1 if checks.failed or not checks.passed else 0)


if __name__ == "__main__":
    main()
