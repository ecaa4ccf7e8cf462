-- One file holds the journals of several accounts. Numbers are exact decimals, as text within the JSON; times are
-- nanoseconds since 1970 UTC.

CREATE TABLE accounts (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE
);

-- id = account * 2^40 + number: the rows of an account lie together, in the order of their numbers.
CREATE TABLE event_rows (
    id INTEGER PRIMARY KEY,
    time INTEGER,
    received INTEGER NOT NULL,
    json TEXT NOT NULL
);

-- id as above. `closed` is when the order's end was learnt, and empty while it is live or misses fills.
CREATE TABLE order_rows (
    id INTEGER PRIMARY KEY,
    client_order_id TEXT NOT NULL,
    exchange_order_id TEXT,
    closed INTEGER,
    json TEXT NOT NULL
);
CREATE INDEX orders_by_client_id ON order_rows (client_order_id);
CREATE INDEX orders_by_exchange_id ON order_rows (exchange_order_id) WHERE exchange_order_id IS NOT NULL;
CREATE INDEX orders_by_end ON order_rows (closed);

CREATE TABLE fill_rows (
    account INTEGER NOT NULL,
    symbol TEXT NOT NULL,
    exchange_order_id TEXT NOT NULL,
    trade_id TEXT NOT NULL,
    time INTEGER NOT NULL,
    json TEXT NOT NULL
);
CREATE UNIQUE INDEX fills_by_order ON fill_rows (account, symbol, exchange_order_id, trade_id);
CREATE INDEX fills_by_time ON fill_rows (account, time);

CREATE TABLE balance_rows (
    account INTEGER NOT NULL,
    asset TEXT NOT NULL,
    json TEXT NOT NULL,
    PRIMARY KEY (account, asset)
) WITHOUT ROWID;

CREATE TABLE fact_rows (
    account INTEGER NOT NULL,
    name TEXT NOT NULL,
    value TEXT NOT NULL,
    PRIMARY KEY (account, name)
) WITHOUT ROWID;

-- For whoever asks from the shell. Generated columns would do, but are computed at every write.

CREATE VIEW events AS
SELECT accounts.name AS account, event_rows.id & 1099511627775 AS number, time, received, json
FROM event_rows JOIN accounts ON accounts.id = event_rows.id >> 40;

CREATE VIEW orders AS
SELECT accounts.name AS account, order_rows.id & 1099511627775 AS number, client_order_id, exchange_order_id,
    json ->> '$.order.symbol' AS symbol, json ->> '$.order.pair' AS pair, json ->> '$.order.origin' AS origin,
    json ->> '$.order.side' AS side, json ->> '$.order.price' AS price, json ->> '$.order.state' AS state,
    json ->> '$.order.filled' AS filled, closed, json
FROM order_rows JOIN accounts ON accounts.id = order_rows.id >> 40;

CREATE VIEW fills AS
SELECT accounts.name AS account, time, symbol, json ->> '$.pair' AS pair, json ->> '$.side' AS side,
    json ->> '$.price' AS price, json ->> '$.quantity' AS quantity, json ->> '$.fee.amount' AS fee,
    json ->> '$.fee.asset' AS fee_asset, trade_id, json ->> '$.client_order_id' AS client_order_id, exchange_order_id, json
FROM fill_rows JOIN accounts ON accounts.id = fill_rows.account;

CREATE VIEW balances AS
SELECT accounts.name AS account, asset, json ->> '$.total' AS total, json ->> '$.available' AS available, json
FROM balance_rows JOIN accounts ON accounts.id = balance_rows.account;

CREATE VIEW facts AS
SELECT accounts.name AS account, fact_rows.name AS name, value
FROM fact_rows JOIN accounts ON accounts.id = fact_rows.account;
