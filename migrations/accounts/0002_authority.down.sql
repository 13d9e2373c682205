DROP FUNCTION registration_wait_ms(bytea);
DROP FUNCTION failures_before(bytea, bytea, bytea, uuid, text);
DROP FUNCTION count_failures(bytea[], integer);
DROP FUNCTION failures_left(integer, timestamptz);
DROP TABLE login_failure;
DROP TABLE revocation;
DROP VIEW signing_key_now;
DROP TABLE signing_key;
DROP TABLE authority;
