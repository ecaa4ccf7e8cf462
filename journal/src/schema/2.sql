-- Where contracts are traded: positions, settings and funding payments.

-- The side is empty in one-way mode.
CREATE TABLE position_rows (
    account INTEGER NOT NULL,
    symbol TEXT NOT NULL,
    side TEXT NOT NULL,
    time INTEGER NOT NULL,
    json TEXT NOT NULL,
    PRIMARY KEY (account, symbol, side)
) WITHOUT ROWID;

CREATE TABLE setting_rows (
    account INTEGER NOT NULL,
    name TEXT NOT NULL,
    json TEXT NOT NULL,
    PRIMARY KEY (account, name)
) WITHOUT ROWID;

CREATE TABLE payment_rows (
    account INTEGER NOT NULL,
    symbol TEXT NOT NULL,
    payment_id TEXT NOT NULL,
    time INTEGER NOT NULL,
    json TEXT NOT NULL
);
CREATE UNIQUE INDEX payments_by_id ON payment_rows (account, symbol, payment_id);
CREATE INDEX payments_by_time ON payment_rows (account, time);

CREATE VIEW positions AS
SELECT accounts.name AS account, symbol, json ->> '$.pair' AS pair, side, json ->> '$.size' AS size,
    json ->> '$.entry_price' AS entry_price, json ->> '$.realised_profit' AS realised_profit,
    json ->> '$.leverage' AS leverage, time, json
FROM position_rows JOIN accounts ON accounts.id = position_rows.account;

CREATE VIEW settings AS
SELECT accounts.name AS account, setting_rows.name AS name, json
FROM setting_rows JOIN accounts ON accounts.id = setting_rows.account;

CREATE VIEW funding AS
SELECT accounts.name AS account, time, symbol, json ->> '$.pair' AS pair, json ->> '$.side' AS side,
    json ->> '$.amount' AS amount, json ->> '$.asset' AS asset, json ->> '$.rate' AS rate,
    json ->> '$.size' AS size, payment_id, json
FROM payment_rows JOIN accounts ON accounts.id = payment_rows.account;
