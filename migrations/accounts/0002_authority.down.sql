DROP TABLE login_failure;
DROP TABLE revocation;
DROP VIEW signing_key_now;
DROP TABLE signing_key;
DROP TABLE authority;
