-- One file holds the journals of several accounts. Numbers are exact decimals, as text within the JSON; times are
-- nanoseconds since 1970 UTC. Virtual columns take no room: they are for whoever asks from the shell.

CREATE TABLE accounts (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE
);

-- id = account * 2^40 + number: the rows of an account lie together, in the order of their numbers.
CREATE TABLE events (
    id INTEGER PRIMARY KEY,
    time INTEGER,
    received INTEGER NOT NULL,
    json TEXT NOT NULL,
    account INTEGER AS (id >> 40) VIRTUAL,
    number INTEGER AS (id & 1099511627775) VIRTUAL
);

-- id as above. `closed` is when the order's end was learnt, and empty while it is live or misses fills.
CREATE TABLE orders (
    id INTEGER PRIMARY KEY,
    client_order_id TEXT NOT NULL,
    exchange_order_id TEXT,
    closed INTEGER,
    json TEXT NOT NULL,
    account INTEGER AS (id >> 40) VIRTUAL,
    number INTEGER AS (id & 1099511627775) VIRTUAL,
    symbol TEXT AS (json ->> '$.order.symbol') VIRTUAL,
    pair TEXT AS (json ->> '$.order.pair') VIRTUAL,
    origin TEXT AS (json ->> '$.order.origin') VIRTUAL,
    side TEXT AS (json ->> '$.order.side') VIRTUAL,
    price TEXT AS (json ->> '$.order.price') VIRTUAL,
    state TEXT AS (json ->> '$.order.state') VIRTUAL,
    filled TEXT AS (json ->> '$.order.filled') VIRTUAL
);
CREATE INDEX orders_by_client_id ON orders (client_order_id);
CREATE INDEX orders_by_exchange_id ON orders (exchange_order_id) WHERE exchange_order_id IS NOT NULL;
CREATE INDEX orders_by_end ON orders (closed);

CREATE TABLE fills (
    account INTEGER NOT NULL,
    symbol TEXT NOT NULL,
    exchange_order_id TEXT NOT NULL,
    trade_id TEXT NOT NULL,
    time INTEGER NOT NULL,
    json TEXT NOT NULL,
    pair TEXT AS (json ->> '$.pair') VIRTUAL,
    client_order_id TEXT AS (json ->> '$.client_order_id') VIRTUAL,
    side TEXT AS (json ->> '$.side') VIRTUAL,
    price TEXT AS (json ->> '$.price') VIRTUAL,
    quantity TEXT AS (json ->> '$.quantity') VIRTUAL,
    fee TEXT AS (json ->> '$.fee.amount') VIRTUAL,
    fee_asset TEXT AS (json ->> '$.fee.asset') VIRTUAL
);
CREATE UNIQUE INDEX fills_by_order ON fills (account, symbol, exchange_order_id, trade_id);
CREATE INDEX fills_by_time ON fills (account, time);

CREATE TABLE balances (
    account INTEGER NOT NULL,
    asset TEXT NOT NULL,
    json TEXT NOT NULL,
    total TEXT AS (json ->> '$.total') VIRTUAL,
    available TEXT AS (json ->> '$.available') VIRTUAL,
    PRIMARY KEY (account, asset)
) WITHOUT ROWID;

CREATE TABLE facts (
    account INTEGER NOT NULL,
    name TEXT NOT NULL,
    value TEXT NOT NULL,
    PRIMARY KEY (account, name)
) WITHOUT ROWID;
