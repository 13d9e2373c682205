DROP TABLE depot_idempotency_key;
