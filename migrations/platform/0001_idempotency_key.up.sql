-- The answers to calls with an idempotency key, kept for whoever repeats them. A row is written in
-- the transaction of its call's effect.
CREATE TABLE depot_idempotency_key (
    -- SHA-256 over principal, method, the path's variables and the key.
    scope bytea PRIMARY KEY CHECK (octet_length(scope) = 32),
    -- SHA-256 over the request.
    fingerprint bytea NOT NULL CHECK (octet_length(fingerprint) = 32),
    -- The packed reply message.
    reply bytea NOT NULL,
    create_time timestamptz NOT NULL DEFAULT now(),
    expire_time timestamptz NOT NULL DEFAULT now() + interval '24 hours'
);

CREATE INDEX depot_idempotency_key_expire_time ON depot_idempotency_key (expire_time);
