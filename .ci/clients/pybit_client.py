"""Trades on a simulated Bybit with the vendor's own client, pybit, and compares its book with the exchange's.

usage: pybit_client.py ADDRESSES_FILE spot|linear
"""

import asyncio
import json
import queue
import sys
import threading
import time
from decimal import Decimal

import pybit._http_manager
import pybit._websocket_trading
import pybit.unified_trading
from pybit.exceptions import InvalidRequestError
from pybit.unified_trading import HTTP, WebSocket, WebSocketTrading

from ccxt_market import Checks, ledger

SYMBOL = "BTCUSDT"
PATIENCE = 10
BOOKS_COMPARED = 20


def point_at(rest):
    """Changes the addresses of the client, and nothing else."""
    sockets = rest.replace("http://", "ws://")
    pybit._http_manager.HTTP_URL = rest
    pybit._websocket_trading.TRADE_WSS = sockets + "/v5/trade"
    pybit.unified_trading.PRIVATE_WSS = sockets + "/v5/private"
    pybit.unified_trading.PUBLIC_WSS = sockets + "/v5/public/{CHANNEL_TYPE}"


def by_rest(session, category, checks):
    checks.that(session.get_server_time()["retCode"] == 0, "the server's time is told")
    listed = session.get_instruments_info(category=category, symbol=SYMBOL)["result"]["list"]
    checks.that(listed[0]["status"] == "Trading", "the instrument is listed")
    book = session.get_orderbook(category=category, symbol=SYMBOL, limit=50)["result"]
    checks.that(len(book["b"]) == 50 and float(book["b"][0][0]) < float(book["a"][0][0]), "there is a book")
    checks.that(session.get_kline(category=category, symbol=SYMBOL, interval=1)["result"]["list"], "there are candles")
    last = float(session.get_tickers(category=category, symbol=SYMBOL)["result"]["list"][0]["lastPrice"])
    away = str(int(last * 0.8))
    order = {"category": category, "symbol": SYMBOL, "side": "Buy", "orderType": "Limit", "qty": "0.01"}
    link = f"pybit-{category}"
    placed = session.place_order(**order, price=away, orderLinkId=link)["result"]
    rows = session.get_open_orders(category=category, symbol=SYMBOL, orderLinkId=link)["result"]["list"]
    checks.that(rows[0]["orderId"] == placed["orderId"] and rows[0]["orderStatus"] == "New", "an order rests")
    session.amend_order(category=category, symbol=SYMBOL, orderId=placed["orderId"], qty="0.02")
    session.cancel_order(category=category, symbol=SYMBOL, orderId=placed["orderId"])
    rows = session.get_order_history(category=category, orderLinkId=link)["result"]["list"]
    checks.that(rows[0]["orderStatus"] == "Cancelled" and float(rows[0]["qty"]) == 0.02, "it is changed and cancelled")
    try:
        session.place_order(**order, price=away, orderLinkId=link)
        checks.that(False, "a client's id is good once")
    except InvalidRequestError as told:
        checks.that(told.status_code in (110072, 170141), f"a client's id is good once: {told}")
    batch = [{**order, "price": away}, {**order, "price": away}]
    batch = [{name: value for name, value in row.items() if name != "category"} for row in batch]
    answer = session.place_batch_order(category=category, request=batch)
    checks.that([row["code"] for row in answer["retExtInfo"]["list"]] == [0, 0], "orders are placed together")
    done = session.cancel_all_orders(category=category, symbol=SYMBOL)["result"]
    checks.that(len(done["list"]) == 2, "and cancelled together")
    funds = session.get_wallet_balance(accountType="UNIFIED", coin="USDT")["result"]["list"][0]["coin"][0]
    checks.that(float(funds["walletBalance"]) > 0, "there are funds")
    if category == "linear":
        session.set_leverage(category=category, symbol=SYMBOL, buyLeverage="5", sellLeverage="5")
        rows = session.get_positions(category=category, symbol=SYMBOL)["result"]["list"]
        checks.that(rows[0]["leverage"] == "5", "leverage is set")


class Network:
    """Carries what the server says 50 ms later. The client notes who waits for a reply after its request is out, and
    a reply that is there before that ends its connection: no real network is as fast as this one."""

    def __init__(self, rest):
        self.host, self.port = rest.split("://")[1].split(":")
        self.address = queue.Queue()
        threading.Thread(target=lambda: asyncio.run(self.serve()), daemon=True).start()

    def base(self):
        return self.address.get(timeout=PATIENCE)

    async def serve(self):
        server = await asyncio.start_server(self.carry, "127.0.0.1", 0)
        self.address.put(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}")
        await server.serve_forever()

    async def carry(self, reader, writer):
        there = await asyncio.open_connection(self.host, int(self.port))
        await asyncio.gather(self.pump(reader, there[1], 0), self.pump(there[0], writer, 0.05))

    async def pump(self, reader, writer, late):
        try:
            while data := await reader.read(1 << 16):
                await asyncio.sleep(late)
                writer.write(data)
                await writer.drain()
        except ConnectionError:
            pass
        finally:
            writer.close()


def by_sockets(addresses, category, checks):
    keys = {"api_key": addresses["api_key"], "api_secret": addresses["secret_key"], "testnet": False}
    books, orders, replies = queue.Queue(), queue.Queue(), queue.Queue()
    public = WebSocket(channel_type=category, testnet=False)
    private = WebSocket(channel_type="private", **keys)
    trading = WebSocketTrading(recv_window=5000, **keys)
    try:
        public.orderbook_stream(50, SYMBOL, lambda told: books.put(json.dumps(told["data"])))
        best = None
        for _ in range(BOOKS_COMPARED):
            # The client goes on changing its book in place, so it is read as a text at once.
            told = json.loads(books.get(timeout=PATIENCE))
            truth = ledger(addresses["control"], SYMBOL, told["u"])
            sides = [[(Decimal(price), Decimal(size)) for price, size in told[side]] for side in ("b", "a")]
            agree = all(truth[at].get(price) == size for at in (0, 1) for price, size in sides[at])
            checks.that(agree and len(sides[0]) == 50, f"the books agree at {told['u']}")
            best = (sides[0][0][0], sides[1][0][0])
        checks.that(best[0] < best[1], "the client's book is not crossed")
        private.order_stream(orders.put)
        # The client does not tell when it is subscribed, and the order goes by another connection.
        time.sleep(2)
        order = {"category": category, "symbol": SYMBOL, "side": "Buy", "orderType": "Limit", "qty": "0.01"}
        trading.place_order(replies.put, **order, price=str(int(best[0] * 4 / 5)), orderLinkId=f"socket-{category}")
        placed = replies.get(timeout=PATIENCE)
        checks.that(placed["retCode"] == 0, "an order is placed by the socket")
        told = orders.get(timeout=PATIENCE)["data"][0]
        checks.that(told["orderId"] == placed["data"]["orderId"], "and streamed")
        trading.cancel_order(replies.put, category=category, symbol=SYMBOL, orderId=told["orderId"])
        checks.that(replies.get(timeout=PATIENCE)["retCode"] == 0, "and cancelled by it")
        told = orders.get(timeout=PATIENCE)["data"][0]
        checks.that(told["orderStatus"] == "Cancelled", "and its cancel is streamed")
    finally:
        for socket in (public, private, trading):
            socket.exit()


def main(file, category):
    with open(file, encoding="utf-8") as lines:
        addresses = json.loads(lines.readline())
    point_at(Network(addresses["rest"]).base())
    checks = Checks()
    session = HTTP(testnet=False, api_key=addresses["api_key"], api_secret=addresses["secret_key"])
    by_rest(session, category, checks)
    by_sockets(addresses, category, checks)
    print(f"{checks.passed} passed, {checks.failed} failed")
    return 1 if checks.failed else 0


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    sys.exit(main(*sys.argv[1:]))
