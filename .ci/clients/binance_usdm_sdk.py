"""Trades on a simulated Binance USD-M with the exchange's own SDK, over REST, the WebSocket API and routed streams.

usage: binance_usdm_sdk.py ADDRESSES_FILE
"""

import asyncio
import json
import sys

from binance_common.configuration import (
    ConfigurationRestAPI,
    ConfigurationWebSocketAPI,
    ConfigurationWebSocketStreams,
)
from binance_common.errors import BadRequestError
from binance_sdk_derivatives_trading_usds_futures.derivatives_trading_usds_futures import (
    DerivativesTradingUsdsFutures,
)

from binance_sdk import Checks, refused

SYMBOL = "BTCUSDT"


def client_of(addresses):
    credentials = {"api_key": addresses["api_key"], "api_secret": addresses["secret_key"]}
    return DerivativesTradingUsdsFutures(
        config_rest_api=ConfigurationRestAPI(base_path=addresses["rest"], retries=0, **credentials),
        config_ws_api=ConfigurationWebSocketAPI(stream_url=addresses["ws_api"], **credentials),
        config_ws_streams=ConfigurationWebSocketStreams(stream_url=addresses["ws"]),
    )


def plain(data):
    """What the SDK has read, as plain values."""
    return json.loads(data.to_json()) if hasattr(data, "to_json") else data


def price_away(rest):
    mark = plain(rest.mark_price(symbol=SYMBOL).data())
    return round(float((mark.get("markPrice") or mark[0]["markPrice"])) * 0.8, 1)


def rest_calls(rest, checks):
    info = rest.exchange_information().data()
    checks.that(any(row.symbol == SYMBOL for row in info.symbols), "the contract is listed")
    book = rest.order_book(symbol=SYMBOL, limit=5).data()
    checks.that(len(book.bids) == 5 and book.last_update_id > 0, "there is a book")
    price = price_away(rest)
    placed = rest.new_order(SYMBOL, "BUY", "LIMIT", time_in_force="GTC", quantity=0.01, price=price).data()
    checks.that(placed.status == "NEW", "a limit order rests")
    found = rest.query_order(SYMBOL, order_id=placed.order_id).data()
    checks.that(found.client_order_id == placed.client_order_id, "it is found by its id")
    changed = rest.modify_order(SYMBOL, "BUY", quantity=0.02, price=price, order_id=placed.order_id).data()
    checks.that(changed.order_id == placed.order_id and float(changed.orig_qty) == 0.02, "it is modified in place")
    cancelled = rest.cancel_order(SYMBOL, order_id=placed.order_id).data()
    checks.that(cancelled.status == "CANCELED", "it is cancelled")
    again = lambda: rest.cancel_order(SYMBOL, order_id=placed.order_id)
    refused(checks, again, BadRequestError, "a second cancel")
    stop = {"quantity": 0.01, "trigger_price": price}
    algo = rest.new_algo_order("CONDITIONAL", SYMBOL, "SELL", "STOP_MARKET", **stop).data()
    checks.that(algo.algo_status == "NEW", "a conditional order waits")
    gone = rest.cancel_algo_order(algo_id=algo.algo_id).data()
    checks.that(gone.code == "200", "it is cancelled too")
    leverage = rest.change_initial_leverage(SYMBOL, 10).data()
    checks.that(leverage.leverage == 10, "the leverage is set")
    rest.new_order(SYMBOL, "BUY", "MARKET", quantity=0.01)
    held = rest.position_information_v3(symbol=SYMBOL).data()
    checks.that(float(held[0].position_amt) == 0.01, "there is a position")
    balance = rest.futures_account_balance_v3().data()
    checks.that(any(row.asset == "USDT" for row in balance), "there are funds")
    account = rest.account_information_v3().data()
    checks.that(float(account.total_position_initial_margin) > 0, "the position binds margin")
    trades = rest.account_trade_list(SYMBOL).data()
    checks.that(len(trades) > 0 and float(trades[-1].commission) > 0, "its fills are told")
    mode = rest.get_current_position_mode().data()
    checks.that(mode.dual_side_position is False, "positions are in one-way mode")


async def socket_calls(client, checks):
    connection = await client.websocket_api.create_connection()
    try:
        price = price_away(client.rest_api)
        placed = await connection.new_order(SYMBOL, "BUY", "LIMIT", time_in_force="GTC", quantity=0.01, price=price)
        order = placed.data().result
        checks.that(order.status == "NEW", "a limit order rests, by the socket")
        status = await connection.query_order(SYMBOL, order_id=order.order_id)
        checks.that(status.data().result.status == "NEW", "it is found, by the socket")
        cancelled = await connection.cancel_order(SYMBOL, order_id=order.order_id)
        checks.that(cancelled.data().result.status == "CANCELED", "it is cancelled, by the socket")
        ticker = await connection.symbol_price_ticker(symbol=SYMBOL)
        checks.that(plain(ticker.data())["result"] is not None, "there is a price, by the socket")
        balance = await connection.futures_account_balance_v2()
        checks.that(len(balance.data().result) > 0, "funds are told, by the socket")
    finally:
        await connection.close_connection(close_session=True)


async def streams(client, checks):
    rest = client.rest_api
    key = rest.start_user_data_stream().data().listen_key
    connection = await client.websocket_streams.create_connection()
    queues = {name: asyncio.Queue() for name in ("book", "trades", "user")}
    try:
        for name, stream in (
            ("book", await connection.diff_book_depth_streams(symbol=SYMBOL.lower(), update_speed="100ms")),
            ("trades", await connection.aggregate_trade_streams(symbol=SYMBOL.lower())),
            ("user", await connection.user_data(key)),
        ):
            stream.on("message", queues[name].put_nowait)
        book = plain(await asyncio.wait_for(queues["book"].get(), 10))
        checks.that(book["pu"] < book["u"], "the public route streams the book")
        trade = plain(await asyncio.wait_for(queues["trades"].get(), 20))
        checks.that(float(trade["p"]) > 0, "the market route streams trades")
        placed = rest.new_order(SYMBOL, "SELL", "MARKET", quantity=0.01, reduce_only="true").data()
        # The SDK chooses a model by the event's type and leaves the type out: reports have an order (o), updates an
        # account (a), the fast fills neither.
        seen = set()
        while not {"o", "a", "L"} <= seen:
            event = await asyncio.wait_for(queues["user"].get(), 10)
            seen |= plain(getattr(event, "actual_instance", event)).keys()
        checks.that(placed.order_id > 0, "the private route streams orders, fills and positions")
    finally:
        await connection.close_connection(close_session=True)


async def main(file):
    with open(file, encoding="utf-8") as lines:
        addresses = json.loads(lines.readline())
    checks = Checks()
    client = client_of(addresses)
    rest_calls(client.rest_api, checks)
    await asyncio.wait_for(socket_calls(client, checks), timeout=60)
    await asyncio.wait_for(streams(client_of(addresses), checks), timeout=60)
    print(f"{checks.passed} passed, {checks.failed} failed")
    return 1 if checks.failed else 0


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    sys.exit(asyncio.run(main(sys.argv[1])))
